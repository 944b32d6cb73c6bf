using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Writes images and documents.</summary>
internal static class MediaWriter
{
    /// <summary>Writes the fields of the block but for its cache mark and native fields.</summary>
    public static void Write(Utf8JsonWriter w, MediaPart media, Writing writing, string path)
    {
        w.WriteString("type"u8, media is ImagePart ? "image"u8 : "document"u8);
        if (!Writing.Kept(media.Native, "source"))
        {
            w.WriteStartObject("source"u8);
            WriteSource(w, media.Source, writing, path);
            w.WriteEndObject();
        }

        if (media is DocumentPart document)
        {
            Writing.Text(w, "title"u8, document.Title);
            Writing.Text(w, "context"u8, document.Context);
            if (document.Citations is { } cite && !Writing.Kept(document.Native, "citations"))
            {
                w.WriteStartObject("citations"u8);
                w.WriteBoolean("enabled"u8, cite);
                w.WriteEndObject();
            }
        }
    }

    private static void WriteSource(Utf8JsonWriter w, MediaSource source, Writing writing, string path)
    {
        switch (source)
        {
            case UrlSource { Url: var url }:
                w.WriteString("type"u8, "url"u8);
                w.WriteString("url"u8, url);
                break;
            case FileSource { FileId: var id }:
                w.WriteString("type"u8, "file"u8);
                w.WriteString("file_id"u8, id);
                break;
            case InlineSource inline:
                w.WriteString("type"u8, "base64"u8);
                Writing.Text(w, "media_type"u8, inline.MediaType);
                w.WriteString("data"u8, inline.Base64.Span);
                break;
            case TextSource { Text: var text }:
                w.WriteString("type"u8, "text"u8);
                w.WriteString("media_type"u8, "text/plain"u8);
                w.WriteString("data"u8, text);
                break;
            case PartsSource { Parts: var parts }:
                w.WriteString("type"u8, "content"u8);
                w.WritePropertyName("content"u8);
                BlockWriter.WriteAll(w, parts, writing, path + ".source");
                break;
            default:
                break;
        }
    }
}
