using System.Text.Json;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Reads and writes <c>usageMetadata</c>. <c>promptTokenCount</c> holds the cached tokens, <c>candidatesTokenCount</c> does not hold the thoughts,
/// and what server tools put into the prompt is counted beside it (<c>toolUsePromptTokenCount</c>). The pieces of a stream may each say a part of it:
/// counts are taken over field by field. Source: Google's API description, <c>UsageMetadata</c>, and recorded answers.
/// </summary>
public struct GeminiUsage
{
    /// <summary>No answer has more tokens than this; a larger number is a mistake of the sender and would overflow sums of money.</summary>
    private const long Most = 1_000_000_000_000;

    private long? _prompt, _cached, _candidates, _thoughts, _toolUse, _total;
    private Media _promptMedia, _cachedMedia, _candidateMedia, _toolMedia;

    /// <summary>Whether any count was said.</summary>
    public readonly bool Said => _prompt is not null || _candidates is not null || _thoughts is not null || _total is not null || _toolUse is not null || _cached is not null;

    /// <summary>Price and speed class, in OpenAI's words where there is one (<c>default</c> for <c>standard</c>); null if not said or of no meaning for a price.</summary>
    public string? Tier { get; private set; }

    /// <summary>Takes over what an object says. Allocates nothing but a tier never seen. Null, strings and negative numbers are tolerated.</summary>
    /// <param name="reader">At the object; afterwards at its end. Any other value is passed over.</param>
    /// <exception cref="JsonException">The bytes stop being JSON inside the object.</exception>
    public void Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (Is(ref reader, "promptTokenCount"u8, "prompt_token_count"u8))
            {
                Count(ref _prompt, ref reader);
            }
            else if (Is(ref reader, "cachedContentTokenCount"u8, "cached_content_token_count"u8))
            {
                Count(ref _cached, ref reader);
            }
            else if (Is(ref reader, "candidatesTokenCount"u8, "candidates_token_count"u8) || Is(ref reader, "responseTokenCount"u8, "response_token_count"u8))
            {
                Count(ref _candidates, ref reader);
            }
            else if (Is(ref reader, "thoughtsTokenCount"u8, "thoughts_token_count"u8))
            {
                Count(ref _thoughts, ref reader);
            }
            else if (Is(ref reader, "toolUsePromptTokenCount"u8, "tool_use_prompt_token_count"u8))
            {
                Count(ref _toolUse, ref reader);
            }
            else if (Is(ref reader, "totalTokenCount"u8, "total_token_count"u8))
            {
                Count(ref _total, ref reader);
            }
            else
            {
                ReadRest(ref reader);
            }
        }
    }

    /// <summary>The counts as classes that do not overlap.</summary>
    public readonly Usage Split()
    {
        long prompt = _prompt ?? 0;
        long cached = Math.Min(_cached ?? 0, prompt);
        long fresh = prompt - cached;
        long audio = Math.Min(fresh, Math.Max(0, _promptMedia.Audio - _cachedMedia.Audio));
        long image = Math.Min(fresh - audio, Math.Max(0, _promptMedia.Image - _cachedMedia.Image));
        long tools = _toolUse ?? 0;
        long toolAudio = Math.Min(tools, _toolMedia.Audio);
        long toolImage = Math.Min(tools - toolAudio, _toolMedia.Image);
        long output = _candidates ?? (_thoughts is null && _total is { } total ? Math.Max(0, total - prompt - tools) : 0);
        long spoken = Math.Min(output, _candidateMedia.Audio);
        long drawn = Math.Min(output - spoken, _candidateMedia.Image);
        return new Usage
        {
            Input = fresh - audio - image + tools - toolAudio - toolImage,
            CacheRead = cached,
            InputAudio = audio + toolAudio,
            InputImage = image + toolImage,
            Output = output - spoken - drawn,
            Reasoning = _thoughts ?? 0,
            OutputAudio = spoken,
            OutputImage = drawn,
        };
    }

    /// <summary>Writes the classes as this format counts them.</summary>
    /// <param name="w">Where a value may be written.</param>
    /// <param name="u">What was used.</param>
    /// <param name="tier">Price and speed class; null for none.</param>
    public static void Write(Utf8JsonWriter w, in Usage u, string? tier)
    {
        w.WriteStartObject();
        w.WriteNumber("promptTokenCount"u8, u.TotalInput);
        if (u.CacheRead > 0)
        {
            w.WriteNumber("cachedContentTokenCount"u8, u.CacheRead);
        }

        w.WriteNumber("candidatesTokenCount"u8, u.TotalOutput - u.Reasoning);
        if (u.Reasoning > 0)
        {
            w.WriteNumber("thoughtsTokenCount"u8, u.Reasoning);
        }

        w.WriteNumber("totalTokenCount"u8, u.Total);
        WriteMedia(w, "promptTokensDetails"u8, u.TotalInput - u.InputAudio - u.InputImage, u.InputAudio, u.InputImage);
        WriteMedia(w, "candidatesTokensDetails"u8, u.Output, u.OutputAudio, u.OutputImage);
        if (tier is not null)
        {
            w.WriteString("serviceTier"u8, tier);
        }

        w.WriteEndObject();
    }

    /// <summary>The tier in OpenAI's words: <c>default</c> for <c>standard</c>, null for <c>unspecified</c>.</summary>
    /// <param name="word">The format's word.</param>
    public static string? TierOf(string word) => word.ToUpperInvariant() switch
    {
        "STANDARD" => "default",
        "FLEX" => "flex",
        "PRIORITY" => "priority",
        "UNSPECIFIED" or "SERVICE_TIER_UNSPECIFIED" => null,
        _ => word,
    };

    /// <summary>The format's word for a tier; null if it has none.</summary>
    /// <param name="tier">The tier in OpenAI's words.</param>
    public static string? TierWord(string tier) => tier switch
    {
        "default" or "standard" or "standard_only" => "standard",
        "flex" => "flex",
        "priority" => "priority",
        _ => null,
    };

    private static void WriteMedia(Utf8JsonWriter w, ReadOnlySpan<byte> name, long text, long audio, long image)
    {
        if (audio == 0 && image == 0)
        {
            return;
        }

        w.WriteStartArray(name);
        WriteModality(w, "TEXT"u8, text);
        WriteModality(w, "AUDIO"u8, audio);
        WriteModality(w, "IMAGE"u8, image);
        w.WriteEndArray();
    }

    private static void WriteModality(Utf8JsonWriter w, ReadOnlySpan<byte> modality, long count)
    {
        if (count > 0)
        {
            w.WriteStartObject();
            w.WriteString("modality"u8, modality);
            w.WriteNumber("tokenCount"u8, count);
            w.WriteEndObject();
        }
    }

    private void ReadRest(ref Utf8JsonReader reader)
    {
        if (Is(ref reader, "promptTokensDetails"u8, "prompt_tokens_details"u8))
        {
            _promptMedia.Read(ref reader);
        }
        else if (Is(ref reader, "cacheTokensDetails"u8, "cache_tokens_details"u8))
        {
            _cachedMedia.Read(ref reader);
        }
        else if (Is(ref reader, "candidatesTokensDetails"u8, "candidates_tokens_details"u8) || Is(ref reader, "responseTokensDetails"u8, "response_tokens_details"u8))
        {
            _candidateMedia.Read(ref reader);
        }
        else if (Is(ref reader, "toolUsePromptTokensDetails"u8, "tool_use_prompt_tokens_details"u8))
        {
            _toolMedia.Read(ref reader);
        }
        else if (Is(ref reader, "serviceTier"u8, "service_tier"u8))
        {
            reader.Read();
            Tier = ReadTier(ref reader) ?? Tier;
        }
        else if (Is(ref reader, "trafficType"u8, "traffic_type"u8))
        {
            // Vertex's way to say the same.
            reader.Read();
            Tier = reader.TokenType != JsonTokenType.String ? Tier : reader.ValueTextEquals("ON_DEMAND_FLEX"u8) ? "flex" : reader.ValueTextEquals("ON_DEMAND_PRIORITY"u8) ? "priority" : Tier;
            reader.Skip();
        }
        else
        {
            reader.Read();
            reader.Skip();
        }
    }

    /// <summary>Reads a tier at the reader, without an allocation for the usual ones.</summary>
    internal static string? ReadTier(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        return reader.ValueTextEquals("standard"u8) ? "default"
            : reader.ValueTextEquals("flex"u8) ? "flex"
            : reader.ValueTextEquals("priority"u8) ? "priority"
            : TierOf(reader.GetString()!);
    }

    /// <summary>True if the reader is at a field of one of two spellings.</summary>
    internal static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> camel, ReadOnlySpan<byte> snake) => reader.ValueTextEquals(camel) || reader.ValueTextEquals(snake);

    private static void Count(ref long? count, ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            count = reader.TryGetInt64(out long whole) ? Math.Clamp(whole, 0, Most) : reader.TryGetDouble(out double most) && most > 0 ? (long)Math.Min(most, Most) : 0;
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>Tokens of a list of modalities that are counted as classes of their own.</summary>
    private struct Media
    {
        public long Audio, Image;

        public void Read(ref Utf8JsonReader reader)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                return;
            }

            (Audio, Image) = (0, 0);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    ReadOne(ref reader);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        private void ReadOne(ref Utf8JsonReader reader)
        {
            long? count = null;
            bool audio = false, image = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("modality"u8))
                {
                    // As a number with enum-encoding=int.
                    reader.Read();
                    ReadOnlySpan<byte> word = reader.TokenType is JsonTokenType.String or JsonTokenType.Number ? reader.ValueSpan : default;
                    audio = word.SequenceEqual("AUDIO"u8) || word.SequenceEqual("4"u8);
                    image = word.SequenceEqual("IMAGE"u8) || word.SequenceEqual("2"u8);
                    reader.Skip();
                }
                else if (Is(ref reader, "tokenCount"u8, "token_count"u8))
                {
                    Count(ref count, ref reader);
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            Audio += audio ? count ?? 0 : 0;
            Image += image ? count ?? 0 : 0;
        }
    }
}
