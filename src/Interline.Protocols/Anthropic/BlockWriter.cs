using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Writes content blocks. What this format cannot say was taken out before, by <see cref="PartFit"/>.</summary>
internal static class BlockWriter
{
    /// <summary>Writes <c>content</c>, or <c>system</c>: as text where it is one and was given so, otherwise as blocks.</summary>
    public static void WriteContent(Utf8JsonWriter w, ReadOnlySpan<byte> name, IReadOnlyList<Part> parts, bool asParts, Writing writing, string path)
    {
        if (!asParts && parts is [TextPart { Native: null, Cache: null, Citations.Count: 0 } only])
        {
            w.WriteString(name, only.Text);
            return;
        }

        w.WritePropertyName(name);
        WriteAll(w, parts, writing, path);
    }

    /// <summary>Writes an array of blocks.</summary>
    public static void WriteAll(Utf8JsonWriter w, IReadOnlyList<Part> parts, Writing writing, string path)
    {
        w.WriteStartArray();
        for (int i = 0; i < parts.Count; i++)
        {
            Write(w, parts[i], writing, $"{path}.content[{i}]");
        }

        w.WriteEndArray();
    }

    /// <summary>Writes one block.</summary>
    public static void Write(Utf8JsonWriter w, Part part, Writing writing, string path)
    {
        if (part is OpaquePart opaque)
        {
            opaque.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        NativeFields? native = part.Native;
        switch (part)
        {
            case TextPart text:
                native = WriteText(w, text);
                break;
            case ReasoningPart reasoning:
                native = WriteThinking(w, reasoning);
                break;
            case ToolCallPart call:
                WriteCall(w, call, writing, path);
                break;
            case ToolResultPart result:
                WriteResult(w, result, writing, path);
                break;
            case MediaPart media:
                MediaWriter.Write(w, media, writing, path);
                break;
            default:
                break;
        }

        WriteCache(w, part.Cache, native);
        writing.Native(w, native, path);
        w.WriteEndObject();
    }

    /// <summary>Writes <c>cache_control</c>.</summary>
    public static void WriteCache(Utf8JsonWriter w, CacheMark? cache, NativeFields? native)
    {
        if (cache is not null && !Writing.Kept(native, "cache_control"))
        {
            w.WriteStartObject("cache_control"u8);
            w.WriteString("type"u8, "ephemeral"u8);
            Writing.Text(w, "ttl"u8, cache.Ttl);
            w.WriteEndObject();
        }
    }

    private static NativeFields? WriteText(Utf8JsonWriter w, TextPart text)
    {
        w.WriteString("type"u8, "text"u8);
        w.WriteString("text"u8, text.Text);
        if (text.Citations.Count == 0)
        {
            return text.Native;
        }

        w.WriteStartArray("citations"u8);
        foreach (Citation citation in text.Citations)
        {
            Citations.Write(w, citation);
        }

        w.WriteEndArray();
        return Writing.Kept(text.Native, "citations") ? text.Native!.Without("citations") : text.Native;
    }

    private static NativeFields? WriteThinking(Utf8JsonWriter w, ReasoningPart reasoning)
    {
        if (reasoning.Encrypted is { } data)
        {
            w.WriteString("type"u8, "redacted_thinking"u8);
            w.WriteString("data"u8, data);
            return reasoning.Native;
        }

        w.WriteString("type"u8, "thinking"u8);
        w.WriteString("thinking"u8, reasoning.Text);
        if (reasoning.Signature is null && Writing.Ours(reasoning.Native))
        {
            return reasoning.Native;
        }

        // Clients expect the field even where nothing was signed.
        w.WriteString("signature"u8, reasoning.Signature ?? "");
        return Writing.Kept(reasoning.Native, "signature") ? reasoning.Native!.Without("signature") : reasoning.Native;
    }

    private static void WriteCall(Utf8JsonWriter w, ToolCallPart call, Writing writing, string path)
    {
        w.WriteString("type"u8, "tool_use"u8);
        w.WriteString("id"u8, ToolIds.Clean(writing.CallId(call)));
        w.WriteString("name"u8, call.Name);
        if (!Writing.Kept(call.Native, "input"))
        {
            w.WritePropertyName("input"u8);
            ToolInput.Of(call, writing, path).WriteTo(w);
        }
    }

    private static void WriteResult(Utf8JsonWriter w, ToolResultPart result, Writing writing, string path)
    {
        w.WriteString("type"u8, "tool_result"u8);
        w.WriteString("tool_use_id"u8, ToolIds.Clean(writing.ResultId(result)));
        if (result.Parts.Count > 0 || result.AsParts)
        {
            WriteContent(w, "content"u8, result.Parts, result.AsParts, writing, path);
        }

        if (result.IsError is { } failed)
        {
            w.WriteBoolean("is_error"u8, failed);
        }
    }
}
