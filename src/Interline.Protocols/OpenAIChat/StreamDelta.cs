using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>What one delta says, in its order; the reasoning and the calls apart, as they are told first and last. Used again for each chunk.</summary>
internal sealed class StreamDelta
{
    /// <summary>Text, sound, images, sources.</summary>
    public List<StreamStep> Steps { get; } = [];

    /// <summary>Pieces of tool calls.</summary>
    public List<StreamCall> Calls { get; } = [];

    /// <summary>Elements of <c>reasoning_details</c> or <c>thinking_blocks</c>.</summary>
    public List<Part> Details { get; } = [];

    /// <summary>Reasoning as plain text.</summary>
    public ReasoningPart? Plain { get; private set; }

    /// <summary>Unknown fields of the delta.</summary>
    public SaidFields Fields { get; } = new();

    /// <summary>Another chunk begins.</summary>
    public void Begin()
    {
        Steps.Clear();
        Calls.Clear();
        Details.Clear();
        Plain = null;
    }

    /// <summary>Reads a <c>delta</c>.</summary>
    public void Read(ref JsonCursor json)
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
                Fields.Take(ref json);
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
                AddText(StreamWhat.Content, ref json);
                break;
            case "content" when json.Type == JsonTokenType.StartArray:
                ReadParts(ref json);
                break;
            case "refusal" when json.Type == JsonTokenType.String:
                AddText(StreamWhat.Refusal, ref json);
                break;
            case "reasoning_content" or "reasoning" when json.Type == JsonTokenType.String && Plain is null:
                Plain = json.Is("") ? null : new ReasoningPart(json.Text()) { Spelling = json.Name is "reasoning" ? "reasoning" : "reasoning_content" };
                break;
            case "reasoning_content" or "reasoning" when json.Is(Plain?.Text) || json.Is(""):
                break;
            case "reasoning_details" or ThinkingBlocks.Field when json.Type == JsonTokenType.StartArray && Details.Count == 0:
                ReasoningDetails.Read(ref json, Details, null);
                break;
            case "tool_calls" when json.Type == JsonTokenType.StartArray:
                ReadCalls(ref json);
                break;
            case "function_call" when json.Type == JsonTokenType.StartObject:
                StreamCall old = new() { Number = StreamCalls.Old, Type = "function_call" };
                old.ReadCalled(ref json, "function_call");
                Calls.Add(old);
                break;
            case "audio" when json.Type == JsonTokenType.StartObject:
                Steps.Add(new StreamStep(StreamWhat.Audio, null, AnswerAudio.Read(ref json)));
                break;
            case "images" when json.Type == JsonTokenType.StartArray:
                json.EnterArray();
                while (json.NextElement())
                {
                    Steps.Add(new StreamStep(StreamWhat.None, null, PartReader.Read(ref json) with { Spelling = "images" }));
                }

                break;
            case "annotations" when json.Type == JsonTokenType.StartArray:
                foreach (Citation citation in Citations.Read(json.Raw()))
                {
                    Steps.Add(new StreamStep(StreamWhat.None, null, null) { Citation = citation });
                }

                break;
            case "extra_content" when json.Type == JsonTokenType.StartObject:
                ReadSignature(ref json);
                break;
            default:
                Fields.Take(ref json);
                break;
        }
    }

    /// <summary>An empty text is what many providers begin with, also before tool calls: it opens nothing.</summary>
    private void AddText(StreamWhat what, ref JsonCursor json)
    {
        if (!json.Is(""))
        {
            Steps.Add(new StreamStep(what, json.Text(), null));
        }
    }

    private void ReadSignature(ref JsonCursor json)
    {
        NativeFields kept = new(WireFormat.OpenAIChat);
        string? signature = CallReader.ReadGoogleSignature(ref json, kept);
        Steps.Add(new StreamStep(StreamWhat.None, signature, null) { Signed = kept[0] });
    }

    /// <summary>Mistral's content as parts: thinking and text.</summary>
    private void ReadParts(ref JsonCursor json)
    {
        json.EnterArray();
        while (json.NextElement())
        {
            Part part = PartReader.Read(ref json);
            StreamWhat what = part switch { TextPart => StreamWhat.Content, ReasoningPart => StreamWhat.Thinking, _ => StreamWhat.None };
            Steps.Add(new StreamStep(what, part switch { TextPart t => t.Text, ReasoningPart r => r.Text, _ => null }, part));
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
                Calls.Add(call);
            }
            else
            {
                Steps.Add(new StreamStep(StreamWhat.None, null, other));
            }
        }
    }
}

/// <summary>What the open part is, so that a piece of the same is added to it.</summary>
internal enum StreamWhat
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

/// <summary>One thing a delta says.</summary>
internal readonly record struct StreamStep(StreamWhat What, string? Text, Part? Part)
{
    public Citation? Citation { get; init; }

    /// <summary>Google's signature of the message, whose text is the signature.</summary>
    public NativeField? Signed { get; init; }
}
