namespace Interline.Protocols.Gemini;

/// <summary>The words of <c>finishReason</c>. Source: Google's API description, <c>Candidate.finishReason</c>; <c>MODEL_ARMOR</c> is Vertex's.</summary>
public static class GeminiFinish
{
    /// <summary>What a word means; <see cref="FinishReason.Unknown"/> for none. A call of a tool has no word of its own: see <paramref name="called"/>.</summary>
    /// <param name="word">The word in UTF-8, or the number it is sent as with <c>enum-encoding=int</c>.</param>
    /// <param name="called">Whether the candidate holds a function call.</param>
    public static FinishReason Read(ReadOnlySpan<byte> word, bool called)
    {
        if (word.SequenceEqual("STOP"u8) || word.SequenceEqual("1"u8))
        {
            return called ? FinishReason.ToolCalls : FinishReason.Stop;
        }

        if (word.IsEmpty || word.SequenceEqual("FINISH_REASON_UNSPECIFIED"u8) || word.SequenceEqual("0"u8))
        {
            return FinishReason.Unknown;
        }

        return word.SequenceEqual("MAX_TOKENS"u8) || word.SequenceEqual("2"u8) ? FinishReason.Length
            : IsFilter(word) ? FinishReason.ContentFilter
            : FinishReason.Error;
    }

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, bool)"/>
    public static FinishReason Read(string? word, bool called)
    {
        Span<byte> utf8 = stackalloc byte[64];
        return word is null ? FinishReason.Unknown
            : System.Text.Encoding.UTF8.TryGetBytes(word, utf8, out int length) ? Read(utf8[..length], called)
            : FinishReason.Error;
    }

    /// <summary>The format's word. What is unknown is written as <c>STOP</c>: clients wait for a word.</summary>
    /// <param name="reason">Why the answer ended.</param>
    public static string Write(FinishReason reason) => reason switch
    {
        FinishReason.Length => "MAX_TOKENS",
        FinishReason.ContentFilter => "SAFETY",
        FinishReason.Error => "OTHER",
        _ => "STOP",
    };

    /// <summary>The numbers are those that mean a filter both in the Gemini API's and in Vertex's list, which differ from 6 on.</summary>
    private static bool IsFilter(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("SAFETY"u8) || word.SequenceEqual("RECITATION"u8) || word.SequenceEqual("BLOCKLIST"u8)
        || word.SequenceEqual("PROHIBITED_CONTENT"u8) || word.SequenceEqual("SPII"u8) || word.SequenceEqual("MODEL_ARMOR"u8)
        || word.StartsWith("IMAGE_"u8) || word.SequenceEqual("NO_IMAGE"u8)
        || word.SequenceEqual("3"u8) || word.SequenceEqual("4"u8) || word.SequenceEqual("7"u8) || word.SequenceEqual("8"u8);
}
