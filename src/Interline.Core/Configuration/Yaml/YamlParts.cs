using System.Collections.Immutable;

namespace Interline.Core.Configuration.Yaml;

/// <summary>
/// A file with a syntax error, seen by its lines as parts that can be set aside: the top-level sections, and the items of a section that is a list.
/// What is set aside is emptied but keeps its lines, so that every place in the rest stays right, and an item keeps its dash, so that the items after it keep their number.
/// </summary>
internal sealed class YamlParts
{
    private readonly string[] _lines;
    private readonly List<Part> _parts;
    private readonly ImmutableHashSet<int>.Builder _heads = ImmutableHashSet.CreateBuilder<int>();

    /// <param name="text">Text whose lines end in <c>\n</c> alone.</param>
    public YamlParts(string text)
    {
        _lines = text.Split('\n');
        _parts = Split(_lines);
    }

    /// <summary>Lines, from 1, on which parts begin that were set aside.</summary>
    public ImmutableHashSet<int> Heads => _heads.ToImmutable();

    /// <summary>Sets the part aside that an error belongs to; false if there is none (any more).</summary>
    /// <param name="line">Line of the error, from 1.</param>
    public bool SetAside(int line)
    {
        int index = _parts.FindLastIndex(part => part.Start < line);
        if (index < 0)
        {
            return false;
        }

        // An unclosed bracket or quote is often noticed only in the part after it: blame the first of the two that cannot stand alone.
        if (index > 0 && !_parts[index - 1].Gone && !YamlTree.IsReadable(Alone(_parts[index - 1])))
        {
            index--;
        }

        Part found = _parts[index];
        if (found.Gone)
        {
            return false;
        }

        found.Gone = true;
        _heads.Add(found.Start + 1);
        string head = _lines[found.Start];
        int end = found.End;
        for (int next = index + 1; !found.IsItem && next < _parts.Count && _parts[next].IsItem; next++)
        {
            // Items without their section would be errors of their own.
            _parts[next].Gone = true;
            end = _parts[next].End;
        }

        Array.Fill(_lines, "", found.Start, end - found.Start);
        _lines[found.Start] = found.IsItem ? head[..(head.IndexOf('-', StringComparison.Ordinal) + 1)] : "";
        return true;
    }

    public override string ToString() => string.Join('\n', _lines);

    private string Alone(Part part) => string.Join('\n', _lines[part.Start..part.End]);

    private static List<Part> Split(string[] lines)
    {
        var parts = new List<Part>();
        int itemIndent = -1;
        for (int line = 0; line < lines.Length; line++)
        {
            string text = lines[line];
            int indent = text.Length - text.TrimStart(' ').Length;
            if (indent == text.Length || text[indent] is '#' or ']' or '}')
            {
                continue;
            }

            bool dash = text[indent] == '-' && (indent + 1 == text.Length || text[indent + 1] == ' ');
            if (indent == 0 && !dash)
            {
                parts.Add(new Part(line, isItem: false));
                itemIndent = -1;
            }
            else if (dash && (indent == itemIndent || (itemIndent < 0 && parts is [.., { IsItem: false } section] && line > section.Start)))
            {
                // Only the first thing in a section says that it is a list; a dash deeper in a mapping does not.
                if (itemIndent >= 0 || IsFirst(lines, parts[^1].Start, line))
                {
                    itemIndent = indent;
                    parts.Add(new Part(line, isItem: true));
                }
            }
        }

        for (int index = 0; index < parts.Count; index++)
        {
            parts[index].End = index + 1 < parts.Count ? parts[index + 1].Start : lines.Length;
        }

        return parts;
    }

    private static bool IsFirst(string[] lines, int section, int line)
    {
        for (int between = section + 1; between < line; between++)
        {
            string text = lines[between].TrimStart(' ');
            if (text.Length > 0 && text[0] != '#')
            {
                return false;
            }
        }

        return true;
    }

    private sealed class Part(int start, bool isItem)
    {
        public int Start { get; } = start;

        public int End { get; set; }

        public bool IsItem { get; } = isItem;

        public bool Gone { get; set; }
    }
}
