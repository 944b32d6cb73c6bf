using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads calls of functions and their responses. Source: Google's API description, <c>FunctionCall</c>, <c>FunctionResponse</c>.</summary>
internal static class CallReader
{
    private static readonly SaidPaths Call = new("id", "name", "args");
    private static readonly SaidPaths Result = new(
        "id", "name", "response", "parts[].inlineData.mimeType", "parts[].inlineData.data", "parts[].inlineData.displayName", "parts[].fileData.mimeType", "parts[].fileData.fileUri");

    /// <summary>Reads a call: <c>{id, name, args}</c>. The id is mostly missing.</summary>
    public static ToolCallPart ReadCall(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        bool odd = name is not "functionCall";
        ToolCallPart call = new("", "", "");
        json.EnterObject("an object with 'name' and 'args'");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "id" when json.Type == JsonTokenType.String:
                    call = call with { Id = json.Text() };
                    break;
                case "name" when json.Type == JsonTokenType.String:
                    call = call with { Name = json.Text() };
                    break;
                case "args" when json.Type == JsonTokenType.StartObject:
                    call = call with { Arguments = json.Raw().ToString() };
                    break;
                default:
                    odd = true;
                    json.Skip();
                    break;
            }
        }

        if (odd || call.Name.Length == 0)
        {
            native.KeepWhole(name, json.Since(start), Call);
        }

        return call;
    }

    /// <summary>
    /// Reads a response: <c>{id, name, response, parts}</c>. A response of one text named <c>result</c>, <c>output</c> or <c>error</c> is that text, any other
    /// is its JSON; media stand behind it.
    /// </summary>
    public static ToolResultPart ReadResult(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        bool odd = name is not "functionResponse";
        RawJson? response = null;
        List<Part> media = [];
        ToolResultPart result = new("", []);
        json.EnterObject("an object with 'name' and 'response'");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "id" when json.Type == JsonTokenType.String:
                    result = result with { CallId = json.Text() };
                    break;
                case "name" when json.Type == JsonTokenType.String:
                    result = result with { Name = json.Text() };
                    break;
                case "response" when json.Type == JsonTokenType.StartObject:
                    response = json.Raw();
                    break;
                case "parts" when json.Type == JsonTokenType.StartArray:
                    odd |= !ReadMedia(ref json, media);
                    break;
                default:
                    odd = true;
                    json.Skip();
                    break;
            }
        }

        result = result with { Parts = media };
        odd |= response is null || result.Name is null;
        if (response is { } said)
        {
            string? text = OnlyText(said, out string? key);
            odd |= key is "output" || (text is not null && ResponseJson.IsObject(text));
            result = result with { Parts = [new TextPart(text ?? said.ToString()), .. media], IsError = key is "error" ? true : null };
        }

        if (odd)
        {
            native.KeepWhole(name, json.Since(start), Result);
        }

        return result;
    }

    /// <summary>Reads the media of a response; false if they hold more than other formats can be told.</summary>
    private static bool ReadMedia(ref JsonCursor json, List<Part> media)
    {
        json.EnterArray();
        bool plain = true;
        while (json.NextElement())
        {
            Part part = PartReader.Read(ref json);
            plain &= part is MediaPart { Native.Count: 0 };
            if (part is MediaPart)
            {
                media.Add(part);
            }
        }

        return plain && media.Count > 0;
    }

    /// <summary>The text of a response that is only a text under one of the usual names; null otherwise.</summary>
    private static string? OnlyText(RawJson response, out string? key)
    {
        key = null;
        string? text = null;
        int fields = 0;
        JsonCursor json = new(response.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            fields++;
            if (json.Name is "result" or "output" or "error" && json.Type == JsonTokenType.String)
            {
                key = json.NameText;
                text = json.Text();
            }

            json.Skip();
        }

        key = fields == 1 ? key : null;
        return fields == 1 ? text : null;
    }
}

/// <summary>Tells texts that are JSON objects from others: a function's response and its arguments must be objects.</summary>
internal static class ResponseJson
{
    /// <summary>True if the text is one whole JSON object, nested no deeper than readers go.</summary>
    public static bool IsObject(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("{"))
        {
            return false;
        }

        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth - 16 });
        try
        {
            reader.Read();
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
