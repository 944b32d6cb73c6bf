using System.Collections.Frozen;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Reads other names of groups: <c>router_settings.model_group_alias</c>, and <c>litellm_settings.model_alias_map</c> where that has no such name.</summary>
internal sealed class AliasReader(ReadScope scope)
{
    private readonly Dictionary<string, ModelAlias> _aliases = new(StringComparer.Ordinal);
    private readonly List<(string Target, Place Place, string Path)> _targets = [];

    /// <summary>Reads both places.</summary>
    public FrozenDictionary<string, ModelAlias> Read(SectionReader router, SectionReader liteLlm)
    {
        Read(router, "model_group_alias");
        Read(liteLlm, "model_alias_map");
        return _aliases.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Warns of aliases of names that nothing has.</summary>
    /// <param name="exists">Whether a name can be asked for.</param>
    /// <param name="names">All names, for the nearest.</param>
    public void WarnOfUnknownNames(Func<string, bool> exists, IReadOnlyCollection<string> names)
    {
        foreach ((string target, Place place, string path) in _targets.Where(found => !exists(found.Target)))
        {
            scope.Problems.Warning(place, path, $"there is no model '{target}'", Nearest.Text(target, names));
        }
    }

    private void Read(SectionReader section, string key)
    {
        foreach (YamlEntry entry in section.Section(key)?.Entries ?? [])
        {
            string path = $"{section.PathOf(key)}.{entry.Key}";
            if (Alias(section, entry, path) is { } alias && _aliases.TryAdd(entry.Key, alias))
            {
                _targets.Add((alias.Target, entry.Value.Place, path));
            }
        }
    }

    private ModelAlias? Alias(SectionReader section, YamlEntry entry, string path)
    {
        switch (entry.Value)
        {
            case YamlScalar scalar when scope.Follow(scalar, path) is { IsNull: false } target:
                return new(target.Text, Hidden: false);
            case YamlMapping shape:
                var inner = new SectionReader(scope, shape, path);
                bool hidden = inner.Flag("hidden") ?? false;
                string? model = inner.Text("model");
                IgnoredKeys.Tell(inner, "model_group_alias", KnownKeys.Alias);
                section.Join(inner);
                if (model is null)
                {
                    section.RefuseAt(entry.Value.Place, path, "expected model, found nothing");
                }

                return model is null ? null : new(model, hidden);
            default:
                section.RefuseAt(entry.Value.Place, path, $"expected the name of a model, or a mapping of model and hidden, found {entry.Value.Kind}");
                return null;
        }
    }
}
