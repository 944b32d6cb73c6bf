using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Writes a whole answer as a <c>GenerateContentResponse</c>.</summary>
public static class AnswerWriter
{
    /// <summary>Writes <paramref name="answer"/>.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="defaults">What the answer may lack.</param>
    /// <param name="losses">What could not be said.</param>
    public static void Write(Answer answer, IBufferWriter<byte> output, AnswerDefaults defaults, LossList losses)
    {
        Writing writing = new(losses, isAnswer: true);
        bool ours = Writing.Ours(answer.Native);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        WriteCandidates(w, answer, ours, writing);
        WriteUsage(w, answer.Usage, answer.NativeUsage, ours ? null : answer.ServiceTier, losses);
        WriteHead(w, ours ? answer.Model : Said(answer.Model) ?? defaults.Model, ours ? answer.Id : Said(answer.Id) ?? defaults.Id);
        if (!ours)
        {
            WriteTime(w, answer.Created ?? defaults.Created);
            Report(answer, losses);
        }

        writing.Native(w, answer.Native, "");
        w.WriteEndObject();
    }

    /// <summary>Writes <c>usageMetadata</c>: the provider's own object if it is of this format, otherwise one made of the classes.</summary>
    internal static void WriteUsage(Utf8JsonWriter w, Usage? usage, NativeUsage? native, string? tier, LossList losses)
    {
        if (native is { Format: WireFormat.Gemini })
        {
            w.WritePropertyName("usageMetadata"u8);
            native.Json.WriteTo(w);
            return;
        }

        string? word = tier is null ? null : GeminiUsage.TierWord(tier);
        if (tier is not null && word is null)
        {
            losses.Add("service_tier", LossAction.Dropped, $"Gemini has no tier '{tier}'");
        }

        losses.AddForeign(native, WireFormat.Gemini);
        if (usage is { } used)
        {
            if (used.CacheWrite + used.CacheWrite1h > 0)
            {
                losses.Add("usage.cache_write", LossAction.Changed, "Gemini does not count what is written to a cache apart");
            }

            w.WritePropertyName("usageMetadata"u8);
            GeminiUsage.Write(w, used, word);
        }
        else if (word is not null)
        {
            losses.Add("service_tier", LossAction.Dropped, "the answer has no usage to say it with");
        }
    }

    /// <summary>Some providers send an empty id or model, which is none.</summary>
    internal static string? Said(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>Writes model and id.</summary>
    internal static void WriteHead(Utf8JsonWriter w, string? model, string? id)
    {
        if (model is not null)
        {
            w.WriteString("modelVersion"u8, model);
        }

        if (id is not null)
        {
            w.WriteString("responseId"u8, id);
        }
    }

    /// <summary>Writes <c>createTime</c>, which Vertex has.</summary>
    internal static void WriteTime(Utf8JsonWriter w, long created)
    {
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(created, 0, 253_402_300_799));
        w.WriteString("createTime"u8, time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }

    /// <summary>Writes <c>groundingMetadata</c> of another format's sources.</summary>
    internal static void WriteGrounding(Utf8JsonWriter w, List<(Citation Citation, int From, int To)> sources)
    {
        w.WriteStartObject("groundingMetadata"u8);
        w.WriteStartArray("groundingChunks"u8);
        foreach ((Citation citation, _, _) in sources)
        {
            w.WriteStartObject();
            w.WriteStartObject("web"u8);
            w.WriteString("uri"u8, citation.Url);
            w.WriteString("title"u8, citation.Title ?? citation.Url);
            w.WriteEndObject();
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteStartArray("groundingSupports"u8);
        for (int i = 0; i < sources.Count; i++)
        {
            if (sources[i].To <= 0)
            {
                continue;
            }

            w.WriteStartObject();
            w.WriteStartObject("segment"u8);
            w.WriteNumber("startIndex"u8, sources[i].From);
            w.WriteNumber("endIndex"u8, sources[i].To);
            w.WriteEndObject();
            w.WriteStartArray("groundingChunkIndices"u8);
            w.WriteNumberValue(i);
            w.WriteEndArray();
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static void WriteCandidates(Utf8JsonWriter w, Answer answer, bool ours, Writing writing)
    {
        if (GeminiNames.Kept(answer.Native, "candidates") || (ours && answer.Choices is [{ Message.Spelling: AnswerReader.Blocked }]))
        {
            return;
        }

        w.WriteStartArray("candidates"u8);
        foreach (Choice choice in answer.Choices)
        {
            if (Writing.Ours(choice.Native) || ours)
            {
                WriteOwn(w, choice, writing);
            }
            else
            {
                WriteForeign(w, choice, writing);
            }
        }

        w.WriteEndArray();
    }

    private static void WriteOwn(Utf8JsonWriter w, Choice choice, Writing writing)
    {
        string path = $"candidates[{choice.Index}]";
        w.WriteStartObject();
        if (choice.Message.Spelling is not ContentReader.NoContent)
        {
            w.WritePropertyName("content"u8);
            RequestWriter.WriteContent(w, choice.Message, writing, path);
        }

        if (choice.NativeFinish is not null && !GeminiNames.Kept(choice.Native, "finishReason"))
        {
            w.WriteString("finishReason"u8, choice.NativeFinish);
        }

        writing.Native(w, choice.Native, path);
        w.WriteEndObject();
    }

    private static void WriteForeign(Utf8JsonWriter w, Choice choice, Writing writing)
    {
        string path = $"choices[{choice.Index}]";
        Message message = choice.Message;
        writing.Losses.AddForeign(message.Native, WireFormat.Gemini, $"{path}.message");
        writing.Losses.AddForeign(choice.Native, WireFormat.Gemini, path);
        List<Part> parts = [];
        new PartAdapter(writing).Add(message.Parts, parts, $"{path}.message.content");
        w.WriteStartObject();
        w.WriteStartObject("content"u8);
        w.WriteStartArray("parts"u8);
        foreach (Part part in parts)
        {
            PartWriter.Write(w, part);
        }

        w.WriteEndArray();
        w.WriteString("role"u8, "model"u8);
        w.WriteEndObject();
        w.WriteString("finishReason"u8, GeminiFinish.Write(choice.Finish));
        w.WriteNumber("index"u8, choice.Index);
        WriteSources(w, parts, writing, path);
        if (choice.Logprobs is { IsObject: true } logprobs)
        {
            Report(!Logprobs.Write(w, logprobs), logprobs, writing, path);
        }

        w.WriteEndObject();
        Report(choice, writing, path);
    }

    private static void WriteSources(Utf8JsonWriter w, List<Part> parts, Writing writing, string path)
    {
        List<(Citation, int, int)> sources = [];
        foreach (TextPart text in parts.OfType<TextPart>())
        {
            foreach (Citation citation in text.Citations)
            {
                if (!Report(citation, writing, $"{path}.message.annotations"))
                {
                    continue;
                }

                int to = citation.End is { } end ? Grounding.Bytes(text.Text, end) : 0;
                sources.Add((citation, to > 0 ? Grounding.Bytes(text.Text, citation.Start ?? 0) : 0, to));
            }
        }

        if (sources.Count > 0)
        {
            WriteGrounding(w, sources);
        }
    }

    /// <summary>Reports what Gemini does not say of a source; false if it cannot be told at all.</summary>
    internal static bool Report(Citation citation, Writing writing, string path)
    {
        writing.Losses.AddForeign(citation, WireFormat.Gemini, path);
        if (citation.Url is null)
        {
            writing.Drop(path, "Gemini's sources have an address");
            return false;
        }

        if (citation.CitedText is not null)
        {
            writing.Drop($"{path}.cited_text", "Gemini does not quote a page");
        }

        return true;
    }

    /// <summary>Reports what Gemini does not say of probabilities: those of a refusal's tokens, and of other kinds.</summary>
    internal static void Report(bool none, RawJson logprobs, Writing writing, string path)
    {
        if (none)
        {
            writing.Drop($"{path}.logprobs", "Gemini has probabilities of the content's tokens only");
            return;
        }

        foreach (string unread in Logprobs.Unread(logprobs))
        {
            writing.Drop($"{path}.logprobs.{unread}", "Gemini has no such field");
        }
    }

    private static void Report(Choice choice, Writing writing, string path)
    {
        if (choice.StopSequence is not null)
        {
            writing.Drop($"{path}.stop_sequence", "Gemini does not say which stop text was met");
        }

        if (choice.Message.Id is not null)
        {
            writing.Drop($"{path}.message.id", "Gemini's contents have no id");
        }
    }

    private static void Report(Answer answer, LossList losses)
    {
        if (answer.SystemFingerprint is not null)
        {
            losses.Add("system_fingerprint", LossAction.Dropped, "Gemini has no such field");
        }
    }
}
