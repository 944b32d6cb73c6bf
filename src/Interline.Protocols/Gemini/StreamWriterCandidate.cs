using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>One candidate of a stream while it is written: its open parts, and what waits for the next piece.</summary>
internal sealed class StreamWriterCandidate(int index, Writing writing)
{
    private readonly Dictionary<int, OpenPart> _open = [];
    private readonly List<Part> _whole = [];
    private readonly List<(Citation, int, int)> _sources = [];
    private readonly PartAdapter _adapter = new(writing);
    private readonly string _path = $"choices[{index}]";
    private OpenPart? _said;
    private string _text = "";
    private bool _called;
    private ChoiceFinished? _finished;
    private LogprobsJoiner? _logprobs;

    public NativeFields? Fields { get; set; }

    public NativeFields? MessageFields { get; set; }

    /// <summary>Whether any part was begun.</summary>
    public bool HasParts { get; private set; }

    /// <summary>Takes note of an event; true if it makes a piece.</summary>
    public bool Take(ChoiceEvent e)
    {
        (_said, _text) = (null, "");
        switch (e)
        {
            case PartStarted started:
                return Start(started);
            case TextDelta delta when _open.TryGetValue(delta.Part, out OpenPart? part):
                (_said, _text) = (part, delta.Text);
                part.Ascii &= Ascii.IsValid(delta.Text);
                return true;
            case ArgumentsDelta delta when _open.TryGetValue(delta.Part, out OpenPart? part):
                part.Arguments.Append(delta.Json);
                return false;
            case SignatureDelta delta when _open.TryGetValue(delta.Part, out OpenPart? part):
                part.Signature += delta.Signature;
                return false;
            case EncryptedDelta:
                writing.Drop($"{_path}.message.reasoning.encrypted", "Gemini has no encrypted reasoning");
                return false;
            case AudioDelta delta when _open.TryGetValue(delta.Part, out OpenPart? part):
                return Sound(part, delta);
            case CitationAdded cited when _open.TryGetValue(cited.Part, out OpenPart? part):
                Cite(part, cited.Citation);
                return false;
            case LogprobsDelta delta:
                (_logprobs ??= new LogprobsJoiner()).Add(delta.Json);
                return false;
            case PartEnded ended when _open.Remove(ended.Part, out OpenPart? part):
                return End(part);
            case ChoiceFinished finished:
                _finished = finished;
                if (finished.StopSequence is not null)
                {
                    writing.Drop($"{_path}.stop_sequence", "Gemini does not say which stop text was met");
                }

                return false;
            default:
                return false;
        }
    }

    /// <summary>Takes fields of an open part, to be told with its next piece.</summary>
    public void Put(int part, NativeFields fields)
    {
        if (_open.TryGetValue(part, out OpenPart? open))
        {
            open.Seed = open.Seed with { Native = open.Told || open.Seed.Native is null ? fields : new NativeFields(WireFormat.Gemini, open.Seed.Native.Concat(fields)) };
            open.Told = false;
        }
    }

    /// <summary>Writes the candidate's object of a piece.</summary>
    /// <param name="w">In the list of candidates.</param>
    /// <param name="last">Whether it is the stream's last piece.</param>
    /// <param name="ours">Whether the answer is of this format: another's that never said why it ended has ended well.</param>
    public void Write(Utf8JsonWriter w, bool last, bool ours)
    {
        w.WriteStartObject();
        w.WriteStartObject("content"u8);
        w.WriteStartArray("parts"u8);
        WriteParts(w, last);
        w.WriteEndArray();
        if (!GeminiNames.Kept(MessageFields, "role"))
        {
            w.WriteString("role"u8, "model"u8);
        }

        MessageFields?.WriteTo(w);
        w.WriteEndObject();
        if (last && (_finished is not null || !ours))
        {
            w.WriteString("finishReason"u8, _finished is null ? GeminiFinish.Write(FinishReason.Unknown) : Word(_finished));
        }

        w.WriteNumber("index"u8, index);
        if (last && _sources.Count > 0)
        {
            AnswerWriter.WriteGrounding(w, _sources);
        }

        if (_logprobs?.Build() is { } logprobs && !GeminiNames.Kept(Fields, "logprobsResult"))
        {
            AnswerWriter.Report(!Logprobs.Write(w, logprobs), logprobs, writing, _path);
        }

        Fields?.WriteTo(w);
        (Fields, MessageFields, _logprobs) = (null, null, null);
        w.WriteEndObject();
    }

    private void WriteParts(Utf8JsonWriter w, bool last)
    {
        if (_said is not null && !last)
        {
            PartWriter.WriteText(w, _said.Seed, _text, _said.Signature, !_said.Told);
            (_said.Told, _said.Signature) = (true, null);
            _said = null;
        }
        else if (last)
        {
            // Clients look into the parts of every piece.
            w.WriteStartObject();
            w.WriteString("text"u8, ""u8);
            w.WriteEndObject();
        }

        foreach (Part part in _whole)
        {
            PartWriter.Write(w, part);
        }

        _whole.Clear();
    }

    private bool Start(PartStarted started)
    {
        HasParts = true;
        Part seed = started.Seed;
        bool ours = Writing.Ours(seed.Native) || seed is OpaquePart { Format: WireFormat.Gemini };
        if (seed is TextPart or ReasoningPart or RefusalPart or ToolCallPart || (seed is AudioPart { Source: InlineSource { Base64.IsEmpty: true } or FileSource }))
        {
            return StartOpen(started, ours);
        }

        int before = _whole.Count;
        _adapter.Add(seed, _whole, $"{_path}.message.content[{started.Part}]");
        _open[started.Part] = new OpenPart(seed) { Told = true };
        return _whole.Count > before;
    }

    private bool StartOpen(PartStarted started, bool ours)
    {
        Part seed = started.Seed;
        string path = $"{_path}.message.content[{started.Part}]";
        if (!ours)
        {
            writing.Losses.AddForeign(seed.Native, WireFormat.Gemini, path);
            PartAdapter.ReportNames(seed, writing, path);
        }

        if (seed is ReasoningPart { Encrypted: not null })
        {
            writing.Drop($"{_path}.message.reasoning.encrypted", "Gemini has no encrypted reasoning");
        }

        if (seed is RefusalPart refusal)
        {
            writing.Losses.Add($"{_path}.message.refusal", LossAction.Emulated, "Gemini has no refusals: it is told as text");
            seed = new TextPart(refusal.Text);
        }

        _called |= seed is ToolCallPart;
        OpenPart open = new(seed) { Signature = seed.Signature };
        _open[started.Part] = open;
        string text = seed switch { TextPart t => t.Text, ReasoningPart r => r.Text, _ => "" };
        if (text.Length == 0)
        {
            return false;
        }

        (_said, _text) = (open, text);
        return true;
    }

    private bool Sound(OpenPart part, AudioDelta delta)
    {
        if (delta.Transcript is { Length: > 0 })
        {
            writing.Drop($"{_path}.message.audio.transcript", "Gemini has no transcript beside sound");
        }

        if (delta.Base64 is not { Length: > 0 } || part.Seed is not MediaPart media)
        {
            return false;
        }

        string? type = (media.Source as InlineSource)?.MediaType ?? media.MediaType ?? MediaTypes.Usual(media);
        _whole.Add(media with { Source = new InlineSource(type, Encoding.ASCII.GetBytes(delta.Base64)), Signature = part.Signature });
        (part.Told, part.Signature) = (true, null);
        return true;
    }

    /// <summary>Stretches are counted in bytes here, so only a text whose characters are bytes can be pointed into: the rest of it is gone already.</summary>
    private void Cite(OpenPart part, Citation citation)
    {
        if (citation.Format == WireFormat.Gemini)
        {
            return;
        }

        if (!AnswerWriter.Report(citation, writing, $"{_path}.message.annotations"))
        {
            return;
        }

        if (!part.Ascii && citation.End is not null)
        {
            writing.Losses.Add($"{_path}.message.annotations", LossAction.Changed, "where the cited text stands is not said in streams of other letters than ASCII");
        }

        _sources.Add((citation, part.Ascii ? citation.Start ?? 0 : 0, part.Ascii ? citation.End ?? 0 : 0));
    }

    private bool End(OpenPart part)
    {
        if (part.Seed is ToolCallPart call)
        {
            string arguments = call.Arguments + part.Arguments;
            if (arguments.Length > 0 && !ResponseJson.IsObject(arguments))
            {
                writing.Losses.Add($"{_path}.message.tool_calls.arguments", call.IsCustom ? LossAction.Emulated : LossAction.Changed, "Gemini's arguments are an object: the text stands in its field 'input'");
            }

            _whole.Add(call with { Arguments = arguments, Signature = part.Signature });
            return true;
        }

        bool pending = part.Signature is not null || (!part.Told && Writing.Ours(part.Seed.Native) && part.Seed.Native!.Count > 0);
        if (pending && part.Seed is (TextPart or ReasoningPart))
        {
            _said = part;
            return true;
        }

        return false;
    }

    private string Word(ChoiceFinished finished)
    {
        bool own = GeminiNames.IsWord(finished.NativeFinish)
            && GeminiFinish.Read(finished.NativeFinish, _called && finished.Finish == FinishReason.ToolCalls) == finished.Finish;
        return own ? finished.NativeFinish! : GeminiFinish.Write(finished.Finish);
    }

    private sealed class OpenPart(Part seed)
    {
        public Part Seed { get; set; } = seed;

        public StringBuilder Arguments { get; } = new();

        public string? Signature { get; set; }

        /// <summary>Whether the part's own fields were told.</summary>
        public bool Told { get; set; }

        public bool Ascii { get; set; } = true;
    }
}
