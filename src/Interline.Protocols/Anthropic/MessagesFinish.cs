namespace Interline.Protocols.Anthropic;

/// <summary>The words of <c>stop_reason</c>. Source: Anthropic's API description, <c>StopReason</c>, <c>BetaStopReason</c>.</summary>
public static class MessagesFinish
{
    /// <summary>What a word means; <see cref="FinishReason.Unknown"/> for null and words never seen.</summary>
    /// <param name="word">The value of <c>stop_reason</c>.</param>
    public static FinishReason Read(string? word) => word switch
    {
        // pause_turn: a tool run by the provider takes long; the same request, with the answer so far, goes on.
        "end_turn" or "stop_sequence" or "pause_turn" or "compaction" => FinishReason.Stop,
        "max_tokens" or "model_context_window_exceeded" => FinishReason.Length,
        "tool_use" => FinishReason.ToolCalls,
        "refusal" => FinishReason.ContentFilter,
        _ => FinishReason.Unknown,
    };

    /// <summary>What a word in UTF-8 means. A word never seen still says that the answer has ended. Nothing is allocated.</summary>
    /// <param name="word">The value of <c>stop_reason</c>, without quotes.</param>
    public static FinishReason Read(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("tool_use"u8) ? FinishReason.ToolCalls
        : word.SequenceEqual("max_tokens"u8) || word.SequenceEqual("model_context_window_exceeded"u8) ? FinishReason.Length
        : word.SequenceEqual("refusal"u8) ? FinishReason.ContentFilter
        : FinishReason.Stop;

    /// <summary>Reports a finish of another format that this one has no word for.</summary>
    /// <param name="finish">Why the answer ended.</param>
    /// <param name="native">The provider's own word.</param>
    /// <param name="writing">Gets the loss.</param>
    internal static void Report(FinishReason finish, string? native, Writing writing)
    {
        if (finish == FinishReason.Error || (finish == FinishReason.Unknown && native is not null))
        {
            writing.Change("choices[0].finish_reason", $"Anthropic has no word for {native ?? "an answer that failed"}: end_turn");
        }
    }

    /// <summary>The format's word: the provider's own where it is one of this format and means the same.</summary>
    /// <param name="finish">Why the answer ended.</param>
    /// <param name="native">The provider's own word, of whatever format.</param>
    /// <param name="hasCalls">Whether tools are called: formats without a word for it (Gemini, Ollama) say stop.</param>
    /// <param name="stopped">Whether a stop text was met.</param>
    public static string Write(FinishReason finish, string? native, bool hasCalls, bool stopped)
    {
        if (finish is FinishReason.Stop or FinishReason.Unknown && hasCalls)
        {
            return "tool_use";
        }

        if (finish != FinishReason.Unknown && Read(native) == finish)
        {
            return native!;
        }

        return finish switch
        {
            FinishReason.Length => "max_tokens",
            FinishReason.ToolCalls => "tool_use",
            FinishReason.ContentFilter => "refusal",
            _ => stopped ? "stop_sequence" : "end_turn",
        };
    }
}
