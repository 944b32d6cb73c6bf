using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One choice of a stream while it is written: the kinds of its parts, and what waits for the next chunk.</summary>
internal sealed class StreamWriterChoice
{
    private readonly Dictionary<int, Part> _parts = [];
    private readonly Dictionary<int, int> _calls = [];
    private RawJson? _logprobs;
    private bool _roleSaid;

    public NativeFields? Fields { get; set; }

    public NativeFields? MessageFields { get; set; }

    /// <summary>True if something waits that no chunk has told.</summary>
    public bool Pending => Fields is not null || MessageFields is not null || _logprobs is not null;

    /// <summary>Takes note of an event; true if it makes a chunk.</summary>
    public bool Take(ChoiceEvent e, AnswerStreamWriter writer)
    {
        switch (e)
        {
            case PartStarted { Seed: ToolCallPart call } started:
                string callId = call.Id.Length > 0 || Writing.Ours(call.Native) ? call.Id : writer.MakeCallId();
                _parts[started.Part] = call with { Id = callId };
                _calls[started.Part] = _calls.Count;
                return true;
            case PartStarted started:
                _parts[started.Part] = started.Seed;
                return Whole(started.Seed);
            case LogprobsDelta logprobs:
                _logprobs = logprobs.Json;
                return false;
            case PartEnded:
                return false;
            case SignatureDelta or EncryptedDelta:
                return PartOf(e) is ReasoningPart;
            default:
                return true;
        }
    }

    /// <summary>Writes the inside of the choice's object after its index.</summary>
    public void Write(Utf8JsonWriter w, ChoiceEvent e)
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
            w.WriteString("finish_reason"u8, Word(finished));
        }
        else
        {
            w.WriteNull("finish_reason"u8);
        }

        Fields?.WriteTo(w);
        (Fields, MessageFields, _logprobs) = (null, null, null);
    }

    /// <summary>The provider's word if it is of this format; formats without a word for tool calls (Gemini, Ollama) say stop.</summary>
    private string Word(ChoiceFinished finished) =>
        ChatFinish.Read(finished.NativeFinish) == finished.Finish && finished.Finish != FinishReason.Unknown && finished.NativeFinish is "eos" or "model_length" or "function_call" ? finished.NativeFinish!
        : finished.Finish is FinishReason.Stop or FinishReason.Unknown && _calls.Count > 0 ? "tool_calls"
        : ChatFinish.Write(finished.Finish);

    private void WriteDelta(Utf8JsonWriter w, ChoiceEvent e)
    {
        switch (e)
        {
            case PartStarted { Seed: ToolCallPart } started:
                WriteCallStart(w, started.Part);
                break;
            case PartStarted { Seed: ImagePart image }:
                w.WriteStartArray("images"u8);
                PartWriter.Write(w, image, new Writing(ChatDialect.OpenAI, new LossList(), isAnswer: true, ""), "");
                w.WriteEndArray();
                break;
            case PartStarted { Seed: AudioPart audio }:
                w.WritePropertyName("audio"u8);
                AnswerAudio.Write(w, audio with { Source = new FileSource(audio.Id ?? "") });
                break;
            case PartStarted { Seed: OpaquePart opaque }:
                w.WriteStartArray(opaque.Spelling ?? "content");
                opaque.Json.WriteTo(w);
                w.WriteEndArray();
                break;
            case TextDelta { Part: >= 0 } text:
                WriteText(w, text);
                break;
            case SignatureDelta signature:
                WriteDetail(w, signature.Part, r => r with { Signature = signature.Signature });
                break;
            case EncryptedDelta encrypted:
                WriteDetail(w, encrypted.Part, r => r with { Encrypted = encrypted.Data });
                break;
            case ArgumentsDelta arguments:
                WriteArguments(w, arguments);
                break;
            case AudioDelta sound:
                w.WritePropertyName("audio"u8);
                MediaSource source = sound.Base64 is null ? new FileSource("") : new InlineSource(null, Encoding.ASCII.GetBytes(sound.Base64));
                AnswerAudio.Write(w, new AudioPart(source) { Transcript = sound.Transcript });
                break;
            case CitationAdded cited:
                w.WriteStartArray("annotations"u8);
                Citations.Write(w, cited.Citation);
                w.WriteEndArray();
                break;
            default:
                break;
        }
    }

    private void WriteText(Utf8JsonWriter w, TextDelta text)
    {
        switch (PartOf(text))
        {
            case RefusalPart:
                w.WriteString("refusal"u8, text.Text);
                break;
            case ReasoningPart { Spelling: "thinking" } thinking:
                w.WriteStartArray("content"u8);
                PartWriter.Write(w, thinking with { Text = text.Text }, new Writing(ChatDialect.OpenAI, new LossList(), isAnswer: true, ""), "");
                w.WriteEndArray();
                break;
            case ReasoningPart { Spelling: { } spelling } r when ReasoningDetails.Holds(r):
                if (spelling.Length > ReasoningDetails.AndDetails.Length)
                {
                    w.WriteString(spelling[..^ReasoningDetails.AndDetails.Length], text.Text);
                }

                WriteDetail(w, text.Part, d => d with { Text = text.Text });
                break;
            case ReasoningPart r:
                w.WriteString(r.Spelling ?? "reasoning_content", text.Text);
                break;
            default:
                w.WriteString("content"u8, text.Text);
                break;
        }
    }

    /// <summary>Writes one piece of <c>reasoning_details</c>: also where another format's signature goes, for clients that send it back.</summary>
    private void WriteDetail(Utf8JsonWriter w, int part, Func<ReasoningPart, ReasoningPart> piece)
    {
        if (_parts.GetValueOrDefault(part) is ReasoningPart r)
        {
            w.WriteStartArray(ReasoningDetails.Field);
            ReasoningDetails.WriteOne(w, piece(r with { Text = "", Signature = null, Encrypted = null }), part);
            w.WriteEndArray();
        }
    }

    private void WriteCallStart(Utf8JsonWriter w, int part)
    {
        ToolCallPart call = (ToolCallPart)_parts[part];
        if (call.Spelling is "function_call")
        {
            w.WriteStartObject("function_call"u8);
            w.WriteString("name"u8, call.Name);
            w.WriteString("arguments"u8, ""u8);
            w.WriteEndObject();
            return;
        }

        w.WriteStartArray("tool_calls"u8);
        w.WriteStartObject();
        w.WriteNumber("index"u8, _calls[part]);
        w.WriteString("id"u8, call.Id);
        ToolWriter.WriteCalled(w, call with { Native = null }, call.Name, call.Arguments);
        ToolWriter.WriteSignature(w, call);
        if (Writing.Ours(call.Native))
        {
            call.Native!.Without("function").Without("custom").Without("id").WriteTo(w);
        }

        w.WriteEndObject();
        w.WriteEndArray();
    }

    private void WriteArguments(Utf8JsonWriter w, ArgumentsDelta delta)
    {
        ToolCallPart? call = PartOf(delta) as ToolCallPart;
        if (call is { Spelling: "function_call" })
        {
            w.WriteStartObject("function_call"u8);
            w.WriteString("arguments"u8, delta.Json);
            w.WriteEndObject();
            return;
        }

        bool custom = call is { IsCustom: true };
        w.WriteStartArray("tool_calls"u8);
        w.WriteStartObject();
        w.WriteNumber("index"u8, _calls.GetValueOrDefault(delta.Part));
        w.WriteStartObject(custom ? "custom"u8 : "function"u8);
        w.WriteString(custom ? "input"u8 : "arguments"u8, delta.Json);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndArray();
    }

    private Part? PartOf(ChoiceEvent e) => _parts.GetValueOrDefault(e switch
    {
        TextDelta text => text.Part,
        ArgumentsDelta arguments => arguments.Part,
        SignatureDelta signature => signature.Part,
        EncryptedDelta encrypted => encrypted.Part,
        _ => -1,
    });

    private static bool Whole(Part seed) => seed is ImagePart or AudioPart or OpaquePart { Format: WireFormat.OpenAIChat };
}
