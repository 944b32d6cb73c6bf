using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>One content of a request.</summary>
/// <param name="isModel">Whether the model speaks.</param>
internal sealed class Turn(bool isModel)
{
    public bool IsModel { get; } = isModel;

    public List<Part> Parts { get; } = [];

    /// <summary>Responses to the calls of the turn before, not yet in order.</summary>
    public List<(ToolResultPart Result, string Path)> Results { get; } = [];
}

/// <summary>
/// The messages of another format as Gemini wants them: user and model in turns; all responses to the calls of a turn together in the next one, in the order
/// of the calls, one for each call; instructions apart. Source: refusals of the Gemini API as recorded ("function response turn comes immediately after a
/// function call turn", "number of function response parts is equal to the number of function call parts").
/// </summary>
internal sealed class Turns
{
    /// <summary>What Google's documentation of thought signatures says to send where there is none, so that the check is skipped.</summary>
    private const string NoSignature = "skip_thought_signature_validator";

    private readonly Writing _writing;
    private readonly PartAdapter _adapter;
    private readonly bool _mediaInResponses;

    private Turns(Writing writing, bool mediaInResponses)
    {
        _writing = writing;
        _adapter = new PartAdapter(writing);
        _mediaInResponses = mediaInResponses;
    }

    public List<Part> Instructions { get; } = [];

    public List<Turn> All { get; } = [];

    /// <summary>Puts a request into turns.</summary>
    public static Turns Of(ConversationRequest request, TargetModel target, Writing writing)
    {
        // Gemini 3 takes media inside a response and wants calls signed.
        bool third = ThinkingRules.Generation(target.Model) >= 3;
        Turns turns = new(writing, third);
        turns._adapter.Add(request.Instructions, turns.Instructions, "system");
        for (int i = 0; i < request.Messages.Count; i++)
        {
            turns.Add(request.Messages[i], $"messages[{i}]");
        }

        turns.Begin();
        turns.Arrange();
        if (third)
        {
            turns.Sign();
        }

        return turns;
    }

    private void Add(Message message, string path)
    {
        Report(message, path);
        if (message.Role is Role.System or Role.Developer)
        {
            if (All.Count == 0)
            {
                _adapter.Add(message.Parts, Instructions, $"{path}.content");
                return;
            }

            _writing.Losses.Add(path, LossAction.Moved, "Gemini takes instructions before the conversation only: they stand in a user's turn");
        }

        List<Part> parts = [];
        List<(ToolResultPart, string)> results = [];
        for (int i = 0; i < message.Parts.Count; i++)
        {
            string at = $"{path}.content[{i}]";
            if (message.Parts[i] is ToolResultPart result)
            {
                results.Add((result, at));
            }
            else
            {
                _adapter.Add(message.Parts[i], parts, at);
            }
        }

        if (parts.Count + results.Count == 0)
        {
            return;
        }

        bool isModel = message.Role == Role.Assistant;
        if (All.Count == 0 || All[^1].IsModel != isModel)
        {
            All.Add(new Turn(isModel));
        }

        All[^1].Parts.AddRange(parts);
        All[^1].Results.AddRange(results);
    }

    private void Report(Message message, string path)
    {
        _writing.Losses.AddForeign(message.Native, WireFormat.Gemini, path);
        if (message.Name is not null)
        {
            _writing.Drop($"{path}.name", "Gemini has no names of speakers");
        }

        if (message.Id is not null)
        {
            _writing.Drop($"{path}.id", "Gemini's contents have no id");
        }

        if (message.Cache is not null)
        {
            _writing.Drop($"{path}.cache_control", PartAdapter.NoMarks);
        }
    }

    /// <summary>A conversation must begin with the user, at least before a call, and must not be empty.</summary>
    private void Begin()
    {
        if (All.Count == 0)
        {
            Turn only = new(isModel: false);
            if (Instructions.Count > 0)
            {
                _writing.Losses.Add("messages", LossAction.Moved, "Gemini wants a user's turn: the instructions are put there");
                only.Parts.AddRange(Instructions);
                Instructions.Clear();
            }
            else
            {
                _writing.Losses.Add("messages", LossAction.Emulated, "Gemini takes no empty conversation: a blank stands for it");
                only.Parts.Add(new TextPart(" "));
            }

            All.Add(only);
        }
        else if (All[0].IsModel)
        {
            Turn first = new(isModel: false);
            first.Parts.Add(new TextPart(" "));
            All.Insert(0, first);
            _writing.Losses.Add("messages[0]", LossAction.Emulated, "Gemini wants the user to begin: a blank turn was put before");
        }
    }

    private void Arrange()
    {
        for (int i = 0; i < All.Count; i++)
        {
            if (All[i].IsModel && All[i].Results.Count > 0)
            {
                Strays(All[i]);
            }
            else if (!All[i].IsModel)
            {
                Arrange(i > 0 ? All[i - 1].Parts : [], All[i]);
            }
        }
    }

    /// <summary>Puts the responses in the order of the calls, before all else of the turn.</summary>
    private void Arrange(List<Part> before, Turn turn)
    {
        List<Part> responses = [];
        List<Part> media = [];
        PendingResults pending = new(turn.Results);
        foreach (Part part in before)
        {
            if (part is not ToolCallPart call)
            {
                continue;
            }

            if (pending.Take(call) is not { } found)
            {
                _writing.Losses.Add("messages", LossAction.Emulated, $"Gemini wants a response to each call, and {call.Name} has none: an error stands for it");
                responses.Add(new ToolResultPart(call.Id, [new TextPart("The tool gave no result.")]) { Name = call.Name, IsError = true });
                continue;
            }

            responses.Add(Response(found.Result, call.Name, media, found.Path) with { CallId = call.Id });
        }

        pending.KeepRest();
        Strays(turn);
        turn.Parts.InsertRange(0, [.. responses, .. media]);
    }

    /// <summary>Results without a call right before them are told as text.</summary>
    private void Strays(Turn turn)
    {
        List<Part> told = [];
        List<Part> media = [];
        foreach ((ToolResultPart result, string path) in turn.Results)
        {
            media.Clear();
            ToolResultPart response = Response(result, result.Name ?? "a tool", media, path);
            string text = response.Parts is [TextPart only, ..] ? only.Text : "";
            _writing.Losses.Add(path, LossAction.Emulated, "Gemini takes a response only right after its call: it is told as text");
            told.Add(new TextPart($"Result of {response.Name}: {text}"));
            told.AddRange(media);
        }

        turn.Parts.InsertRange(0, told);
        turn.Results.Clear();
    }

    /// <summary>A response of one text, and of media where the model takes them inside; other media go behind the responses.</summary>
    private ToolResultPart Response(ToolResultPart result, string name, List<Part> media, string path)
    {
        _writing.Losses.AddForeign(result.Native, WireFormat.Gemini, path);
        if (result.Cache is not null)
        {
            _writing.Drop($"{path}.cache_control", PartAdapter.NoMarks);
        }

        List<Part> parts = [];
        _adapter.Add(result.Parts, parts, $"{path}.content");
        List<Part> inside = [];
        string text = "";
        foreach (Part part in parts)
        {
            if (part is TextPart said)
            {
                text += said.Text;
            }
            else if (part is MediaPart { Source: InlineSource } && _mediaInResponses)
            {
                inside.Add(part);
            }
            else
            {
                _writing.Losses.Add(path, LossAction.Moved, "this model takes no such media inside a response: they follow it");
                media.Add(part);
            }
        }

        return new ToolResultPart(result.CallId, [new TextPart(text), .. inside]) { Name = name, IsError = result.IsError };
    }

    /// <summary>In the turn under way the first call of each step must be signed: where the caller lost the signature, the documented words stand for it.</summary>
    private void Sign()
    {
        int from = All.FindLastIndex(t => !t.IsModel && t.Parts.Exists(p => p is TextPart));
        for (int i = from + 1; i < All.Count; i++)
        {
            int call = All[i].IsModel ? All[i].Parts.FindIndex(p => p is ToolCallPart) : -1;
            if (call >= 0 && All[i].Parts[call].Signature is null)
            {
                All[i].Parts[call] = All[i].Parts[call] with { Signature = NoSignature };
                _writing.Losses.Add("messages", LossAction.Emulated, "Gemini 3 wants its signature back with a call, and the caller sent none: the words that skip the check stand for it");
            }
        }
    }
}
