using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Writes <c>generationConfig</c> of the model's settings, and reports those Gemini has not.</summary>
internal static class SettingsWriter
{
    /// <summary>Most stop sequences taken. Source: Google's API description, <c>GenerationConfig.stopSequences</c>.</summary>
    private const int MostStops = 5;

    /// <summary>Most candidates taken.</summary>
    private const int MostCandidates = 8;

    /// <summary>Writes the settings if there are any.</summary>
    public static void Write(Utf8JsonWriter w, ConversationRequest r, TargetModel target, Writing writing)
    {
        ArrayBufferWriter<byte> inner = new();
        using (Utf8JsonWriter config = new(inner, FormatWriting.Options))
        {
            config.WriteStartObject();
            WriteSampling(config, r.Sampling, writing);
            WriteLimit(config, r, target, writing);
            WriteForm(config, r, writing);
            if (r.Reasoning is { } reasoning)
            {
                ThinkingRules.Write(config, reasoning, target, writing);
            }

            config.WriteEndObject();
        }

        if (inner.WrittenCount > 2)
        {
            w.WritePropertyName("generationConfig"u8);
            w.WriteRawValue(inner.WrittenSpan, skipInputValidation: true);
        }

        Report(r, writing);
    }

    private static void WriteSampling(Utf8JsonWriter w, Sampling s, Writing writing)
    {
        WriteNumber(w, "temperature"u8, s.Temperature);
        WriteNumber(w, "topP"u8, s.TopP);
        WriteWhole(w, "topK"u8, s.TopK, "top_k", writing);
        WriteNumber(w, "presencePenalty"u8, s.PresencePenalty);
        WriteNumber(w, "frequencyPenalty"u8, s.FrequencyPenalty);
        WriteSeed(w, s, writing);
        if (s.Candidates is { } n)
        {
            bool tooMany = n.Whole > MostCandidates;
            Report(tooMany, "n", LossAction.Changed, "Gemini gives at most 8 answers", writing);
            WriteWhole(w, "candidateCount"u8, tooMany ? MostCandidates : n, "n", writing);
        }

        if (s.Stop is { Count: > 0 } stop)
        {
            Report(stop.Count > MostStops, "stop", LossAction.Changed, "Gemini takes at most 5 stop texts", writing);
            WriteTexts(w, "stopSequences"u8, stop, MostStops);
        }

        if (s.Logprobs is { } logprobs)
        {
            w.WriteBoolean("responseLogprobs"u8, logprobs);
        }

        WriteWhole(w, "logprobs"u8, s.TopLogprobs, "top_logprobs", writing);
        Report(s.MinP is not null, "min_p", LossAction.Dropped, "Gemini has no min_p", writing);
        Report(s.RepetitionPenalty is not null, "repetition_penalty", LossAction.Dropped, "Gemini has no repetition_penalty", writing);
    }

    /// <summary>Writes the token limit; for another format's request no higher than the model's own, which the API refuses to exceed.</summary>
    private static void WriteLimit(Utf8JsonWriter w, ConversationRequest r, TargetModel target, Writing writing)
    {
        string field = r.MaxOutputTokensSpelling ?? "max_tokens";
        bool beyond = !Writing.Ours(r.Native) && target.MaxOutput > 0 && r.MaxOutputTokens?.Whole > target.MaxOutput;
        Report(beyond, field, LossAction.Changed, $"the model answers with at most {target.MaxOutput} tokens", writing);
        WriteWhole(w, "maxOutputTokens"u8, beyond ? target.MaxOutput : r.MaxOutputTokens, field, writing);
    }

    private static void WriteSeed(Utf8JsonWriter w, Sampling s, Writing writing)
    {
        bool fits = s.Seed is not { } seed || seed.Whole is >= int.MinValue and <= int.MaxValue;
        Report(!fits, "seed", LossAction.Dropped, "Gemini's seeds have 32 bits", writing);
        WriteWhole(w, "seed"u8, fits ? s.Seed : null, "seed", writing);
    }

    private static void WriteForm(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        if (r.OutputModalities is { } modalities && !modalities.All(m => m is "text"))
        {
            w.WriteStartArray("responseModalities"u8);
            foreach (string modality in modalities)
            {
                w.WriteStringValue(modality.ToUpperInvariant());
            }

            w.WriteEndArray();
        }

        if (r.ResponseFormat is not { } format)
        {
            return;
        }

        writing.Losses.AddForeign(format.Native, WireFormat.Gemini, "response_format");
        writing.Losses.AddForeign(format.InnerNative, WireFormat.Gemini, "response_format.json_schema");
        switch (format.Kind)
        {
            case ResponseFormatKind.JsonObject:
                w.WriteString("responseMimeType"u8, "application/json"u8);
                break;
            case ResponseFormatKind.JsonSchema:
                WriteSchema(w, format, writing);
                break;
            case ResponseFormatKind.Opaque:
                writing.Drop("response_format", "Gemini has no such form of answer");
                break;
            default:
                break;
        }
    }

    private static void WriteSchema(Utf8JsonWriter w, ResponseFormat format, Writing writing)
    {
        w.WriteString("responseMimeType"u8, "application/json"u8);
        if (format.Schema is { IsObject: true } schema)
        {
            w.WritePropertyName("responseJsonSchema"u8);
            schema.WriteTo(w);
        }

        Report(format.Name is not null, "response_format.json_schema.name", LossAction.Dropped, "Gemini's schemas have no name", writing);
        Report(format.Description is not null, "response_format.json_schema.description", LossAction.Dropped, "Gemini's schemas have no description beside them", writing);
        Report(format.Strict == false, "response_format.json_schema.strict", LossAction.Dropped, "Gemini always follows the schema", writing);
    }

    /// <summary>Reports what a request may say and Gemini has no place for.</summary>
    private static void Report(ConversationRequest r, Writing writing)
    {
        const string None = "Gemini has no such setting";
        Report(r.ParallelToolCalls == false, "parallel_tool_calls", LossAction.Dropped, "Gemini may always call several tools at once", writing);
        Report(r.Verbosity is not null, "verbosity", LossAction.Dropped, None, writing);
        Report(r.EndUser is not null, "user", LossAction.Dropped, None, writing);
        Report(r.Metadata is not null, "metadata", LossAction.Dropped, None, writing);
        Report(r.Store is not null, "store", LossAction.Dropped, None, writing);
        Report(r.PromptCacheKey is not null, "prompt_cache_key", LossAction.Dropped, PartAdapter.NoMarks, writing);
        writing.Losses.AddForeign(r.StreamOptions?.Native, WireFormat.Gemini, "stream_options");
    }

    private static void Report(bool lost, string field, LossAction action, string why, Writing writing)
    {
        if (lost)
        {
            writing.Losses.Add(field, action, why);
        }
    }

    private static void WriteTexts(Utf8JsonWriter w, ReadOnlySpan<byte> name, IReadOnlyList<string> texts, int most)
    {
        w.WriteStartArray(name);
        for (int i = 0; i < Math.Min(texts.Count, most); i++)
        {
            w.WriteStringValue(texts[i]);
        }

        w.WriteEndArray();
    }

    /// <summary>Writes a number where the API takes whole ones of 32 bits.</summary>
    private static void WriteWhole(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonNumber? number, string field, Writing writing)
    {
        if (number is not { } given)
        {
            return;
        }

        long whole = Math.Clamp(given.Whole, int.MinValue, int.MaxValue);
        bool fits = long.TryParse(given.Spelling, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long same) && same == whole;
        Report(!fits, field, LossAction.Changed, $"Gemini takes whole numbers of 32 bits: {whole}", writing);
        WriteNumber(w, name, fits ? given : whole);
    }

    private static void WriteNumber(Utf8JsonWriter w, ReadOnlySpan<byte> name, JsonNumber? number)
    {
        if (number is { } value)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }
    }
}
