using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One choice of a stream while it is written: its parts, and what waits for the next chunk.</summary>
internal sealed class StreamWriterChoice(int index, Writing writing)
{
    private readonly List<StreamWriterPart?> _parts = [];
    private readonly string _path = $"choices[{index}].message";
    private RawJson? _logprobs;
    private bool _roleSaid;
    private int _calls;

    public NativeFields? Fields { get; set; }

    public NativeFields? MessageFields { get; set; }

    /// <summary>Whether it was told why the choice ended.</summary>
    public bool Finished { get; private set; }

    /// <summary>True if something waits that no chunk has told.</summary>
    public bool Pending => Fields is not null || MessageFields is not null || _logprobs is not null || _parts.Exists(p => p?.Fields is not null);

    /// <summary>Takes fields of the choice, of its message or of one of its parts; those of another format are lost.</summary>
    public void Take(NativeReported reported)
    {
        string path = reported.Scope == NativeScope.Choice ? $"choices[{index}]" : reported.Scope == NativeScope.Message ? _path : $"{_path}.content[{reported.Part}]";
        if (!Writing.Ours(reported.Fields))
        {
            writing.Losses.AddForeign(reported.Fields, WireFormat.OpenAIChat, path);
        }
        else if (reported.Scope == NativeScope.Choice)
        {
            Fields = Join(Fields, reported.Fields);
        }
        else if (reported.Scope == NativeScope.Message)
        {
            MessageFields = Join(MessageFields, reported.Fields);
        }
        else if (PartOf(reported.Part) is { } part)
        {
            part.Fields = Join(part.Fields, reported.Fields);
        }
    }

    /// <summary>Later fields replace earlier ones of the same name.</summary>
    public static NativeFields Join(NativeFields? before, NativeFields added) => before is null
        ? added
        : new NativeFields(before.Format, before.Where(b => added.Find(b.Name) is null).Concat(added));

    /// <summary>Takes note of an event; true if it makes a chunk.</summary>
    public bool Take(ChoiceEvent e)
    {
        switch (e)
        {
            case PartStarted started:
                return Start(started);
            case LogprobsDelta logprobs:
                _logprobs = logprobs.Json;
                return false;
            case PartEnded:
                return false;
            case TextDelta or ArgumentsDelta or SignatureDelta or EncryptedDelta or AudioDelta when PartOf(e) is null:
                // Of a part that was reported whole.
                return false;
            case SignatureDelta { Part: var part } when PartOf(part) is { Seed: not (ReasoningPart or ToolCallPart or TextPart) }:
                writing.Losses.Add($"{_path}.content[{part}].signature", LossAction.Dropped, "OpenAI Chat has no signatures here");
                return false;
            case EncryptedDelta { Part: var part } when PartOf(part)?.Seed is not ReasoningPart:
                writing.Losses.Add($"{_path}.content[{part}]", LossAction.Dropped, "OpenAI Chat has nothing encrypted here");
                return false;
            case CitationAdded cited:
                Citations.Report(cited.Citation, writing.Losses, $"{_path}.annotations");
                return Citations.CanWrite(cited.Citation);
            case ChoiceFinished finished:
                ReportFinish(finished);
                Finished = true;
                return true;
            default:
                return true;
        }
    }

    /// <summary>Writes the inside of the choice's object after its index.</summary>
    /// <param name="w">Inside the choice's object.</param>
    /// <param name="e">The event; null if only what waits is told.</param>
    public void Write(Utf8JsonWriter w, ChoiceEvent? e)
    {
        w.WriteStartObject("delta"u8);
        if (!_roleSaid)
        {
            w.WriteString("role"u8, "assistant"u8);
            _roleSaid = true;
        }

        WriteDelta(w, e);
        MessageFields?.WriteTo(w);
        w.WriteEndObject();
        if (_logprobs is { } logprobs)
        {
            w.WritePropertyName("logprobs"u8);
            logprobs.WriteTo(w);
        }
        else
        {
            w.WriteNull("logprobs"u8);
        }

        if (e is ChoiceFinished finished)
        {
            WriteFinish(w, finished);
        }
        else
        {
            w.WriteNull("finish_reason"u8);
        }

        Fields?.WriteTo(w);
        (Fields, MessageFields, _logprobs) = (null, null, null);
    }

    private bool Start(PartStarted started)
    {
        while (_parts.Count <= started.Part)
        {
            _parts.Add(null);
        }

        string path = $"{_path}.content[{started.Part}]";
        if (!StreamWriterPart.CanWrite(started.Seed))
        {
            PartLosses.ReportDropped(started.Seed, writing.Losses, path);
            writing.Losses.AddForeign(started.Seed.Native, WireFormat.OpenAIChat, path);
            return false;
        }

        StreamWriterPart part = new(started.Seed, started.Part, started.Seed is ToolCallPart ? _calls++ : -1, writing);
        _parts[started.Part] = part;
        if (!Writing.Ours(started.Seed.Native))
        {
            PartLosses.Report(started.Seed, writing, path, signed: started.Seed is ReasoningPart or ToolCallPart or TextPart);
            writing.Losses.AddForeign(started.Seed.Native, WireFormat.OpenAIChat, path);
            ReportCitations(started.Seed);
            if (started.Seed is ReasoningPart { IsSummary: true } && !part.IsDetail)
            {
                writing.Losses.Add($"{_path}.reasoning", LossAction.Changed, "a summary is told as the reasoning itself");
            }
        }

        return part.SaysSomething;
    }

    private void ReportCitations(Part seed)
    {
        foreach (Citation citation in (seed as TextPart)?.Citations ?? [])
        {
            Citations.Report(citation, writing.Losses, $"{_path}.annotations");
        }
    }

    private void ReportFinish(ChoiceFinished finished)
    {
        if (finished.StopSequence is not null)
        {
            writing.Losses.Add($"choices[{index}].stop_sequence", LossAction.Dropped, "OpenAI Chat does not say which stop text was met");
        }

        ChatFinish.Report(finished.Finish, finished.NativeFinish, writing.Losses, $"choices[{index}].finish_reason");
    }

    /// <summary>The provider's word if it is of this format; formats without a word for tool calls (Gemini, Ollama) say stop.</summary>
    private void WriteFinish(Utf8JsonWriter w, ChoiceFinished finished)
    {
        bool ours = finished.Finish != FinishReason.Unknown && ChatFinish.IsOurs(finished.NativeFinish) && ChatFinish.Read(finished.NativeFinish) == finished.Finish;
        w.WriteString("finish_reason"u8, ours ? finished.NativeFinish : ChatFinish.Write(finished.Finish, _calls > 0));
        if (!ours)
        {
            ChatFinish.WriteNative(w, finished.Finish, finished.NativeFinish, Fields);
        }
    }

    private void WriteDelta(Utf8JsonWriter w, ChoiceEvent? e)
    {
        switch (e)
        {
            case PartStarted started:
                _parts[started.Part]!.WriteStart(w);
                break;
            case TextDelta text:
                PartOf(text.Part)?.WriteText(w, text.Text);
                break;
            case SignatureDelta signature:
                PartOf(signature.Part)?.WriteSignature(w, signature.Signature);
                break;
            case EncryptedDelta encrypted:
                PartOf(encrypted.Part)?.WriteEncrypted(w, encrypted.Data);
                break;
            case ArgumentsDelta arguments:
                PartOf(arguments.Part)?.WriteArguments(w, arguments.Json);
                break;
            case AudioDelta sound:
                PartOf(sound.Part)?.WriteSound(w, sound);
                break;
            case CitationAdded cited:
                w.WriteStartArray("annotations"u8);
                Citations.Write(w, cited.Citation);
                w.WriteEndArray();
                break;
            case null:
                _parts.Find(p => p?.Fields is not null)?.Flush(w);
                break;
            default:
                break;
        }
    }

    private StreamWriterPart? PartOf(ChoiceEvent e) => PartOf(e switch
    {
        TextDelta text => text.Part,
        ArgumentsDelta arguments => arguments.Part,
        SignatureDelta signature => signature.Part,
        EncryptedDelta encrypted => encrypted.Part,
        AudioDelta sound => sound.Part,
        _ => -1,
    });

    private StreamWriterPart? PartOf(int part) => part >= 0 && part < _parts.Count ? _parts[part] : null;
}
