using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One choice of a stream while it is read: which parts are open, and which tool call has which number.</summary>
internal sealed class StreamChoice(int index)
{
    private readonly List<Call> _calls = [];
    private int _parts;
    private int _open = -1;
    private string? _openKey;

    /// <summary>True once the provider said why the choice ended.</summary>
    public bool Finished { get; set; }

    /// <summary>True if any part has begun.</summary>
    public bool Any => _parts > 0;

    /// <summary>Ends all parts.</summary>
    public void Close(ICollection<StreamEvent> events)
    {
        CloseOpen(events);
        foreach (Call call in _calls)
        {
            if (call.Part < 0 && (call.Id.Length > 0 || call.Waiting.Length > 0))
            {
                StartCall(call, events);
            }

            if (call.Part >= 0 && !call.Ended)
            {
                call.Ended = true;
                events.Add(new PartEnded(index, call.Part));
            }
        }
    }

    /// <summary>Reads a <c>delta</c>.</summary>
    public void ReadDelta(ref JsonCursor json, List<StreamEvent> events, NativeFields native)
    {
        // The details come after the plain text in some chunks and before it in others; both are needed to see that they say the same.
        string? plain = null, plainName = null;
        List<Part> details = [];
        List<Action<List<StreamEvent>>> later = [];
        List<Action<List<StreamEvent>>> steps = [];
        json.EnterObject("an object");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "role":
                    json.Skip();
                    break;
                case "content" when json.Type == JsonTokenType.String:
                    string text = json.Text();
                    steps.Add(e => Text(e, "content", text, static () => new TextPart("")));
                    break;
                case "content" when json.Type == JsonTokenType.StartArray:
                    ReadParts(ref json, steps);
                    break;
                case "refusal" when json.Type == JsonTokenType.String:
                    string refusal = json.Text();
                    steps.Add(e => Text(e, "refusal", refusal, static () => new RefusalPart("")));
                    break;
                case "reasoning_content" or "reasoning" when json.Type == JsonTokenType.String && plain is null:
                    if (json.Text() is { Length: > 0 } told)
                    {
                        (plain, plainName) = (told, json.NameText);
                    }

                    break;
                case "reasoning_content" or "reasoning" when json.Type == JsonTokenType.String:
                    json.Skip();
                    break;
                case "reasoning_details" when json.Type == JsonTokenType.StartArray:
                    ReasoningDetails.Read(ref json, details, new NativeFields(WireFormat.OpenAIChat));
                    break;
                case "tool_calls" when json.Type == JsonTokenType.StartArray:
                    json.EnterArray();
                    while (json.NextElement())
                    {
                        long? number = json.PeekWhole("index"u8);
                        Part call = ToolReader.ReadCall(ref json);
                        later.Add(e => TakeCall(number, call, e));
                    }

                    break;
                case "function_call" when json.Type == JsonTokenType.StartObject:
                    NativeFields own = new(WireFormat.OpenAIChat);
                    ToolCallPart old = ToolReader.ReadCalled(ref json, new ToolCallPart("", "", "") { Spelling = "function_call", Native = own }, own, "function_call");
                    if (old.Name.Length + old.Arguments.Length > 0)
                    {
                        later.Add(e => TakeOldCall(old, e));
                    }

                    break;
                case "audio" when json.Type == JsonTokenType.StartObject:
                    AudioPart sound = AnswerAudio.Read(ref json);
                    steps.Add(e => Audio(e, sound));
                    break;
                case "images" when json.Type == JsonTokenType.StartArray:
                    json.EnterArray();
                    while (json.NextElement())
                    {
                        Part image = PartReader.Read(ref json) with { Spelling = "images" };
                        steps.Add(e => Whole(e, image));
                    }

                    break;
                case "annotations" when json.Type == JsonTokenType.StartArray && json.Raw() is var annotations:
                    steps.Add(e => Cite(e, annotations));
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        Reasoning(plain is null ? null : new ReasoningPart(plain) { Spelling = plainName }, details, events);
        steps.ForEach(step => step(events));
        if (later.Count > 0)
        {
            CloseOpen(events);
            later.ForEach(step => step(events));
        }
    }

    /// <summary>Mistral's content as parts: thinking and text.</summary>
    private void ReadParts(ref JsonCursor json, List<Action<List<StreamEvent>>> steps)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            Part part = PartReader.Read(ref json);
            steps.Add(part switch
            {
                TextPart text => e => Text(e, "content", text.Text, static () => new TextPart("")),
                ReasoningPart r => e => Text(e, "thinking", r.Text, static () => new ReasoningPart("") { Spelling = "thinking", Native = new NativeFields(WireFormat.OpenAIChat) }),
                _ => e => Whole(e, part),
            });
        }
    }

    private void Reasoning(ReasoningPart? plain, List<Part> details, List<StreamEvent> events)
    {
        foreach (Part part in ReasoningDetails.Join(plain, details))
        {
            if (part is not ReasoningPart r)
            {
                Whole(events, part);
                continue;
            }

            // Pieces of one detail share its kind and number; their format, id and number are said again in each.
            string number = r.Native?.Find("index")?.ToString() ?? "";
            string key = ReasoningDetails.Holds(r) ? $"details {r.IsSummary} {number}" : "reasoning";
            if (r.Encrypted is not null)
            {
                key += " encrypted";
            }

            if (r.Text.Length > 0 || r.Signature is { Length: > 0 } || r.Encrypted is not null)
            {
                int at = Open(events, key, () => r with { Text = "", Signature = null, Encrypted = null });
                AddIfAny(r.Text, t => new TextDelta(index, at, t), events);
                AddIfAny(r.Signature, s => new SignatureDelta(index, at, s), events);
                AddIfAny(r.Encrypted, d => new EncryptedDelta(index, at, d), events);
            }
        }
    }

    private static void AddIfAny(string? text, Func<string, StreamEvent> make, List<StreamEvent> events)
    {
        if (text is { Length: > 0 })
        {
            events.Add(make(text));
        }
    }

    private void Text(List<StreamEvent> events, string key, string text, Func<Part> seed)
    {
        // An empty text is what many providers begin with, also before tool calls: it opens nothing.
        if (text.Length > 0)
        {
            int at = Open(events, key, seed);
            events.Add(new TextDelta(index, at, text));
        }
    }

    private void Audio(List<StreamEvent> events, AudioPart sound)
    {
        string? data = sound.Source is InlineSource inline ? System.Text.Encoding.ASCII.GetString(inline.Base64.Span) : null;
        if (sound is { Id: not { Length: > 0 }, Transcript: not { Length: > 0 } } && data is not { Length: > 0 } && _openKey is not "audio")
        {
            return;
        }

        int at = Open(events, "audio", () => sound with { Source = new InlineSource(null, default), Transcript = null });
        if (data is { Length: > 0 } || sound.Transcript is { Length: > 0 })
        {
            events.Add(new AudioDelta(index, at, data, sound.Transcript));
        }
    }

    private void Cite(List<StreamEvent> events, RawJson annotations)
    {
        foreach (Citation citation in Citations.Read(annotations))
        {
            int at = Open(events, "content", static () => new TextPart(""));
            events.Add(new CitationAdded(index, at, citation));
        }
    }

    private void Whole(List<StreamEvent> events, Part part)
    {
        CloseOpen(events);
        events.Add(new PartStarted(index, _parts, part));
        events.Add(new PartEnded(index, _parts++));
    }

    /// <summary>The number of the open part of a kind; opens one if another kind is open.</summary>
    private int Open(List<StreamEvent> events, string key, Func<Part> seed)
    {
        if (_open < 0 || !string.Equals(_openKey, key, StringComparison.Ordinal))
        {
            CloseOpen(events);
            (_open, _openKey) = (_parts++, key);
            events.Add(new PartStarted(index, _open, seed()));
        }

        return _open;
    }

    private void CloseOpen(ICollection<StreamEvent> events)
    {
        if (_open >= 0)
        {
            events.Add(new PartEnded(index, _open));
            (_open, _openKey) = (-1, null);
        }
    }

    private void TakeCall(long? number, Part read, List<StreamEvent> events)
    {
        if (read is not ToolCallPart call)
        {
            Whole(events, read);
            return;
        }

        // By number; where several calls share one (Google's dialect) or have none, a new id or name begins a new call.
        Call? known = number is null ? _calls.LastOrDefault() : _calls.FindLast(c => c.Number == number);
        bool begins = known is null || (call.Name.Length > 0 && known.Name.Length > 0 && (number is null || (call.Id.Length > 0 && call.Id != known.Id)));
        if (begins)
        {
            _calls.Add(known = new Call { Number = number ?? _calls.Count, Seed = call with { Native = call.Native!.Without("index") } });
        }

        Extend(known!, call.Id, call.Name, call.Arguments, events);
    }

    /// <summary>The old single <c>function_call</c>. (Snowflake sends an empty one with every chunk, which is none.)</summary>
    private void TakeOldCall(ToolCallPart call, List<StreamEvent> events)
    {
        Call? known = _calls.Find(c => c.Number == -1);
        if (known is null)
        {
            _calls.Add(known = new Call { Number = -1, Seed = call });
        }

        Extend(known, "", call.Name, call.Arguments, events);
    }

    private void Extend(Call call, string id, string name, string arguments, List<StreamEvent> events)
    {
        call.Id = call.Id.Length > 0 ? call.Id : id;
        if (call.Part < 0)
        {
            call.Name += name;
            call.Waiting += arguments;
            if (call.Name.Length > 0)
            {
                StartCall(call, events);
            }
        }
        else if (arguments.Length > 0)
        {
            events.Add(new ArgumentsDelta(index, call.Part, arguments));
        }
    }

    private void StartCall(Call call, ICollection<StreamEvent> events)
    {
        call.Part = _parts++;
        events.Add(new PartStarted(index, call.Part, call.Seed with { Id = call.Id, Name = call.Name, Arguments = "" }));
        if (call.Waiting.Length > 0)
        {
            events.Add(new ArgumentsDelta(index, call.Part, call.Waiting));
            call.Waiting = "";
        }
    }

    /// <summary>A tool call that is being read. It starts as a part when its name is known.</summary>
    private sealed class Call
    {
        public required long Number { get; init; }

        public required ToolCallPart Seed { get; init; }

        public string Id { get; set; } = "";

        public string Name { get; set; } = "";

        public string Waiting { get; set; } = "";

        public int Part { get; set; } = -1;

        public bool Ended { get; set; }
    }
}
