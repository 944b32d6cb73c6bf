using System.Collections.Immutable;

namespace Interline.Core.Configuration.Yaml;

/// <summary>A place in a text, both counted from 1, the column in UTF-16 units.</summary>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
/// <param name="File">An included file; null in the main one.</param>
public readonly record struct Place(int Line, int Column, string? File = null)
{
    /// <summary>The beginning of a file.</summary>
    public static Place Start { get; } = new(1, 1);
}

/// <summary>A node of a YAML file that knows where it stands. An aliased node stands where its anchor is, and is shared by everything that names it.</summary>
public abstract class YamlNode
{
    private protected YamlNode(Place place, long size)
    {
        Place = place;
        Size = size;
    }

    /// <summary>Where it begins.</summary>
    public Place Place { get; }

    /// <summary>What it is, for a message: <c>a list</c>, <c>a mapping</c>, <c>text</c>, …</summary>
    public abstract string Kind { get; }

    /// <summary>Nodes in it with every alias written out, itself included. Kept so that a file cannot grow without bound through aliases.</summary>
    internal long Size { get; }
}

/// <summary>A list.</summary>
public sealed class YamlSequence : YamlNode
{
    /// <summary>Makes a list.</summary>
    /// <param name="place">Where it begins.</param>
    /// <param name="items">Its items.</param>
    public YamlSequence(Place place, ImmutableArray<YamlNode> items)
        : base(place, 1 + items.Sum(static item => item.Size)) => Items = items;

    /// <summary>Items in order.</summary>
    public ImmutableArray<YamlNode> Items { get; }

    /// <inheritdoc />
    public override string Kind => "a list";
}

/// <summary>One key of a mapping with its value.</summary>
/// <param name="Key">Key as text.</param>
/// <param name="KeyPlace">Where the key stands.</param>
/// <param name="Value">Value.</param>
public readonly record struct YamlEntry(string Key, Place KeyPlace, YamlNode Value);

/// <summary>A mapping. Its keys are unique: duplicates are settled (the last wins) and merge keys are written out when the file is read.</summary>
public sealed class YamlMapping : YamlNode
{
    /// <summary>Makes a mapping.</summary>
    /// <param name="place">Where it begins.</param>
    /// <param name="entries">Its entries, no key twice.</param>
    public YamlMapping(Place place, ImmutableArray<YamlEntry> entries)
        : base(place, 1 + entries.Sum(static entry => 1 + entry.Value.Size)) => Entries = entries;

    /// <summary>Entries in order of first appearance.</summary>
    public ImmutableArray<YamlEntry> Entries { get; }

    /// <inheritdoc />
    public override string Kind => "a mapping";

    /// <summary>The entry of a key, or null. Linear: mappings of configuration files are short.</summary>
    /// <param name="key">Key.</param>
    public YamlEntry? Find(string key)
    {
        foreach (YamlEntry entry in Entries)
        {
            if (string.Equals(entry.Key, key, StringComparison.Ordinal))
            {
                return entry;
            }
        }

        return null;
    }
}
