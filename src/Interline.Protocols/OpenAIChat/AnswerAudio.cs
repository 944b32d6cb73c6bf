using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>The <c>audio</c> of an assistant's message: a spoken answer, or in a request the id of one.</summary>
internal static class AnswerAudio
{
    /// <summary>Reads the object at the cursor.</summary>
    public static AudioPart Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        AudioPart part = new(new FileSource("")) { Native = native, Spelling = "audio" };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "id" when json.Type is JsonTokenType.String:
                    part = part with { Id = json.Text() };
                    break;
                case "data" when json.Type is JsonTokenType.String:
                    part = part with { Source = new InlineSource(null, json.Utf8Text()) };
                    break;
                case "transcript" when json.Type is JsonTokenType.String:
                    part = part with { Transcript = json.Text() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return part.Source is FileSource ? part with { Source = new FileSource(part.Id ?? "") } : part;
    }

    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter w, AudioPart part)
    {
        w.WriteStartObject();
        if ((part.Id ?? (part.Source as FileSource)?.FileId) is { } id)
        {
            w.WriteString("id"u8, id);
        }

        if (part.Source is InlineSource inline)
        {
            w.WriteString("data"u8, Encoding.ASCII.GetString(inline.Base64.Span));
        }

        if (part.Transcript is not null)
        {
            w.WriteString("transcript"u8, part.Transcript);
        }

        if (part.Native is { Format: WireFormat.OpenAIChat } native)
        {
            native.WriteTo(w);
        }

        w.WriteEndObject();
    }
}
