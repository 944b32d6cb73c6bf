using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One choice of a stream while it is read: which part is open, and what a chunk says about it, put in order.</summary>
internal sealed class StreamChoice(int index)
{
    private static readonly TextPart EmptyText = new("");
    private static readonly RefusalPart EmptyRefusal = new("");
    private static readonly ReasoningPart EmptyThinking = new("") { Spelling = "thinking", Native = new NativeFields(WireFormat.OpenAIChat) };

    private readonly StreamCalls _calls = new(index);
    private readonly SaidFields _messageFields = new();
    private readonly SaidFields _partFields = new();

    // What one delta says, in its order; the reasoning and the calls apart, as they come first and last.
    private readonly List<Step> _steps = [];
    private readonly List<StreamCall> _callPieces = [];
    private readonly List<Part> _details = [];
    private ReasoningPart? _plain;
    private int _parts;
    private int _open = -1;
    private Kind _kind;

    /// <summary>What the open part is, so that a piece of the same is added to it.</summary>
    private enum What
    {
        None,
        Content,
        Refusal,
        Thinking,
        Reasoning,
        Details,
        Blocks,
        Audio,
    }

    /// <summary>The choice's index.</summary>
    public int Index => index;

    /// <summary>Unknown fields of the choice.</summary>
    public SaidFields Fields { get; } = new();

    /// <summary>True once the provider said why the choice ended.</summary>
    public bool Finished { get; set; }

    /// <summary>True if any part has begun.</summary>
    public bool Any => _parts > 0;

    /// <summary>Ends all parts.</summary>
    public void Close(ICollection<StreamEvent> events)
    {
        CloseOpen(events);
        _calls.Close(ref _parts, events);
    }

    /// <summary>Another chunk begins.</summary>
    public void Begin()
    {
        _steps.Clear();
        _callPieces.Clear();
        _details.Clear();
        _plain = null;
    }

    /// <summary>Reads a <c>delta</c>.</summary>
    public void ReadDelta(ref JsonCursor json)
    {
        json.EnterObject("an object");
        while (json.NextField())
        {
            if (!json.IsNull)
            {
                ReadField(ref json);
            }
        }
    }

    /// <summary>Reads a <c>delta</c> of a choice that is finished. The format ends a choice with its finish_reason; what a broken server says after it is not part of it, but for unknown fields.</summary>
    public void ReadAfterEnd(ref JsonCursor json)
    {
        json.EnterObject("an object");
        while (json.NextField())
        {
            if (json.IsNull || json.Name is "role" or "content" or "refusal" or "reasoning_content" or "reasoning" or "reasoning_details" or "tool_calls" or "function_call" or "audio" or "images")
            {
                json.Skip();
            }
            else
            {
                _messageFields.Take(ref json);
            }
        }
    }

    /// <summary>Tells what was read since <see cref="Begin"/>.</summary>
    public void Tell(List<StreamEvent> events)
    {
        Fields.Tell(NativeScope.Choice, index, 0, events);
        _messageFields.Tell(NativeScope.Message, index, 0, events);

        // The details come after the plain text in some chunks and before it in others; both are needed to see that they say the same.
        TellReasoning(events);
        foreach (Step step in _steps)
        {
            TellStep(step, events);
        }

        if (_callPieces.Count > 0)
        {
            CloseOpen(events);
            foreach (StreamCall piece in _callPieces)
            {
                _calls.Take(piece, ref _parts, events);
            }
        }
    }

    private void ReadField(ref JsonCursor json)
    {
        switch (json.Name)
        {
            case "role" when json.Type == JsonTokenType.String:
                break;
            case "content" when json.Type == JsonTokenType.String:
                AddText(What.Content, ref json);
                break;
            case "content" when json.Type == JsonTokenType.StartArray:
                ReadParts(ref json);
                break;
            case "refusal" when json.Type == JsonTokenType.String:
                AddText(What.Refusal, ref json);
                break;
            case "reasoning_content" or "reasoning" when json.Type == JsonTokenType.String && _plain is null:
                _plain = json.Is("") ? null : new ReasoningPart(json.Text()) { Spelling = json.Name is "reasoning" ? "reasoning" : "reasoning_content" };
                break;
            case "reasoning_content" or "reasoning" when json.Is(_plain?.Text) || json.Is(""):
                break;
            case "reasoning_details" or ThinkingBlocks.Field when json.Type == JsonTokenType.StartArray && _details.Count == 0:
                ReasoningDetails.Read(ref json, _details, null);
                break;
            case "tool_calls" when json.Type == JsonTokenType.StartArray:
                ReadCalls(ref json);
                break;
            case "function_call" when json.Type == JsonTokenType.StartObject:
                StreamCall old = new() { Number = StreamCalls.Old, Type = "function_call" };
                old.ReadCalled(ref json, "function_call");
                _callPieces.Add(old);
                break;
            case "audio" when json.Type == JsonTokenType.StartObject:
                _steps.Add(new Step(What.Audio, null, AnswerAudio.Read(ref json)));
                break;
            case "images" when json.Type == JsonTokenType.StartArray:
                json.EnterArray();
                while (json.NextElement())
                {
                    _steps.Add(new Step(What.None, null, PartReader.Read(ref json) with { Spelling = "images" }));
                }

                break;
            case "annotations" when json.Type == JsonTokenType.StartArray:
                foreach (Citation citation in Citations.Read(json.Raw()))
                {
                    _steps.Add(new Step(What.None, null, null) { Citation = citation });
                }

                break;
            case "extra_content" when json.Type == JsonTokenType.StartObject:
                ReadSignature(ref json);
                break;
            default:
                _messageFields.Take(ref json);
                break;
        }
    }

    /// <summary>An empty text is what many providers begin with, also before tool calls: it opens nothing.</summary>
    private void AddText(What what, ref JsonCursor json)
    {
        if (!json.Is(""))
        {
            _steps.Add(new Step(what, json.Text(), null));
        }
    }

    private void ReadSignature(ref JsonCursor json)
    {
        NativeFields kept = new(WireFormat.OpenAIChat);
        string? signature = CallReader.ReadGoogleSignature(ref json, kept);
        _steps.Add(new Step(What.None, signature, null) { Signed = kept[0] });
    }

    /// <summary>Mistral's content as parts: thinking and text.</summary>
    private void ReadParts(ref JsonCursor json)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            Part part = PartReader.Read(ref json);
            What what = part switch { TextPart => What.Content, ReasoningPart => What.Thinking, _ => What.None };
            _steps.Add(new Step(what, part switch { TextPart t => t.Text, ReasoningPart r => r.Text, _ => null }, part));
        }
    }

    private void ReadCalls(ref JsonCursor json)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            StreamCall call = StreamCall.Read(ref json, out Part? other);
            if (other is null)
            {
                _callPieces.Add(call);
            }
            else
            {
                _steps.Add(new Step(What.None, null, other));
            }
        }
    }

    private void TellStep(Step step, List<StreamEvent> events)
    {
        switch (step)
        {
            case { Citation: { } citation }:
                Open(new Kind(What.Content), EmptyText, events);
                events.Add(new CitationAdded(index, _open, citation));
                break;
            case { Signed: { } field }:
                TellSignature(step.Text, field, events);
                break;
            case { Part: AudioPart sound, What: What.Audio }:
                TellAudio(sound, events);
                break;
            case { What: What.None, Part: { } part }:
                Whole(part, events);
                break;
            case { Text.Length: > 0 } or { Part.Native.Count: > 0 }:
                Open(new Kind(step.What), step.What switch { What.Content => EmptyText, What.Refusal => EmptyRefusal, _ => EmptyThinking }, events);
                TellPartFields(step.Part?.Native, events);
                if (step.Text is { Length: > 0 })
                {
                    events.Add(new TextDelta(index, _open, step.Text));
                }

                break;
            default:
                break;
        }
    }

    /// <summary>Google's dialect signs the message: the part that is open. With none open, or with fields of its own, the object is kept.</summary>
    private void TellSignature(string? signature, NativeField field, List<StreamEvent> events)
    {
        bool signs = signature is not null && _open >= 0;
        if (!signs || field.Unread.Count > 0)
        {
            _messageFields.Take(signs ? field : new NativeField(field.Name, field.Value));
            _messageFields.Tell(NativeScope.Message, index, 0, events);
        }

        if (signs)
        {
            events.Add(new SignatureDelta(index, _open, signature!));
        }
    }

    private void TellReasoning(List<StreamEvent> events)
    {
        if (_details.Count == 0)
        {
            if (_plain is not null)
            {
                Open(new Kind(What.Reasoning), _plain, events);
                events.Add(new TextDelta(index, _open, _plain.Text));
            }

            return;
        }

        foreach (Part part in ReasoningDetails.Join(_plain, _details))
        {
            if (part is ReasoningPart r)
            {
                TellDetail(r, events);
            }
            else
            {
                Whole(part, events);
            }
        }
    }

    /// <summary>Pieces of one detail share its kind and number; their format, id and number are said again in each.</summary>
    private void TellDetail(ReasoningPart r, List<StreamEvent> events)
    {
        if (r.Text.Length == 0 && r.Signature is not { Length: > 0 } && r.Encrypted is null && r.Native?.Any(f => !f.Understood) != true)
        {
            return;
        }

        What what = !ReasoningDetails.Holds(r) ? What.Reasoning : ReasoningDetails.ArrayOf(r) is ThinkingBlocks.Field ? What.Blocks : What.Details;
        Open(new Kind(what, r.IsSummary, r.Encrypted is not null, r.Native?.Find("index")), r, events);
        TellPartFields(r.Native, events);
        if (r.Text.Length > 0)
        {
            events.Add(new TextDelta(index, _open, r.Text));
        }

        if (r.Signature is { Length: > 0 })
        {
            events.Add(new SignatureDelta(index, _open, r.Signature));
        }

        if (r.Encrypted is { Length: > 0 })
        {
            events.Add(new EncryptedDelta(index, _open, r.Encrypted));
        }
    }

    private void TellAudio(AudioPart sound, List<StreamEvent> events)
    {
        string? data = sound.Source is InlineSource inline ? Encoding.ASCII.GetString(inline.Base64.Span) : null;
        bool says = sound.Id is { Length: > 0 } || sound.Transcript is { Length: > 0 } || data is { Length: > 0 } || sound.Native is { Count: > 0 };
        if (!says)
        {
            return;
        }

        Open(new Kind(What.Audio), sound, events);
        TellPartFields(sound.Native, events);
        if (data is { Length: > 0 } || sound.Transcript is { Length: > 0 })
        {
            events.Add(new AudioDelta(index, _open, data, sound.Transcript));
        }
    }

    /// <summary>Reports the unknown fields of a piece that its part did not begin with.</summary>
    private void TellPartFields(NativeFields? fields, List<StreamEvent> events)
    {
        for (int i = 0; i < fields?.Count; i++)
        {
            _partFields.Take(fields[i]);
        }

        _partFields.Tell(NativeScope.Part, index, _open, events);
    }

    private void Whole(Part part, List<StreamEvent> events)
    {
        CloseOpen(events);
        events.Add(new PartStarted(index, _parts, part));
        events.Add(new PartEnded(index, _parts++));
    }

    /// <summary>Opens a part if another kind is open; it begins as the piece without what the deltas will say.</summary>
    private void Open(Kind kind, Part piece, List<StreamEvent> events)
    {
        if (_open >= 0 && _kind == kind)
        {
            return;
        }

        CloseOpen(events);
        Part seed = piece switch
        {
            ReasoningPart { Text.Length: 0, Signature: null, Encrypted: null } => piece,
            ReasoningPart r => r with { Text = "", Signature = null, Encrypted = null },
            AudioPart a => a with { Source = new InlineSource(null, default), Transcript = null },
            _ => piece,
        };
        (_open, _kind) = (_parts++, kind);
        _partFields.Clear();
        _partFields.Know(seed.Native);
        events.Add(new PartStarted(index, _open, seed));
    }

    private void CloseOpen(ICollection<StreamEvent> events)
    {
        if (_open >= 0)
        {
            events.Add(new PartEnded(index, _open));
            _open = -1;
        }
    }

    /// <summary>What tells the open part from others.</summary>
    private readonly record struct Kind(What What, bool IsSummary = false, bool IsEncrypted = false, RawJson? Number = null);

    /// <summary>One thing a delta says.</summary>
    private readonly record struct Step(What What, string? Text, Part? Part)
    {
        public Citation? Citation { get; init; }

        /// <summary>Google's signature of the message, whose text is the signature.</summary>
        public NativeField? Signed { get; init; }
    }
}
