using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Makes the tools of another format ones that Anthropic takes.</summary>
internal static class ToolFit
{
    private static readonly RawJson FreeText = new($"{{\"type\":\"object\",\"properties\":{{\"{ToolInput.FreeText}\":{{\"type\":\"string\"}}}},\"required\":[\"{ToolInput.FreeText}\"]}}");

    /// <summary>Fits tools, choice, and whether calls may be parallel.</summary>
    public static (IReadOnlyList<Tool>? Tools, ToolChoice? Choice, bool? Parallel) Fit(ConversationRequest r, Writing writing)
    {
        List<Tool> tools = [];
        for (int i = 0; i < (r.Tools?.Count ?? 0); i++)
        {
            if (Fit(r.Tools![i], writing, $"tools[{i}]") is { } tool)
            {
                tools.Add(tool);
            }
        }

        if (tools.Count == 0)
        {
            if (r.ToolChoice is { Mode: not ToolChoiceMode.None })
            {
                writing.Drop("tool_choice", "there is no tool to choose");
            }

            return (null, null, null);
        }

        ToolChoice? choice = Choice(r.ToolChoice, tools, writing);
        if (r.ParallelToolCalls == false && choice is null)
        {
            choice = new ToolChoice(ToolChoiceMode.Auto);
        }

        return (tools, choice, r.ParallelToolCalls == false && choice!.Mode != ToolChoiceMode.None ? false : null);
    }

    private static Tool? Fit(Tool tool, Writing writing, string path)
    {
        if (tool is OpaqueTool opaque)
        {
            if (opaque.Format == WireFormat.AnthropicMessages)
            {
                return opaque;
            }

            writing.Drop(path, $"the tool {opaque.Type} is run by another provider");
            return null;
        }

        writing.Foreign(tool.Native, path);
        writing.Foreign(tool.InnerNative, path + ".function");
        CacheMark? cache = PartFit.Cache(tool.Cache, writing, path);
        if (tool is CustomTool custom)
        {
            writing.Losses.Add(path, LossAction.Emulated, $"Anthropic's tools take JSON: the text is in the field {ToolInput.FreeText}");
            if (custom.Form is not null)
            {
                writing.Drop(path + ".custom.format", "Anthropic knows no grammar for a tool's text");
            }

            return new FunctionTool(custom.Name) { Description = custom.Description, Parameters = FreeText, Cache = cache };
        }

        FunctionTool function = (FunctionTool)tool;
        return new FunctionTool(function.Name)
        {
            Description = function.Description,
            Parameters = SchemaFit.OfTool(function.Parameters, writing, path + ".function.parameters"),
            Strict = function.Strict == true ? true : null,
            Cache = cache,
        };
    }

    private static ToolChoice? Choice(ToolChoice? choice, List<Tool> tools, Writing writing)
    {
        if (choice is null || choice is { Mode: ToolChoiceMode.Opaque, Allowed: null, Name: null })
        {
            if (choice is not null)
            {
                writing.Drop("tool_choice", "Anthropic has no such choice of tools");
            }

            return null;
        }

        if (choice.Mode == ToolChoiceMode.Opaque)
        {
            writing.Drop("tool_choice", "of this choice Anthropic has only which tools it is limited to");
        }

        if (choice.Allowed is { } allowed)
        {
            // The others are not offered at all: the same to the model, but for the cached prompt.
            writing.Losses.Add("tool_choice", LossAction.Emulated, "only the allowed tools are offered");
            tools.RemoveAll(t => t is FunctionTool f && !allowed.Contains(f.Name));
            return tools.Count == 0 ? null : new ToolChoice(choice.Mode == ToolChoiceMode.Required ? ToolChoiceMode.Required : ToolChoiceMode.Auto);
        }

        return choice.Name is { } name ? new ToolChoice(ToolChoiceMode.Named) { Name = name } : new ToolChoice(choice.Mode);
    }
}
