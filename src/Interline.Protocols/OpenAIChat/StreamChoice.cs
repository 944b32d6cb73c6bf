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
    private readonly SaidFields _partFields = new();

    private int _parts;
    private int _open = -1;
    private Kind _kind;

    /// <summary>The choice's index.</summary>
    public int Index => index;

    /// <summary>What the chunk's delta says.</summary>
    public StreamDelta Delta { get; } = new();

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

    /// <summary>Tells what the chunk says.</summary>
    public void Tell(List<StreamEvent> events)
    {
        Fields.Tell(NativeScope.Choice, index, 0, events);
        Delta.Fields.Tell(NativeScope.Message, index, 0, events);

        // The details come after the plain text in some chunks and before it in others; both are needed to see that they say the same.
        TellReasoning(events);
        foreach (StreamStep step in Delta.Steps)
        {
            TellStep(step, events);
        }

        if (Delta.Calls.Count > 0)
        {
            CloseOpen(events);
            foreach (StreamCall piece in Delta.Calls)
            {
                _calls.Take(piece, ref _parts, events);
            }
        }
    }

    private void TellStep(StreamStep step, List<StreamEvent> events)
    {
        switch (step)
        {
            case { Citation: { } citation }:
                Open(new Kind(StreamWhat.Content), EmptyText, events);
                events.Add(new CitationAdded(index, _open, citation));
                break;
            case { Signed: { } field }:
                TellSignature(step.Text, field, events);
                break;
            case { Part: AudioPart sound, What: StreamWhat.Audio }:
                TellAudio(sound, events);
                break;
            case { What: StreamWhat.None, Part: { } part }:
                Whole(part, events);
                break;
            case { Text.Length: > 0 } or { Part.Native.Count: > 0 }:
                Open(new Kind(step.What), step.What switch { StreamWhat.Content => EmptyText, StreamWhat.Refusal => EmptyRefusal, _ => EmptyThinking }, events);
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
            Delta.Fields.Take(signs ? field : new NativeField(field.Name, field.Value));
            Delta.Fields.Tell(NativeScope.Message, index, 0, events);
        }

        if (signs)
        {
            events.Add(new SignatureDelta(index, _open, signature!));
        }
    }

    private void TellReasoning(List<StreamEvent> events)
    {
        if (Delta.Details.Count == 0)
        {
            if (Delta.Plain is not null)
            {
                Open(new Kind(StreamWhat.Reasoning), Delta.Plain, events);
                events.Add(new TextDelta(index, _open, Delta.Plain.Text));
            }

            return;
        }

        foreach (Part part in ReasoningDetails.Join(Delta.Plain, Delta.Details))
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

        StreamWhat what = !ReasoningDetails.Holds(r) ? StreamWhat.Reasoning : ReasoningDetails.ArrayOf(r) is ThinkingBlocks.Field ? StreamWhat.Blocks : StreamWhat.Details;
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

        Open(new Kind(StreamWhat.Audio), sound, events);
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
    private readonly record struct Kind(StreamWhat What, bool IsSummary = false, bool IsEncrypted = false, RawJson? Number = null);
}
