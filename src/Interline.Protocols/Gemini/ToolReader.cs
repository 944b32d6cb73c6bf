using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Reads tools and the choice among them. Both are kept whole: one tool of this format may hold many functions and more.</summary>
internal static class ToolReader
{
    private static readonly SaidPaths Choice = new("functionCallingConfig.mode", "functionCallingConfig.allowedFunctionNames");

    /// <summary>Reads <c>tools</c>: an array, or one tool by itself.</summary>
    public static List<Tool> ReadTools(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        List<Tool> tools = [];
        if (json.Type == JsonTokenType.StartObject)
        {
            ReadTool(ref json, tools);
        }
        else
        {
            json.EnterArray("an array of tools");
            while (json.NextElement())
            {
                ReadTool(ref json, tools);
            }
        }

        native.KeepWhole(name, json.Since(start));
        return tools;
    }

    private static void ReadTool(ref JsonCursor json, List<Tool> tools)
    {
        json.EnterObject("a tool, an object with 'functionDeclarations' or a tool of Google's");
        while (json.NextField())
        {
            if (json.Name is "functionDeclarations" or "function_declarations" && json.Type == JsonTokenType.StartArray)
            {
                json.EnterArray();
                while (json.NextElement())
                {
                    tools.Add(ReadFunction(ref json));
                }
            }
            else if (json.IsNull)
            {
                json.Skip();
            }
            else
            {
                string type = json.NameText;
                tools.Add(new OpaqueTool(WireFormat.Gemini, type, new RawJson($"{{\"{JsonEncodedText.Encode(type)}\":{json.Raw()}}}")));
            }
        }
    }

    private static FunctionTool ReadFunction(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.Gemini);
        FunctionTool tool = new("") { InnerNative = native };
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject("a function, an object with 'name'");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                json.Skip();
                continue;
            }

            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "name":
                    tool = tool with { Name = json.Text() };
                    break;
                case "description":
                    tool = tool with { Description = json.Text() };
                    break;
                case "parameters" when json.Type == JsonTokenType.StartObject:
                    tool = tool with { Parameters = GeminiSchema.ToJsonSchema(json.Raw()) };
                    break;
                case "parametersJsonSchema":
                    tool = tool with { Parameters = json.Raw() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return tool;
    }

    /// <summary>Reads <c>toolConfig</c>.</summary>
    public static ToolChoice? ReadChoice(ref JsonCursor json, NativeFields native)
    {
        string name = json.NameText;
        int start = json.Position;
        ToolChoice? choice = null;
        bool validated = false;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            if (GeminiNames.Camel(json.Name, buffer) is "functionCallingConfig" && json.Type == JsonTokenType.StartObject)
            {
                choice = ReadCalling(ref json, out validated);
            }
            else
            {
                json.Skip();
            }
        }

        RawJson raw = json.Since(start);
        IReadOnlyList<string> unread = Choice.Unread(raw);
        native.Add(new NativeField(name, raw, Understood: true) { Unread = validated ? [.. unread, "functionCallingConfig.mode"] : unread });
        return choice;
    }

    private static ToolChoice? ReadCalling(ref JsonCursor json, out bool validated)
    {
        string? mode = null;
        List<string>? allowed = null;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            switch (GeminiNames.Camel(json.Name, buffer))
            {
                case "mode" when json.Type == JsonTokenType.String:
                    mode = json.Text().ToUpperInvariant();
                    break;
                case "mode" when json.Type == JsonTokenType.Number:
                    mode = json.Number().Whole switch { 1 => "AUTO", 2 => "ANY", 3 => "NONE", 4 => "VALIDATED", _ => null };
                    break;
                case "allowedFunctionNames" when json.Type == JsonTokenType.StartArray:
                    allowed = SettingsReader.ReadTexts(ref json);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        validated = mode is "VALIDATED";
        allowed = allowed is { Count: 0 } ? null : allowed;
        return mode switch
        {
            "ANY" => allowed is [var only] ? new ToolChoice(ToolChoiceMode.Named) { Name = only } : new ToolChoice(ToolChoiceMode.Required) { Allowed = allowed },
            "NONE" => new ToolChoice(ToolChoiceMode.None),
            "AUTO" or "VALIDATED" => new ToolChoice(ToolChoiceMode.Auto) { Allowed = allowed },
            _ => null,
        };
    }
}
