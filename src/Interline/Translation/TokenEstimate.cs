using System.Buffers;
using System.Text.Json;
using Interline.Calls;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Translation;

/// <summary>Counts the tokens of a conversation where the provider's format has no way to: an estimate, said to be one in a header.</summary>
internal static class TokenEstimate
{
    /// <summary>Answers a request to count by estimating.</summary>
    /// <param name="call">The call; its conversation has been read.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="time">The clock.</param>
    public static async ValueTask<ApiError?> AnswerAsync(Call call, IAnswerSink sink, TimeProvider time)
    {
        var answer = new ArrayBufferWriter<byte>(64);
        call.Lane.Conversation!.WriteCount(Of(call.Conversation!), answer);
        call.Estimated = true;
        call.Status = 200;
        call.FirstByteTimestamp = time.GetTimestamp();
        sink.Begin(call, new AnswerHead(200, AttemptTranslation.PlainType, answer.WrittenCount, IsStream: false, Upstream: null));
        sink.Body.Write(answer.WrittenSpan);
        await sink.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        return null;
    }

    /// <summary>About how many tokens a call's request has; null if it cannot be read as a conversation.</summary>
    /// <param name="call">The call; its format has conversations.</param>
    public static long? OfRequest(Call call)
    {
        try
        {
            return ConversationTranslation.Read(call) is null ? Of(call.Conversation!) : null;
        }
        catch (Exception e) when (AttemptTranslation.IsFault(e))
        {
            return null;
        }
    }

    /// <summary>
    /// About how many tokens a conversation has. Text by its characters (<see cref="Of(ReadOnlySpan{char})"/>), a few for each message and tool as OpenAI's chat template has them,
    /// an image as OpenAI counts one of 1024 by 1024 pixels. Rough: over the recorded requests to OpenAI the sum is within a fifth, a single one mostly within a third; see the tests.
    /// </summary>
    /// <param name="request">The conversation.</param>
    public static long Of(ConversationRequest request)
    {
        double tokens = 3 + Of(request.Instructions);
        foreach (Message message in request.Messages)
        {
            tokens += 4 + Of(message.Parts);
        }

        foreach (Tool tool in request.Tools ?? [])
        {
            tokens += 8 + tool switch
            {
                FunctionTool f => Of(f.Name) + Of(f.Description) + OfSchema(f.Parameters),
                CustomTool c => Of(c.Name) + Of(c.Description) + OfSchema(c.Form),
                OpaqueTool o => OfSchema(o.Json),
                _ => 0,
            };
        }

        tokens += request.Tools is { Count: > 0 } ? ToolPreamble : 0;
        if (request.ResponseFormat is { } format)
        {
            tokens += OfSchema(format.Schema ?? format.Json);
        }

        return (long)Math.Ceiling(tokens);
    }

    /// <summary>About how many tokens a text has: a word of letters takes one for every 5.5 characters, Chinese, Japanese and Korean one for every 1.3, digits go by threes, marks mostly stand alone.</summary>
    /// <param name="text">The text.</param>
    public static double Of(ReadOnlySpan<char> text)
    {
        double tokens = 0;
        int at = 0;
        while (at < text.Length)
        {
            char first = text[at];
            int from = at++;
            if (char.IsAsciiLetter(first))
            {
                while (at < text.Length && char.IsAsciiLetter(text[at]))
                {
                    at++;
                }

                tokens += Math.Max(1, (at - from) / 5.5);
            }
            else if (char.IsAsciiDigit(first))
            {
                while (at < text.Length && char.IsAsciiDigit(text[at]))
                {
                    at++;
                }

                tokens += Math.Ceiling((at - from) / 3.0);
            }
            else if (first is >= '\u2E80' and <= '\uFAFF')
            {
                tokens += 1 / 1.3;
            }
            else if (first > '\u007F')
            {
                tokens += 1 / 2.2;
            }
            else if (!char.IsWhiteSpace(first))
            {
                tokens += 0.8;
            }
            else if (first == '\n')
            {
                tokens += 0.5;
            }
        }

        return tokens;
    }

    /// <summary>What a provider says to the model before the first tool.</summary>
    private const int ToolPreamble = 25;

    private const int ImageTokens = 765;

    /// <summary>Providers write schemas to the model in a shorter form than JSON's: names, types, descriptions and allowed words count, the rest hardly.</summary>
    private static double OfSchema(RawJson? schema)
    {
        if (schema is not { } json)
        {
            return 0;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Utf8);
            double tokens = 0;
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    tokens += IsFraming(ref reader) ? 0 : Of(reader.GetString()) + 1;
                }
                else if (reader.TokenType == JsonTokenType.String)
                {
                    tokens += Of(reader.GetString());
                }
            }

            return tokens;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Of(json.ToString());
        }
    }

    private static bool IsFraming(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("type"u8) || reader.ValueTextEquals("properties"u8) || reader.ValueTextEquals("required"u8) || reader.ValueTextEquals("items"u8)
        || reader.ValueTextEquals("additionalProperties"u8) || reader.ValueTextEquals("description"u8) || reader.ValueTextEquals("enum"u8);

    private static double Of(IReadOnlyList<Part> parts)
    {
        double tokens = 0;
        foreach (Part part in parts)
        {
            tokens += part switch
            {
                TextPart p => Of(p.Text),
                RefusalPart p => Of(p.Text),
                ReasoningPart p => Of(p.Text),
                ToolCallPart p => 8 + Of(p.Name) + Of(p.Arguments),
                ToolResultPart p => 4 + Of(p.Parts),
                ImagePart => ImageTokens,
                DocumentPart { Source: TextSource source } => Of(source.Text),
                DocumentPart { Source: PartsSource source } => Of(source.Parts),

                // A page of a PDF takes some 50 kB and some 2,000 tokens, as text and as image.
                DocumentPart { Source: InlineSource source } => Math.Max(2000, source.Base64.Length / 25.0),
                AudioPart { Source: InlineSource source } => source.Base64.Length / 400.0,
                MediaPart => ImageTokens,
                OpaquePart p => Of(p.Json.ToString()),
                _ => 0,
            };
        }

        return tokens;
    }
}
