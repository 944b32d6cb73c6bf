using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The parts of a streamed answer while they are written as blocks, one after the other.</summary>
internal sealed class StreamWriterParts(EventFrames frames, Writing writing)
{
    private readonly Queue<Waiting> _waiting = new();
    private Open? _open;
    private int _blocks;

    /// <summary>Whether a tool was called.</summary>
    public bool HasCalls { get; private set; }

    /// <summary>Writes an event of a part, now or, while another part is open, when that one has ended.</summary>
    public void Write(ChoiceEvent e, IBufferWriter<byte> output)
    {
        if (e is PartStarted started)
        {
            if (_open is null)
            {
                Start(started, output);
            }
            else
            {
                _waiting.Enqueue(new Waiting(started));
            }

            return;
        }

        int part = PartOf(e);
        if (_open?.Number == part)
        {
            WriteOpen(e, output);
        }
        else
        {
            foreach (Waiting waiting in _waiting)
            {
                if (waiting.Started.Part == part)
                {
                    waiting.Then.Add(e);
                }
            }
        }
    }

    /// <summary>Ends what is open and writes what waits.</summary>
    public void EndAll(IBufferWriter<byte> output)
    {
        while (_open is not null)
        {
            End(output);
        }
    }

    private static int PartOf(ChoiceEvent e) => e switch
    {
        TextDelta x => x.Part,
        ArgumentsDelta x => x.Part,
        SignatureDelta x => x.Part,
        EncryptedDelta x => x.Part,
        AudioDelta x => x.Part,
        CitationAdded x => x.Part,
        PartEnded x => x.Part,
        _ => -1,
    };

    private void Start(PartStarted started, IBufferWriter<byte> output)
    {
        string path = $"choices[0].message.content[{started.Part}]";
        Part seed = started.Seed;
        HasCalls |= seed is ToolCallPart;
        _open = new Open(started.Part, path, seed);
        switch (seed)
        {
            case ToolCallPart call:
                PartFit.Report(seed, writing, path);
                StartCall(call, path, output);
                break;
            case TextPart text:
                PartFit.Report(seed, writing, path);
                StartBlock(text with { Text = "", Citations = [], Native = Ours(text.Native) }, path, output);
                Text("text_delta"u8, "text"u8, text.Text, output);
                foreach (Citation citation in text.Citations)
                {
                    WriteOpen(new CitationAdded(0, started.Part, citation), output);
                }

                break;
            case RefusalPart or AudioPart:
                writing.Change(path, seed is RefusalPart ? "Anthropic has no block for a refusal: its words are text" : "Anthropic has no sound: its transcript is text");
                PartFit.Report(seed, writing, path);
                StartBlock(new TextPart(""), path, output);
                Text("text_delta"u8, "text"u8, seed is RefusalPart refusal ? refusal.Text : ((AudioPart)seed).Transcript ?? "", output);
                break;
            case ReasoningPart reasoning:
                // What kind of block it is shows with its first piece.
                PartFit.Report(seed, writing, path);
                _open.Encrypted.Append(reasoning.Encrypted);
                Text("thinking_delta"u8, "thinking"u8, reasoning.Text, output);
                Sign(reasoning.Signature, output);
                break;
            case OpaquePart { Format: WireFormat.AnthropicMessages } opaque:
                StartOpaque(opaque, output);
                break;
            default:
                // Reports why it is left out.
                PartFit.Fit(seed, Place.Answer, writing, path);
                _open.Skipped = true;
                break;
        }
    }

    private void WriteOpen(ChoiceEvent e, IBufferWriter<byte> output)
    {
        if (e is PartEnded)
        {
            End(output);
            return;
        }

        if (_open!.Skipped)
        {
            return;
        }

        switch (e)
        {
            case TextDelta text when _open.Seed is ReasoningPart:
                Text("thinking_delta"u8, "thinking"u8, text.Text, output);
                break;
            case TextDelta text:
                Text("text_delta"u8, "text"u8, text.Text, output);
                break;
            case ArgumentsDelta arguments when _open.Free is not null:
                _open.Free.Append(arguments.Json);
                break;
            case ArgumentsDelta arguments:
                Text("input_json_delta"u8, "partial_json"u8, arguments.Json, output);
                break;
            case SignatureDelta signature:
                Sign(signature.Signature, output);
                break;
            case EncryptedDelta encrypted when _open.Seed is ReasoningPart:
                _open.Encrypted.Append(encrypted.Data);
                break;
            case EncryptedDelta:
                writing.Drop($"{_open.Path}.encrypted", "Anthropic has encrypted thinking only");
                break;
            case AudioDelta sound:
                if (sound.Base64 is not null)
                {
                    writing.Drop($"{_open.Path}.audio", "Anthropic has no sound: its transcript is text");
                }

                Text("text_delta"u8, "text"u8, sound.Transcript ?? "", output);
                break;
            case CitationAdded cited when cited.Citation.Format == WireFormat.AnthropicMessages || cited.Citation.Url is not null:
                Citations.Report(cited.Citation, writing, $"{_open.Path}.citations");
                Cite(cited.Citation, output);
                break;
            case CitationAdded:
                writing.Drop($"{_open.Path}.citations", "a citation needs an address");
                writing.Losses.AddForeign(((CitationAdded)e).Citation, WireFormat.AnthropicMessages, $"{_open.Path}.citations");
                break;
            default:
                break;
        }
    }

    private void End(IBufferWriter<byte> output)
    {
        Open open = _open!;
        if (open.Free is { } free)
        {
            Text("input_json_delta"u8, "partial_json"u8, ToolInput.Wrap(ToolInput.FreeText, free.ToString()).ToString(), output);
        }

        if (open.Seed is ReasoningPart reasoning)
        {
            EndReasoning(open, reasoning, output);
        }

        Stop(output);
        _open = null;
        if (_waiting.TryDequeue(out Waiting? next))
        {
            Start(next.Started, output);
            foreach (ChoiceEvent e in next.Then)
            {
                Write(e, output);
            }
        }
    }

    /// <summary>Thinking that only its provider can read is a block of its own; hidden thinking without either is an empty block.</summary>
    private void EndReasoning(Open open, ReasoningPart reasoning, IBufferWriter<byte> output)
    {
        if (open.Encrypted.Length == 0)
        {
            StartThinking(output);
        }
        else if (PartFit.IsOurs(reasoning))
        {
            Stop(output);
            StartBlock(reasoning with { Text = "", Encrypted = open.Encrypted.ToString(), Native = Ours(reasoning.Native) }, open.Path, output);
        }
        else
        {
            writing.Drop($"{open.Path}.encrypted", "another provider's encrypted reasoning has no place in Anthropic's format");
        }
    }

    private void StartCall(ToolCallPart call, string path, IBufferWriter<byte> output)
    {
        _open!.Free = call.IsCustom ? new StringBuilder(call.Arguments) : null;
        StartBlock(call with { Arguments = "", IsCustom = false, Native = Ours(call.Native), Id = writing.CallId(call) }, path, output);
        if (!call.IsCustom)
        {
            Text("input_json_delta"u8, "partial_json"u8, call.Arguments, output);
        }
    }

    /// <summary>Writes a block of this format alone: its input, as the API does, in a piece of its own.</summary>
    private void StartOpaque(OpaquePart opaque, IBufferWriter<byte> output)
    {
        RawJson? input = null;
        NativeFields rest = new(WireFormat.AnthropicMessages);
        JsonCursor json = new(opaque.Json.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "input" && json.Type == JsonTokenType.StartObject)
            {
                rest.Add(new NativeField("input", new RawJson("{}"u8)));
                input = json.Raw();
            }
            else
            {
                rest.Keep(ref json);
            }
        }

        StartFrame(output).WriteStartObject("content_block"u8);
        rest.WriteTo(frames.Json);
        EndStart(output);
        if (input is { } given && !given.Utf8.SequenceEqual("{}"u8))
        {
            Text("input_json_delta"u8, "partial_json"u8, given.ToString(), output);
        }
    }

    private void StartThinking(IBufferWriter<byte> output)
    {
        if (!_open!.Started)
        {
            ReasoningPart seed = (ReasoningPart)_open.Seed;
            StartBlock(new ReasoningPart("") { Native = Ours(seed.Native)?.Without("signature") }, _open.Path, output);
        }
    }

    private void StartBlock(Part seed, string path, IBufferWriter<byte> output)
    {
        StartFrame(output).WritePropertyName("content_block"u8);
        BlockWriter.Write(frames.Json, seed, writing, path);
        frames.Finish("content_block_start", output);
        _open!.Started = true;
    }

    private Utf8JsonWriter StartFrame(IBufferWriter<byte> output)
    {
        Utf8JsonWriter w = frames.Start("content_block_start"u8, output);
        w.WriteNumber("index"u8, _blocks);
        return w;
    }

    private void EndStart(IBufferWriter<byte> output)
    {
        frames.Json.WriteEndObject();
        frames.Finish("content_block_start", output);
        _open!.Started = true;
    }

    private void Stop(IBufferWriter<byte> output)
    {
        if (_open!.Started)
        {
            frames.Start("content_block_stop"u8, output).WriteNumber("index"u8, _blocks++);
            frames.Finish("content_block_stop", output);
            _open.Started = false;
        }
    }

    private void Sign(string? signature, IBufferWriter<byte> output)
    {
        if (string.IsNullOrEmpty(signature))
        {
            return;
        }

        if (_open!.Seed is not ReasoningPart seed)
        {
            writing.Drop($"{_open.Path}.signature", "Anthropic signs thinking only");
        }
        else if (PartFit.IsOurs(seed))
        {
            Text("signature_delta"u8, "signature"u8, signature, output);
        }
        else
        {
            writing.Drop($"{_open.Path}.signature", "another provider's proof of its reasoning has no place in Anthropic's format");
        }
    }

    private void Text(ReadOnlySpan<byte> type, ReadOnlySpan<byte> field, string text, IBufferWriter<byte> output)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_open!.Seed is ReasoningPart)
        {
            StartThinking(output);
        }

        Utf8JsonWriter w = StartDelta(type, output);
        w.WriteString(field, text);
        EndDelta(output);
    }

    private void Cite(Citation citation, IBufferWriter<byte> output)
    {
        Utf8JsonWriter w = StartDelta("citations_delta"u8, output);
        w.WritePropertyName("citation"u8);
        Citations.Write(w, citation);
        EndDelta(output);
    }

    private Utf8JsonWriter StartDelta(ReadOnlySpan<byte> type, IBufferWriter<byte> output)
    {
        Utf8JsonWriter w = frames.Start("content_block_delta"u8, output);
        w.WriteNumber("index"u8, _blocks);
        w.WriteStartObject("delta"u8);
        w.WriteString("type"u8, type);
        return w;
    }

    private void EndDelta(IBufferWriter<byte> output)
    {
        frames.Delta("content_block_delta");
        frames.Json.WriteEndObject();
        frames.Finish("content_block_delta", output);
    }

    private static NativeFields? Ours(NativeFields? native) => Writing.Ours(native) ? native : null;

    /// <summary>A part that has to wait for its turn, with what was said of it.</summary>
    private sealed record Waiting(PartStarted Started)
    {
        public List<ChoiceEvent> Then { get; } = [];
    }

    /// <summary>The part that is being written.</summary>
    private sealed class Open(int number, string path, Part seed)
    {
        public int Number { get; } = number;

        public string Path { get; } = path;

        public Part Seed { get; } = seed;

        /// <summary>Whether its block is started and not stopped.</summary>
        public bool Started { get; set; }

        /// <summary>Left out.</summary>
        public bool Skipped { get; set; }

        /// <summary>The free text of a custom tool, which can be made JSON only when it is whole.</summary>
        public StringBuilder? Free { get; set; }

        public StringBuilder Encrypted { get; } = new();
    }
}
