using System.Buffers;
using Interline.Protocols.Conversation;

namespace Interline.Recovery;

/// <summary>
/// Joins a second answer to what a client has of a first one. Of an answer from the start, what was sent is verified character by character and left out, however the
/// pieces are cut; a continuation is added as it is. The head of the first answer stays, and what is open in it goes on.
/// </summary>
internal sealed class AnswerJoin
{
    private const string Differs = "it differs from what had been sent";
    private const string TooShort = "it ended before what had been sent did";

    private readonly SentAnswer _sent;
    private readonly IAnswerStreamWriter _writer;
    private readonly bool _continues;
    private readonly bool _isForeign;
    private readonly string _expected;

    /// <summary>Numbers of the second answer's parts that are passed on as parts of their own, and their numbers in the joined one.</summary>
    private readonly Dictionary<int, int> _passed = [];
    private int _verified;
    private int _text = -1;
    private bool _spoken;

    /// <summary>For one answer.</summary>
    /// <param name="sent">What the client has.</param>
    /// <param name="writer">Its stream's writer, which stands where the client does.</param>
    /// <param name="prefill">What the second answer was given to go on from; null if it answers from the start.</param>
    /// <param name="isForeign">Whether the second answer is of another format than the client's.</param>
    public AnswerJoin(SentAnswer sent, IAnswerStreamWriter writer, string? prefill, bool isForeign)
    {
        _isForeign = isForeign;
        _sent = sent;
        _writer = writer;
        _continues = prefill is not null;

        // Of a continuation only what was cut off the prefill, its trailing space, may come once more.
        _expected = sent.Text[(prefill?.Length ?? 0)..];
    }

    /// <summary>Whether all that was sent has come again; of a continuation nothing has to.</summary>
    private bool IsJoined => _continues || _verified == _expected.Length;

    /// <summary>Passes on what an event of the second answer adds to the first.</summary>
    /// <param name="e">The event.</param>
    /// <param name="output">Gets whole frames of the client's format.</param>
    /// <returns>Null, or why the answers cannot be joined: then nothing more can be passed on.</returns>
    public string? Pass(StreamEvent e, IBufferWriter<byte> output)
    {
        switch (e)
        {
            case UsageReported or AnswerEnded:
            case NativeReported { Scope: not NativeScope.Part, Choice: 0 } when IsJoined:
                Emit(e, output);
                return null;
            case PartStarted { Choice: 0 } started:
                return Start(started, output);
            case TextDelta { Choice: 0 } delta when delta.Part == _text:
                return Add(delta.Text, output);
            case PartEnded { Choice: 0 } ended when ended.Part == _text:
                _text = -1;
                EndOpen(output, IsJoined);
                return null;
            case ChoiceFinished { Choice: 0 } finished:
                EndOpen(output, IsJoined);

                // The writer may know the first answer for one of its own format, and would take another format's word for one of it.
                return EmitJoined(_isForeign ? finished with { NativeFinish = null } : finished, TooShort, output);
            case ChoiceEvent { Choice: 0 } other:
                if (Renumbered(other) is { } ours)
                {
                    Emit(ours, output);
                }

                return null;
            default:
                // Its head, which the client has of the first, and choices that nobody asked for.
                return null;
        }
    }

    private string? Start(PartStarted started, IBufferWriter<byte> output)
    {
        switch (started.Seed)
        {
            case TextPart text:
                _text = started.Part;
                return Add(text.Text, output);
            case ReasoningPart when !_spoken:
                // The client is past the reasoning of this answer.
                return null;
            default:
                EndOpen(output, IsJoined);
                _spoken = true;
                _passed[started.Part] = _sent.Parts;
                return EmitJoined(started with { Part = _sent.Parts }, Differs, output);
        }
    }

    private string? Add(string text, IBufferWriter<byte> output)
    {
        int known = text.AsSpan().CommonPrefixLength(_expected.AsSpan(_verified));
        _verified += known;
        if (known == text.Length)
        {
            return null;
        }

        if (!IsJoined)
        {
            return Differs;
        }

        // The trailing space of a prefill has had its chance to come again.
        _verified = _expected.Length;
        _spoken = true;
        if (_sent.Open < 0)
        {
            Emit(new PartStarted(0, _sent.Parts, new TextPart("")), output);
        }

        Emit(new TextDelta(0, _sent.Open, text[known..]), output);
        return null;
    }

    private string? EmitJoined(StreamEvent e, string otherwise, IBufferWriter<byte> output)
    {
        if (!IsJoined)
        {
            return otherwise;
        }

        Emit(e, output);
        return null;
    }

    /// <summary>An event of a part that is passed on, with the number the part has for the client; null for one that is left out.</summary>
    private ChoiceEvent? Renumbered(ChoiceEvent e) => e switch
    {
        TextDelta x when _passed.TryGetValue(x.Part, out int part) => x with { Part = part },
        ArgumentsDelta x when _passed.TryGetValue(x.Part, out int part) => x with { Part = part },
        SignatureDelta x when Place(x.Part) is { } part => x with { Part = part },
        EncryptedDelta x when _passed.TryGetValue(x.Part, out int part) => x with { Part = part },
        AudioDelta x when _passed.TryGetValue(x.Part, out int part) => x with { Part = part },

        // Where a source stands in the text is counted from the text's start, which a continuation does not have.
        CitationAdded x when !_continues && Place(x.Part) is { } part => x with { Part = part },
        PartEnded x when _passed.TryGetValue(x.Part, out int part) => x with { Part = part },
        _ => null,
    };

    private int? Place(int part) =>
        _passed.TryGetValue(part, out int passed) ? passed
        : part == _text && _spoken && _sent.Open >= 0 ? _sent.Open : null;

    private void EndOpen(IBufferWriter<byte> output, bool joined)
    {
        if (joined && _sent.Open >= 0)
        {
            Emit(new PartEnded(0, _sent.Open), output);
        }
    }

    private void Emit(StreamEvent e, IBufferWriter<byte> output)
    {
        _sent.Observe(e);
        _writer.Write(e, output);
    }
}
