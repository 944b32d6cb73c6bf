using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads <c>generationConfig</c>, and keeps it whole: it has more fields than the model. Source: Google's API description, <c>GenerationConfig</c>.</summary>
internal static class SettingsReader
{
    private static readonly SaidPaths Said = new(
        "temperature", "topP", "topK", "seed", "candidateCount", "maxOutputTokens", "stopSequences", "presencePenalty", "frequencyPenalty", "responseLogprobs", "logprobs",
        "responseMimeType", "responseSchema", "responseJsonSchema", "_responseJsonSchema", "responseModalities",
        "thinkingConfig.thinkingBudget", "thinkingConfig.thinkingLevel", "thinkingConfig.includeThoughts");

    /// <summary>Reads the object at the cursor into the request.</summary>
    public static ConversationRequest Read(ref JsonCursor json, ConversationRequest request, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        string? mediaType = null;
        RawJson? schema = null;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            if (json.IsNull)
            {
                json.Skip();
                continue;
            }

            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "maxOutputTokens":
                    request = request with { MaxOutputTokens = Number(ref json) };
                    break;
                case "responseMimeType":
                    mediaType = json.Text();
                    break;
                case "responseSchema" when json.Type == JsonTokenType.StartObject:
                    schema = GeminiSchema.ToJsonSchema(json.Raw());
                    break;
                case "responseJsonSchema" or "_responseJsonSchema":
                    schema = json.Raw();
                    break;
                case "responseModalities" when json.Type == JsonTokenType.StartArray:
                    request = request with { OutputModalities = ReadModalities(ref json) };
                    break;
                case "thinkingConfig" when json.Type == JsonTokenType.StartObject:
                    request = request with { Reasoning = ReadThinking(ref json) };
                    break;
                default:
                    request = request with { Sampling = ReadSampling(ref json, GeminiNames.Camel(json.Name, buffer), request.Sampling) };
                    break;
            }
        }

        native.KeepWhole(name, json.Since(start), Said);
        return request with { ResponseFormat = FormatOf(mediaType, schema) };
    }

    /// <summary>Reads an array of strings.</summary>
    public static List<string> ReadTexts(ref JsonCursor json)
    {
        List<string> texts = [];
        json.EnterArray("an array of strings");
        while (json.NextElement())
        {
            texts.Add(json.Text());
        }

        return texts;
    }

    private static Sampling ReadSampling(ref JsonCursor json, scoped ReadOnlySpan<char> name, Sampling s)
    {
        switch (name)
        {
            case "temperature": return s with { Temperature = Number(ref json) };
            case "topP": return s with { TopP = Number(ref json) };
            case "topK": return s with { TopK = Number(ref json) };
            case "seed": return s with { Seed = Number(ref json) };
            case "candidateCount": return s with { Candidates = Number(ref json) };
            case "presencePenalty": return s with { PresencePenalty = Number(ref json) };
            case "frequencyPenalty": return s with { FrequencyPenalty = Number(ref json) };
            case "logprobs": return s with { TopLogprobs = Number(ref json) };
            case "responseLogprobs": return s with { Logprobs = json.Truth() };
            case "stopSequences": return s with { Stop = ReadTexts(ref json) };
            default:
                json.Skip();
                return s;
        }
    }

    private static ReasoningSettings ReadThinking(ref JsonCursor json)
    {
        ReasoningSettings reasoning = new();
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "thinkingBudget" when !json.IsNull:
                    JsonNumber budget = Number(ref json);
                    reasoning = budget.Whole switch
                    {
                        < 0 => reasoning with { Adaptive = true },
                        0 => reasoning with { Enabled = false },
                        _ => reasoning with { Enabled = true, BudgetTokens = budget },
                    };
                    break;
                case "thinkingLevel" when json.Type == JsonTokenType.String:
                    string level = json.Text().ToLowerInvariant();
                    reasoning = level is "thinking_level_unspecified" ? reasoning : reasoning with { Effort = level };
                    break;
                case "includeThoughts" when json.Type is JsonTokenType.True or JsonTokenType.False:
                    reasoning = reasoning with { Hidden = !json.Truth() };
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return reasoning;
    }

    private static List<string> ReadModalities(ref JsonCursor json)
    {
        List<string> modalities = ReadTexts(ref json);
        for (int i = 0; i < modalities.Count; i++)
        {
            modalities[i] = modalities[i].ToLowerInvariant();
        }

        return modalities;
    }

    private static ResponseFormat? FormatOf(string? mediaType, RawJson? schema) => (mediaType, schema) switch
    {
        (null or "application/json", { } given) => new ResponseFormat(ResponseFormatKind.JsonSchema) { Schema = given },
        ("application/json", null) => new ResponseFormat(ResponseFormatKind.JsonObject),
        (null, null) => null,
        ("text/plain", _) => new ResponseFormat(ResponseFormatKind.Text),

        // text/x.enum: one of the words of the schema.
        _ => new ResponseFormat(ResponseFormatKind.Opaque) { Format = WireFormat.Gemini, Json = new RawJson($"\"{JsonEncodedText.Encode(mediaType!)}\"") },
    };

    /// <summary>A number, which the JSON of protocol buffers may have as a string too.</summary>
    private static JsonNumber Number(ref JsonCursor json) =>
        json.Type == JsonTokenType.String && double.TryParse(json.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : json.Number();
}
