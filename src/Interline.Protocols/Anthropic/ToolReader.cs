using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Reads tools and the choice among them. Source: Anthropic's API description, <c>Tool</c>, <c>ToolChoice</c>.</summary>
internal static class ToolReader
{
    /// <summary>Reads <c>tools</c>.</summary>
    public static List<Tool> ReadTools(ref JsonCursor json)
    {
        List<Tool> tools = [];
        json.EnterArray("an array of tools");
        while (json.NextElement())
        {
            if (json.Type != JsonTokenType.StartObject)
            {
                throw json.Fail("a tool, an object with 'name' and 'input_schema'");
            }

            tools.Add(json.Peek("type"u8) is { } type and not "custom" ? new OpaqueTool(WireFormat.AnthropicMessages, type, json.Raw()) : ReadTool(ref json));
        }

        return tools;
    }

    private static FunctionTool ReadTool(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.AnthropicMessages);
        FunctionTool tool = new("") { Native = native };
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
                    tool = tool with { Spelling = json.Text() };
                    break;
                case "name":
                    tool = tool with { Name = json.Text() };
                    break;
                case "description":
                    tool = tool with { Description = json.Text() };
                    break;
                case "input_schema":
                    tool = tool with { Parameters = json.Raw() };
                    break;
                case "strict":
                    tool = tool with { Strict = json.Truth() };
                    break;
                case "cache_control":
                    tool = tool with { Cache = BlockReader.ReadCache(ref json, native) };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return tool.Name.Length > 0 ? tool : throw json.FailWith("must have a 'name'.");
    }

    /// <summary>Reads <c>tool_choice</c>, which also says whether tools may be called in parallel.</summary>
    /// <param name="json">At its object.</param>
    /// <param name="native">Fields of the request.</param>
    /// <param name="parallel">Gets what it says of parallel calls; null if nothing.</param>
    public static ToolChoice ReadChoice(ref JsonCursor json, NativeFields native, out bool? parallel)
    {
        ToolChoiceMode mode = json.Peek("type"u8) switch
        {
            "auto" => ToolChoiceMode.Auto,
            "any" => ToolChoiceMode.Required,
            "tool" => ToolChoiceMode.Named,
            "none" => ToolChoiceMode.None,
            _ => ToolChoiceMode.Opaque,
        };
        parallel = null;
        if (mode == ToolChoiceMode.Opaque)
        {
            return json.Type == JsonTokenType.StartObject
                ? new ToolChoice(mode) { Format = WireFormat.AnthropicMessages, Json = json.Raw() }
                : throw json.Fail("an object with the type \"auto\", \"any\", \"tool\" or \"none\"");
        }

        Whole whole = new(json);
        string? name = null;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "name" when mode == ToolChoiceMode.Named:
                    name = json.Text();
                    break;
                case "disable_parallel_tool_use" when json.Type is JsonTokenType.True or JsonTokenType.False:
                    parallel = !json.Truth();
                    break;
                default:
                    whole.Pass(ref json);
                    break;
            }
        }

        if (mode == ToolChoiceMode.Named && name is null)
        {
            throw json.FailWith("must have a 'name', the tool to call.");
        }

        whole.End(json, native, "tool_choice");
        return new ToolChoice(mode) { Name = name };
    }
}
