using System.Text.Json;
using Interline.Protocols.Errors;

namespace Interline.Protocols.ByteLane;

/// <summary>One pass over a JSON request body, without a document and without an allocation for a good body.</summary>
public static class JsonPeek
{
    /// <summary>Deepest nesting taken. Tool schemas stay far below; a body nested deeper is an attack or a bug.</summary>
    public const int MaxDepth = 512;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = MaxDepth };

    /// <summary>Reads the facts of a body.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="required">A property that has to be there besides <c>model</c>, null for none.</param>
    /// <param name="objects">Whether <paramref name="required"/> must be an array of objects.</param>
    /// <param name="facts">What was found.</param>
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Read(ReadOnlySpan<byte> body, string? required, bool objects, out RequestFacts facts) =>
        Read(body, required, objects, [], OutputLimit.Chat, out facts);

    /// <summary>Reads the facts of a body of a format whose images are objects of a type.</summary>
    /// <param name="body">The whole body.</param>
    /// <param name="required">A property that has to be there besides <c>model</c>, null for none.</param>
    /// <param name="objects">Whether <paramref name="required"/> must be an array of objects.</param>
    /// <param name="imageType">The value of <c>type</c> of an image, with its quotes; empty for OpenAI's <c>image_url</c>.</param>
    /// <param name="limit">By which names the format limits its output: a name that only another format knows limits nothing.</param>
    /// <param name="facts">What was found.</param>
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Read(ReadOnlySpan<byte> body, string? required, bool objects, ReadOnlySpan<byte> imageType, OutputLimit limit, out RequestFacts facts)
    {
        facts = default;
        facts.ModelIsJson = true;
        if (body.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
        {
            return Bad("The body begins with a byte order mark. Send plain UTF-8 JSON.", null);
        }

        var reader = new Utf8JsonReader(body, Options);
        try
        {
            return Read(ref reader, body, required, objects, imageType, limit, ref facts);
        }
        catch (JsonException e)
        {
            return Broken(body, e);
        }
        catch (InvalidOperationException)
        {
            // The reader's way to say that a name or value it had to decode is no Unicode.
            return Bad($"The body holds text that is not valid Unicode (byte {reader.TokenStartIndex + 1}): half a surrogate pair, or bytes that are not UTF-8.", null);
        }
    }

    private static ApiError? Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, string? required, bool objects, ReadOnlySpan<byte> imageType, OutputLimit limit, ref RequestFacts facts)
    {
        if (body.IsEmpty)
        {
            return Bad("The body is empty. Send a JSON object.", null);
        }

        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return Bad("The body must be a JSON object.", null);
        }

        facts.InsertAt = (int)reader.BytesConsumed;
        facts.IsEmptyObject = true;
        bool requiredSeen = required is null;
        bool streamSeen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            facts.IsEmptyObject = false;
            if (reader.ValueIsEscaped)
            {
                // Decoded later by whoever looks for parameters: what cannot be is refused here.
                _ = reader.GetString();
            }

            if (reader.Is("model"u8))
            {
                if (facts.ModelLength > 0)
                {
                    // Parsers disagree on which of two wins, so the one that is checked might not be the one that is served.
                    return Bad("`model` is given twice.", "model");
                }

                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    return Bad("`model` must be a string.", "model");
                }

                facts.ModelStart = (int)reader.TokenStartIndex;
                facts.ModelLength = (int)reader.BytesConsumed - facts.ModelStart;
                if (facts.ModelLength > RequestFacts.MaxModelBytes)
                {
                    return Bad($"`model` is longer than {RequestFacts.MaxModelBytes} bytes.", "model");
                }

                if (reader.ValueIsEscaped)
                {
                    _ = reader.GetString();
                }
            }
            else if (reader.Is("stream"u8))
            {
                reader.Read();
                if (streamSeen)
                {
                    return Bad("`stream` is given twice.", "stream");
                }

                streamSeen = true;
                if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False or JsonTokenType.Null))
                {
                    return Bad("`stream` must be true or false.", "stream");
                }

                facts.Stream = reader.TokenType == JsonTokenType.True;
            }
            else if (reader.Is("stream_options"u8))
            {
                StreamOptions(ref reader, ref facts);
            }
            else if (required is not null && reader.ValueTextEquals(required))
            {
                requiredSeen = true;
                reader.Read();
                if (Required(ref reader, body, required, objects, imageType, ref facts) is { } wrong)
                {
                    return wrong;
                }
            }
            else if (limit switch
            {
                OutputLimit.Responses => reader.Is("max_output_tokens"u8),
                OutputLimit.Chat => reader.Is("max_tokens"u8) || reader.Is("max_completion_tokens"u8),
                _ => reader.Is("max_tokens"u8),
            })
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long tokens))
                {
                    facts.MaxTokens = Math.Max(facts.MaxTokens, tokens);
                }
                else
                {
                    reader.Skip();
                }
            }
            else if (reader.Is("n"u8) || reader.Is("best_of"u8))
            {
                reader.Read();
                facts.Choices = Math.Max(facts.Choices, Count(ref reader));
            }
            else if (reader.Is("tools"u8))
            {
                reader.Read();
                int before = (int)reader.BytesConsumed;
                reader.Skip();
                facts.HasTools = (int)reader.BytesConsumed - before > 2;
            }
            else if (reader.Is("service_tier"u8))
            {
                reader.Read();
                facts.ServiceTier = ServiceTier(ref reader);
                reader.Skip();
            }
            else if (reader.ValueTextEquals("metadata"u8))
            {
                reader.Read();
                int before = (int)reader.TokenStartIndex;
                reader.Skip();
                ReadOnlySpan<byte> metadata = body[before..(int)reader.BytesConsumed];
                facts.HasRouterFields |= metadata.IndexOf("\"tags\""u8) >= 0;
                if (facts.CustomerLength == 0 && metadata.IndexOf("\"user_id\""u8) >= 0)
                {
                    UserOfMetadata(metadata, before, ref facts);
                }
            }
            else if (reader.Is("user"u8) || (reader.Is("safety_identifier"u8) && facts.CustomerLength == 0))
            {
                // `user` wins over the others wherever it stands.
                reader.Read();
                Customer(ref reader, 0, ref facts);
            }
            else
            {
                facts.HasRouterFields |= RouterFields.Is(reader.ValueSpan);
                bool reasoning = IsReasoning(reader.ValueSpan);
                reader.Read();
                int before = (int)reader.TokenStartIndex;
                reader.Skip();
                facts.AsksReasoning |= reasoning && AsksReasoning(body[before..(int)reader.BytesConsumed]);
            }
        }

        if (reader.Read())
        {
            return Bad("There is something behind the JSON object.", null);
        }

        return requiredSeen ? null : Bad($"`{required}` is missing.", required);
    }

    /// <summary>The service tier at the reader, without an allocation for the usual ones.</summary>
    /// <param name="reader">At the value.</param>
    public static string? ServiceTier(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String || reader.Is("auto"u8))
        {
            return null;
        }

        // The standard tier is said, not left out: an answer that was asked for at another tier and served at this one costs this one.
        return reader.Is("default"u8) ? "default" : reader.Is("flex"u8) ? "flex" : reader.Is("priority"u8) ? "priority" : reader.GetString();
    }

    /// <summary>Whether a value of a reasoning parameter asks for it: some say there that none is wanted.</summary>
    /// <param name="value">The value's JSON.</param>
    public static bool AsksReasoning(ReadOnlySpan<byte> value) =>
        !value.SequenceEqual("null"u8) && !value.SequenceEqual("false"u8) && value.IndexOf("\"none\""u8) < 0 && value.IndexOf("\"disabled\""u8) < 0;

    /// <summary>OpenAI's word, OpenRouter's and that of the Responses API, Anthropic's.</summary>
    private static bool IsReasoning(ReadOnlySpan<byte> name) => name.Length switch
    {
        16 => name.SequenceEqual("reasoning_effort"u8),
        9 => name.SequenceEqual("reasoning"u8),
        8 => name.SequenceEqual("thinking"u8),
        _ => false,
    };

    private static ApiError? Required(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, string name, bool objects, ReadOnlySpan<byte> imageType, ref RequestFacts facts)
    {
        if (!objects)
        {
            if (reader.TokenType == JsonTokenType.StartArray && name == "prompt")
            {
                facts.Prompts = Math.Max(facts.Prompts, Prompts(ref reader));
            }
            else
            {
                reader.Skip();
            }

            return null;
        }

        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return Bad($"`{name}` must be an array.", name);
        }

        int from = (int)reader.BytesConsumed;
        for (int i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return Bad($"`{name}[{i}]` must be an object.", $"{name}[{i}]");
            }

            reader.Skip();
        }

        // Searching the bytes is far cheaper than looking at every property, and text hardly fools it: a quote inside a string is escaped, so only a text that is this one word is taken for an image.
        ReadOnlySpan<byte> array = body[from..(int)reader.BytesConsumed];
        facts.HasImages = imageType.IsEmpty ? array.IndexOf("\"image_url\""u8) >= 0 : HasType(array, imageType);
        return null;
    }

    /// <summary>A count at the reader, rounded up: some servers take 10.0 for 10. 0 if it is no number.</summary>
    /// <param name="reader">At the value, which is passed.</param>
    public static int Count(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt32(out int count) ? count : reader.TryGetDouble(out double other) && other > 0 ? (int)Math.Min(int.MaxValue, Math.Ceiling(other)) : 0;
        }

        reader.Skip();
        return 0;
    }

    /// <summary>Prompts of an array: its texts or its lists of tokens; an array of numbers is one prompt.</summary>
    private static int Prompts(ref Utf8JsonReader reader)
    {
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count += reader.TokenType == JsonTokenType.Number ? 0 : 1;
            reader.Skip();
        }

        return count;
    }

    /// <summary>Whether the value of some <c>type</c> is the given one.</summary>
    private static bool HasType(ReadOnlySpan<byte> json, ReadOnlySpan<byte> value)
    {
        for (int at = json.IndexOf(value); at >= 0; at = json.IndexOf(value))
        {
            ReadOnlySpan<byte> before = json[..at].TrimEnd(" \t\r\n"u8);
            if (before is [.., (byte)':'] && before[..^1].TrimEnd(" \t\r\n"u8).EndsWith("\"type\""u8))
            {
                return true;
            }

            json = json[(at + value.Length)..];
        }

        return false;
    }

    /// <summary>Notes a text as the customer; anything else is nobody's name.</summary>
    private static void Customer(ref Utf8JsonReader reader, int offset, ref RequestFacts facts)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            facts.CustomerStart = offset + (int)reader.TokenStartIndex;
            facts.CustomerLength = (int)(reader.BytesConsumed - reader.TokenStartIndex);
        }
        else
        {
            reader.Skip();
        }
    }

    /// <summary>Anthropic's place for the customer: <c>metadata.user_id</c>.</summary>
    private static void UserOfMetadata(ReadOnlySpan<byte> metadata, int offset, ref RequestFacts facts)
    {
        var reader = new Utf8JsonReader(metadata, Options);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool found = reader.ValueTextEquals("user_id"u8);
            reader.Read();
            if (found)
            {
                Customer(ref reader, offset, ref facts);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private static void StreamOptions(ref Utf8JsonReader reader, ref RequestFacts facts)
    {
        reader.Read();
        facts.StreamOptionsStart = (int)reader.TokenStartIndex;
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            int depth = reader.CurrentDepth;
            while (reader.Read() && reader.CurrentDepth > depth)
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == depth + 1 && reader.Is("include_usage"u8))
                {
                    reader.Read();
                    facts.IncludeUsageStart = (int)reader.TokenStartIndex;
                    facts.IncludeUsage = reader.TokenType == JsonTokenType.True;
                    reader.Skip();
                    facts.IncludeUsageLength = (int)reader.BytesConsumed - facts.IncludeUsageStart;
                }
            }
        }
        else
        {
            reader.Skip();
        }

        facts.StreamOptionsLength = (int)reader.BytesConsumed - facts.StreamOptionsStart;
    }

    /// <summary>The 400 for a body that is not JSON, or nested too deep.</summary>
    internal static ApiError Broken(ReadOnlySpan<byte> body, JsonException e)
    {
        // The reader's own text quotes nothing of the body but single characters, and counts lines and bytes from 0.
        bool deep = e.Message.Contains("MaxDepth", StringComparison.OrdinalIgnoreCase) || e.Message.Contains("maximum configured depth", StringComparison.OrdinalIgnoreCase);
        string where = $"line {(e.LineNumber ?? 0) + 1}, byte {(e.BytePositionInLine ?? 0) + 1}";
        return Bad(
            deep ? $"The JSON body is nested deeper than {MaxDepth} levels ({where})."
            : body.IsEmpty ? "The body is empty. Send a JSON object."
            : $"The body is not valid JSON: it breaks at {where}. Check for a missing quote, comma or bracket, or a cut-off body.",
            null);
    }

    /// <summary>A 400.</summary>
    internal static ApiError Bad(string message, string? param) => new(ErrorKind.BadRequest, 400, message) { Param = param };
}
