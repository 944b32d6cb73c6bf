using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads the three kinds of fallbacks: each a list of mappings with one key each, group to names. Rules of one kind are those of <c>router_settings</c> if it has any, else those of <c>litellm_settings</c>.</summary>
internal sealed class FallbackReader(ReadScope scope)
{
    /// <summary>Key under which the default fallbacks stand.</summary>
    public const string Default = "*";

    private readonly List<(string Name, Place Place, string Path)> _names = [];

    /// <summary>Reads both places.</summary>
    /// <param name="router">The section <c>router_settings</c>.</param>
    /// <param name="liteLlm">The section <c>litellm_settings</c>.</param>
    /// <param name="kind">Key of the rules.</param>
    /// <param name="defaultKey">Key of the fallbacks of groups without a rule; null where the kind has none.</param>
    public FrozenDictionary<string, ImmutableArray<string>> Read(SectionReader router, SectionReader liteLlm, string kind, string? defaultKey = null)
    {
        var rules = new Dictionary<string, (ImmutableArray<string> Targets, Place Place)>(StringComparer.Ordinal);
        SectionReader section = Chosen(router, liteLlm, kind);
        foreach (YamlEntry rule in Rules(section, kind))
        {
            string path = $"{section.PathOf(kind)}.{rule.Key}";
            Add(rules, rule, path, Targets(section, rule.Value, path));
        }

        if (defaultKey is not null && Chosen(router, liteLlm, defaultKey) is var defaults && defaults.Node(defaultKey) is { } node)
        {
            // LiteLLM appends them after the rules, where an explicit rule for "*" is found first.
            rules.TryAdd(Default, (Targets(defaults, node, defaults.PathOf(defaultKey)), node.Place));
        }

        return rules.ToFrozenDictionary(static rule => rule.Key, static rule => rule.Value.Targets, StringComparer.Ordinal);
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

    private IEnumerable<YamlEntry> Rules(SectionReader section, string kind)
    {
        switch (section.Node(kind))
        {
            case null:
                return [];
            case YamlMapping mapping:
                scope.Problems.Warning(mapping.Place, section.PathOf(kind), "expected a list of mappings with one key each; read as such");
                return mapping.Entries;
            case YamlSequence list:
                return list.Items.SelectMany((item, index) => Rule(section, item, $"{section.PathOf(kind)}[{index}]"));
            default:
                section.Refuse(kind, "expected a list of mappings with one key each");
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

    private void Add(Dictionary<string, (ImmutableArray<string> Targets, Place Place)> rules, YamlEntry rule, string path, ImmutableArray<string> targets)
    {
        if (rules.TryAdd(rule.Key, (targets, rule.KeyPlace)))
        {
            _names.Add((rule.Key, rule.KeyPlace, path));
            return;
        }

        scope.Problems.Warning(rule.KeyPlace, path, $"'{rule.Key}' has fallbacks on line {rules[rule.Key].Place.Line} already; those count");
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
            else if (items[index] is YamlMapping mapping && mapping.Find("model") is { Value: YamlScalar { IsNull: false } model })
            {
                targets.Add(model.Text);
                _names.Add((model.Text, model.Place, $"{place}.model"));
                if (mapping.Entries.Length > 1)
                {
                    scope.Problems.Warning(mapping.Place, place, "of a fallback only the model counts; parameters of its own have no effect yet");
                }
            }
            else
            {
                section.RefuseAt(items[index].Place, place, $"expected the name of a model, found {items[index].Kind}");
            }
        }

        return targets.ToImmutable();
    }
}
