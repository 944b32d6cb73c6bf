using System.Text.Json;
using Interline.Protocols.Conversation;

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

    /// <summary>
    /// The format's word. What is unknown is written as <c>stop</c>: clients refuse an answer that never finishes. So is a failure: strict clients know no
    /// <c>error</c> and refuse the whole answer; <see cref="WriteNative"/> tells it beside.
    /// </summary>
    /// <param name="reason">Why the answer ended.</param>
    /// <param name="hasCalls">Whether tools are called: formats without a word for that (Gemini, Ollama) say stop.</param>
    public static string Write(FinishReason reason, bool hasCalls) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        FinishReason.ContentFilter => "content_filter",
        FinishReason.Stop or FinishReason.Unknown when hasCalls => "tool_calls",
        _ => "stop",
    };

    /// <summary>True for a word that only this format's dialects have, and that is written back as it is.</summary>
    internal static bool IsOurs(string? word) => word is "eos" or "model_length" or "function_call" or "error" or "insufficient_system_resource";

    /// <summary>Writes the provider's own word as OpenRouter does, where this format's says less.</summary>
    /// <param name="w">Inside the choice.</param>
    /// <param name="reason">Why the answer ended.</param>
    /// <param name="word">The provider's word, or null.</param>
    /// <param name="fields">What is written beside; it may hold the field already.</param>
    internal static void WriteNative(Utf8JsonWriter w, FinishReason reason, string? word, NativeFields? fields)
    {
        // A word that means the same in capitals (Gemini, Cohere) says nothing more.
        bool more = reason == FinishReason.Error || Read(word?.ToLowerInvariant()) == FinishReason.Unknown;
        if (word is { Length: > 0 } && more && !Writing.Kept(fields, "native_finish_reason"))
        {
            w.WriteString("native_finish_reason"u8, word);
        }
    }

    /// <summary>Reports a reason that this format has no word for.</summary>
    internal static void Report(FinishReason reason, string? word, LossList losses, string path)
    {
        if (reason == FinishReason.Error && !IsOurs(word))
        {
            losses.Add(path, LossAction.Changed, "clients of OpenAI Chat know no word for a failed answer: stop, and the provider's word in native_finish_reason");
        }
        else if (reason == FinishReason.Unknown && word is { Length: > 0 })
        {
            losses.Add(path, LossAction.Changed, "the word is not known: stop, and the word itself in native_finish_reason");
        }
    }

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
