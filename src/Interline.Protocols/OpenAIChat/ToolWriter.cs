using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Writes tools, the choice among them, and calls of them.</summary>
internal static class ToolWriter
{
    /// <summary>True if anything is left of the tools: those of another provider are not.</summary>
    public static bool Any(IReadOnlyList<Tool>? tools) => tools?.Any(t => t is not OpaqueTool { Format: not WireFormat.OpenAIChat }) == true;

    /// <summary>Writes <c>tools</c> and, where they were given so, the old <c>functions</c>. None where all were another provider's: OpenAI refuses an empty list.</summary>
    public static void WriteTools(Utf8JsonWriter w, IReadOnlyList<Tool> tools, Writing writing)
    {
        List<Tool> old = [.. tools.Where(t => t.Spelling is "functions")];
        List<Tool> current = [.. tools.Where(t => t.Spelling is not "functions")];
        for (int i = 0; i < current.Count; i++)
        {
            if (current[i] is OpaqueTool { Format: not WireFormat.OpenAIChat } foreign)
            {
                writing.Losses.Add($"tools[{i}]", LossAction.Dropped, $"the tool {foreign.Type} is run by another provider");
            }
        }

        if (tools.Count > 0 && !Any(tools))
        {
            return;
        }

        if (old.Count > 0)
        {
            w.WriteStartArray("functions"u8);
            old.ForEach(t => WriteFunction(w, (FunctionTool)t, writing, "functions"));
            w.WriteEndArray();
        }

        if (current.Count == 0 && old.Count > 0)
        {
            return;
        }

        w.WriteStartArray("tools"u8);
        for (int i = 0; i < current.Count; i++)
        {
            WriteTool(w, current[i], writing, $"tools[{i}]");
        }

        w.WriteEndArray();
    }

    private static void WriteTool(Utf8JsonWriter w, Tool tool, Writing writing, string path)
    {
        if (tool is OpaqueTool opaque)
        {
            if (opaque.Format == WireFormat.OpenAIChat)
            {
                opaque.Json.WriteTo(w);
            }

            return;
        }

        w.WriteStartObject();
        if (tool is CustomTool custom)
        {
            w.WriteString("type"u8, "custom"u8);
            w.WriteStartObject("custom"u8);
            w.WriteString("name"u8, custom.Name);
            WriteText(w, "description"u8, custom.Description);
            if (custom.Form is { } form)
            {
                w.WritePropertyName("format"u8);
                form.WriteTo(w);
            }

            writing.Native(w, custom.InnerNative, path);
            w.WriteEndObject();
        }
        else
        {
            w.WriteString("type"u8, "function"u8);
            w.WritePropertyName("function"u8);
            WriteFunction(w, (FunctionTool)tool, writing, path);
        }

        PartWriter.WriteCache(w, tool.Cache, tool.Native, writing, path);
        writing.Native(w, tool.Native, path);
        w.WriteEndObject();
    }

    private static void WriteFunction(Utf8JsonWriter w, FunctionTool tool, Writing writing, string path)
    {
        w.WriteStartObject();
        w.WriteString("name"u8, tool.Name);
        WriteText(w, "description"u8, tool.Description);
        if (tool.Parameters is { } parameters)
        {
            w.WritePropertyName("parameters"u8);
            parameters.WriteTo(w);
        }

        if (tool.Strict is { } strict)
        {
            w.WriteBoolean("strict"u8, strict);
        }

        writing.Native(w, tool.InnerNative, path);
        w.WriteEndObject();
    }

    /// <summary>Writes <c>tool_choice</c>, or the old <c>function_call</c>.</summary>
    public static void WriteChoice(Utf8JsonWriter w, ToolChoice choice, Writing writing)
    {
        if (choice.Mode == ToolChoiceMode.Opaque && choice.Format != WireFormat.OpenAIChat)
        {
            writing.Losses.Add("tool_choice", LossAction.Dropped, "OpenAI Chat has no such choice of tools");
            return;
        }

        bool old = choice.Spelling is "function_call";
        w.WritePropertyName(old ? "function_call"u8 : "tool_choice"u8);
        switch (choice)
        {
            case { Mode: ToolChoiceMode.Opaque }:
                choice.Json.WriteTo(w);
                break;
            case { Mode: ToolChoiceMode.Named } when old:
                WriteNamed(w, choice.Name ?? "");
                break;
            case { Mode: ToolChoiceMode.Named }:
                string kind = choice.IsCustom ? "custom" : "function";
                w.WriteStartObject();
                w.WriteString("type"u8, kind);
                w.WritePropertyName(kind);
                WriteNamed(w, choice.Name ?? "");
                w.WriteEndObject();
                break;
            case { Allowed: { } allowed }:
                WriteAllowed(w, choice.Mode, allowed);
                break;
            default:
                w.WriteStringValue(ModeWord(choice.Mode, choice.Spelling));
                break;
        }
    }

    private static void WriteAllowed(Utf8JsonWriter w, ToolChoiceMode mode, IReadOnlyList<string> allowed)
    {
        w.WriteStartObject();
        w.WriteString("type"u8, "allowed_tools"u8);
        w.WriteStartObject("allowed_tools"u8);
        w.WriteString("mode"u8, ModeWord(mode, null));
        w.WriteStartArray("tools"u8);
        foreach (string name in allowed)
        {
            w.WriteStartObject();
            w.WriteString("type"u8, "function"u8);
            w.WritePropertyName("function"u8);
            WriteNamed(w, name);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private static string ModeWord(ToolChoiceMode mode, string? spelling) => mode switch
    {
        ToolChoiceMode.None => "none",
        ToolChoiceMode.Required => spelling is "any" ? "any" : "required",
        _ => "auto",
    };

    private static void WriteNamed(Utf8JsonWriter w, string name)
    {
        w.WriteStartObject();
        w.WriteString("name"u8, name);
        w.WriteEndObject();
    }

    /// <summary>Writes a message's tool calls.</summary>
    public static void WriteCalls(Utf8JsonWriter w, Message m, Writing writing, string path)
    {
        if (m.Parts.OfType<ToolCallPart>().FirstOrDefault(c => c.Spelling is "function_call") is { } old)
        {
            if (!Writing.Kept(old.Native, "function_call"))
            {
                w.WriteStartObject("function_call"u8);
                w.WriteString("name"u8, old.Name);
                w.WriteString("arguments"u8, old.Arguments);
                w.WriteEndObject();
            }

            writing.Native(w, old.Native, path);
        }

        List<Part> calls = [.. m.Parts.Where(p => (p is ToolCallPart && p.Spelling is not "function_call") || p.Spelling is "tool_calls")];
        if (calls.Count == 0)
        {
            return;
        }

        w.WriteStartArray("tool_calls"u8);
        for (int i = 0; i < calls.Count; i++)
        {
            WriteCall(w, calls[i], writing, $"{path}.tool_calls[{i}]");
        }

        w.WriteEndArray();
    }

    private static void WriteCall(Utf8JsonWriter w, Part part, Writing writing, string path)
    {
        if (part is not ToolCallPart call)
        {
            ((OpaquePart)part).Json.WriteTo(w);
            return;
        }

        w.WriteStartObject();
        if (!Writing.Kept(call.Native, "id"))
        {
            w.WriteString("id"u8, writing.CallId(call));
        }

        WriteCalled(w, call, call.Name, call.Arguments);
        bool signed = writing.IsAnswer || writing.Dialect.GoogleSignatures;
        if (signed)
        {
            WriteSignature(w, call);
        }

        writing.Native(w, call.Native, path);
        w.WriteEndObject();
        if (!Writing.Ours(call.Native))
        {
            PartLosses.Report(call, writing, path, signed);
            PartWriter.ReportCache(call.Cache, writing, path);
        }
    }

    /// <summary>Writes <c>type</c> and the called function or custom tool.</summary>
    public static void WriteCalled(Utf8JsonWriter w, ToolCallPart call, string name, string arguments)
    {
        ReadOnlySpan<byte> kind = call.IsCustom ? "custom"u8 : "function"u8;
        if (call.Spelling is { } spelling and not "function_call")
        {
            w.WriteString("type"u8, spelling);
        }
        else
        {
            w.WriteString("type"u8, kind);
        }

        if (Writing.Kept(call.Native, call.IsCustom ? "custom" : "function"))
        {
            return;
        }

        w.WriteStartObject(kind);
        w.WriteString("name"u8, name);
        w.WriteString(call.IsCustom ? "input"u8 : "arguments"u8, arguments);
        w.WriteEndObject();
    }

    /// <summary>Writes a signature where Google's dialect of this format has it, so that a client that keeps unknown fields sends it back.</summary>
    public static void WriteSignature(Utf8JsonWriter w, Part part)
    {
        if (part.Signature is null || Writing.Ours(part.Native))
        {
            return;
        }

        WriteGoogleSignature(w, part.Signature);
    }

    /// <summary>Writes <c>extra_content</c> with a signature.</summary>
    public static void WriteGoogleSignature(Utf8JsonWriter w, string signature)
    {
        w.WriteStartObject("extra_content"u8);
        w.WriteStartObject("google"u8);
        w.WriteString("thought_signature"u8, signature);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
        {
            w.WriteString(name, text);
        }
    }
}
