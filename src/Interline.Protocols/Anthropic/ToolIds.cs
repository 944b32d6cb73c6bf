using System.Globalization;

namespace Interline.Protocols.Anthropic;

/// <summary>Ids of tool calls: the API takes letters, digits, <c>_</c> and <c>-</c> (pattern of <c>RequestToolUseBlock.id</c> in Anthropic's API description).</summary>
internal static class ToolIds
{
    /// <summary>The id itself if it is one; otherwise one made of it, always the same, so that a call and its result still meet.</summary>
    /// <param name="id">The id as given.</param>
    public static string Clean(string id)
    {
        if (id.Length > 0 && !id.AsSpan().ContainsAnyExcept(Allowed))
        {
            return id;
        }

        // FNV-1a of the whole id: two ids that differ only in what is replaced stay two.
        uint hash = 2166136261;
        foreach (char c in id)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        string clean = string.Create(id.Length, id, static (letters, from) =>
        {
            for (int i = 0; i < letters.Length; i++)
            {
                letters[i] = Allowed.Contains(from[i]) ? from[i] : '_';
            }
        });
        return $"{clean}_{hash.ToString("x8", CultureInfo.InvariantCulture)}";
    }

    private static readonly System.Buffers.SearchValues<char> Allowed =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
}
