using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes the settings of a chat request.</summary>
internal static class SettingsWriter
{
    /// <summary>Most stop texts OpenAI takes.</summary>
    private const int MostStops = 4;

    /// <summary>Most characters of <c>user</c> and <c>prompt_cache_key</c>; as many as a SHA-256 has digits.</summary>
    private const int LongestKey = 64;

    /// <summary>Writes all settings, inside the request's object.</summary>
    public static void Write(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        bool ours = Writing.Ours(r.Native);
        WriteSampling(w, r, ours, writing);
        WriteLimit(w, r, ours, writing);
        if (ours || ToolWriter.Any(r.Tools))
        {
            WriteTruth(w, "parallel_tool_calls", r.ParallelToolCalls);
        }
        else if (r.ParallelToolCalls is not null)
        {
            writing.Losses.Add("parallel_tool_calls", LossAction.Dropped, "OpenAI Chat takes it only with tools");
        }

        if (r.ResponseFormat is { } format)
        {
            WriteResponseFormat(w, format, writing);
        }

        EffortWriter.Write(w, r, writing);
        WriteText(w, "verbosity", r.Verbosity);
        WriteModalities(w, r, ours || writing.Dialect.OpenValues, writing);
        WriteServiceTier(w, r, ours || writing.Dialect.OpenValues, writing);
        WriteKey(w, "user", r.EndUser, ours, writing);
        if (r.Metadata is { } metadata)
        {
            w.WritePropertyName("metadata"u8);
            metadata.WriteTo(w);
        }

        WriteTruth(w, "store", r.Store);
        WriteKey(w, "prompt_cache_key", r.PromptCacheKey, ours, writing);
        WriteTruth(w, "stream", r.Stream);
        if (r.StreamOptions is { } options)
        {
            w.WriteStartObject("stream_options"u8);
            WriteTruth(w, "include_usage", options.IncludeUsage);
            writing.Native(w, options.Native, "stream_options");
            w.WriteEndObject();
        }
    }

    private static void WriteSampling(Utf8JsonWriter w, ConversationRequest r, bool ours, Writing writing)
    {
        Sampling s = ours || !writing.Dialect.Reasons ? r.Sampling : OfReasoning(r.Sampling, writing);
        bool any = ours || writing.Dialect.OpenValues;
        WriteNumber(w, "temperature", s.Temperature, 0, 2, any, writing);
        WriteNumber(w, "top_p", s.TopP, 0, 1, any, writing);
        WriteOpen(w, "top_k", s.TopK, ours, writing);
        WriteOpen(w, "min_p", s.MinP, ours, writing);
        WriteOpen(w, "repetition_penalty", s.RepetitionPenalty, ours, writing);
        WriteNumber(w, "frequency_penalty", s.FrequencyPenalty, -2, 2, any, writing);
        WriteNumber(w, "presence_penalty", s.PresencePenalty, -2, 2, any, writing);
        WriteWhole(w, "n", s.Candidates, 1, 128, any, writing);
        WriteWhole(w, "top_logprobs", s.TopLogprobs, 0, 20, any, writing);
        WriteTruth(w, "logprobs", s.Logprobs);
        if (!Writing.Kept(r.Native, "random_seed"))
        {
            WriteWhole(w, "seed", s.Seed, long.MinValue, long.MaxValue, any, writing);
        }

        WriteStop(w, s, any, writing);
    }

    /// <summary>What OpenAI's reasoning models take: of these settings the defaults, and no probabilities.</summary>
    private static Sampling OfReasoning(Sampling s, Writing writing) => s with
    {
        Temperature = Usual("temperature", s.Temperature, 1, writing),
        TopP = Usual("top_p", s.TopP, 1, writing),
        FrequencyPenalty = Usual("frequency_penalty", s.FrequencyPenalty, 0, writing),
        PresencePenalty = Usual("presence_penalty", s.PresencePenalty, 0, writing),
        Logprobs = Kept("logprobs", s.Logprobs is not true, writing) ? s.Logprobs : null,
        TopLogprobs = Kept("top_logprobs", s.TopLogprobs is null, writing) ? s.TopLogprobs : null,
    };

    private static JsonNumber? Usual(string name, JsonNumber? number, double usual, Writing writing) =>
        Kept(name, number is not { } given || given.Value.Equals(usual), writing) ? number : null;

    private static bool Kept(string name, bool kept, Writing writing)
    {
        if (!kept)
        {
            writing.Losses.Add(name, LossAction.Dropped, "OpenAI's reasoning models refuse it");
        }

        return kept;
    }

    /// <summary>Writes the token limit; for another format's request no higher than the model's own, which providers refuse to exceed.</summary>
    private static void WriteLimit(Utf8JsonWriter w, ConversationRequest r, bool ours, Writing writing)
    {
        string name = ours ? r.MaxOutputTokensSpelling ?? "max_completion_tokens" : writing.Dialect.MaxTokensField;
        if (!ours && r.MaxOutputTokens?.Whole > writing.Dialect.MaxOutput)
        {
            WriteNumber(w, name, writing.Dialect.MaxOutput);
            writing.Losses.Add(r.MaxOutputTokensSpelling ?? "max_tokens", LossAction.Changed, $"the model answers with at most {writing.Dialect.MaxOutput} tokens");
            return;
        }

        WriteWhole(w, name, r.MaxOutputTokens, 1, long.MaxValue, ours, writing);
    }

    /// <summary>Writes a name or key that OpenAI takes up to 64 characters of: in place of another format's longer one its SHA-256, so that the same stays the same.</summary>
    private static void WriteKey(Utf8JsonWriter w, string name, string? key, bool ours, Writing writing)
    {
        if (ours || key is not { Length: > LongestKey })
        {
            WriteText(w, name, key);
            return;
        }

        w.WriteString(name, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key))));
        writing.Losses.Add(name, LossAction.Changed, $"OpenAI Chat takes at most {LongestKey} characters: the SHA-256 stands for them");
    }

    private static void WriteNumber(Utf8JsonWriter w, string name, JsonNumber? number, double least, double most, bool any, Writing writing)
    {
        if (any)
        {
            WriteNumber(w, name, number);
        }
        else
        {
            NumberRange.Write(w, name, number, least, most, writing);
        }
    }

    private static void WriteWhole(Utf8JsonWriter w, string name, JsonNumber? number, long least, long most, bool any, Writing writing)
    {
        if (any)
        {
            WriteNumber(w, name, number);
        }
        else
        {
            NumberRange.WriteWhole(w, name, number, least, most, writing);
        }
    }

    private static void WriteStop(Utf8JsonWriter w, Sampling s, bool any, Writing writing)
    {
        if (s is { StopAsText: true, Stop: [var only] })
        {
            w.WriteString("stop"u8, only);
        }
        else if (s.Stop is { } stop && (any || stop.Count is > 0 and <= MostStops))
        {
            WriteTexts(w, "stop", stop);
        }
        else if (s.Stop is { Count: > 0 } many)
        {
            WriteTexts(w, "stop", [.. many.Take(MostStops)]);
            writing.Losses.Add("stop", LossAction.Changed, "OpenAI Chat takes 4 stop texts: the first ones");
        }
    }

    private static void WriteModalities(Utf8JsonWriter w, ConversationRequest r, bool any, Writing writing)
    {
        if (r.OutputModalities is not { } modalities)
        {
            return;
        }

        string[] taken = [.. modalities.Where(m => any || m is "text" or "audio")];
        if (taken.Length > 0 || any)
        {
            WriteTexts(w, "modalities", taken);
        }

        foreach (string lost in modalities.Except(taken, StringComparer.Ordinal))
        {
            writing.Losses.Add("modalities", LossAction.Dropped, $"OpenAI Chat answers in text or sound, not: {lost}");
        }
    }

    private static void WriteServiceTier(Utf8JsonWriter w, ConversationRequest r, bool any, Writing writing)
    {
        if (any || r.ServiceTier is null or "auto" or "default" or "flex" or "scale" or "priority")
        {
            WriteText(w, "service_tier", r.ServiceTier);
            return;
        }

        bool standard = r.ServiceTier.StartsWith("standard", StringComparison.OrdinalIgnoreCase);
        WriteText(w, "service_tier", standard ? "default" : null);
        writing.Losses.Add("service_tier", standard ? LossAction.Changed : LossAction.Dropped, standard ? "OpenAI's word is default" : "OpenAI has no such class of service");
    }

    /// <summary>Writes a setting that only servers of open models have.</summary>
    private static void WriteOpen(Utf8JsonWriter w, string name, JsonNumber? number, bool ours, Writing writing)
    {
        if (ours || writing.Dialect.OpenSampling)
        {
            WriteNumber(w, name, number);
        }
        else if (number is not null)
        {
            writing.Losses.Add(name, LossAction.Dropped, $"OpenAI Chat has no {name}");
        }
    }

    private static void WriteResponseFormat(Utf8JsonWriter w, ResponseFormat format, Writing writing)
    {
        if (format.Kind == ResponseFormatKind.Opaque)
        {
            if (format.Format == WireFormat.OpenAIChat)
            {
                w.WritePropertyName("response_format"u8);
                format.Json.WriteTo(w);
            }
            else
            {
                writing.Losses.Add("response_format", LossAction.Dropped, "OpenAI Chat has no such form of answer");
            }

            return;
        }

        bool schema = format.Kind == ResponseFormatKind.JsonSchema;
        w.WriteStartObject("response_format"u8);
        w.WriteString("type"u8, schema ? "json_schema" : format.Kind == ResponseFormatKind.JsonObject ? "json_object" : "text");
        if (schema && (format.InnerNative is not null || !Writing.Ours(format.Native)))
        {
            w.WriteStartObject("json_schema"u8);
            WriteText(w, "name", format.Name ?? (Writing.Ours(format.InnerNative) ? null : "answer"));
            WriteText(w, "description", format.Description);
            if (format.Schema is { } json)
            {
                w.WritePropertyName("schema"u8);
                json.WriteTo(w);
            }

            WriteTruth(w, "strict", format.Strict);
            writing.Native(w, format.InnerNative, "response_format.json_schema");
            w.WriteEndObject();
        }

        writing.Native(w, format.Native, "response_format");
        w.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter w, string name, IReadOnlyList<string> texts)
    {
        w.WriteStartArray(name);
        foreach (string text in texts)
        {
            w.WriteStringValue(text);
        }

        w.WriteEndArray();
    }

    private static void WriteNumber(Utf8JsonWriter w, string name, JsonNumber? number)
    {
        if (number is { } value)
        {
            w.WritePropertyName(name);
            value.WriteTo(w);
        }
    }

    private static void WriteTruth(Utf8JsonWriter w, string name, bool? truth)
    {
        if (truth is { } value)
        {
            w.WriteBoolean(name, value);
        }
    }

    private static void WriteText(Utf8JsonWriter w, string name, string? text)
    {
        if (text is not null)
        {
            w.WriteString(name, text);
        }
    }
}
