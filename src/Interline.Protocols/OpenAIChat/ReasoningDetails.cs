using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// OpenRouter's <c>reasoning_details</c>, which Snowflake and others have too: reasoning as text with a signature, as a summary, or encrypted.
/// The same text mostly stands a second time in <c>reasoning</c> or <c>reasoning_content</c>. LiteLLM's <see cref="ThinkingBlocks"/> take the same place.
/// </summary>
internal static class ReasoningDetails
{
    /// <summary>The field's name, and the spelling of parts that came from it alone.</summary>
    public const string Field = "reasoning_details";

    /// <summary>Ends the spelling of parts whose text stands in the field named before it, too.</summary>
    public const string AndDetails = "+" + Field;

    /// <summary>Reads the array at the cursor.</summary>
    /// <param name="json">At the array.</param>
    /// <param name="parts">Gets the elements.</param>
    /// <param name="native">Gets the field if it is empty.</param>
    public static void Read(ref JsonCursor json, List<Part> parts, NativeFields? native)
    {
        int before = parts.Count;
        bool blocks = json.Name is ThinkingBlocks.Field;
        json.EnterArray();
        while (json.NextElement())
        {
            parts.Add(blocks ? ThinkingBlocks.ReadOne(ref json) : ReadOne(ref json));
        }

        if (parts.Count == before)
        {
            native?.Add(new NativeField(blocks ? ThinkingBlocks.Field : Field, new RawJson("[]"u8), Understood: true));
        }
    }

    /// <summary>Reads one element.</summary>
    private static Part ReadOne(ref JsonCursor json)
    {
        string? type = json.Peek("type"u8);
        if (type is not ("reasoning.text" or "reasoning.summary" or "reasoning.encrypted"))
        {
            return new OpaquePart(WireFormat.OpenAIChat, type ?? "", json.Raw()) { Spelling = Field };
        }

        NativeFields native = new(WireFormat.OpenAIChat);
        ReasoningPart part = new("") { Spelling = Field, IsSummary = type is "reasoning.summary", Native = native };
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
                case "text" or "summary" when json.Type is JsonTokenType.String:
                    part = part with { Text = json.Text() };
                    break;
                case "data" when json.Type is JsonTokenType.String:
                    part = part with { Encrypted = json.Text() };
                    break;
                case "signature" when json.Type is JsonTokenType.String:
                    part = part with { Signature = json.Text() };
                    break;
                case "format" when json.Type is JsonTokenType.String:
                    part = part with { SignedBy = json.Text() };
                    break;
                case "id" when json.Type is JsonTokenType.String:
                    part = part with { Id = json.Text() };
                    break;
                default:
                    native.Keep(ref json, understood: json.Name is "index");
                    break;
            }
        }

        return part;
    }

    /// <summary>Puts the plain reasoning and the detailed one together; where they say the same, it is one.</summary>
    public static List<Part> Join(ReasoningPart? plain, List<Part> details)
    {
        if (plain is null)
        {
            return details;
        }

        string told = string.Concat(details.OfType<ReasoningPart>().Select(p => p.Text));
        return details.Count > 0 && string.Equals(told, plain.Text, StringComparison.Ordinal)
            ? [.. details.Select(p => p with { Spelling = $"{plain.Spelling}+{p.Spelling}" })]
            : [plain, .. details];
    }

    /// <summary>True for a part that belongs into an array.</summary>
    public static bool Holds(Part part) => part.Spelling is { } spelling
        && (spelling.EndsWith(Field, StringComparison.Ordinal) || spelling.EndsWith(ThinkingBlocks.Field, StringComparison.Ordinal));

    /// <summary>The array a part belongs into.</summary>
    public static string ArrayOf(Part part) => part.Spelling?.EndsWith(ThinkingBlocks.Field, StringComparison.Ordinal) == true ? ThinkingBlocks.Field : Field;

    /// <summary>The field that has the same text as the array; null if none has.</summary>
    public static string? PlainOf(Part part) => part.Spelling?.IndexOf('+', StringComparison.Ordinal) is > 0 and var end ? part.Spelling[..end] : null;

    /// <summary>Writes one element.</summary>
    public static void WriteOne(Utf8JsonWriter w, Part part, int index)
    {
        if (part is OpaquePart opaque)
        {
            opaque.Json.WriteTo(w);
            return;
        }

        ReasoningPart r = (ReasoningPart)part;
        if (ArrayOf(r) is ThinkingBlocks.Field)
        {
            ThinkingBlocks.WriteOne(w, r);
            return;
        }

        w.WriteStartObject();
        w.WriteString("type"u8, r.Encrypted is not null ? "reasoning.encrypted" : r.IsSummary ? "reasoning.summary" : "reasoning.text");
        if (r.Encrypted is not null)
        {
            w.WriteString("data"u8, r.Encrypted);
        }

        ReadOnlySpan<byte> name = r.IsSummary ? "summary"u8 : "text"u8;
        if ((r.Encrypted is null && !Writing.Kept(r.Native, r.IsSummary ? "summary" : "text")) || r.Text.Length > 0)
        {
            w.WriteString(name, r.Text);
        }

        WriteIfAny(w, "signature"u8, r.Signature);
        WriteIfAny(w, "format"u8, r.SignedBy);
        WriteIfAny(w, "id"u8, r.Id);
        if (Writing.Ours(r.Native))
        {
            r.Native!.WriteTo(w);
        }
        else
        {
            w.WriteNumber("index"u8, index);
        }

        w.WriteEndObject();
    }

    private static void WriteIfAny(Utf8JsonWriter w, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            w.WriteString(name, value);
        }
    }
}
