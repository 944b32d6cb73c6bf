using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>
/// Follows <c>include</c>, as LiteLLM does: paths are relative to the main file, also in an included one; lists are appended to those before them, anything
/// else of the same name is replaced whole.
/// </summary>
/// <param name="problems">Where problems go.</param>
/// <param name="main">The main file as problems name it.</param>
/// <param name="read">Text of a file; null if it cannot be read.</param>
internal sealed class IncludeReader(ProblemList problems, string main, Func<string, string?>? read)
{
    /// <summary>Files followed at most. A cycle ends earlier: no file is read twice.</summary>
    private const int MaxFiles = 100;

    private const string Key = "include";

    private readonly List<string> _files = [main];
    private readonly List<string> _texts = [];
    private readonly List<YamlTree> _trees = [];

    /// <summary>The main file and every included one, in the order of reading.</summary>
    public ImmutableArray<string> Files => [.. _files];

    /// <summary>Texts of the included files.</summary>
    public IEnumerable<string> Texts => _texts;

    /// <summary>Whether one of them cannot be used.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether parts of one were set aside because of syntax errors.</summary>
    public bool IsBroken => _trees.Exists(static tree => tree.IsBroken);

    /// <summary>Whether a node of an included file was set aside.</summary>
    /// <param name="node">Node.</param>
    public bool WasSetAside(YamlNode node) => _trees.Exists(tree => tree.File == node.Place.File && tree.WasSetAside(node));

    /// <summary>A file with what it includes.</summary>
    /// <param name="root">Root of the file.</param>
    public YamlMapping Merge(YamlMapping root)
    {
        if (root.Find(Key) is not { } include)
        {
            return root;
        }

        var merged = new OrderedDictionary<string, YamlEntry>(StringComparer.Ordinal);
        foreach (YamlEntry entry in root.Entries.Where(static entry => entry.Key != Key))
        {
            merged[entry.Key] = entry;
        }

        foreach (YamlMapping included in Included(include.Value))
        {
            foreach (YamlEntry entry in Merge(included).Entries)
            {
                merged[entry.Key] = merged.TryGetValue(entry.Key, out YamlEntry before) ? Joined(before, entry) : entry;
            }
        }

        return new(root.Place, [.. merged.Values]);
    }

    private YamlEntry Joined(YamlEntry before, YamlEntry after)
    {
        if (before.Value is YamlSequence first && after.Value is YamlSequence second)
        {
            return before with { Value = new YamlSequence(first.Place, [.. first.Items, .. second.Items]) };
        }

        if (before.Value is not YamlScalar { IsNull: true })
        {
            problems.Note(after.KeyPlace, after.Key, $"replaces the '{after.Key}' of {before.KeyPlace.File ?? main}:{before.KeyPlace.Line} whole; nothing of it is merged");
        }

        return after;
    }

    private IEnumerable<YamlMapping> Included(YamlNode value)
    {
        if (value is YamlScalar { IsNull: true })
        {
            yield break;
        }

        if (value is not YamlSequence list)
        {
            Refuse(value.Place, Key, $"expected a list of files, found {value.Kind}");
            yield break;
        }

        for (int index = 0; index < list.Items.Length; index++)
        {
            if (Included(list.Items[index], $"{Key}[{index}]") is { } root)
            {
                yield return root;
            }
        }
    }

    private YamlMapping? Included(YamlNode item, string path)
    {
        if (item is not YamlScalar { IsNull: false, Text: { Length: > 0 } name } || name.Contains('\0', StringComparison.Ordinal))
        {
            return Refuse(item.Place, path, $"expected the name of a file, found {item.Kind}");
        }

        string file = Path.Combine(Path.GetDirectoryName(main) ?? "", name);
        if (_files.Contains(file))
        {
            problems.Warning(item.Place, path, $"'{name}' is read already, it is not read again");
            return null;
        }

        if (_files.Count > MaxFiles)
        {
            return Refuse(item.Place, path, $"expected at most {MaxFiles} included files");
        }

        _files.Add(file);
        if (read?.Invoke(file) is not { } text)
        {
            return Refuse(item.Place, path, $"expected a file that can be read, there is no '{file}'");
        }

        _texts.Add(text);
        YamlTree tree = YamlTree.Parse(text, file);
        _trees.Add(tree);
        problems.Add(tree);
        YamlMapping? root = RootReader.Read(tree, Place.Start with { File = file }, "expected a mapping", problems);
        Failed |= root is null;
        return root;
    }

    private YamlMapping? Refuse(Place place, string path, string message)
    {
        Failed = true;
        problems.Error(place, path, message);
        return null;
    }
}

/// <summary>The mapping a file must be.</summary>
internal static class RootReader
{
    /// <summary>The root of a file; of an empty one an empty mapping; null, which is told, if it is something else.</summary>
    public static YamlMapping? Read(YamlTree tree, Place start, string expected, ProblemList problems)
    {
        switch (tree.Root)
        {
            case YamlMapping mapping:
                return mapping;
            case null or YamlScalar { IsNull: true } when !tree.IsBroken:
                problems.Warning(start, "", "the file is empty");
                return new YamlMapping(start, []);
            case null or YamlScalar { IsNull: true }:
                return null;
            case { } other:
                problems.Error(other.Place, "", $"{expected}, found {other.Kind}");
                return null;
        }
    }
}
