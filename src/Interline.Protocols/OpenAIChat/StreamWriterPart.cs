using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>One part of a streamed choice while it is written.</summary>
internal sealed class StreamWriterPart
{
    private readonly Writing _writing;
    private readonly int _number;
    private readonly int _call;

    // For reasoning: the field its text is written to, and whether it is an element of reasoning_details too.
    private readonly string? _plain;
    private readonly bool _detailed;
    private bool _detailBegun;

    /// <summary>Begins a part that <see cref="CanWrite"/>.</summary>
    /// <param name="seed">The part as it starts.</param>
    /// <param name="number">Its number in the choice.</param>
    /// <param name="call">The number of the tool call; -1 for other parts.</param>
    /// <param name="writing">What is shared.</param>
    public StreamWriterPart(Part seed, int number, int call, Writing writing)
    {
        (_writing, _number, _call) = (writing, number, call);
        Seed = seed is ToolCallPart made ? made with { Id = writing.CallId(made) } : seed;
        if (seed is not ReasoningPart r)
        {
            return;
        }

        if (ReasoningDetails.Holds(r))
        {
            (_plain, _detailed) = (ReasoningDetails.PlainOf(r), true);
        }
        else if (r.Spelling is not "thinking")
        {
            // Signed text is told in both fields, as OpenRouter does: a client that gathers the details has text and signature together, to send them back.
            _plain = r.Spelling ?? "reasoning_content";
            _detailed = r.Native?.Format is WireFormat.AnthropicMessages or WireFormat.BedrockConverse || r.Id is not null;
        }
    }

    /// <summary>The part as it started, with the id it got.</summary>
    public Part Seed { get; }

    /// <summary>Fields that wait for the part's next piece.</summary>
    public NativeFields? Fields { get; set; }

    /// <summary>True if its text is an element of <c>reasoning_details</c>.</summary>
    public bool IsDetail => _detailed;

    /// <summary>True if its start makes a chunk.</summary>
    public bool SaysSomething => Seed switch
    {
        TextPart text => text.Text.Length > 0 || text.Citations.Count > 0 || text.Signature is not null,
        RefusalPart refusal => refusal.Text.Length > 0,
        ReasoningPart r => r.Text.Length > 0 || r.Signature is { Length: > 0 } || r.Encrypted is not null,
        _ => true,
    };

    /// <summary>True if a stream of this format can hold the part.</summary>
    public static bool CanWrite(Part seed) => seed switch
    {
        TextPart or RefusalPart or ReasoningPart or ToolCallPart or AudioPart { Source: InlineSource or FileSource } => true,
        ImagePart => PartWriter.CanWrite(seed),
        OpaquePart opaque => opaque.Format == WireFormat.OpenAIChat,
        _ => Writing.Ours(seed.Native) && PartWriter.CanWrite(seed),
    };

    /// <summary>Writes what the part starts with.</summary>
    public void WriteStart(Utf8JsonWriter w)
    {
        switch (Seed)
        {
            case ToolCallPart call:
                WriteCall(w, call);
                break;
            case AudioPart audio:
                w.WritePropertyName("audio"u8);
                AnswerAudio.Write(w, audio.Source is InlineSource { Base64.IsEmpty: true } ? audio with { Source = new FileSource(audio.Id ?? "") } : audio);
                break;
            case OpaquePart opaque:
                w.WriteStartArray(opaque.Spelling ?? "content");
                opaque.Json.WriteTo(w);
                w.WriteEndArray();
                break;
            case MediaPart media:
                w.WriteStartArray(media is ImagePart ? "images"u8 : "content"u8);
                PartWriter.Write(w, media, _writing, "");
                w.WriteEndArray();
                break;
            case ReasoningPart r:
                WriteReasoning(w, r.Text, r.Signature, r.Encrypted);
                break;
            case RefusalPart refusal:
                WriteText(w, refusal.Text);
                break;
            case TextPart text:
                WriteTextStart(w, text);
                break;
            default:
                break;
        }
    }

    /// <summary>Writes a piece of text.</summary>
    public void WriteText(Utf8JsonWriter w, string text)
    {
        switch (Seed)
        {
            case ReasoningPart r when r.Spelling is "thinking":
                w.WriteStartArray("content"u8);
                PartWriter.Write(w, r with { Text = text, Native = TakeFields() }, _writing, "");
                w.WriteEndArray();
                break;
            case ReasoningPart:
                WriteReasoning(w, text, null, null);
                break;
            case ToolCallPart:
                WriteArguments(w, text);
                break;
            case AudioPart:
                WriteSound(w, new AudioDelta(0, _number, null, null));
                break;
            case RefusalPart:
                w.WriteString("refusal"u8, text);
                break;
            default:
                if (Fields is null)
                {
                    w.WriteString("content"u8, text);
                    break;
                }

                w.WriteStartArray("content"u8);
                PartWriter.Write(w, new TextPart(text) { Native = TakeFields() }, _writing, "");
                w.WriteEndArray();
                break;
        }
    }

    /// <summary>Writes the fields that wait, as no piece came after them.</summary>
    public void Flush(Utf8JsonWriter w)
    {
        WriteText(w, "");
        Fields = null;
    }

    /// <summary>Writes a signature: with reasoning as a detail, elsewhere as Google's dialect has it.</summary>
    public void WriteSignature(Utf8JsonWriter w, string signature)
    {
        if (Seed is ReasoningPart)
        {
            WriteDetail(w, "", signature, null);
        }
        else if (Seed is ToolCallPart)
        {
            BeginCall(w);
            ToolWriter.WriteGoogleSignature(w, signature);
            EndCall(w);
        }
        else
        {
            ToolWriter.WriteGoogleSignature(w, signature);
        }
    }

    /// <summary>Writes encrypted reasoning.</summary>
    public void WriteEncrypted(Utf8JsonWriter w, string data) => WriteDetail(w, "", null, data);

    /// <summary>Writes a piece of a call's arguments.</summary>
    public void WriteArguments(Utf8JsonWriter w, string json)
    {
        ToolCallPart call = (ToolCallPart)Seed;
        NativeFields? fields = TakeFields();
        if (call.Spelling is "function_call")
        {
            WriteCalled(w, "function_call", null, json, fields);
            return;
        }

        BeginCall(w);
        WriteCalled(w, call.IsCustom ? "custom" : "function", null, json, fields);
        WriteRest(w, fields);
        EndCall(w);
    }

    /// <summary>Writes a piece of a spoken answer.</summary>
    public void WriteSound(Utf8JsonWriter w, AudioDelta sound)
    {
        w.WriteStartObject("audio"u8);
        if (sound.Base64 is not null)
        {
            w.WriteString("data"u8, sound.Base64);
        }

        if (sound.Transcript is not null)
        {
            w.WriteString("transcript"u8, sound.Transcript);
        }

        TakeFields()?.WriteTo(w);
        w.WriteEndObject();
    }

    private void WriteTextStart(Utf8JsonWriter w, TextPart text)
    {
        if (text.Text.Length > 0)
        {
            WriteText(w, text.Text);
        }

        if (text.Citations.Any(Citations.CanWrite))
        {
            MessageWriter.WriteCitations(w, text.Citations);
        }

        if (text.Signature is not null)
        {
            ToolWriter.WriteGoogleSignature(w, text.Signature);
        }
    }

    private void WriteReasoning(Utf8JsonWriter w, string text, string? signature, string? encrypted)
    {
        if (_plain is not null && text.Length > 0)
        {
            w.WriteString(_plain, text);
        }

        if (_detailed || signature is not null || encrypted is not null)
        {
            WriteDetail(w, text, signature, encrypted);
        }
    }

    /// <summary>Writes one piece of <c>reasoning_details</c>. What names the detail is said once: clients that join pieces would join it too.</summary>
    private void WriteDetail(Utf8JsonWriter w, string text, string? signature, string? encrypted)
    {
        ReasoningPart seed = (ReasoningPart)Seed;
        bool ours = Writing.Ours(seed.Native);
        ReasoningPart piece = seed with { Text = text, Signature = signature, Encrypted = encrypted };
        if (ours && Fields is not null)
        {
            piece = piece with { Native = StreamWriterChoice.Join(seed.Native, TakeFields()!) };
        }
        else if (!ours && _detailBegun)
        {
            piece = piece with { Id = null, SignedBy = null };
        }

        _detailBegun = true;
        w.WriteStartArray(ReasoningDetails.ArrayOf(piece));
        ReasoningDetails.WriteOne(w, piece, _number);
        w.WriteEndArray();
    }

    private void WriteCall(Utf8JsonWriter w, ToolCallPart call)
    {
        if (call.Spelling is "function_call")
        {
            WriteCalled(w, "function_call", call.Name, call.Arguments, null);
            return;
        }

        BeginCall(w);
        w.WriteString("id"u8, call.Id);
        w.WriteString("type"u8, call.Spelling ?? (call.IsCustom ? "custom" : "function"));
        WriteCalled(w, call.IsCustom ? "custom" : "function", call.Name, call.Arguments, null);
        ToolWriter.WriteSignature(w, call);
        if (Writing.Ours(call.Native))
        {
            call.Native!.WriteTo(w);
        }

        EndCall(w);
    }

    private void BeginCall(Utf8JsonWriter w)
    {
        w.WriteStartArray("tool_calls"u8);
        w.WriteStartObject();
        w.WriteNumber("index"u8, _call);
    }

    private static void EndCall(Utf8JsonWriter w)
    {
        w.WriteEndObject();
        w.WriteEndArray();
    }

    /// <summary>Writes the called function, with the fields that were kept of it for this piece.</summary>
    private static void WriteCalled(Utf8JsonWriter w, string field, string? name, string arguments, NativeFields? fields)
    {
        w.WriteStartObject(field);
        if (name is not null)
        {
            w.WriteString("name"u8, name);
        }

        w.WriteString(field is "custom" ? "input"u8 : "arguments"u8, arguments);
        if (fields?.Find(field) is { } kept)
        {
            JsonCursor json = new(kept.Utf8);
            json.Start();
            json.EnterObject();
            while (json.NextField())
            {
                w.WritePropertyName(json.NameText);
                json.Raw().WriteTo(w);
            }
        }

        w.WriteEndObject();
    }

    private static void WriteRest(Utf8JsonWriter w, NativeFields? fields)
    {
        fields?.Without("function").Without("custom").WriteTo(w);
    }

    private NativeFields? TakeFields()
    {
        NativeFields? fields = Fields;
        Fields = null;
        return fields;
    }
}
