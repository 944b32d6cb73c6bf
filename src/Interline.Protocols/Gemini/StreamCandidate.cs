using System.Text;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>One candidate of a stream while it is read. Pieces of the same kind are one part; what is signed or has fields of its own is a part by itself, as Google asks for.</summary>
internal sealed class StreamCandidate(int index)
{
    /// <summary>Most characters of a text that are kept to place its sources. Longer texts get sources without a place.</summary>
    private const int MostText = 256 * 1024;

    private readonly List<NativeField> _said = [];
    private readonly List<NativeField> _messageSaid = [];
    private readonly StringBuilder _text = new();
    private CallAssembler? _call;
    private Part? _open;
    private int _parts;
    private bool _called, _sealed;
    private Choice? _last;

    /// <summary>Whether a finish reason was said.</summary>
    public bool Finished => _last is not null;

    /// <summary>Tells what a piece says. That the candidate is finished is told at the end, since sources and signatures may follow its finish reason.</summary>
    public void Read(Choice choice, IList<StreamEvent> events)
    {
        TellFields(NativeScope.Choice, _said, choice.Native!, events);
        TellFields(NativeScope.Message, _messageSaid, choice.Message.Native!, events);
        if (choice.Logprobs is { } logprobs)
        {
            events.Add(new LogprobsDelta(index, logprobs));
        }

        for (int i = 0; i < choice.Message.Parts.Count; i++)
        {
            ReadPart(choice.Message.Parts[i], events);
        }

        TellSources(choice.Native!, events);
        if (choice.NativeFinish is not null)
        {
            _last = choice;
        }
    }

    /// <summary>Ends what is open, and the candidate.</summary>
    public void Close(IList<StreamEvent> events)
    {
        EndCall(events);
        EndPart(events);
        FinishReason finish = _called && _last!.Finish == FinishReason.Stop ? FinishReason.ToolCalls : _last!.Finish;
        events.Add(new ChoiceFinished(index, finish, _last.NativeFinish));
    }

    private void TellFields(NativeScope scope, List<NativeField> said, NativeFields fields, IList<StreamEvent> events)
    {
        if (fields.Count > 0 && AnswerStreamReader.Fresh(said, fields) is { } fresh)
        {
            events.Add(new NativeReported(scope, index, fresh));
        }
    }

    private void ReadPart(Part part, IList<StreamEvent> events)
    {
        if (part is ToolCallPart call)
        {
            ReadCall(call, events);
            return;
        }

        EndCall(events);
        bool alone = part.Signature is not null || part.Native is { Count: > 0 };
        switch (part)
        {
            case TextPart text:
                ReadText(part, text.Text, new TextPart("") { Native = part.Native }, alone, events);
                break;
            case ReasoningPart reasoning:
                ReadText(part, reasoning.Text, reasoning with { Text = "", Signature = null }, alone, events);
                break;
            case AudioPart { Source: InlineSource sound } audio:
                Begin(audio with { Source = sound with { Base64 = default } }, events);
                events.Add(new AudioDelta(index, _parts - 1, Encoding.ASCII.GetString(sound.Base64.Span), null));
                EndPart(events);
                break;
            default:
                Begin(part, events);
                EndPart(events);
                break;
        }
    }

    private void ReadText(Part part, string text, Part seed, bool alone, IList<StreamEvent> events)
    {
        if (text.Length == 0 && !alone)
        {
            return;
        }

        if (alone || _sealed || _open is null || _open.GetType() != seed.GetType())
        {
            Begin(seed, events);
        }

        if (part.Signature is { } signature)
        {
            events.Add(new SignatureDelta(index, _parts - 1, signature));
        }

        if (text.Length > 0)
        {
            events.Add(new TextDelta(index, _parts - 1, text));
            if (_open is TextPart && _text.Length < MostText)
            {
                _text.Append(text);
            }
        }

        // Open still, for its sources may follow; but nothing is put to its text.
        _sealed = alone;
    }

    private void ReadCall(ToolCallPart call, IList<StreamEvent> events)
    {
        _called = true;
        if (CallAssembler.IsPiece(call, _call is not null))
        {
            if (call.Name.Length > 0)
            {
                EndCall(events);
            }

            if ((_call ??= new CallAssembler()).Add(call))
            {
                EndCall(events);
            }

            return;
        }

        EndCall(events);
        TellCall(call, events);
    }

    private void EndCall(IList<StreamEvent> events)
    {
        if (_call is not null)
        {
            TellCall(_call.Build(), events);
            _call = null;
        }
    }

    private void TellCall(ToolCallPart call, IList<StreamEvent> events)
    {
        Begin(call with { Arguments = "" }, events);
        if (call.Arguments.Length > 0)
        {
            events.Add(new ArgumentsDelta(index, _parts - 1, call.Arguments));
        }

        EndPart(events);
    }

    private void Begin(Part seed, IList<StreamEvent> events)
    {
        EndPart(events);
        _open = seed;
        _sealed = false;
        _text.Clear();
        events.Add(new PartStarted(index, _parts++, seed));
    }

    private void EndPart(IList<StreamEvent> events)
    {
        if (_open is not null)
        {
            _open = null;
            events.Add(new PartEnded(index, _parts - 1));
        }
    }

    /// <summary>Sources come with the last piece of their text, or behind it. Without a text that is open there is nothing they could be put to, and only this format can say them.</summary>
    private void TellSources(NativeFields native, IList<StreamEvent> events)
    {
        List<Grounding.Source> sources = native.Count == 0 ? [] : Grounding.Of(native);
        if (sources.Count == 0)
        {
            return;
        }

        if (_open is not TextPart)
        {
            events.Add(new NativeReported(NativeScope.Choice, index, new NativeFields(WireFormat.Gemini, native.Where(f => f.Unread.Count > 0 || f.Value.IsObject).Select(f => f with { Understood = false }))));
            return;
        }

        string text = _text.ToString();
        foreach (Grounding.Source source in sources)
        {
            events.Add(new CitationAdded(index, _parts - 1, Grounding.Placed(source, text)));
        }
    }
}
