using System.Collections.Immutable;

namespace Interline.Core.Configuration;

/// <summary>Patterns of model names such as <c>openai/*</c>: a star stands for any characters, none included; everything else for itself.</summary>
public static class ModelNamePattern
{
    /// <summary>Whether a name fits a pattern. Does not allocate.</summary>
    /// <param name="pattern">Pattern.</param>
    /// <param name="name">Name.</param>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) => Match(pattern, name, null);

    /// <summary>What each star of a pattern stands for in a name; default if the name does not fit. An earlier star takes as much as it can, as LiteLLM's regular expression does.</summary>
    /// <param name="pattern">Pattern.</param>
    /// <param name="name">Name.</param>
    public static ImmutableArray<string> Captures(string pattern, string name)
    {
        var captures = new List<string>();
        return Match(pattern, name, captures) ? [.. Enumerable.Reverse(captures)] : default;
    }

    /// <summary>A template with its stars replaced in order; stars beyond the captures stay.</summary>
    /// <param name="template">Text with stars, such as the model of a wildcard deployment.</param>
    /// <param name="captures">What the stars of the name stood for.</param>
    public static string Fill(string template, ImmutableArray<string> captures)
    {
        string[] literals = template.Split('*');
        var filled = new System.Text.StringBuilder(literals[0]);
        for (int star = 0; star < literals.Length - 1; star++)
        {
            filled.Append(star < captures.Length ? captures[star] : "*").Append(literals[star + 1]);
        }

        return filled.ToString();
    }

    /// <summary>Order of patterns: more literal characters first, then fewer stars, then by name so that it does not depend on the file.</summary>
    /// <param name="left">One pattern.</param>
    /// <param name="right">The other.</param>
    public static int CompareSpecificity(string left, string right)
    {
        int leftStars = left.AsSpan().Count('*');
        int rightStars = right.AsSpan().Count('*');
        int byLiterals = (right.Length - rightStars).CompareTo(left.Length - leftStars);
        return byLiterals != 0 ? byLiterals
            : leftStars != rightStars ? leftStars.CompareTo(rightStars)
            : string.CompareOrdinal(left, right);
    }

    // From the right: each literal between two stars is put as far right as it goes. That is the greedy match, and needs no backtracking.
    private static bool Match(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name, List<string>? captures)
    {
        int first = pattern.IndexOf('*');
        if (first < 0)
        {
            return pattern.SequenceEqual(name);
        }

        int last = pattern.LastIndexOf('*');
        ReadOnlySpan<char> prefix = pattern[..first];
        ReadOnlySpan<char> suffix = pattern[(last + 1)..];
        if (name.Length < prefix.Length + suffix.Length || !name.StartsWith(prefix) || !name.EndsWith(suffix))
        {
            return false;
        }

        ReadOnlySpan<char> rest = name[prefix.Length..^suffix.Length];
        ReadOnlySpan<char> middle = pattern[first..last];
        while (!middle.IsEmpty)
        {
            int star = middle.LastIndexOf('*');
            ReadOnlySpan<char> literal = middle[(star + 1)..];
            int found = literal.IsEmpty ? rest.Length : rest.LastIndexOf(literal);
            if (found < 0)
            {
                return false;
            }

            captures?.Add(rest[(found + literal.Length)..].ToString());
            rest = rest[..found];
            middle = middle[..star];
        }

        captures?.Add(rest.ToString());
        return true;
    }
}
