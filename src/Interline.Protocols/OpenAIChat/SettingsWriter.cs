using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes the settings of a chat request.</summary>
internal static class SettingsWriter
{
    /// <summary>Most stop texts OpenAI takes.</summary>
    private const int MostStops = 4;

    /// <summary>Writes all settings, inside the request's object.</summary>
    public static void Write(Utf8JsonWriter w, ConversationRequest r, Writing writing)
    {
        bool ours = Writing.Ours(r.Native);
        WriteSampling(w, r, ours, writing);
        WriteWhole(w, ours ? r.MaxOutputTokensSpelling ?? "max_completion_tokens" : writing.Dialect.MaxTokensField, r.MaxOutputTokens, 1, long.MaxValue, ours, writing);
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

        WriteReasoning(w, r, writing);
        WriteText(w, "verbosity", r.Verbosity);
        WriteModalities(w, r, ours || writing.Dialect.OpenValues, writing);
        WriteServiceTier(w, r, ours || writing.Dialect.OpenValues, writing);
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

        if (!writing.Dialect.Effort)
        {
            if (reasoning.Enabled is not false || reasoning.Effort is not null)
            {
                writing.Losses.Add("reasoning", LossAction.Dropped, "this model does not reason");
            }

            return;
        }

        if (reasoning.Summary is not null)
        {
            writing.Losses.Add("reasoning.summary", LossAction.Dropped, "OpenAI Chat gives no summaries of reasoning");
        }

        if (reasoning.Hidden is not null)
        {
            writing.Losses.Add("reasoning.exclude", LossAction.Dropped, "OpenAI Chat has no such setting");
        }

        WriteEffort(w, reasoning, writing);
    }

    private static void WriteEffort(Utf8JsonWriter w, ReasoningSettings reasoning, Writing writing)
    {
        bool beyond = reasoning.Effort is "max" && !writing.Dialect.OpenValues;
        WriteText(w, "reasoning_effort", beyond ? "xhigh" : reasoning.Effort);
        if (beyond)
        {
            writing.Losses.Add("reasoning.effort", LossAction.Changed, "the most OpenAI Chat can say is xhigh");
        }

        if (reasoning.Effort is null && reasoning.BudgetTokens is { } budget && reasoning.Enabled is not false)
        {
            // The steps at which OpenRouter and LiteLLM change the word.
            string effort = budget.Whole switch { <= 0 => "none", <= 2048 => "low", <= 8192 => "medium", _ => "high" };
            w.WriteString("reasoning_effort"u8, effort);
            writing.Losses.Add("reasoning.budget_tokens", LossAction.Changed, $"OpenAI Chat has words, not tokens: {effort}");
            return;
        }

        if (reasoning.BudgetTokens is not null)
        {
            writing.Losses.Add("reasoning.budget_tokens", LossAction.Dropped, "OpenAI Chat has words for effort, not tokens");
        }

        if (reasoning.Effort is null && reasoning.Enabled is { } enabled)
        {
            writing.Losses.Add("reasoning.enabled", LossAction.Dropped, enabled ? "the model decides by itself" : "not every model can leave reasoning out");
        }
        else if (reasoning.Enabled is false)
        {
            writing.Losses.Add("reasoning.enabled", LossAction.Dropped, "an effort is asked for, too");
        }
        else if (reasoning is { Adaptive: true, Enabled: null })
        {
            writing.Losses.Add("reasoning.adaptive", LossAction.Dropped, "the model decides by itself");
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
