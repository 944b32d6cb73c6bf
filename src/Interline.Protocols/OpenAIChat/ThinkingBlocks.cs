using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// LiteLLM's <c>thinking_blocks</c> of an assistant's message: Anthropic's blocks as they are, <c>{type: thinking, thinking, signature}</c> or
/// <c>{type: redacted_thinking, data}</c>. The text mostly stands a second time in <c>reasoning_content</c>.
/// </summary>
internal static class ThinkingBlocks
{
    /// <summary>The field's name, and the spelling of parts that came from it alone.</summary>
    public const string Field = "thinking_blocks";

    /// <summary>Reads one element.</summary>
    public static Part ReadOne(ref JsonCursor json)
    {
        string? type = json.Peek("type"u8);
        if (type is not ("thinking" or "redacted_thinking"))
        {
            return new OpaquePart(WireFormat.OpenAIChat, type ?? "", json.Raw()) { Spelling = Field };
        }

        NativeFields native = new(WireFormat.OpenAIChat);
        ReasoningPart part = new("") { Spelling = Field, Encrypted = type is "redacted_thinking" ? "" : null, Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "type":
                    json.Skip();
                    break;
                case "thinking" when part.Encrypted is null && json.Type is JsonTokenType.String:
                    part = part with { Text = json.Text() };
                    break;
                case "signature" when part.Encrypted is null && json.Type is JsonTokenType.String:
                    part = part with { Signature = json.Text() };
                    break;
                case "data" when part.Encrypted is not null && json.Type is JsonTokenType.String:
                    part = part with { Encrypted = json.Text() };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return part;
    }

    /// <summary>Writes one element.</summary>
    public static void WriteOne(Utf8JsonWriter w, ReasoningPart r)
    {
        w.WriteStartObject();
        if (r.Encrypted is not null)
        {
            w.WriteString("type"u8, "redacted_thinking"u8);
            WriteUnlessKept(w, r, "data", r.Encrypted);
        }
        else
        {
            w.WriteString("type"u8, "thinking"u8);
            WriteUnlessKept(w, r, "thinking", r.Text);
            if (r.Signature is not null)
            {
                WriteUnlessKept(w, r, "signature", r.Signature);
            }
        }

        if (Writing.Ours(r.Native))
        {
            r.Native!.WriteTo(w);
        }

        w.WriteEndObject();
    }

    /// <summary>A field that was null, or no text, is written back as it was.</summary>
    private static void WriteUnlessKept(Utf8JsonWriter w, ReasoningPart r, string name, string value)
    {
        if (!Writing.Kept(r.Native, name))
        {
            w.WriteString(name, value);
        }
    }
}
