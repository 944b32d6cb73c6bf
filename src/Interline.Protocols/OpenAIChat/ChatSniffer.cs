using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Watches a chat or text completion pass by: usage, finish reasons, errors, the end.</summary>
public sealed class ChatSniffer : StreamSniffer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <inheritdoc />
    public override EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
        {
            IsComplete = true;
            return EventVerdict.Done;
        }

        var reader = new Utf8JsonReader(data, Options);
        try
        {
            return Read(ref reader, data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return EventVerdict.Malformed;
        }
    }

    /// <summary>Sniffs a whole plain answer.</summary>
    /// <param name="body">The body.</param>
    /// <param name="required">Property an answer of this kind must have; empty for none.</param>
    public static AnswerFacts Answer(ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            return Answer(ref reader, body, required);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return new AnswerFacts { Valid = false };
        }
    }

    private static AnswerFacts Answer(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new AnswerFacts { Valid = false };
        }

        Usage? usage = null;
        string? tier = null;
        var finish = FinishReason.Unknown;
        bool seen = required.IsEmpty;
        bool failed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            seen |= !seen && reader.ValueTextEquals(required);
            if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                usage = reader.TokenType == JsonTokenType.StartObject ? ChatUsage.Read(ref reader) : usage;
            }
            else if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                Choices(ref reader, ref finish);
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                failed = reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                tier = JsonPeek.ServiceTier(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        bool whole = reader.TokenType == JsonTokenType.EndObject && !reader.Read();
        return new AnswerFacts
        {
            Valid = whole && (seen || failed),
            Usage = usage,
            Finish = finish,
            ServiceTier = tier,
            Error = failed && !seen ? ErrorBody.Read(0, body).Error : null,
        };
    }

    private EventVerdict Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return EventVerdict.Malformed;
        }

        bool failed = false;
        bool usageHere = false;
        bool choicesEmpty = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("choices"u8))
            {
                reader.Read();
                FinishReason finish = Finish;
                choicesEmpty = Choices(ref reader, ref finish) == 0;
                Finish = finish;
                IsComplete |= finish != FinishReason.Unknown;
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                {
                    Usage = ChatUsage.Read(ref reader);
                    usageHere = true;
                }
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                failed = reader.TokenType != JsonTokenType.Null;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("service_tier"u8))
            {
                reader.Read();
                ServiceTier = JsonPeek.ServiceTier(ref reader);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        if (failed)
        {
            Error = ErrorBody.Read(0, data).Error;
            return EventVerdict.Error;
        }

        return usageHere && choicesEmpty ? EventVerdict.UsageOnly : EventVerdict.Forward;
    }

    /// <summary>Reads the finish reasons; gives the number of choices.</summary>
    private static int Choices(ref Utf8JsonReader reader, ref FinishReason finish)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return -1;
        }

        int count = 0;
        int depth = reader.CurrentDepth;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.CurrentDepth > depth + 1)
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                bool isFinish = reader.ValueTextEquals("finish_reason"u8);
                reader.Read();
                if (isFinish && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length > 0)
                {
                    finish = FinishWord(ref reader);
                }

                reader.Skip();
            }
        }

        return count;
    }

    private static FinishReason FinishWord(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("stop"u8) || reader.ValueTextEquals("eos"u8) ? FinishReason.Stop
        : reader.ValueTextEquals("length"u8) || reader.ValueTextEquals("model_length"u8) ? FinishReason.Length
        : reader.ValueTextEquals("tool_calls"u8) || reader.ValueTextEquals("function_call"u8) ? FinishReason.ToolCalls
        : reader.ValueTextEquals("content_filter"u8) ? FinishReason.ContentFilter
        : reader.ValueTextEquals("error"u8) ? FinishReason.Error
        : FinishReason.Stop;
}
