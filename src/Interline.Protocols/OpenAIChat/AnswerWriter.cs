using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes a whole answer in OpenAI's format.</summary>
public static class AnswerWriter
{
    /// <summary>Writes <paramref name="answer"/>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="defaults">What the answer may lack.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(Answer answer, IBufferWriter<byte> output, AnswerDefaults defaults, LossList losses)
    {
        bool ours = Writing.Ours(answer.Native);
        Writing writing = new(ChatDialect.OpenAI, losses, isAnswer: true, $"call_{defaults.Id}_");
        using Utf8JsonWriter w = new(output, Writing.Options);
        w.WriteStartObject();
        if (!ours || answer.Id is not null)
        {
            w.WriteString("id"u8, ours || answer.Id is { Length: > 0 } ? answer.Id : "chatcmpl-" + defaults.Id);
        }

        if (!Writing.Kept(answer.Native, "object"))
        {
            w.WriteString("object"u8, "chat.completion"u8);
        }

        if (!ours || answer.Created is not null)
        {
            w.WriteNumber("created"u8, answer.Created ?? defaults.Created);
        }

        if (!ours || answer.Model is not null)
        {
            w.WriteString("model"u8, ours || answer.Model is { Length: > 0 } ? answer.Model : defaults.Model);
        }

        w.WriteStartArray("choices"u8);
        foreach (Choice choice in answer.Choices)
        {
            WriteChoice(w, choice, writing);
        }

        w.WriteEndArray();
        WriteUsage(w, answer.Usage, answer.NativeUsage, losses);
        if (answer.ServiceTier is not null)
        {
            w.WriteString("service_tier"u8, answer.ServiceTier);
        }

        if (answer.SystemFingerprint is not null)
        {
            w.WriteString("system_fingerprint"u8, answer.SystemFingerprint);
        }

        writing.Native(w, answer.Native, "");
        w.WriteEndObject();
    }

    /// <summary>Writes <c>usage</c>: the provider's own object if it is of this format, otherwise one made of the classes.</summary>
    internal static void WriteUsage(Utf8JsonWriter w, Usage? usage, NativeUsage? native, LossList losses)
    {
        if (native is { Format: WireFormat.OpenAIChat })
        {
            w.WritePropertyName("usage"u8);
            native.Json.WriteTo(w);
            return;
        }

        losses.AddForeign(native, WireFormat.OpenAIChat);
        if (usage is not { } used)
        {
            return;
        }

        w.WritePropertyName("usage"u8);
        ChatUsage.Write(w, used);
        if (used.CacheWrite1h > 0)
        {
            losses.Add("usage.cache_creation.ephemeral_1h_input_tokens", LossAction.Changed, "OpenAI Chat counts what is written to the cache in one: cache_write_tokens");
        }
    }

    private static void WriteChoice(Utf8JsonWriter w, Choice choice, Writing writing)
    {
        bool ours = Writing.Ours(choice.Native);
        string path = $"choices[{choice.Index}]";
        w.WriteStartObject();
        w.WriteNumber("index"u8, choice.Index);
        w.WritePropertyName("message"u8);
        MessageWriter.Write(w, choice.Message, writing, $"{path}.message");
        if (choice.Logprobs is { } logprobs)
        {
            w.WritePropertyName("logprobs"u8);
            logprobs.WriteTo(w);
        }
        else if (!ours)
        {
            w.WriteNull("logprobs"u8);
        }

        if (!ours)
        {
            WriteFinish(w, choice, writing, path);
        }
        else if (choice.NativeFinish is not null)
        {
            w.WriteString("finish_reason"u8, choice.NativeFinish);
        }

        if (choice.StopSequence is not null)
        {
            writing.Losses.Add($"{path}.stop_sequence", LossAction.Dropped, "OpenAI Chat does not say which stop text was met");
        }

        writing.Native(w, choice.Native, path);
        w.WriteEndObject();
    }

    private static void WriteFinish(Utf8JsonWriter w, Choice choice, Writing writing, string path)
    {
        w.WriteString("finish_reason"u8, ChatFinish.Write(choice.Finish, choice.Message.Parts.Any(p => p is ToolCallPart)));
        ChatFinish.WriteNative(w, choice.Finish, choice.NativeFinish, choice.Native);
        ChatFinish.Report(choice.Finish, choice.NativeFinish, writing.Losses, $"{path}.finish_reason");
    }
}
