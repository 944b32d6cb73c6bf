using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Writes tools and the choice among them.</summary>
internal static class ToolWriter
{
    /// <summary>Writes <c>tools</c>: all functions in one, each tool of Google's by itself.</summary>
    public static void WriteTools(Utf8JsonWriter w, IReadOnlyList<Tool> tools, Writing writing)
    {
        List<FunctionTool> functions = [];
        List<OpaqueTool> own = [];
        for (int i = 0; i < tools.Count; i++)
        {
            string path = $"tools[{i}]";
            switch (tools[i])
            {
                case FunctionTool function:
                    Report(function, writing, path);
                    functions.Add(function);
                    break;
                case OpaqueTool { Format: WireFormat.Gemini } opaque:
                    own.Add(opaque);
                    break;
                case OpaqueTool other:
                    writing.Drop(path, $"the tool {other.Type} is run by another provider");
                    break;
                default:
                    writing.Drop(path, "Gemini's tools take JSON only");
                    break;
            }
        }

        if (functions.Count + own.Count == 0)
        {
            return;
        }

        w.WriteStartArray("tools"u8);
        if (functions.Count > 0)
        {
            w.WriteStartObject();
            w.WriteStartArray("functionDeclarations"u8);
            functions.ForEach(f => WriteFunction(w, f));
            w.WriteEndArray();
            w.WriteEndObject();
        }

        own.ForEach(t => t.Json.WriteTo(w));
        w.WriteEndArray();
    }

    private static void Report(FunctionTool tool, Writing writing, string path)
    {
        writing.Losses.AddForeign(tool.Native, WireFormat.Gemini, path);
        writing.Losses.AddForeign(tool.InnerNative, WireFormat.Gemini, $"{path}.function");
        if (tool.Cache is not null)
        {
            writing.Drop($"{path}.cache_control", PartAdapter.NoMarks);
        }

        if (tool.Strict == true)
        {
            writing.Drop($"{path}.strict", "Gemini does not hold arguments to the letter of a schema");
        }
    }

    private static void WriteFunction(Utf8JsonWriter w, FunctionTool tool)
    {
        w.WriteStartObject();
        w.WriteString("name"u8, tool.Name);
        if (tool.Description is not null)
        {
            w.WriteString("description"u8, tool.Description);
        }

        if (tool.Parameters is { IsObject: true } parameters)
        {
            w.WritePropertyName("parametersJsonSchema"u8);
            parameters.WriteTo(w);
        }

        if (Writing.Ours(tool.InnerNative))
        {
            tool.InnerNative!.WriteTo(w);
        }

        w.WriteEndObject();
    }

    /// <summary>Writes <c>toolConfig</c>. Only <c>ANY</c> and <c>VALIDATED</c> can be limited to some tools.</summary>
    public static void WriteChoice(Utf8JsonWriter w, ToolChoice choice, IReadOnlyList<Tool>? tools, Writing writing)
    {
        if (choice is { Mode: ToolChoiceMode.Opaque, Name: null, Allowed: null } || tools is null || !tools.Any(t => t is FunctionTool))
        {
            if (choice.Mode is not (ToolChoiceMode.Auto or ToolChoiceMode.None))
            {
                writing.Drop("tool_choice", choice.Mode == ToolChoiceMode.Opaque ? "Gemini has no such choice of tools" : "there is no function that could be called");
            }

            return;
        }

        if (choice.Mode == ToolChoiceMode.Opaque)
        {
            writing.Drop("tool_choice", "of this choice Gemini has only which tools it is limited to");
        }

        IReadOnlyList<string>? allowed = choice is { Mode: ToolChoiceMode.Named or ToolChoiceMode.Opaque, Name: { } name } ? [name] : choice.Allowed;
        w.WriteStartObject("toolConfig"u8);
        w.WriteStartObject("functionCallingConfig"u8);
        w.WriteString("mode"u8, choice.Mode switch
        {
            ToolChoiceMode.None => "NONE",
            ToolChoiceMode.Required or ToolChoiceMode.Named => "ANY",
            ToolChoiceMode.Opaque when choice.Name is not null => "ANY",
            _ => allowed is null ? "AUTO" : "VALIDATED",
        });
        if (allowed is not null && choice.Mode != ToolChoiceMode.None)
        {
            w.WriteStartArray("allowedFunctionNames"u8);
            foreach (string one in allowed)
            {
                w.WriteStringValue(one);
            }

            w.WriteEndArray();
        }

        w.WriteEndObject();
        w.WriteEndObject();
    }
}
