using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>One pass over a body of the Gemini API, without a document and without an allocation for a good body. The model is in the address, a <c>model</c> in the body only repeats it.</summary>
internal static class GeminiPeek
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <summary>Reads the facts of a body.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="wrapped">Whether the request may stand in <c>generateContentRequest</c>, as in a count of tokens.</param>
    /// <param name="facts">What was found.</param>
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Read(ReadOnlySpan<byte> body, bool wrapped, out RequestFacts facts)
    {
        facts = default;
        facts.ModelIsJson = true;
        if (body.IsEmpty)
        {
            return JsonPeek.Bad("The body is empty. Send a JSON object.", null);
        }

        if (body.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return JsonPeek.Bad("The body begins with a byte order mark. Send plain UTF-8 JSON.", null);
        }

        var reader = new Utf8JsonReader(body, Options);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return JsonPeek.Bad("The body must be a JSON object.", null);
            }

            facts.InsertAt = (int)reader.BytesConsumed;
            facts.IsEmptyObject = true;
            bool seen = false;
            if (Request(ref reader, body, wrapped, ref facts, ref seen) is { } wrong)
            {
                return wrong;
            }

            return reader.Read() ? JsonPeek.Bad("There is something behind the JSON object.", null)
                : seen ? null
                : JsonPeek.Bad("`contents` is missing.", "contents");
        }
        catch (JsonException e)
        {
            return JsonPeek.Broken(body, e);
        }
        catch (InvalidOperationException)
        {
            return JsonPeek.Bad($"The body holds text that is not valid Unicode (byte {reader.TokenStartIndex + 1}): half a surrogate pair, or bytes that are not UTF-8.", null);
        }
    }

    private static ApiError? Request(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, bool wrapped, ref RequestFacts facts, ref bool seen)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            facts.IsEmptyObject = false;
            if (reader.ValueIsEscaped)
            {
                // Decoded later by whoever looks for parameters: what cannot be is refused here.
                _ = reader.GetString();
            }

            if (reader.ValueTextEquals("contents"u8))
            {
                seen = true;
                if (Contents(ref reader, body, ref facts) is { } wrong)
                {
                    return wrong;
                }
            }
            else if (reader.ValueTextEquals("tools"u8))
            {
                reader.Read();
                int before = (int)reader.BytesConsumed;
                reader.Skip();
                facts.HasTools = (int)reader.BytesConsumed - before > 2;
            }
            else if (GeminiUsage.Is(ref reader, "generationConfig"u8, "generation_config"u8))
            {
                Config(ref reader, ref facts);
            }
            else if (GeminiUsage.Is(ref reader, "serviceTier"u8, "service_tier"u8))
            {
                reader.Read();
                facts.ServiceTier = GeminiUsage.ReadTier(ref reader);
            }
            else if (wrapped && GeminiUsage.Is(ref reader, "generateContentRequest"u8, "generate_content_request"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return JsonPeek.Bad("`generateContentRequest` must be an object.", "generateContentRequest");
                }

                if (Request(ref reader, body, wrapped: false, ref facts, ref seen) is { } wrong)
                {
                    return wrong;
                }
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        return null;
    }

    /// <summary>Reads <c>contents</c>: an array of objects, or one object by itself, which Google's servers take for a list of one.</summary>
    private static ApiError? Contents(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ref RequestFacts facts)
    {
        reader.Read();
        int from = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            reader.Skip();
        }
        else if (reader.TokenType != JsonTokenType.StartArray)
        {
            return JsonPeek.Bad("`contents` must be an array.", "contents");
        }
        else
        {
            for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
            {
                if (reader.TokenType != JsonTokenType.StartObject)
                {
                    return JsonPeek.Bad($"`contents[{i}]` must be an object.", $"contents[{i}]");
                }

                reader.Skip();
            }
        }

        // A quote inside a text is escaped, so this is a string that begins so: the media type of an image, hardly anything else.
        facts.HasImages = body[from..(int)reader.BytesConsumed].IndexOf("\"image/"u8) >= 0;
        return null;
    }

    private static void Config(ref Utf8JsonReader reader, ref RequestFacts facts)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool limit = GeminiUsage.Is(ref reader, "maxOutputTokens"u8, "max_output_tokens"u8);
            bool choices = GeminiUsage.Is(ref reader, "candidateCount"u8, "candidate_count"u8);
            facts.AsksReasoning |= GeminiUsage.Is(ref reader, "thinkingConfig"u8, "thinking_config"u8);
            reader.Read();
            if (choices)
            {
                facts.Choices = Math.Max(facts.Choices, JsonPeek.Count(ref reader));
            }
            else if (limit && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long tokens))
            {
                facts.MaxTokens = Math.Max(facts.MaxTokens, tokens);
            }
            else
            {
                reader.Skip();
            }
        }
    }
}
