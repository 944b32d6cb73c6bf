using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One piece of a tool call in a delta: the first has id and name, the others mostly arguments only.</summary>
internal struct StreamCall
{
    /// <summary>The number of the call; null if none is given.</summary>
    public long? Number;

    public string? Type;
    public string Id;
    public string Name;
    public string Arguments;
    public string? Signature;
    public bool IsCustom;

    /// <summary>Unknown fields, of the called function too (<see cref="NativeField.Understood"/>, for the piece only); null if there are none.</summary>
    public NativeFields? Native;

    /// <summary>Reads one element of a delta's <c>tool_calls</c>; what calls no function and no custom tool is a part of its own.</summary>
    public static StreamCall Read(ref JsonCursor json, out Part? other)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a tool call, an object with 'id', 'type' and 'function'");
        }

        StreamCall call = new() { Id = "", Name = "", Arguments = "" };
        int start = json.Position;
        bool called = false;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "type" when json.Type == JsonTokenType.String:
                    call.Type = json.Is("function") ? "function" : json.Text();
                    break;
                case "index" when json.Type == JsonTokenType.Number:
                    call.Number = json.Number().Whole;
                    break;
                case "id" when json.Type == JsonTokenType.String:
                    call.Id = json.Text();
                    break;
                case "function" or "custom" when json.Type == JsonTokenType.StartObject:
                    call.IsCustom = json.Name is "custom";
                    call.ReadCalled(ref json, call.IsCustom ? "custom" : "function");
                    called = true;
                    break;
                case "extra_content":
                    call.Signature = CallReader.ReadGoogleSignature(ref json, call.Native ??= new NativeFields(WireFormat.OpenAIChat));
                    break;
                default:
                    (call.Native ??= new NativeFields(WireFormat.OpenAIChat)).Keep(ref json);
                    break;
            }
        }

        other = called ? null : new OpaquePart(WireFormat.OpenAIChat, call.Type ?? "tool_call", json.Since(start)) { Spelling = "tool_calls" };
        return call;
    }

    /// <summary>Reads the called function or custom tool, or the old <c>function_call</c>.</summary>
    public void ReadCalled(ref JsonCursor json, string field)
    {
        (Id, Name, Arguments) = (Id ?? "", Name ?? "", Arguments ?? "");
        NativeFields? odd = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "name" when json.Type is JsonTokenType.String:
                    Name = json.Text();
                    break;
                case "arguments" or "input" when json.Type is JsonTokenType.String:
                    Arguments = json.Text();
                    break;
                case "arguments" when json.Type is JsonTokenType.StartObject:
                    Arguments = json.Raw().ToString();
                    break;
                default:
                    (odd ??= new NativeFields(WireFormat.OpenAIChat)).Keep(ref json);
                    break;
            }
        }

        if (odd is not null)
        {
            (Native ??= new NativeFields(WireFormat.OpenAIChat)).Add(new NativeField(field, odd.ToObject(), Understood: true) { Unread = [.. odd.Select(f => f.Name)] });
        }
    }
}
