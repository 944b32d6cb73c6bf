using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Operations;

namespace Interline.Protocols.OpenAI;

/// <summary>
/// Watches OpenAI streams whose events carry a <c>type</c>: the Responses API, streamed images, speech and transcripts.
/// The end is the event type that ends in <c>.completed</c>, <c>.done</c> of the whole, <c>.incomplete</c> or <c>.failed</c>. Source: OpenAI's API description, <c>ResponseStreamEvent</c>.
/// </summary>
public sealed class EventSniffer : StreamSniffer
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <inheritdoc />
    public override EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (data.TrimEnd((byte)' ').SequenceEqual("[DONE]"u8))
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

    private EventVerdict Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return EventVerdict.Malformed;
        }

        bool failed = false;
        bool sound = false;
        UsageInEvent = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                sound = reader.TokenType == JsonTokenType.String && reader.ValueSpan.StartsWith("response.audio."u8);
                failed |= Type(ref reader);
            }
            else if (reader.ValueTextEquals("response"u8))
            {
                reader.Read();
                Response(ref reader);
            }
            else if (reader.ValueTextEquals("usage"u8))
            {
                reader.Read();
                Used(ref reader);
            }
            else if (reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                TextBytes += reader.TokenType == JsonTokenType.String && !sound ? reader.ValueSpan.Length : 0;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                failed |= reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False);
                reader.Skip();
            }
            else
            {
                reader.Skip();
            }
        }

        // Throws if anything stands behind the object.
        reader.Read();
        if (!failed)
        {
            HasBegun = true;
            return EventVerdict.Forward;
        }

        Error = ErrorBody.Read(0, data).Error;
        return EventVerdict.Error;
    }

    /// <summary>Reads the event's type; true if it is an error.</summary>
    private bool Type(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return false;
        }

        ReadOnlySpan<byte> type = reader.ValueSpan;
        if (type.SequenceEqual("error"u8))
        {
            return true;
        }

        if (type.EndsWith(".completed"u8) && (type.StartsWith("response.completed"u8) || type.StartsWith("image_"u8)))
        {
            Units = type.StartsWith("image_"u8) ? new Units { Images = (Units?.Images ?? 0) + 1 } : Units;
            Finish = FinishReason.Stop;
            IsComplete = true;
        }
        else if (type.SequenceEqual("response.incomplete"u8))
        {
            Finish = FinishReason.Length;
            IsComplete = true;
        }
        else if (type.SequenceEqual("response.failed"u8))
        {
            // A failed response is the format's own, complete way to end: it is forwarded, and nothing is added behind it.
            Finish = FinishReason.Error;
            IsComplete = true;
        }
        else if (type.SequenceEqual("transcript.text.done"u8) || type.SequenceEqual("speech.audio.done"u8))
        {
            Finish = FinishReason.Stop;
            IsComplete = true;
        }

        return false;
    }

    private void Response(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool usage = reader.ValueTextEquals("usage"u8);
            bool tier = reader.ValueTextEquals("service_tier"u8);
            reader.Read();
            if (usage)
            {
                Used(ref reader);
            }
            else if (tier)
            {
                ServiceTier = JsonPeek.ServiceTier(ref reader);
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void Used(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            Utf8JsonReader again = reader;
            Usage used = ChatUsage.Read(ref reader);
            UsageInEvent = true;
            if (used.Total > 0)
            {
                // What streams images writes nothing else.
                Usage = Units is { Images: > 0 } ? used with { Output = 0, OutputImage = used.OutputImage + used.Output } : used;
            }
            else if (UnitsReader.Seconds(ref again) is > 0 and { } seconds)
            {
                Units = new Units { InputSeconds = seconds };
            }
        }
        else
        {
            reader.Skip();
        }
    }
}
