using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads <c>fallbacks</c>: a list of mappings with one key each, group to names. Rules of one kind are those of <c>router_settings</c> if it has any, else those of <c>litellm_settings</c>.</summary>
internal sealed class FallbackReader(ReadScope scope)
{
    /// <summary>Key under which the default fallbacks stand.</summary>
    public const string Default = "*";

    private readonly OrderedDictionary<string, (ImmutableArray<string> Targets, Place Place)> _rules = new(StringComparer.Ordinal);
    private readonly List<(string Name, Place Place, string Path)> _names = [];

    /// <summary>Reads both places.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> Read(SectionReader router, SectionReader liteLlm)
    {
        SectionReader rules = Chosen(router, liteLlm, "fallbacks");
        foreach (YamlEntry rule in Rules(rules))
        {
            string path = $"{rules.PathOf("fallbacks")}.{rule.Key}";
            Add(rule.Key, rule.KeyPlace, path, Targets(rules, rule.Value, path));
        }

        SectionReader defaults = Chosen(router, liteLlm, "default_fallbacks");
        if (defaults.Node("default_fallbacks") is { } node)
        {
            // LiteLLM appends them after the rules, where an explicit rule for "*" is found first.
            string path = defaults.PathOf("default_fallbacks");
            ImmutableArray<string> targets = Targets(defaults, node, path);
            if (!_rules.ContainsKey(Default))
            {
                _rules.Add(Default, (targets, node.Place));
            }
        }

        return _rules.ToFrozenDictionary(static rule => rule.Key, static rule => rule.Value.Targets, StringComparer.Ordinal);
    }

    /// <summary>Warns of names that no group, alias or pattern has.</summary>
    /// <param name="exists">Whether a name can be asked for.</param>
    /// <param name="names">All names, for the nearest.</param>
    public void WarnOfUnknownNames(Func<string, bool> exists, IReadOnlyCollection<string> names)
    {
        foreach ((string name, Place place, string path) in _names.Where(found => found.Name != Default && !exists(found.Name)))
        {
            scope.Problems.Warning(place, path, $"there is no model '{name}'", Nearest.Text(name, names));
        }
    }

    private static SectionReader Chosen(SectionReader router, SectionReader liteLlm, string key)
    {
        bool inRouter = router.Has(key);
        liteLlm.Skip(key);
        return inRouter ? router : liteLlm;
    }

    private IEnumerable<YamlEntry> Rules(SectionReader section)
    {
        switch (section.Node("fallbacks"))
        {
            case null:
                return [];
            case YamlMapping mapping:
                scope.Problems.Warning(mapping.Place, section.PathOf("fallbacks"), "expected a list of mappings with one key each; read as such");
                return mapping.Entries;
            case YamlSequence list:
                return list.Items.SelectMany((item, index) => Rule(section, item, $"{section.PathOf("fallbacks")}[{index}]"));
            default:
                section.Refuse("fallbacks", "expected a list of mappings with one key each");
                return [];
        }
    }

    private ImmutableArray<YamlEntry> Rule(SectionReader section, YamlNode item, string path)
    {
        if (item is not YamlMapping mapping)
        {
            section.RefuseAt(item.Place, path, $"expected a mapping of a model to its fallbacks, found {item.Kind}");
            return [];
        }

        if (mapping.Entries.Length != 1)
        {
            scope.Problems.Warning(mapping.Place, path, $"expected one key, found {mapping.Entries.Length}; each is read as a rule of its own");
        }

        return mapping.Entries;
    }

    private void Add(string group, Place place, string path, ImmutableArray<string> targets)
    {
        if (_rules.TryGetValue(group, out (ImmutableArray<string> Targets, Place Place) first))
        {
            scope.Problems.Warning(place, path, $"'{group}' has fallbacks on line {first.Place.Line} already; those count");
            return;
        }

        _names.Add((group, place, path));
        _rules.Add(group, (targets, place));
    }

    private ImmutableArray<string> Targets(SectionReader section, YamlNode node, string path)
    {
        ImmutableArray<YamlNode> items = node switch
        {
            YamlSequence list => list.Items,
            YamlScalar { IsNull: true } => [],
            _ => [node],
        };
        var targets = ImmutableArray.CreateBuilder<string>();
        for (int index = 0; index < items.Length; index++)
        {
            string place = $"{path}[{index}]";
            if (items[index] is YamlScalar { IsNull: false } scalar)
            {
                targets.Add(scalar.Text);
                _names.Add((scalar.Text, scalar.Place, place));
            }
            else
            {
                section.RefuseAt(items[index].Place, place, $"expected the name of a model, found {items[index].Kind}");
            }
        }

        return targets.ToImmutable();
    }
}
