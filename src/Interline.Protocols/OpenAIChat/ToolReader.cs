using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Reads tools and the choice among them.</summary>
internal static class ToolReader
{
    /// <summary>Reads <c>tools</c>, or the old <c>functions</c>, into <paramref name="tools"/>.</summary>
    public static void ReadTools(ref JsonCursor json, List<Tool> tools, string? spelling)
    {
        json.EnterArray("an array of tools");
        while (json.NextElement())
        {
            if (json.Type != JsonTokenType.StartObject)
            {
                throw json.Fail("a tool, an object with 'type' and 'function'");
            }

            if (spelling is not null)
            {
                tools.Add(ReadFunction(ref json) with { Spelling = spelling });
                continue;
            }

            switch (json.Peek("type"u8))
            {
                case "function":
                case "custom":
                    tools.Add(ReadTool(ref json));
                    break;
                case { } type:
                    tools.Add(new OpaqueTool(WireFormat.OpenAIChat, type, json.Raw()));
                    break;
                default:
                    throw json.FailWith("must have a 'type', such as \"function\".");
            }
        }
    }

    private static Tool ReadTool(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        Tool? tool = null;
        CacheMark? cache = null;
        string type = json.Peek("type"u8)!;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "function" when type is "function":
                    tool = ReadFunction(ref json);
                    break;
                case "custom" when type is "custom":
                    tool = ReadCustom(ref json);
                    break;
                case "cache_control" when !json.IsNull:
                    cache = PartReader.ReadCache(ref json, native);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return (tool ?? throw json.FailWith($"must have a '{type}' with a 'name'.")) with { Native = native, Cache = cache };
    }

    private static FunctionTool ReadFunction(ref JsonCursor json)
    {
        NativeFields inner = new(WireFormat.OpenAIChat);
        FunctionTool tool = new("") { InnerNative = inner };
        bool named = false;
        json.EnterObject();
        while (json.NextField())
        {
            if (inner.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "name":
                    tool = tool with { Name = json.Text() };
                    named = true;
                    break;
                case "description":
                    tool = tool with { Description = json.Text() };
                    break;
                case "parameters":
                    tool = tool with { Parameters = json.Raw() };
                    break;
                case "strict":
                    tool = tool with { Strict = json.Truth() };
                    break;
                default:
                    inner.Keep(ref json);
                    break;
            }
        }

        return named ? tool : throw json.FailWith("must have a 'name'.");
    }

    private static CustomTool ReadCustom(ref JsonCursor json)
    {
        NativeFields inner = new(WireFormat.OpenAIChat);
        CustomTool tool = new("") { InnerNative = inner };
        json.EnterObject();
        while (json.NextField())
        {
            if (inner.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "name":
                    tool = tool with { Name = json.Text() };
                    break;
                case "description":
                    tool = tool with { Description = json.Text() };
                    break;
                case "format":
                    tool = tool with { Form = json.Raw() };
                    break;
                default:
                    inner.Keep(ref json);
                    break;
            }
        }

        return tool;
    }

    /// <summary>Reads <c>tool_choice</c> in all its forms.</summary>
    public static ToolChoice ReadChoice(ref JsonCursor json)
    {
        if (json.Type == JsonTokenType.String)
        {
            return json.Text() switch
            {
                "auto" => new ToolChoice(ToolChoiceMode.Auto),
                "none" => new ToolChoice(ToolChoiceMode.None),
                "required" => new ToolChoice(ToolChoiceMode.Required),
                "any" => new ToolChoice(ToolChoiceMode.Required) { Spelling = "any" },
                _ => throw json.FailWith("must be \"auto\", \"none\", \"required\" or an object that names a tool."),
            };
        }

        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("a string or an object");
        }

        int start = json.Position;
        bool odd = false;
        ToolChoice? choice = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type" when json.Type is JsonTokenType.String:
                    break;
                case "function" when json.Type is JsonTokenType.StartObject:
                    choice = new ToolChoice(ToolChoiceMode.Named) { Name = ReadName(ref json, ref odd) };
                    break;
                case "custom" when json.Type is JsonTokenType.StartObject:
                    choice = new ToolChoice(ToolChoiceMode.Named) { Name = ReadName(ref json, ref odd), IsCustom = true };
                    break;
                case "allowed_tools" when json.Type is JsonTokenType.StartObject:
                    choice = ReadAllowed(ref json, ref odd);
                    break;
                default:
                    odd = true;
                    json.Skip();
                    break;
            }
        }

        // A choice with fields of its own is kept whole, so that none of them is lost.
        return choice is null || odd
            ? new ToolChoice(ToolChoiceMode.Opaque) { Name = choice?.Name, Allowed = choice?.Allowed, Format = WireFormat.OpenAIChat, Json = json.Since(start) }
            : choice;
    }

    /// <summary>Reads the old <c>function_call</c> of a request: <c>auto</c>, <c>none</c> or <c>{name}</c>.</summary>
    public static ToolChoice ReadOldChoice(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            return ReadChoice(ref json) with { Spelling = "function_call" };
        }

        int start = json.Position;
        bool odd = false;
        string name = ReadName(ref json, ref odd);
        return odd
            ? new ToolChoice(ToolChoiceMode.Opaque) { Name = name, Spelling = "function_call", Format = WireFormat.OpenAIChat, Json = json.Since(start) }
            : new ToolChoice(ToolChoiceMode.Named) { Name = name, Spelling = "function_call" };
    }

    private static string ReadName(ref JsonCursor json, ref bool odd)
    {
        string? name = null;
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "name")
            {
                name = json.Text();
            }
            else
            {
                odd = true;
                json.Skip();
            }
        }

        return name ?? throw json.FailWith("must have a 'name'.");
    }

    private static ToolChoice? ReadAllowed(ref JsonCursor json, ref bool odd)
    {
        List<string> names = [];
        ToolChoiceMode? mode = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "mode" when json.Type == JsonTokenType.String:
                    mode = json.Text() switch { "auto" => ToolChoiceMode.Auto, "required" => ToolChoiceMode.Required, _ => null };
                    break;
                case "tools":
                    json.EnterArray();
                    while (json.NextElement())
                    {
                        odd |= json.Peek("type"u8) is not "function";
                        json.EnterObject();
                        while (json.NextField())
                        {
                            if (json.Name is "function" && json.Type == JsonTokenType.StartObject)
                            {
                                names.Add(ReadName(ref json, ref odd));
                            }
                            else
                            {
                                odd |= json.Name is not "type";
                                json.Skip();
                            }
                        }
                    }

                    break;
                default:
                    odd = true;
                    json.Skip();
                    break;
            }
        }

        return mode is null ? null : new ToolChoice(mode.Value) { Allowed = names };
    }
}
