using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>What the writers of one wire format share while they write one document: its losses, and the ids of tool calls that had none.</summary>
/// <param name="format">The format being written.</param>
/// <param name="losses">What could not be said.</param>
/// <param name="callIdPrefix">Before the numbers of the ids that are made; unique to the document.</param>
internal abstract class FormatWriting(WireFormat format, LossList losses, string callIdPrefix)
{
    private readonly Dictionary<string, Queue<string>> _unanswered = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>Text stays readable: nothing is escaped that JSON does not ask for.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>What could not be said.</summary>
    public LossList Losses { get; } = losses;

    /// <summary>Writes the native fields if they are this format's own, reports them lost if not.</summary>
    /// <param name="w">Inside the object they belong to.</param>
    /// <param name="native">The fields, or null.</param>
    /// <param name="path">Where the object is, such as <c>messages[2]</c>; empty for the document itself.</param>
    public void Native(Utf8JsonWriter w, NativeFields? native, string path)
    {
        if (native?.Format == format)
        {
            native.WriteTo(w);
        }
        else
        {
            Losses.AddForeign(native, format, path);
        }
    }

    /// <summary>The id of a call: its own, or where its format has none one made from its place, remembered for its result.</summary>
    /// <param name="call">The call.</param>
    public string CallId(ToolCallPart call)
    {
        if (call.Id.Length > 0 || call.Native?.Format == format)
        {
            return call.Id;
        }

        string id = $"{callIdPrefix}{_made++}";
        if (!_unanswered.TryGetValue(call.Name, out Queue<string>? ids))
        {
            _unanswered[call.Name] = ids = new Queue<string>();
        }

        ids.Enqueue(id);
        return id;
    }

    /// <summary>The id a result answers: its own, or that of the oldest unanswered call of its name.</summary>
    /// <param name="result">The result.</param>
    public string ResultId(ToolResultPart result) =>
        result.CallId.Length == 0 && result.Name is { } name && _unanswered.TryGetValue(name, out Queue<string>? ids) && ids.TryDequeue(out string? id)
            ? id
            : result.CallId;
}
