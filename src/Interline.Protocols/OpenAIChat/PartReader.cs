using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads the parts of a message's content.</summary>
internal static class PartReader
{
    /// <summary>Reads one content part.</summary>
    public static Part Read(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a content part, an object with a 'type'");
        }

        string type = json.Peek("type"u8) ?? throw json.FailWith("must have a 'type', such as \"text\" or \"image_url\".");
        if (type is not ("text" or "refusal" or "image_url" or "video_url" or "document_url" or "input_audio" or "file" or "thinking"))
        {
            return new OpaquePart(WireFormat.OpenAIChat, type, json.Raw());
        }

        NativeFields native = new(WireFormat.OpenAIChat);
        Part? part = null;
        CacheMark? cache = null;
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
                case "cache_control":
                    cache = ReadCache(ref json, native);
                    break;
                case "prompt_cache_breakpoint" when json.Type == JsonTokenType.StartObject:
                    cache = ReadBreakpoint(ref json, native);
                    break;
                default:
                    if (json.Name.SequenceEqual(type))
                    {
                        part = ReadValue(ref json, type, native);
                    }
                    else
                    {
                        native.Keep(ref json);
                    }

                    break;
            }
        }

        return (part ?? throw json.FailWith($"must have '{type}'.")) with { Native = native, Cache = cache };
    }

    private static Part ReadValue(ref JsonCursor json, string type, NativeFields native) => type switch
    {
        "text" => new TextPart(json.Text()),
        "refusal" => new RefusalPart(json.Text()) { Spelling = "part" },
        "image_url" or "video_url" or "document_url" => ReadUrl(ref json, type, native),
        "input_audio" => ReadAudio(ref json, native),
        "file" => ReadFile(ref json, native),
        _ => ReadThinking(ref json, native),
    };

    /// <summary>Reads OpenAI's own mark, <c>{mode: "explicit"}</c>; it is kept whole.</summary>
    private static CacheMark ReadBreakpoint(ref JsonCursor json, NativeFields native)
    {
        int start = json.Position;
        List<string>? unread = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "mode" && json.Is("explicit"))
            {
                continue;
            }

            json.Pass(ref unread);
        }

        native.Add(Unread.Field("prompt_cache_breakpoint", json.Since(start), unread));
        return new CacheMark();
    }

    /// <summary>Reads <c>{url, detail}</c>, or the bare address of Mistral.</summary>
    private static Part ReadUrl(ref JsonCursor json, string type, NativeFields native)
    {
        string? detail = null;
        MediaSource? source = null;
        bool bare = json.Type == JsonTokenType.String;
        if (bare)
        {
            source = Source(json.Utf8Text());
        }
        else
        {
            int start = json.Position;
            bool odd = false;
            List<string>? unread = null;
            json.EnterObject("an object with a 'url'");
            while (json.NextField())
            {
                switch (json.Name)
                {
                    case "url":
                        source = Source(json.Utf8Text());
                        break;
                    case "detail" when json.Type == JsonTokenType.String && type is "image_url":
                        detail = json.Text();
                        break;
                    default:
                        odd = true;
                        json.Pass(ref unread);
                        break;
                }
            }

            if (source is null)
            {
                throw json.FailWith("must have a 'url'.");
            }

            KeepOdd(ref json, odd, type, start, native, unread);
        }

        return type switch
        {
            "image_url" => new ImagePart(source) { Detail = detail, Spelling = bare ? "text" : null },
            "video_url" => new VideoPart(source) { Spelling = bare ? "text" : null },
            _ => new DocumentPart(source) { Spelling = bare ? "document_url" : "document_url object" },
        };
    }

    private static AudioPart ReadAudio(ref JsonCursor json, NativeFields native)
    {
        int start = json.Position;
        bool odd = false;
        List<string>? unread = null;
        byte[]? data = null;
        string? format = null;
        json.EnterObject("an object with 'data' and 'format'");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "data":
                    data = json.Utf8Text();
                    break;
                case "format" when json.Type is JsonTokenType.String:
                    format = json.Text();
                    break;
                default:
                    odd = true;
                    json.Pass(ref unread);
                    break;
            }
        }

        string? mediaType = format is null ? null : MediaTypes.OfAudio(format);
        odd |= format is not null && MediaTypes.AudioWord(mediaType) != format;
        KeepOdd(ref json, odd, "input_audio", start, native, unread);
        return new AudioPart(new InlineSource(mediaType, data ?? throw json.FailWith("must have 'data', the sound in base64.")));
    }

    private static DocumentPart ReadFile(ref JsonCursor json, NativeFields native)
    {
        int start = json.Position;
        bool odd = false;
        List<string>? unread = null;
        MediaSource? source = null;
        string? title = null;
        json.EnterObject("an object with 'file_data' or 'file_id'");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "file_data" when json.Type is JsonTokenType.String:
                    if (source is not null)
                    {
                        odd = true;
                        (unread ??= []).Add("file_id");
                    }

                    source = FileData(json.Utf8Text());
                    break;
                case "file_id" when json.Type is JsonTokenType.String && source is null:
                    source = new FileSource(json.Text());
                    break;
                case "filename" when json.Type is JsonTokenType.String:
                    title = json.Text();
                    break;
                default:
                    odd = true;
                    json.Pass(ref unread);
                    break;
            }
        }

        KeepOdd(ref json, odd, "file", start, native, unread);
        return new DocumentPart(source ?? throw json.FailWith("must have 'file_data' or 'file_id'.")) { Title = title };
    }

    /// <summary>Reads Mistral's reasoning: a list of texts. A bare text, several texts or references are kept whole too.</summary>
    private static ReasoningPart ReadThinking(ref JsonCursor json, NativeFields native)
    {
        if (json.Type == JsonTokenType.String)
        {
            ReasoningPart bare = new(json.Text()) { Spelling = "thinking" };
            native.Keep(ref json, understood: true);
            return bare;
        }

        int start = json.Position;
        StringBuilder text = new();
        int texts = 0;
        List<string>? unread = null;
        json.EnterArray();
        while (json.NextElement())
        {
            string? piece = json.Peek("text"u8);
            text.Append(piece);
            json.EnterObject();
            while (json.NextField())
            {
                if (json.Name is "text" && piece is not null || json.Name is "type" && json.Is("text"))
                {
                    json.Skip();
                    continue;
                }

                (unread ??= []).Add($"[{texts}].{json.NameText}");
                json.Skip();
            }

            texts++;
        }

        KeepOdd(ref json, unread is not null || texts != 1, "thinking", start, native, unread);
        return new ReasoningPart(text.ToString()) { Spelling = "thinking" };
    }

    /// <summary>Reads Anthropic's <c>cache_control</c>, which OpenRouter and others take in this format.</summary>
    public static CacheMark ReadCache(ref JsonCursor json, NativeFields native)
    {
        int start = json.Position;
        bool odd = json.Peek("type"u8) is not "ephemeral";
        List<string>? unread = null;
        string? ttl = null;
        string name = json.NameText;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "ttl" && json.Type == JsonTokenType.String)
            {
                ttl = json.Text();
            }
            else if (json.Name is "type" && json.Is("ephemeral"))
            {
                json.Skip();
            }
            else
            {
                odd = true;
                json.Pass(ref unread);
            }
        }

        KeepOdd(ref json, odd, name, start, native, unread);
        return new CacheMark(ttl);
    }

    /// <summary>A file's content: a data address, an address, or bare base64.</summary>
    private static MediaSource FileData(byte[] text)
    {
        MediaSource source = Source(text);
        return source is UrlSource { Url: var url } && !url.Contains("://", StringComparison.Ordinal) && !url.StartsWith("data:", StringComparison.Ordinal)
            ? new InlineSource(null, text)
            : source;
    }

    /// <summary>The content of <c>data:TYPE;base64,DATA</c>, or the address as it is.</summary>
    public static MediaSource Source(byte[] url)
    {
        ReadOnlySpan<byte> head = url.AsSpan(0, Math.Min(url.Length, 256));
        int data = head.IndexOf(";base64,"u8);
        return head.StartsWith("data:"u8) && data >= 5
            ? new InlineSource(data == 5 ? null : Encoding.UTF8.GetString(head[5..data]), url.AsMemory(data + 8))
            : new UrlSource(Encoding.UTF8.GetString(url));
    }

    /// <summary>Keeps a field whole that holds more than the model can say; it is then written back as it was.</summary>
    private static void KeepOdd(ref JsonCursor json, bool odd, string name, int start, NativeFields native, List<string>? unread)
    {
        if (odd)
        {
            native.Add(Unread.Field(name, json.Since(start), unread));
        }
    }
}
