using System.Collections.Immutable;

namespace Interline.Core.Configuration.Yaml;

/// <summary>Gathers the entries of one mapping by PyYAML's rules: the last of equal keys wins and nothing in them is merged; a mapping's own keys win over merged ones.</summary>
internal sealed class YamlMappingEntries(ImmutableArray<YamlProblem>.Builder warnings)
{
    private readonly List<YamlEntry> _entries = [];
    private readonly Dictionary<string, int> _own = new(StringComparer.Ordinal);
    private readonly List<YamlMapping> _merged = [];

    public void Add(YamlEntry entry)
    {
        if (_own.TryGetValue(entry.Key, out int index))
        {
            int line = _entries[index].KeyPlace.Line;
            warnings.Add(new(false, entry.KeyPlace, $"the key '{entry.Key}' is given twice; the one on line {line} is dropped, nothing of it is merged"));
            _entries[index] = entry;
            return;
        }

        _own.Add(entry.Key, _entries.Count);
        _entries.Add(entry);
    }

    /// <summary>Takes the value of a <c>&lt;&lt;</c> key; false if it is no mapping or list of mappings.</summary>
    public bool Merge(YamlNode value)
    {
        switch (value)
        {
            case YamlMapping mapping:
                _merged.Add(mapping);
                return true;
            case YamlSequence list when list.Items.All(static item => item is YamlMapping):
                // Of a list the first wins, of several merge keys the last.
                _merged.AddRange(list.Items.Reverse().Cast<YamlMapping>());
                return true;
            default:
                return false;
        }
    }

    public ImmutableArray<YamlEntry> ToImmutable()
    {
        if (_merged.Count == 0)
        {
            return [.. _entries];
        }

        var all = new OrderedDictionary<string, YamlEntry>(StringComparer.Ordinal);
        foreach (YamlEntry entry in _merged.SelectMany(static mapping => mapping.Entries).Concat(_entries))
        {
            all[entry.Key] = entry;
        }

        return [.. all.Values];
    }
}
