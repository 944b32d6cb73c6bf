using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Writes tools and the choice among them.</summary>
internal static class ToolWriter
{
    /// <summary>Writes <c>tools</c>.</summary>
    public static void WriteTools(Utf8JsonWriter w, IReadOnlyList<Tool> tools, Writing writing)
    {
        w.WriteStartArray("tools"u8);
        for (int i = 0; i < tools.Count; i++)
        {
            switch (tools[i])
            {
                case OpaqueTool opaque:
                    opaque.Json.WriteTo(w);
                    break;
                case FunctionTool function:
                    WriteTool(w, function, writing, $"tools[{i}]");
                    break;
                default:
                    break;
            }
        }

        w.WriteEndArray();
    }

    private static void WriteTool(Utf8JsonWriter w, FunctionTool tool, Writing writing, string path)
    {
        w.WriteStartObject();
        Writing.Text(w, "type"u8, tool.Spelling);
        w.WriteString("name"u8, tool.Name);
        Writing.Text(w, "description"u8, tool.Description);
        if (tool.Parameters is { } schema)
        {
            w.WritePropertyName("input_schema"u8);
            schema.WriteTo(w);
        }

        if (tool.Strict is { } strict)
        {
            w.WriteBoolean("strict"u8, strict);
        }

        BlockWriter.WriteCache(w, tool.Cache, tool.Native);
        writing.Native(w, tool.Native, path);
        w.WriteEndObject();
    }

    /// <summary>Writes <c>tool_choice</c>, which also says whether tools may be called in parallel.</summary>
    public static void WriteChoice(Utf8JsonWriter w, ConversationRequest request, Writing writing)
    {
        if (request.ToolChoice is not { } choice || Writing.Kept(request.Native, "tool_choice"))
        {
            return;
        }

        w.WritePropertyName("tool_choice"u8);
        if (choice.Mode == ToolChoiceMode.Opaque)
        {
            choice.Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        w.WriteString("type"u8, choice.Mode switch
        {
            ToolChoiceMode.None => "none"u8,
            ToolChoiceMode.Required => "any"u8,
            ToolChoiceMode.Named => "tool"u8,
            _ => "auto"u8,
        });
        Writing.Text(w, "name"u8, choice.Name);
        if (request.ParallelToolCalls is { } parallel)
        {
            w.WriteBoolean("disable_parallel_tool_use"u8, !parallel);
        }

        w.WriteEndObject();
    }
}
