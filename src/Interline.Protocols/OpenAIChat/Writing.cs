using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>What all writers of this format share while they write one document.</summary>
internal sealed class Writing(ChatDialect dialect, LossList losses, bool isAnswer, string callIdPrefix) : FormatWriting(WireFormat.OpenAIChat, losses, callIdPrefix)
{
    public ChatDialect Dialect { get; } = dialect;

    /// <summary>True for the message of an answer, false for one of a request.</summary>
    public bool IsAnswer { get; } = isAnswer;

    /// <summary>True if the fields are this format's own, to be written back.</summary>
    public static bool Ours(NativeFields? native) => native is { Format: WireFormat.OpenAIChat };

    /// <summary>True if a field is written back with the native fields, and so must not be written again.</summary>
    public static bool Kept(NativeFields? native, string name) => Ours(native) && native!.Find(name) is not null;
}
