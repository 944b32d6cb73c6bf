using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>A turn being gathered: one list, however many messages it is made of.</summary>
/// <param name="Role">User or model.</param>
/// <param name="Parts">What is said in it.</param>
internal readonly record struct GatheredTurn(Role Role, List<Part> Parts);

/// <summary>
/// Sees to it that each call has one result right after it, and that no result stands without its call. Source: Anthropic's answers to wrong requests
/// ("tool_use ids were found without tool_result blocks immediately after", "unexpected tool_use_id found in tool_result blocks").
/// </summary>
internal static class ResultFit
{
    /// <summary>Fits the turns: user first, then by turns.</summary>
    /// <param name="turns">The turns; results that are missing are put in, with a turn of the user's at the end if it needs one.</param>
    /// <param name="places">Message that each result was in.</param>
    /// <param name="writing">Gets what was changed.</param>
    public static void Fit(List<GatheredTurn> turns, Dictionary<Part, string> places, Writing writing)
    {
        if (turns[^1].Role == Role.Assistant && turns[^1].Parts.Exists(p => p is ToolCallPart))
        {
            turns.Add(new GatheredTurn(Role.User, []));
        }

        for (int i = 0; i < turns.Count; i++)
        {
            if (turns[i].Role == Role.User)
            {
                Fit(i > 0 ? turns[i - 1].Parts : [], turns[i].Parts, places, writing);
            }
        }
    }

    private static void Fit(List<Part> before, List<Part> parts, Dictionary<Part, string> places, Writing writing)
    {
        if (!before.Exists(p => p is ToolCallPart) && !parts.Exists(p => p is ToolResultPart))
        {
            return;
        }

        Dictionary<string, string> open = new(StringComparer.Ordinal);
        foreach (Part part in before)
        {
            if (part is ToolCallPart call)
            {
                open.TryAdd(call.Id, call.Name);
            }
        }

        List<Part> fitted = new(parts.Count);
        bool strays = false;
        foreach (Part part in parts)
        {
            if (part is ToolResultPart result && !open.Remove(result.CallId))
            {
                strays = true;
                writing.Losses.Add(places.GetValueOrDefault(part, "messages"), LossAction.Emulated, "Anthropic takes a result only right after its call: it is told as text");
                Tell(result, fitted);
            }
            else
            {
                fitted.Add(part);
            }
        }

        if (strays)
        {
            parts.Clear();
            parts.AddRange(fitted);
        }

        foreach ((string id, string name) in open)
        {
            writing.Losses.Add("messages", LossAction.Emulated, $"Anthropic wants a result for each call, and {name} has none: an error stands for it");
            parts.Add(new ToolResultPart(id, [new TextPart("The tool gave no result.")]) { IsError = true });
        }
    }

    /// <summary>Tells a result without its call as text; its media follow.</summary>
    private static void Tell(ToolResultPart result, List<Part> into)
    {
        string what = result.IsError == true ? "Error" : "Result";
        into.Add(new TextPart($"{what} of the tool call {result.CallId}: {string.Concat(result.Parts.OfType<TextPart>().Select(t => t.Text))}") { Cache = result.Cache });
        into.AddRange(result.Parts.Where(p => p is not TextPart));
    }
}
