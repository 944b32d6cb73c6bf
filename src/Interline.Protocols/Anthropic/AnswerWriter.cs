using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Writes a whole answer (<c>message</c>).</summary>
public static class AnswerWriter
{
    /// <summary>Writes <paramref name="answer"/>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="defaults">What the answer may lack.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(Answer answer, AnswerDefaults defaults, IBufferWriter<byte> output, LossList losses)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(defaults);
        bool ours = Writing.Ours(answer.Native);
        Writing writing = new(losses, isAnswer: true, $"toolu_{defaults.Id}_");
        Choice? choice = answer.Choices.Count > 0 ? answer.Choices[0] : null;
        if (!ours)
        {
            Report(answer, writing);
        }

        IReadOnlyList<Part> parts = choice?.Message.Parts ?? [];
        if (!Writing.Ours(choice?.Native))
        {
            MessagesFinish.Report(choice?.Finish ?? FinishReason.Unknown, choice?.NativeFinish, writing);
            ReportMessage(choice?.Message, writing);
            parts = PartFit.FitAll(parts, Place.Answer, writing, "choices[0].message.content");
        }

        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        WriteHead(w, answer, defaults, ours);
        w.WritePropertyName("content"u8);
        BlockWriter.WriteAll(w, parts, writing, "");
        WriteFinish(w, answer, choice, ours, parts);
        if (!ours || answer.Usage is not null || answer.NativeUsage is not null)
        {
            w.WritePropertyName("usage"u8);
            WriteUsage(w, answer.Usage, answer.NativeUsage, answer.ServiceTier);
        }

        writing.Native(w, answer.Native, "");
        writing.Native(w, choice?.Native, "choices[0]");
        WriteMessageFields(choice?.Message.Native, writing);
        w.WriteEndObject();
    }

    /// <summary>Writes <c>usage</c>: the provider's own object if it is of this format, otherwise one made of the classes.</summary>
    internal static void WriteUsage(Utf8JsonWriter w, Usage? usage, NativeUsage? native, string? tier)
    {
        if (native is { Format: WireFormat.AnthropicMessages })
        {
            native.Json.WriteTo(w);
        }
        else
        {
            MessagesUsage.Write(w, usage ?? default, TierWord(tier));
        }
    }

    /// <summary>Reports what stands in the head of another format's answer.</summary>
    internal static void ReportHead(long? created, string? fingerprint, string? tier, Writing writing)
    {
        if (created is not null)
        {
            writing.Drop("created", "Anthropic's answers have no time");
        }

        if (fingerprint is not null)
        {
            writing.Drop("system_fingerprint", "Anthropic has no system_fingerprint");
        }

        if (tier is not null && TierWord(tier) is null)
        {
            writing.Drop("service_tier", $"Anthropic has no tier {tier}");
        }
    }

    private static string? TierWord(string? tier) => tier switch
    {
        "default" or "standard" => "standard",
        "priority" or "batch" => tier,
        _ => null,
    };

    private static void Report(Answer answer, Writing writing)
    {
        ReportHead(answer.Created, answer.SystemFingerprint, answer.ServiceTier, writing);
        writing.Losses.AddForeign(answer.NativeUsage, WireFormat.AnthropicMessages);
        if (answer.Usage is { } used)
        {
            ReportUsage(used, writing);
        }

        for (int i = 0; i < answer.Choices.Count; i++)
        {
            if (i > 0)
            {
                writing.Drop($"choices[{answer.Choices[i].Index}]", "Anthropic's answers are one");
            }
            else if (answer.Choices[0].Logprobs is { IsNull: false })
            {
                writing.Drop("choices[0].logprobs", "Anthropic has no probabilities");
            }
        }
    }

    private static void ReportMessage(Message? m, Writing writing)
    {
        const string path = "choices[0].message";
        if (m?.Name is not null)
        {
            writing.Drop(path + ".name", "Anthropic's messages have no names");
        }

        if (m?.Id is not null)
        {
            writing.Drop(path + ".id", "Anthropic's messages have no ids of their own");
        }

        if (m?.Cache is not null)
        {
            writing.Drop(path + ".cache_control", "an answer has no cache mark");
        }
    }

    /// <summary>Reports token classes that are joined with others.</summary>
    internal static void ReportUsage(in Usage used, Writing writing)
    {
        if (used.InputAudio + used.InputImage + used.OutputAudio + used.OutputImage > 0)
        {
            writing.Change("usage", "Anthropic does not count sound and images apart: they are in input_tokens and output_tokens");
        }
    }

    /// <summary>Some providers send an empty id or model, which is none.</summary>
    internal static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static void WriteHead(Utf8JsonWriter w, Answer answer, AnswerDefaults defaults, bool ours)
    {
        Writing.Text(w, "id"u8, ours ? answer.Id : Said(answer.Id) ?? "msg_" + defaults.Id);
        if (!Writing.Kept(answer.Native, "type"))
        {
            w.WriteString("type"u8, "message"u8);
        }

        if (!Writing.Kept(answer.Native, "role"))
        {
            w.WriteString("role"u8, "assistant"u8);
        }

        Writing.Text(w, "model"u8, ours ? answer.Model : Said(answer.Model) ?? defaults.Model);
    }

    private static void WriteFinish(Utf8JsonWriter w, Answer answer, Choice? choice, bool ours, IReadOnlyList<Part> parts)
    {
        if (!Writing.Kept(answer.Native, "stop_reason"))
        {
            string? word = choice is null ? "end_turn"
                : ours ? choice.NativeFinish
                : MessagesFinish.Write(choice.Finish, choice.NativeFinish, parts.Any(p => p is ToolCallPart), choice.StopSequence is not null);
            Writing.Text(w, "stop_reason"u8, word);
        }

        if (choice?.StopSequence is { } stopped)
        {
            w.WriteString("stop_sequence"u8, stopped);
        }
        else if (!ours)
        {
            w.WriteNull("stop_sequence"u8);
        }
    }

    /// <summary>Of the message's fields, those of events of a stream have no place in a whole answer.</summary>
    private static void WriteMessageFields(NativeFields? native, Writing writing)
    {
        foreach (NativeField field in native ?? Enumerable.Empty<NativeField>())
        {
            if (native!.Format != WireFormat.AnthropicMessages)
            {
                writing.Foreign(native, "choices[0].message");
                return;
            }

            writing.Drop(field.Name, "it stood in an event of the stream");
        }
    }
}
