using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes the parts of a message's content.</summary>
internal static class PartWriter
{
    /// <summary>True if the format can say the part inside <c>content</c>.</summary>
    public static bool CanWrite(Part part) => part switch
    {
        TextPart or RefusalPart or ReasoningPart { Spelling: "thinking" } => true,
        ImagePart { Source: UrlSource or InlineSource } or VideoPart { Source: UrlSource or InlineSource } => true,
        AudioPart { Source: InlineSource } => true,
        DocumentPart { Source: not PartsSource } => true,
        OpaquePart { Format: WireFormat.OpenAIChat } => true,
        _ => part is MediaPart && Writing.Ours(part.Native),
    };

    /// <summary>Writes one content part that <see cref="CanWrite"/>.</summary>
    public static void Write(Utf8JsonWriter w, Part part, Writing writing, string path)
    {
        if (part is OpaquePart opaque)
        {
            opaque.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        string type = TypeOf(part);
        w.WriteString("type"u8, type);
        if (!Writing.Kept(part.Native, type))
        {
            WriteValue(w, part, type);
        }

        WriteCache(w, part.Cache, part.Native, writing, path);
        writing.Native(w, part.Native, path);
        w.WriteEndObject();
    }

    /// <summary>Reports a cache mark where none can stand.</summary>
    public static void ReportCache(CacheMark? cache, Writing writing, string path)
    {
        if (cache is not null)
        {
            writing.Losses.Add($"{path}.cache_control", LossAction.Dropped, "no cache mark is taken here");
        }
    }

    /// <summary>Writes the cache mark as Anthropic has it, where it is taken.</summary>
    public static void WriteCache(Utf8JsonWriter w, CacheMark? cache, NativeFields? native, Writing writing, string path)
    {
        if (cache is null || Writing.Kept(native, "cache_control") || Writing.Kept(native, "prompt_cache_breakpoint"))
        {
            return;
        }

        if (!Writing.Ours(native) && !writing.Dialect.CacheControl)
        {
            writing.Losses.Add($"{path}.cache_control", LossAction.Dropped, "OpenAI caches prompts by itself and takes no marks");
            return;
        }

        w.WriteStartObject("cache_control"u8);
        w.WriteString("type"u8, "ephemeral"u8);
        if (cache.Ttl is not null)
        {
            w.WriteString("ttl"u8, cache.Ttl);
        }

        w.WriteEndObject();
    }

    private static string TypeOf(Part part) => part switch
    {
        TextPart => "text",
        RefusalPart => "refusal",
        ReasoningPart => "thinking",
        ImagePart => "image_url",
        VideoPart => "video_url",
        AudioPart => "input_audio",
        DocumentPart { Spelling: { } spelling } when spelling.StartsWith("document_url", StringComparison.Ordinal) => "document_url",
        DocumentPart { Source: TextSource } => "text",
        _ => "file",
    };

    private static void WriteValue(Utf8JsonWriter w, Part part, string type)
    {
        switch (part)
        {
            case TextPart text:
                w.WriteString("text"u8, text.Text);
                break;
            case RefusalPart refusal:
                w.WriteString("refusal"u8, refusal.Text);
                break;
            case ReasoningPart reasoning:
                w.WriteStartArray("thinking"u8);
                w.WriteStartObject();
                w.WriteString("type"u8, "text"u8);
                w.WriteString("text"u8, reasoning.Text);
                w.WriteEndObject();
                w.WriteEndArray();
                break;
            case AudioPart { Source: InlineSource sound }:
                w.WriteStartObject("input_audio"u8);
                WriteBase64(w, "data"u8, null, sound.Base64.Span);
                if (MediaTypes.AudioWord(sound.MediaType) is { } word)
                {
                    w.WriteString("format"u8, word);
                }

                w.WriteEndObject();
                break;
            case DocumentPart { Source: TextSource plain }:
                w.WriteString("text"u8, plain.Text);
                break;
            case DocumentPart file when type is "file":
                WriteFile(w, file);
                break;
            case MediaPart media when media.Spelling is "text" or "document_url":
                w.WritePropertyName(type);
                WriteSource(w, media.Source);
                break;
            case MediaPart media:
                w.WriteStartObject(type);
                w.WritePropertyName("url"u8);
                WriteSource(w, media.Source);
                if (media is ImagePart { Detail: { } detail })
                {
                    w.WriteString("detail"u8, detail);
                }

                w.WriteEndObject();
                break;
            default:
                break;
        }
    }

    private static void WriteFile(Utf8JsonWriter w, DocumentPart file)
    {
        w.WriteStartObject("file"u8);
        if (file.Title is not null)
        {
            w.WriteString("filename"u8, file.Title);
        }
        else if (file.Source is InlineSource && !Writing.Ours(file.Native))
        {
            // OpenAI refuses content without a name.
            w.WriteString("filename"u8, "document"u8);
        }

        if (file.Source is FileSource { FileId: var id })
        {
            w.WriteString("file_id"u8, id);
        }
        else
        {
            w.WritePropertyName("file_data"u8);
            WriteSource(w, file.Source);
        }

        w.WriteEndObject();
    }

    /// <summary>Writes an address, or the content as a data address.</summary>
    public static void WriteSource(Utf8JsonWriter w, MediaSource source)
    {
        switch (source)
        {
            case UrlSource { Url: var url }:
                w.WriteStringValue(url);
                break;
            case InlineSource { MediaType: null } bare when !bare.Base64.Span.IsEmpty:
                w.WriteStringValue(bare.Base64.Span);
                break;
            case InlineSource inline:
                WriteBase64(w, [], $"data:{inline.MediaType};base64,", inline.Base64.Span);
                break;
            default:
                w.WriteStringValue("");
                break;
        }
    }

    private static void WriteBase64(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? prefix, ReadOnlySpan<byte> base64)
    {
        if (!name.IsEmpty)
        {
            w.WritePropertyName(name);
        }

        if (prefix is null)
        {
            w.WriteStringValue(base64);
            return;
        }

        // Megabytes: joined in a pooled buffer, not as text.
        byte[] joined = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetByteCount(prefix) + base64.Length);
        int head = Encoding.UTF8.GetBytes(prefix, joined);
        base64.CopyTo(joined.AsSpan(head));
        w.WriteStringValue(joined.AsSpan(0, head + base64.Length));
        ArrayPool<byte>.Shared.Return(joined);
    }
}
