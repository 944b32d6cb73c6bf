using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Watches a message pass by: usage, finish, errors, the end (<c>message_stop</c>). Events never seen are forwarded.
/// An answer begins with what follows <c>message_start</c>: an overloaded provider says so right after it, and then another can still carry the call.
/// </summary>
public sealed class MessagesSniffer : StreamSniffer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    private ChunkTemplate _template;
    private MessagesUsage _usage;
    private bool _reasonSaid;

    private enum Event
    {
        Other,
        Start,
        BlockDelta,
        Ping,
        Stop,
        Error,
    }

    /// <inheritdoc />
    public override EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        UsageInEvent = false;
        if (_template.Fits(data, out int textBytes))
        {
            TextBytes += textBytes;
            return EventVerdict.Forward;
        }

        var reader = new Utf8JsonReader(data, Options);
        try
        {
            return Read(ref reader, name, data);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is no Unicode.
            return EventVerdict.Malformed;
        }
    }

    /// <summary>Sniffs a whole plain answer.</summary>
    /// <param name="body">The body.</param>
    /// <param name="required">Property an answer of this kind must have.</param>
    public static AnswerFacts Answer(ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            return Answer(ref reader, body, required);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new AnswerFacts { Valid = false };
        }
    }

    private static AnswerFacts Answer(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ReadOnlySpan<byte> required)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new AnswerFacts { Valid = false };
        }

        MessagesUsage usage = default;
        FinishReason finish = FinishReason.Unknown;
        bool used = false, seen = false, failed = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            seen |= !seen && reader.Is(required);
            if (reader.Is("usage"u8))
            {
                reader.Read();
                used |= reader.TokenType == JsonTokenType.StartObject;
                usage.Read(ref reader);
            }
            else if (reader.Is("stop_reason"u8))
            {
                reader.Read();
                finish = reader.TokenType == JsonTokenType.String ? MessagesFinish.Read(reader.ValueSpan) : finish;
                reader.Skip();
            }
            else if (reader.Is("error"u8))
            {
                reader.Read();
                failed = reader.TokenType != JsonTokenType.Null;
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
            Usage = used ? usage.ToUsage() : null,
            Units = usage.ToUnits(),
            Finish = finish,
            ServiceTier = usage.ServiceTier,
            Error = failed && !seen ? AnthropicErrors.Read(0, body).Error : null,
        };
    }

    private EventVerdict Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return EventVerdict.Malformed;
        }

        Event kind = Of(name);
        int textStart = 0, textEnd = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.Is("type"u8))
            {
                reader.Read();
                kind = reader.TokenType == JsonTokenType.String ? Of(reader.ValueSpan) : kind;
                reader.Skip();
            }
            else if (reader.Is("delta"u8))
            {
                reader.Read();
                Delta(ref reader, ref textStart, ref textEnd);
            }
            else if (reader.Is("message"u8))
            {
                reader.Read();
                Message(ref reader);
            }
            else if (reader.Is("usage"u8))
            {
                reader.Read();
                Used(ref reader);
            }
            else if (reader.Is("error"u8))
            {
                reader.Read();
                kind = reader.TokenType == JsonTokenType.Null ? kind : Event.Error;
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        // Throws if anything stands behind the object.
        reader.Read();
        TextBytes += textEnd - textStart;
        return Judge(kind, data, textStart, textEnd);
    }

    private EventVerdict Judge(Event kind, ReadOnlySpan<byte> data, int textStart, int textEnd)
    {
        switch (kind)
        {
            case Event.Error:
                Error = AnthropicErrors.Read(0, data).Error;
                return EventVerdict.Error;
            case Event.Start:
                // Of another message behind the first, as some send: its own end counts.
                IsComplete = IsOver = _reasonSaid = false;
                return EventVerdict.Forward;
            case Event.Ping:
                return EventVerdict.Forward;
            case Event.Stop:
                // An end without a reason, or before anything was said, is the end of the connection's patience and not of an answer.
                IsComplete = HasBegun && _reasonSaid;
                IsOver = IsComplete;
                return IsComplete ? EventVerdict.Forward : EventVerdict.Done;
            default:
                HasBegun = true;
                if (kind == Event.BlockDelta && textEnd > 0)
                {
                    _template.Keep(data, textStart, textEnd);
                }

                return EventVerdict.Forward;
        }
    }

    private static Event Of(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("content_block_delta"u8) ? Event.BlockDelta
        : type.SequenceEqual("message_start"u8) ? Event.Start
        : type.SequenceEqual("message_stop"u8) ? Event.Stop
        : type.SequenceEqual("ping"u8) ? Event.Ping
        : type.SequenceEqual("error"u8) ? Event.Error
        : Event.Other;

    /// <summary>Reads the delta of a block, for where its text stands, or of the message, for its finish.</summary>
    private void Delta(ref Utf8JsonReader reader, ref int textStart, ref int textEnd)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool finish = reader.Is("stop_reason"u8);
            bool text = reader.Is("text"u8) || reader.Is("thinking"u8) || reader.Is("partial_json"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && finish)
            {
                Finish = MessagesFinish.Read(reader.ValueSpan);
                _reasonSaid = true;
            }
            else if (reader.TokenType == JsonTokenType.String && text)
            {
                textStart = (int)reader.TokenStartIndex + 1;
                textEnd = textStart + reader.ValueSpan.Length;
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void Message(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool usage = reader.Is("usage"u8);
            reader.Read();
            if (usage)
            {
                Used(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void Used(ref Utf8JsonReader reader)
    {
        UsageInEvent = reader.TokenType == JsonTokenType.StartObject;
        _usage.Read(ref reader);
        if (UsageInEvent)
        {
            Usage = _usage.ToUsage();
            Units = _usage.ToUnits();
            ServiceTier = _usage.ServiceTier;
        }
    }
}
