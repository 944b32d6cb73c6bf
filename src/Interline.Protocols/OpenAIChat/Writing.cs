using System.Text.Encodings.Web;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>What all writers of this format share while they write one document.</summary>
internal sealed class Writing(ChatDialect dialect, LossList losses, bool isAnswer, string callIdPrefix)
{
    private readonly Dictionary<string, Queue<string>> _unanswered = new(StringComparer.Ordinal);
    private int _made;

    /// <summary>Text stays readable: nothing is escaped that JSON does not ask for.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public ChatDialect Dialect { get; } = dialect;

    public LossList Losses { get; } = losses;

    /// <summary>True for the message of an answer, false for one of a request.</summary>
    public bool IsAnswer { get; } = isAnswer;

    /// <summary>True if the fields are this format's own, to be written back.</summary>
    public static bool Ours(NativeFields? native) => native is { Format: WireFormat.OpenAIChat };

    /// <summary>True if a field is written back with the native fields, and so must not be written again.</summary>
    public static bool Kept(NativeFields? native, string name) => Ours(native) && native!.Find(name) is not null;

    /// <summary>Writes the native fields if they are this format's own, reports them lost if not.</summary>
    public void Native(Utf8JsonWriter w, NativeFields? native, string path)
    {
        if (Ours(native))
        {
            native!.WriteTo(w);
        }
        else
        {
            Losses.AddForeign(native, WireFormat.OpenAIChat, path);
        }
    }

    /// <summary>The id of a call: its own, or where its format has none one made from its place, remembered for its result.</summary>
    public string CallId(ToolCallPart call)
    {
        if (call.Id.Length > 0 || Ours(call.Native))
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
    public string ResultId(ToolResultPart result) =>
        result.CallId.Length == 0 && result.Name is { } name && _unanswered.TryGetValue(name, out Queue<string>? ids) && ids.TryDequeue(out string? id)
            ? id
            : result.CallId;
}
