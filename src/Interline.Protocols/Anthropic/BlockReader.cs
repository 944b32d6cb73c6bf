using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads content blocks, of requests and of answers: both have the same form. Source: Anthropic's API description, <c>InputContentBlock</c>, <c>ContentBlock</c>.</summary>
internal static class BlockReader
{
    /// <summary>Whose signatures are on thinking read from this format, in OpenRouter's word.</summary>
    public const string Signer = "anthropic-claude-v1";

    /// <summary>Reads an array of blocks.</summary>
    public static List<Part> ReadAll(ref JsonCursor json)
    {
        List<Part> parts = [];
        json.EnterArray("an array of content blocks");
        while (json.NextElement())
        {
            parts.Add(Read(ref json));
        }

        return parts;
    }

    /// <summary>Reads one block. What this format alone has (tools run by Anthropic, their results, …) is kept whole.</summary>
    public static Part Read(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a content block, an object with a 'type'");
        }

        string type = json.Peek("type"u8) ?? throw json.FailWith("must have a 'type', such as \"text\" or \"tool_result\".");
        return type switch
        {
            "text" => ReadText(ref json),
            "image" or "document" => MediaReader.Read(ref json, type),
            "tool_use" => ReadCall(ref json),
            "tool_result" => ReadResult(ref json),
            "thinking" or "redacted_thinking" => ReadThinking(ref json),
            _ => new OpaquePart(WireFormat.AnthropicMessages, type, json.Raw()),
        };
    }

    /// <summary>Reads <c>cache_control</c>. One of a kind never seen is only kept.</summary>
    public static CacheMark? ReadCache(ref JsonCursor json, NativeFields native)
    {
        if (json.Type != JsonTokenType.StartObject || json.Peek("type"u8) is not "ephemeral")
        {
            native.Keep(ref json);
            return null;
        }

        Whole whole = new(json);
        string? ttl = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "ttl" when json.Type == JsonTokenType.String:
                    ttl = json.Text();
                    break;
                default:
                    whole.Pass(ref json);
                    break;
            }
        }

        whole.End(json, native, "cache_control");
        return new CacheMark(ttl);
    }

    private static TextPart ReadText(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        TextPart part = new("") { Native = native };
        bool given = false;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "text":
                    part = part with { Text = json.Text() };
                    given = true;
                    break;
                case "cache_control" when !json.IsNull:
                    part = part with { Cache = ReadCache(ref json, native) };
                    break;
                case "citations" when json.Type == JsonTokenType.StartArray:
                    part = part with { Citations = Citations.Read(ref json, native) };
                    break;
                default:
                    KeepOther(ref json, native);
                    break;
            }
        }

        return given ? part : throw json.FailWith("must have 'text'.");
    }

    private static ToolCallPart ReadCall(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        ToolCallPart call = new("", "", "") { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "id":
                    call = call with { Id = json.Text() };
                    break;
                case "name":
                    call = call with { Name = json.Text() };
                    break;
                case "input" when json.Type == JsonTokenType.StartObject:
                    call = call with { Arguments = json.Raw().ToString() };
                    break;
                case "input" when !json.IsNull:
                    // The API asks for an object; what else a client sends is its and the provider's affair.
                    native.Keep(ref json, understood: true);
                    call = call with { Arguments = native.Find("input")!.Value.ToString() };
                    break;
                case "cache_control" when !json.IsNull:
                    call = call with { Cache = ReadCache(ref json, native) };
                    break;
                default:
                    KeepOther(ref json, native);
                    break;
            }
        }

        return call.Name.Length > 0 ? call : throw json.FailWith("must have a 'name'.");
    }

    private static ToolResultPart ReadResult(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        ToolResultPart result = new("", []) { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "tool_use_id":
                    result = result with { CallId = json.Text() };
                    break;
                case "content" when !json.IsNull:
                    result = result with { AsParts = json.Type == JsonTokenType.StartArray, Parts = ReadContent(ref json, native) };
                    break;
                case "is_error" when !json.IsNull:
                    result = result with { IsError = json.Truth() };
                    break;
                case "cache_control" when !json.IsNull:
                    result = result with { Cache = ReadCache(ref json, native) };
                    break;
                default:
                    KeepOther(ref json, native);
                    break;
            }
        }

        return result.CallId.Length > 0 ? result : throw json.FailWith("must have a 'tool_use_id', the id of the call it answers.");
    }

    /// <summary>Reads <c>content</c>: text or blocks. An empty text is kept as a field, so that no other format gets an empty part, which some refuse.</summary>
    public static List<Part> ReadContent(ref JsonCursor json, NativeFields native)
    {
        if (json.Type == JsonTokenType.StartArray)
        {
            return ReadAll(ref json);
        }

        string text = json.Text("a string or an array of content blocks");
        if (text.Length > 0)
        {
            return [new TextPart(text)];
        }

        native.Keep(ref json, understood: true);
        return [];
    }

    /// <summary>Reads thinking, open or redacted.</summary>
    private static ReasoningPart ReadThinking(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        ReasoningPart part = new("") { Native = native, SignedBy = Signer };
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "thinking" when json.Type == JsonTokenType.String:
                    part = part with { Text = json.Text() };
                    break;
                case "data" when json.Type == JsonTokenType.String:
                    part = part with { Encrypted = json.Text() };
                    break;
                case "signature" when json.Type == JsonTokenType.String && json.Text() is { Length: > 0 } signature:
                    part = part with { Signature = signature };
                    break;
                case "signature":
                    // Empty at the start of a streamed block, and from servers that cannot sign.
                    native.Keep(ref json, understood: true);
                    break;
                default:
                    KeepOther(ref json, native);
                    break;
            }
        }

        return part;
    }

    private static void KeepOther(ref JsonCursor json, NativeFields native)
    {
        if (!native.KeepNull(ref json))
        {
            native.Keep(ref json);
        }
    }
}
