using System.Text;
using System.Text.Json;

namespace Interline.Protocols.ByteLane;

/// <summary>The listed edits on a JSON request body. Each leaves every other byte as it was.</summary>
public static class JsonSplice
{
    private static readonly ReadOnlyMemory<byte> True = "true"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> UsageOption = "{\"include_usage\":true}"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> UsageProperty = "\"include_usage\":true"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> UsagePropertyMore = "\"include_usage\":true,"u8.ToArray();
    private static readonly ReadOnlyMemory<byte> StreamOptions = "\"stream_options\":{\"include_usage\":true},"u8.ToArray();

    /// <summary>Puts another model in, or adds one where the body has none.</summary>
    /// <param name="facts">Facts of the body.</param>
    /// <param name="model">The model as a JSON string token with quotes, or bare text for a multipart body.</param>
    /// <param name="edits">Where to add the edit.</param>
    public static void Model(in RequestFacts facts, ReadOnlyMemory<byte> model, BodyEdits edits)
    {
        if (facts.ModelLength > 0)
        {
            edits.Add(new(facts.ModelStart, facts.ModelLength, model));
            return;
        }

        byte[] property = [.. "\"model\":"u8, .. model.Span, .. facts.IsEmptyObject ? ""u8 : ","u8];
        edits.Add(new(facts.InsertAt, 0, property));
    }

    /// <summary>Asks for usage in the stream, whatever the client said.</summary>
    /// <param name="body">The body.</param>
    /// <param name="facts">Facts of the body; an object that is not empty.</param>
    /// <param name="edits">Where to add the edit.</param>
    public static void IncludeUsage(ReadOnlySpan<byte> body, in RequestFacts facts, BodyEdits edits)
    {
        if (facts.IncludeUsage)
        {
            return;
        }

        if (facts.IncludeUsageLength > 0)
        {
            edits.Add(new(facts.IncludeUsageStart, facts.IncludeUsageLength, True));
        }
        else if (facts.StreamOptionsLength == 0)
        {
            edits.Add(new(facts.InsertAt, 0, StreamOptions));
        }
        else if (body[facts.StreamOptionsStart] != '{')
        {
            edits.Add(new(facts.StreamOptionsStart, facts.StreamOptionsLength, UsageOption));
        }
        else
        {
            bool empty = body.Slice(facts.StreamOptionsStart + 1, facts.StreamOptionsLength - 2).Trim(" \t\r\n"u8).IsEmpty;
            edits.Add(new(facts.StreamOptionsStart + 1, 0, empty ? UsageProperty : UsagePropertyMore));
        }
    }

    /// <summary>Adds a top-level property in front of the others.</summary>
    /// <param name="facts">Facts of the body.</param>
    /// <param name="name">Property name.</param>
    /// <param name="json">Its value as JSON.</param>
    /// <param name="edits">Where to add the edit.</param>
    public static void Insert(in RequestFacts facts, string name, string json, BodyEdits edits) =>
        edits.Add(new(facts.InsertAt, 0, Encoding.UTF8.GetBytes($"{Quote(name)}:{json}{(facts.IsEmptyObject ? "" : ",")}")));

    /// <summary>A string as a JSON token.</summary>
    /// <param name="text">The text.</param>
    public static string Quote(string text) => $"\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
