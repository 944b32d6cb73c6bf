using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes the settings of a chat request.</summary>
internal static class SettingsWriter
{
    /// <summary>Writes all settings, inside the request's object.</summary>
    public static void Write(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        bool ours = Writing.Ours(r.Native);
        WriteSampling(w, r, ours, writing);
        WriteNumber(w, ours ? r.MaxOutputTokensSpelling ?? "max_completion_tokens" : writing.Dialect.MaxTokensField, r.MaxOutputTokens);
        WriteTruth(w, "parallel_tool_calls", r.ParallelToolCalls);
        if (r.ResponseFormat is { } format)
        {
            WriteResponseFormat(w, format, writing);
        }

        WriteReasoning(w, r, writing);
        WriteText(w, "verbosity", r.Verbosity);
        if (r.OutputModalities is { } modalities)
        {
            WriteTexts(w, "modalities", modalities);
        }

        WriteText(w, "service_tier", r.ServiceTier);
        WriteText(w, "user", r.EndUser);
        if (r.Metadata is { } metadata)
        {
            w.WritePropertyName("metadata"u8);
            metadata.WriteTo(w);
        }

        WriteTruth(w, "store", r.Store);
        WriteText(w, "prompt_cache_key", r.PromptCacheKey);
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
        Sampling s = r.Sampling;
        WriteNumber(w, "temperature", s.Temperature);
        WriteNumber(w, "top_p", s.TopP);
        WriteOpen(w, "top_k", s.TopK, ours, writing);
        WriteOpen(w, "min_p", s.MinP, ours, writing);
        WriteOpen(w, "repetition_penalty", s.RepetitionPenalty, ours, writing);
        WriteNumber(w, "frequency_penalty", s.FrequencyPenalty);
        WriteNumber(w, "presence_penalty", s.PresencePenalty);
        WriteNumber(w, "n", s.Candidates);
        WriteNumber(w, "top_logprobs", s.TopLogprobs);
        WriteTruth(w, "logprobs", s.Logprobs);
        if (!Writing.Kept(r.Native, "random_seed"))
        {
            WriteNumber(w, "seed", s.Seed);
        }

        if (s is { StopAsText: true, Stop: [var only] })
        {
            w.WriteString("stop"u8, only);
        }
        else if (s.Stop is { } stop)
        {
            WriteTexts(w, "stop", stop);
        }
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

    private static void WriteReasoning(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        if (r.Reasoning is not { } reasoning)
        {
            return;
        }

        // `reasoning` and `thinking` are written back whole with the native fields, and reasoning_effort beside `reasoning` too.
        if (Writing.Ours(r.Native))
        {
            if (r.Native!.Find("reasoning") is null)
            {
                WriteText(w, "reasoning_effort", reasoning.Effort);
            }

            return;
        }

        if (reasoning.Effort is null && reasoning.BudgetTokens is { } budget && reasoning.Enabled is not false)
        {
            // The steps at which OpenRouter and LiteLLM change the word.
            string effort = budget.Whole switch { <= 0 => "none", <= 2048 => "low", <= 8192 => "medium", _ => "high" };
            w.WriteString("reasoning_effort"u8, effort);
            writing.Losses.Add("reasoning.budget_tokens", LossAction.Changed, $"OpenAI Chat has words, not tokens: {effort}");
            return;
        }

        WriteText(w, "reasoning_effort", reasoning.Effort);
        if (reasoning.Effort is null && reasoning.Enabled is { } enabled)
        {
            writing.Losses.Add("reasoning.enabled", LossAction.Dropped, enabled ? "the model decides by itself" : "not every model can leave reasoning out");
        }
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
