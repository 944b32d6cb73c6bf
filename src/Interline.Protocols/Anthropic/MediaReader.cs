using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads images and documents. Source: Anthropic's API description, <c>RequestImageBlock</c>, <c>RequestDocumentBlock</c>.</summary>
internal static class MediaReader
{
    /// <summary>Reads the block at the cursor; one with a source of a kind never seen is kept whole.</summary>
    /// <param name="json">At the block.</param>
    /// <param name="type"><c>image</c> or <c>document</c>.</param>
    public static Part Read(ref JsonCursor json, string type)
    {
        int start = json.Position;
        NativeFields native = new(WireFormat.AnthropicMessages);
        DocumentPart part = new(new TextSource("")) { Native = native };
        MediaSource? source = null;
        bool isDocument = type is "document";
        json.EnterObject();
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "type":
                    break;
                case "source" when json.Type == JsonTokenType.StartObject:
                    source = ReadSource(ref json, native, isDocument);
                    break;
                case "cache_control":
                    part = part with { Cache = BlockReader.ReadCache(ref json, native) };
                    break;
                case "title" when isDocument && json.Type == JsonTokenType.String:
                    part = part with { Title = json.Text() };
                    break;
                case "context" when isDocument && json.Type == JsonTokenType.String:
                    part = part with { Context = json.Text() };
                    break;
                case "citations" when isDocument && json.Type == JsonTokenType.StartObject:
                    part = part with { Citations = ReadCitations(ref json, native) };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return source is null ? new OpaquePart(WireFormat.AnthropicMessages, type, json.Since(start))
            : isDocument ? part with { Source = source }
            : new ImagePart(source) { Cache = part.Cache, Native = native };
    }

    private static bool? ReadCitations(ref JsonCursor json, NativeFields native)
    {
        Whole whole = new(json);
        bool? enabled = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "enabled" && json.Type is JsonTokenType.True or JsonTokenType.False)
            {
                enabled = json.Truth();
            }
            else
            {
                whole.Pass(ref json);
            }
        }

        if (enabled is null)
        {
            whole.Keep();
        }

        whole.End(json, native, "citations");
        return enabled;
    }

    /// <summary>Reads <c>source</c>; null if it is of a kind never seen.</summary>
    private static MediaSource? ReadSource(ref JsonCursor json, NativeFields native, bool isDocument)
    {
        Whole whole = new(json);
        string? type = json.Peek("type"u8);
        string? mediaType = null;
        MediaSource? source = null;
        byte[]? data = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    json.Skip();
                    break;
                case "media_type" when json.Type == JsonTokenType.String && type is "base64" or "text":
                    mediaType = json.Text();
                    break;
                case "data" when json.Type == JsonTokenType.String && type is "base64":
                    data = json.Utf8Text();
                    break;
                case "data" when json.Type == JsonTokenType.String && type is "text":
                    source = new TextSource(json.Text());
                    break;
                case "url" when json.Type == JsonTokenType.String && type is "url":
                    source = new UrlSource(json.Text());
                    break;
                case "file_id" when json.Type == JsonTokenType.String && type is "file":
                    source = new FileSource(json.Text());
                    break;
                case "content" when isDocument && type is "content" && json.Type == JsonTokenType.StartArray:
                    source = new PartsSource(BlockReader.ReadAll(ref json));
                    break;
                case "content" when isDocument && type is "content" && json.Type == JsonTokenType.String:
                    source = new PartsSource([new TextPart(json.Text())]);
                    whole.Keep();
                    break;
                default:
                    whole.Pass(ref json);
                    break;
            }
        }

        source = data is null ? source : new InlineSource(mediaType, data);
        if (source is null)
        {
            return null;
        }

        if (source is TextSource && mediaType is not "text/plain")
        {
            whole.Keep();
        }

        whole.End(json, native, "source");
        return source;
    }
}
