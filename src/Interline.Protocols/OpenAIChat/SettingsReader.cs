using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads the settings of a chat request: sampling, form of the answer, reasoning, streaming.</summary>
internal static class SettingsReader
{
    /// <summary>Reads the sampling field at the cursor; null if it is none, and then nothing was read.</summary>
    public static Sampling? ReadSampling(ref JsonCursor json, Sampling s, NativeFields native)
    {
        switch (json.Name)
        {
            case "temperature": return s with { Temperature = json.Number() };
            case "top_p": return s with { TopP = json.Number() };
            case "top_k": return s with { TopK = json.Number() };
            case "min_p": return s with { MinP = json.Number() };
            case "frequency_penalty": return s with { FrequencyPenalty = json.Number() };
            case "presence_penalty": return s with { PresencePenalty = json.Number() };
            case "repetition_penalty": return s with { RepetitionPenalty = json.Number() };
            case "n": return s with { Candidates = json.Number() };
            case "top_logprobs": return s with { TopLogprobs = json.Number() };
            case "seed": return s with { Seed = json.Number() };
            case "random_seed":
                JsonNumber seed = json.Number();
                native.Keep(ref json, understood: true);
                return s with { Seed = seed };
            case "logprobs" when json.Type is JsonTokenType.True or JsonTokenType.False:
                return s with { Logprobs = json.Truth() };
            case "stop" when json.Type == JsonTokenType.String:
                return s with { Stop = [json.Text()], StopAsText = true };
            case "stop":
                return s with { Stop = ReadTexts(ref json, "a string or an array of strings") };
            default:
                // Together's logprobs is a count, as in the old completions: kept, not understood.
                return null;
        }
    }

    /// <summary>Reads an array of strings.</summary>
    public static List<string> ReadTexts(ref JsonCursor json, string expected = "an array of strings")
    {
        List<string> texts = [];
        json.EnterArray(expected);
        while (json.NextElement())
        {
            texts.Add(json.Text());
        }

        return texts;
    }

    /// <summary>Reads <c>response_format</c>.</summary>
    public static ResponseFormat ReadResponseFormat(ref JsonCursor json)
    {
        ResponseFormatKind? kind = json.Peek("type"u8) switch
        {
            "text" => ResponseFormatKind.Text,
            "json_object" => ResponseFormatKind.JsonObject,
            "json_schema" => ResponseFormatKind.JsonSchema,
            _ => null,
        };
        if (kind is null)
        {
            // Grammars and regular expressions of Fireworks, Groq and others.
            return json.Type == JsonTokenType.StartObject
                ? new ResponseFormat(ResponseFormatKind.Opaque) { Format = WireFormat.OpenAIChat, Json = json.Raw() }
                : throw json.Fail("an object with a 'type'");
        }

        NativeFields native = new(WireFormat.OpenAIChat);
        ResponseFormat format = new(kind.Value) { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "json_schema" when kind == ResponseFormatKind.JsonSchema:
                    format = ReadSchema(ref json, format);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return format;
    }

    private static ResponseFormat ReadSchema(ref JsonCursor json, ResponseFormat format)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        json.EnterObject("an object with 'name' and 'schema'");
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "name":
                    format = format with { Name = json.Text() };
                    break;
                case "description":
                    format = format with { Description = json.Text() };
                    break;
                case "schema":
                    format = format with { Schema = json.Raw() };
                    break;
                case "strict":
                    format = format with { Strict = json.Truth() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return format with { InnerNative = native };
    }

    /// <summary>
    /// Reads OpenRouter's <c>reasoning</c> or the <c>thinking</c> of DeepSeek, Z.ai and Moonshot, and keeps it whole. Where both are given and contradict each other,
    /// the first counts and the other is a field not understood.
    /// </summary>
    public static ReasoningSettings ReadReasoning(ref JsonCursor json, ReasoningSettings r, NativeFields native)
    {
        string name = json.NameText;
        if (json.Type != JsonTokenType.StartObject)
        {
            native.Keep(ref json);
            return r;
        }

        int start = json.Position;
        List<string>? unread = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "effort" when json.Type is JsonTokenType.String && (r.Effort ?? json.Text()) == json.Text():
                    r = r with { Effort = json.Text() };
                    break;
                case "max_tokens" or "budget_tokens" when json.Type is JsonTokenType.Number && (r.BudgetTokens ?? json.Number()) == json.Number():
                    r = r with { BudgetTokens = json.Number() };
                    break;
                case "enabled" when json.Type is JsonTokenType.True or JsonTokenType.False && (r.Enabled ?? json.Truth()) == json.Truth():
                    r = r with { Enabled = json.Truth() };
                    break;
                case "exclude" when json.Type is JsonTokenType.True or JsonTokenType.False && (r.Hidden ?? json.Truth()) == json.Truth():
                    r = r with { Hidden = json.Truth() };
                    break;
                case "summary" when json.Type is JsonTokenType.String && (r.Summary ?? json.Text()) == json.Text():
                    r = r with { Summary = json.Text() };
                    break;
                case "type" when json.Type is JsonTokenType.String && json.Text() is "enabled" or "disabled" or "adaptive" or "auto" && (r.Enabled ?? !json.Is("disabled")) == !json.Is("disabled"):
                    string type = json.Text();
                    r = r with { Enabled = type is not "disabled", Adaptive = type is "adaptive" or "auto" };
                    break;
                default:
                    json.Pass(ref unread);
                    break;
            }
        }

        native.Add(Unread.Field(name, json.Since(start), unread));
        return r;
    }

    /// <summary>Reads <c>stream_options</c>.</summary>
    public static StreamOptions ReadStreamOptions(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        StreamOptions options = new() { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "include_usage" && !json.IsNull)
            {
                options = options with { IncludeUsage = json.Truth() };
            }
            else
            {
                native.Keep(ref json);
            }
        }

        return options;
    }
}
