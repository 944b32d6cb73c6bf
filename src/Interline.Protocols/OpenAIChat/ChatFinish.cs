namespace Interline.Protocols.OpenAIChat;

/// <summary>The words of <c>finish_reason</c>, OpenAI's own and those of providers that speak its format.</summary>
public static class ChatFinish
{
    /// <summary>What a word means; <see cref="FinishReason.Unknown"/> for null, the empty word of Snowflake, and words never seen.</summary>
    /// <param name="word">The value of <c>finish_reason</c>.</param>
    public static FinishReason Read(string? word) => Read(word.AsSpan());

    /// <inheritdoc cref="Read(string?)"/>
    /// <param name="word">The value of <c>finish_reason</c> in UTF-8, without quotes and escapes. Nothing is allocated.</param>
    public static FinishReason Read(ReadOnlySpan<byte> word)
    {
        // Every word of the format is short ASCII; what is longer is none of them.
        Span<char> letters = stackalloc char[32];
        if (word.Length > letters.Length)
        {
            return FinishReason.Unknown;
        }

        for (int i = 0; i < word.Length; i++)
        {
            letters[i] = (char)word[i];
        }

        return Read(letters[..word.Length]);
    }

    /// <summary>The format's word. What is unknown is written as <c>stop</c>: clients refuse an answer that never finishes.</summary>
    /// <param name="reason">Why the answer ended.</param>
    public static string Write(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        FinishReason.Error => "error",
        _ => "stop",
    };

    private static FinishReason Read(ReadOnlySpan<char> word) => word switch
    {
        "stop" or "eos" or "end_turn" or "stop_sequence" or "complete" => FinishReason.Stop,
        "length" or "max_tokens" or "model_length" => FinishReason.Length,
        "tool_calls" or "function_call" or "tool_use" => FinishReason.ToolCalls,
        "content_filter" => FinishReason.ContentFilter,
        "error" or "insufficient_system_resource" => FinishReason.Error,
        _ => FinishReason.Unknown,
    };
}
