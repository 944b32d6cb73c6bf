using System.Collections.Immutable;
using YamlDotNet.Core;

namespace Interline.Core.Configuration.Yaml;

/// <summary>What was found wrong in the YAML itself.</summary>
/// <param name="IsError">False for what is only worth a warning, such as a key given twice.</param>
/// <param name="Place">Where.</param>
/// <param name="Message">What.</param>
public readonly record struct YamlProblem(bool IsError, Place Place, string Message);

/// <summary>A YAML file as a tree in which every node and key knows its line and column.</summary>
/// <remarks>
/// Read from parser events, without reflection. Typing, duplicate keys (last wins) and merge keys are PyYAML's, because the files are written for it.
/// A syntax error does not end the search: the part of the file it stands in is set aside and the rest is read, so that every error of a file is told at once.
/// </remarks>
public sealed class YamlTree
{
    /// <summary>Longest file read, in characters.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>Syntax errors told of one file, and so how often it is read at most.</summary>
    private const int MaxSyntaxErrors = 20;

    private readonly ImmutableHashSet<int> _setAside;

    private YamlTree(YamlNode? root, ImmutableArray<YamlProblem> problems, ImmutableHashSet<int> setAside, string? file)
    {
        File = file;
        Root = root;
        Problems = problems;
        _setAside = setAside;
    }

    /// <summary>The included file it is; null for the main one.</summary>
    public string? File { get; }

    /// <summary>The root; null if the file is empty or could not be read at all.</summary>
    public YamlNode? Root { get; }

    /// <summary>What is wrong with the YAML, in the order of the file.</summary>
    public ImmutableArray<YamlProblem> Problems { get; }

    /// <summary>Whether parts of the file are missing from the tree because of syntax errors. Such a tree is good for finding more errors, never for use.</summary>
    public bool IsBroken => Problems.Any(static problem => problem.IsError);

    /// <summary>Whether a node stands on a line that was set aside because of a syntax error, which has been reported.</summary>
    /// <param name="node">Node of this tree.</param>
    public bool WasSetAside(YamlNode node) => _setAside.Contains(node.Place.Line);

    /// <summary>Reads a text. Never throws: whatever is wrong is among <see cref="Problems"/>.</summary>
    /// <param name="text">YAML, one document.</param>
    /// <param name="file">The included file it is, for its places; null for the main one.</param>
    public static YamlTree Parse(string text, string? file = null)
    {
        // The mark of a UTF-8 file would count as a column, and line ends of other systems would have to be known in several places.
        text = text.TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        if (text.Length > MaxLength)
        {
            return new(null, [new(true, Place.Start with { File = file }, $"the file is longer than {MaxLength >> 20} MiB")], [], file);
        }

        var problems = ImmutableArray.CreateBuilder<YamlProblem>();
        YamlParts? parts = null;
        for (int round = 1; ; round++)
        {
            (YamlNode? root, ImmutableArray<YamlProblem> warnings, SyntaxError? error) = Build(parts?.ToString() ?? text, file);
            if (error is null)
            {
                problems.AddRange(warnings);
                return Finish(root, parts);
            }

            // An anchor that was set aside is no mistake of the alias.
            if (parts is null || error.Value.MissingAnchor is not { } anchor || !text.Contains('&' + anchor, StringComparison.Ordinal))
            {
                problems.Add(new(true, error.Value.Place, error.Value.Message));
            }

            parts ??= new YamlParts(text);
            if (round >= MaxSyntaxErrors || !parts.SetAside(error.Value.Place.Line))
            {
                return Finish(null, parts);
            }
        }

        YamlTree Finish(YamlNode? root, YamlParts? parts) => new(
            root,
            [.. problems.Distinct().OrderBy(static problem => problem.Place.Line).ThenBy(static problem => problem.Place.Column)],
            parts?.Heads ?? [],
            file);
    }

    /// <summary>Whether a text is YAML by itself, anchors aside.</summary>
    internal static bool IsReadable(string text) => Build(text, null).Error is null;

    private static (YamlNode? Root, ImmutableArray<YamlProblem> Warnings, SyntaxError? Error) Build(string text, string? file)
    {
        var builder = new YamlTreeBuilder(text, file);
        try
        {
            return (builder.Read(), builder.Warnings, null);
        }
        catch (YamlException exception)
        {
            return (null, [], new(Inside(text, exception.Start, file), Sentence(exception.Message), (exception as MissingAnchorException)?.Anchor));
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or OverflowException or FormatException or IndexOutOfRangeException)
        {
            // The scanner is not watertight: a mangled file can end in one of these. A file is data, so it is a problem of the file.
            return (null, [], new(Inside(text, builder.Position, file), "this is not YAML from here on; is a bracket or a quote before it not closed?"));
        }
    }

    // Errors at the end of a file are placed after its last line; a place to look at is inside.
    private static Place Inside(string text, in Mark mark, string? file)
    {
        int lines = 1 + text.AsSpan().Count('\n');
        return new((int)Math.Clamp(mark.Line, 1, lines), (int)Math.Max(mark.Column, 1), file);
    }

    private static string Sentence(string message)
    {
        message = message.TrimEnd('.', ' ');
        return message.Length == 0 ? "this is not YAML" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private readonly record struct SyntaxError(Place Place, string Message, string? MissingAnchor = null);
}
