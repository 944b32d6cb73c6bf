using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>A conversation as this format has it: instructions apart, then turns of user and model by turns.</summary>
/// <param name="System">Text blocks.</param>
/// <param name="Messages">User first, then by turns; at least one.</param>
internal sealed record Turns(IReadOnlyList<Part> System, IReadOnlyList<Message> Messages)
{
    /// <summary>True if the last turn of the model calls tools and does not begin with thinking.</summary>
    public bool LoopBeganWithoutThinking =>
        Messages.LastOrDefault(m => m.Role == Role.Assistant) is { } last && last.Parts.Any(p => p is ToolCallPart) && last.Parts[0] is not ReasoningPart;
}

/// <summary>
/// Puts the messages of another format in the order that Anthropic takes: roles by turns, the user first, the results of all calls first in the turn after them,
/// instructions apart; one result for each call right after it, and none without. What is moved or changed is reported.
/// </summary>
internal static class TurnFit
{
    /// <summary>Fits the conversation of <paramref name="r"/>.</summary>
    public static Turns Fit(ConversationRequest r, Writing writing)
    {
        List<Part> system = PartFit.FitAll(r.Instructions, Place.System, writing, "system");
        List<GatheredTurn> turns = [];
        Dictionary<Part, string> places = new(ReferenceEqualityComparer.Instance);
        bool atHead = true;
        for (int i = 0; i < r.Messages.Count; i++)
        {
            Message m = r.Messages[i];
            string path = $"messages[{i}]";
            Report(m, writing, path);
            bool isSystem = m.Role is Role.System or Role.Developer;
            atHead &= isSystem;
            List<Part> parts = Parts(m, atHead ? Place.System : m.Role == Role.Assistant ? Place.Assistant : Place.User, writing, path);
            if (atHead)
            {
                system.AddRange(parts);
            }
            else if (parts.Count > 0)
            {
                Add(turns, m.Role == Role.Assistant ? Role.Assistant : Role.User, isSystem ? Told(parts, writing, path) : parts);
                foreach (Part part in parts)
                {
                    if (part is ToolResultPart)
                    {
                        places.TryAdd(part, path);
                    }
                }
            }
        }

        Begin(turns, system, writing);
        ResultFit.Fit(turns, places, writing);
        TrimEnd(turns, writing);
        return new Turns(system, turns.ConvertAll(t => new Message(t.Role, Ordered(t)) { AsParts = true }));
    }

    private static void Report(Message m, Writing writing, string path)
    {
        writing.Foreign(m.Native, path);
        if (m.Name is not null)
        {
            writing.Drop($"{path}.name", "Anthropic's messages have no names");
        }

        if (m.Id is not null)
        {
            writing.Drop($"{path}.id", "Anthropic's messages have no ids");
        }
    }

    private static List<Part> Parts(Message m, Place place, Writing writing, string path)
    {
        List<Part> parts = PartFit.FitAll(m.Parts, place, writing, path + ".content");
        if (m.Cache is not null && parts.Count > 0)
        {
            parts[^1] = parts[^1] with { Cache = PartFit.Cache(m.Cache, writing, path) };
        }

        return parts;
    }

    /// <summary>Instructions in the middle: most models take none there, so the user says them, marked as what they are.</summary>
    private static List<Part> Told(List<Part> parts, Writing writing, string path)
    {
        writing.Losses.Add(path, LossAction.Moved, "Anthropic takes instructions at the beginning only: these are in the user's turn");
        return [.. parts.Select(p => p is TextPart text ? text with { Text = $"<system>\n{text.Text}\n</system>" } : p)];
    }

    private static void Add(List<GatheredTurn> turns, Role role, List<Part> parts)
    {
        if (turns.Count > 0 && turns[^1].Role == role)
        {
            turns[^1].Parts.AddRange(parts);
        }
        else
        {
            turns.Add(new GatheredTurn(role, parts));
        }
    }

    /// <summary>The conversation must begin with the user. If nothing but instructions was given, the last of them are what is asked.</summary>
    private static void Begin(List<GatheredTurn> turns, List<Part> system, Writing writing)
    {
        if (turns.Count == 0 && system.Count > 0)
        {
            writing.Losses.Add("messages", LossAction.Moved, "Anthropic needs a message of the user: the last instruction is one");
            Part last = system[^1];
            system.RemoveAt(system.Count - 1);
            turns.Add(new GatheredTurn(Role.User, [last]));
        }
        else if (turns.Count == 0 || turns[0].Role == Role.Assistant)
        {
            writing.Change("messages", "Anthropic needs a message of the user first: one was put there");
            turns.Insert(0, new GatheredTurn(Role.User, [new TextPart("(The conversation begins.)")]));
        }
    }

    /// <summary>Results before all else in a user's turn, thinking before all else in a model's.</summary>
    private static List<Part> Ordered(GatheredTurn turn)
    {
        Func<Part, bool> first = turn.Role == Role.User ? static p => p is ToolResultPart : static p => p is ReasoningPart;
        return first(turn.Parts[0]) && turn.Role == Role.Assistant ? turn.Parts : [.. turn.Parts.Where(first), .. turn.Parts.Where(p => !first(p))];
    }

    /// <summary>An answer that is begun for the model must not end in white space.</summary>
    private static void TrimEnd(List<GatheredTurn> turns, Writing writing)
    {
        if (turns[^1] is { Role: Role.Assistant } last && last.Parts[^1] is TextPart text && text.Text.Length > 0 && char.IsWhiteSpace(text.Text[^1]))
        {
            writing.Change("messages", "Anthropic takes no begun answer that ends in white space: it is cut off");
            last.Parts[^1] = text with { Text = text.Text.TrimEnd() };
        }
    }
}
