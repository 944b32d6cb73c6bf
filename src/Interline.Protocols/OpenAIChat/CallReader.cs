using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads the calls of tools in a message.</summary>
internal static class CallReader
{
    /// <summary>Reads one element of a message's <c>tool_calls</c>.</summary>
    public static Part Read(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a tool call, an object with 'id', 'type' and 'function'");
        }

        int start = json.Position;
        string? type = json.Peek("type"u8);
        NativeFields native = new(WireFormat.OpenAIChat);
        ToolCallPart call = new("", "", "") { Native = native, Spelling = type is null or "function" or "custom" ? null : type };
        bool called = false;
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
                    json.Skip();
                    break;
                case "id":
                    call = call with { Id = json.Text() };
                    break;
                case "function":
                    call = ReadCalled(ref json, call, native, "function");
                    called = true;
                    break;
                case "custom":
                    call = ReadCalled(ref json, call, native, "custom") with { IsCustom = true };
                    called = true;
                    break;
                case "extra_content":
                    call = call with { Signature = ReadGoogleSignature(ref json, native) };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return called ? call : new OpaquePart(WireFormat.OpenAIChat, type ?? "tool_call", json.Since(start)) { Spelling = "tool_calls" };
    }

    /// <summary>Reads the called function or custom tool: <c>{name, arguments}</c> or <c>{name, input}</c>. With fields of its own, or arguments that are no text, it is kept whole too.</summary>
    public static ToolCallPart ReadCalled(ref JsonCursor json, ToolCallPart call, NativeFields native, string field)
    {
        int start = json.Position;
        bool odd = false;
        List<string>? unread = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "name" when json.Type is JsonTokenType.String:
                    call = call with { Name = json.Text() };
                    break;
                case "arguments" or "input" when json.Type is JsonTokenType.String:
                    call = call with { Arguments = json.Text() };
                    break;
                case "arguments" when json.Type is JsonTokenType.StartObject:
                    call = call with { Arguments = json.Raw().ToString() };
                    odd = true;
                    break;
                default:
                    odd = true;
                    json.Pass(ref unread);
                    break;
            }
        }

        if (odd)
        {
            native.Add(Unread.Field(field, json.Since(start), unread));
        }

        return call;
    }

    /// <summary>Reads the signature in <c>extra_content.google.thought_signature</c> and keeps the field whole.</summary>
    public static string? ReadGoogleSignature(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        if (json.Type != JsonTokenType.StartObject)
        {
            native.Keep(ref json);
            return null;
        }

        int start = json.Position;
        string? signature = null;
        List<string>? unread = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is not "google" || json.Type != JsonTokenType.StartObject)
            {
                json.Pass(ref unread);
                continue;
            }

            json.EnterObject();
            while (json.NextField())
            {
                if (json.Name is "thought_signature" && json.Type == JsonTokenType.String)
                {
                    signature = json.Text();
                }
                else
                {
                    json.Pass(ref unread, "google.");
                }
            }
        }

        native.Add(Unread.Field(name, json.Since(start), unread));
        return signature;
    }
}
