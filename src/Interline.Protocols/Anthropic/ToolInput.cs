using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>The <c>input</c> of a call: this format has an object where others have text.</summary>
internal static class ToolInput
{
    private static readonly RawJson Empty = new("{}"u8);

    /// <summary>The field that holds text which is no JSON object; nothing of it is lost.</summary>
    private const string RawField = "_raw";

    /// <summary>The field a tool that takes free text is given here; see <see cref="ToolFit"/>.</summary>
    public const string FreeText = "input";

    /// <summary>The input of a call.</summary>
    public static RawJson Of(ToolCallPart call, Writing writing, string path)
    {
        if (call.IsCustom)
        {
            return Wrap(FreeText, call.Arguments);
        }

        if (string.IsNullOrWhiteSpace(call.Arguments))
        {
            return Empty;
        }

        RawJson json = new(call.Arguments);
        if (IsObject(json.Utf8))
        {
            return json;
        }

        writing.Change($"{path}.arguments", $"Anthropic takes a JSON object: the text is in its field {RawField}");
        return Wrap(RawField, call.Arguments);
    }

    /// <summary>An object of one text.</summary>
    public static RawJson Wrap(string field, string text) =>
        new($"{{\"{field}\":\"{JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"}}");

    /// <summary>True for one whole JSON object.</summary>
    public static bool IsObject(ReadOnlySpan<byte> json)
    {
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = JsonCursor.MaxDepth });
            return reader.Read() && reader.TokenType == JsonTokenType.StartObject && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
