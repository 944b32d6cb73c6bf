using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Writes the parts of a content: this format's own as they were, others after <see cref="PartAdapter"/>.</summary>
internal static class PartWriter
{
    /// <summary>Writes one part.</summary>
    public static void Write(Utf8JsonWriter w, Part part)
    {
        if (part is OpaquePart opaque)
        {
            opaque.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        WriteData(w, part);
        WriteRest(w, part, part.Signature);
        w.WriteEndObject();
    }

    /// <summary>Writes a text or thought of a stream.</summary>
    /// <param name="w">Where a value may be written.</param>
    /// <param name="part">The part it belongs to.</param>
    /// <param name="text">The text.</param>
    /// <param name="signature">Signature to be told with it; null for none.</param>
    /// <param name="fields">Whether the part's own fields are still to be told.</param>
    public static void WriteText(Utf8JsonWriter w, Part part, string text, string? signature, bool fields)
    {
        w.WriteStartObject();
        w.WriteString("text"u8, text);
        if (part is ReasoningPart)
        {
            w.WriteBoolean("thought"u8, true);
        }

        WriteRest(w, fields ? part : part with { Native = null }, signature);
        w.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter w, Part part, string? signature)
    {
        if (signature is not null && !GeminiNames.Kept(part.Native, "thoughtSignature"))
        {
            w.WriteString("thoughtSignature"u8, signature);
        }

        if (Writing.Ours(part.Native))
        {
            part.Native!.WriteTo(w);
        }
    }

    private static void WriteData(Utf8JsonWriter w, Part part)
    {
        switch (part)
        {
            case TextPart text:
                w.WriteString("text"u8, text.Text);
                break;
            case ReasoningPart reasoning:
                w.WriteString("text"u8, reasoning.Text);
                w.WriteBoolean("thought"u8, true);
                break;
            case ToolCallPart call when !GeminiNames.Kept(part.Native, "functionCall"):
                WriteCall(w, call);
                break;
            case ToolResultPart result when !GeminiNames.Kept(part.Native, "functionResponse"):
                WriteResult(w, result);
                break;
            case MediaPart { Source: InlineSource inline } media when !GeminiNames.Kept(part.Native, "inlineData"):
                WriteInline(w, media, inline);
                break;
            case MediaPart { Source: UrlSource or FileSource } media when !GeminiNames.Kept(part.Native, "fileData"):
                WriteFile(w, media);
                break;
            default:
                break;
        }
    }

    private static void WriteCall(Utf8JsonWriter w, ToolCallPart call)
    {
        w.WriteStartObject("functionCall"u8);
        if (call.Id.Length > 0)
        {
            w.WriteString("id"u8, call.Id);
        }

        w.WriteString("name"u8, call.Name);
        if (call.Arguments.Length > 0 || !Writing.Ours(call.Native))
        {
            w.WritePropertyName("args"u8);
            WriteObject(w, call.Arguments, "input"u8);
        }

        w.WriteEndObject();
    }

    /// <summary>Writes a text as an object: itself if it is one, otherwise an object that holds it.</summary>
    private static void WriteObject(Utf8JsonWriter w, string text, ReadOnlySpan<byte> field)
    {
        if (ResponseJson.IsObject(text))
        {
            new RawJson(text).WriteTo(w);
            return;
        }

        w.WriteStartObject();
        if (text.Length > 0 || field.SequenceEqual("result"u8))
        {
            w.WriteString(field, text);
        }

        w.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter w, ToolResultPart result)
    {
        w.WriteStartObject("functionResponse"u8);
        if (result.CallId.Length > 0)
        {
            w.WriteString("id"u8, result.CallId);
        }

        w.WriteString("name"u8, result.Name ?? "");
        w.WritePropertyName("response"u8);
        string text = result.Parts is [TextPart first, ..] ? first.Text : "";
        if (result.IsError == true)
        {
            w.WriteStartObject();
            w.WriteString("error"u8, text);
            w.WriteEndObject();
        }
        else
        {
            WriteObject(w, text, "result"u8);
        }

        if (result.Parts.Count > 1)
        {
            w.WriteStartArray("parts"u8);
            for (int i = 1; i < result.Parts.Count; i++)
            {
                Write(w, result.Parts[i]);
            }

            w.WriteEndArray();
        }

        w.WriteEndObject();
    }

    /// <summary>Writes content; megabytes, so not by way of a string.</summary>
    public static void WriteInline(Utf8JsonWriter w, MediaPart media, InlineSource inline)
    {
        bool snake = media.Spelling is MediaReader.Snake;
        w.WriteStartObject(snake ? "inline_data"u8 : "inlineData"u8);
        if (inline.MediaType is not null)
        {
            w.WriteString(snake ? "mime_type"u8 : "mimeType"u8, inline.MediaType);
        }

        w.WriteString("data"u8, inline.Base64.Span);
        WriteTitle(w, media, snake);
        w.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter w, MediaPart media)
    {
        bool snake = media.Spelling is MediaReader.Snake;
        w.WriteStartObject(snake ? "file_data"u8 : "fileData"u8);
        if (media.MediaType is not null)
        {
            w.WriteString(snake ? "mime_type"u8 : "mimeType"u8, media.MediaType);
        }

        w.WriteString(snake ? "file_uri"u8 : "fileUri"u8, media.Source is UrlSource url ? url.Url : ((FileSource)media.Source).FileId);
        WriteTitle(w, media, snake);
        w.WriteEndObject();
    }

    private static void WriteTitle(Utf8JsonWriter w, MediaPart media, bool snake)
    {
        if (media is DocumentPart { Title: { } title } && Writing.Ours(media.Native))
        {
            w.WriteString(snake ? "display_name"u8 : "displayName"u8, title);
        }
    }
}
