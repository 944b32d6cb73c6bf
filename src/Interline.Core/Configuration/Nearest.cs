using System.Collections.Immutable;

namespace Interline.Core.Configuration;

/// <summary>The names nearest to one that does not exist, for "did you mean".</summary>
/// <remarks>
/// Distance is Damerau-Levenshtein in its optimal string alignment form (insert, delete, replace, swap neighbours: 1 each), case aside.
/// Source: Boytsov, "Indexing methods for approximate dictionary searching", 2011, section 2.1. Rows are cut off at the bound, so thousands of names take well under a millisecond.
/// </remarks>
public static class Nearest
{
    /// <summary>Longest name looked at, in characters; nothing is near a longer one.</summary>
    public const int MaxLength = 256;

    /// <summary>The names nearest to a name, nearest first; fewer or none if nothing is near.</summary>
    /// <param name="name">Name that does not exist.</param>
    /// <param name="candidates">Names that do.</param>
    /// <param name="count">Most names to give, at least 1.</param>
    /// <param name="bound">Largest distance; null takes a third of the name's length, at least 1 and at most 4.</param>
    public static ImmutableArray<string> Find(string name, IEnumerable<string> candidates, int count = 3, int? bound = null) =>
        [.. Search(name, candidates, count, bound).Select(static found => found.Name)];

    /// <summary>The nearest names as text for a message: <c>a</c>, <c>a or b</c>, <c>a, b or c</c>; null if nothing is near. Names much farther than the nearest are left out.</summary>
    /// <param name="name">Name that does not exist.</param>
    /// <param name="candidates">Names that do.</param>
    public static string? Text(string name, IEnumerable<string> candidates)
    {
        List<(int Distance, string Name)> best = Search(name, candidates, count: 3, bound: null);
        string[] found = [.. best.Where(near => near.Distance <= best[0].Distance + 1).Select(static near => near.Name)];
        return found switch
        {
            [] => null,
            [string only] => only,
            _ => string.Join(", ", found[..^1]) + " or " + found[^1],
        };
    }

    /// <summary>Distance between two names, case aside.</summary>
    /// <param name="left">One name.</param>
    /// <param name="right">The other.</param>
    /// <param name="bound">Largest distance of interest.</param>
    /// <returns>The distance, or some number above <paramref name="bound"/> if it is larger.</returns>
    public static int Distance(ReadOnlySpan<char> left, ReadOnlySpan<char> right, int bound)
    {
        if (Math.Abs(left.Length - right.Length) > bound || left.Length > MaxLength || right.Length > MaxLength)
        {
            return bound + 1;
        }

        int width = right.Length + 1;
        Span<int> rows = stackalloc int[3 * (MaxLength + 1)];
        Span<int> before = rows[..width];
        Span<int> above = rows.Slice(width, width);
        Span<int> current = rows.Slice(2 * width, width);
        for (int column = 0; column < width; column++)
        {
            above[column] = column;
        }

        for (int row = 1; row <= left.Length; row++)
        {
            current[0] = row;
            int smallest = row;
            char a = char.ToUpperInvariant(left[row - 1]);
            for (int column = 1; column < width; column++)
            {
                char b = char.ToUpperInvariant(right[column - 1]);
                int distance = Math.Min(Math.Min(above[column], current[column - 1]) + 1, above[column - 1] + (a == b ? 0 : 1));
                if (row > 1 && column > 1 && a == char.ToUpperInvariant(right[column - 2]) && b == char.ToUpperInvariant(left[row - 2]))
                {
                    distance = Math.Min(distance, before[column - 2] + 1);
                }

                current[column] = distance;
                smallest = Math.Min(smallest, distance);
            }

            if (smallest > bound)
            {
                return bound + 1;
            }

            Span<int> free = before;
            before = above;
            above = current;
            current = free;
        }

        return above[right.Length];
    }

    private static List<(int Distance, string Name)> Search(string name, IEnumerable<string> candidates, int count, int? bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (name.Length is 0 or > MaxLength)
        {
            return [];
        }

        int limit = bound ?? Math.Clamp(name.Length / 3, 1, 4);
        var best = new List<(int Distance, string Name)>(count + 1);
        foreach (string candidate in candidates)
        {
            // Once the list is full, only a nearer name gets in.
            int worst = best.Count < count ? limit : Math.Min(limit, best[^1].Distance - 1);
            int distance = worst < 0 ? int.MaxValue
                : IsSameButForPrefix(name, candidate) ? Math.Min(1, worst)
                : Math.Min(Distance(name, candidate, worst), IsBeginningOf(name, candidate) ? limit : int.MaxValue);
            if (distance > worst || best.Exists(found => string.Equals(found.Name, candidate, StringComparison.Ordinal)))
            {
                continue;
            }

            int place = best.FindLastIndex(found => found.Distance <= distance) + 1;
            best.Insert(place, (distance, candidate));
            if (best.Count > count)
            {
                best.RemoveAt(count);
            }
        }

        return best;
    }

    // together for together_ai: a name cut short is near, but less than one misspelt.
    private static bool IsBeginningOf(string name, string candidate) =>
        name.Length >= 4 && candidate.Length - name.Length is > 0 and <= 4 && candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    // gpt-4o for openai/gpt-4o, and the other way round: the most usual mistake with model names is a prefix.
    private static bool IsSameButForPrefix(string name, string candidate)
    {
        (string longer, string shorter) = name.Length > candidate.Length ? (name, candidate) : (candidate, name);
        return longer.Length > shorter.Length + 1
            && longer[longer.Length - shorter.Length - 1] == '/'
            && longer.EndsWith(shorter, StringComparison.OrdinalIgnoreCase)
            && shorter.Length > 1;
    }
}
