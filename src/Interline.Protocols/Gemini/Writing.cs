using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>What all writers of this format share while they write one document.</summary>
internal sealed class Writing(LossList losses, bool isAnswer) : FormatWriting(WireFormat.Gemini, losses, "")
{
    /// <summary>True for an answer, false for a request.</summary>
    public bool IsAnswer { get; } = isAnswer;

    /// <summary>True if the fields are this format's own, to be written back.</summary>
    public static bool Ours(NativeFields? native) => native is { Format: WireFormat.Gemini };

    /// <summary>Reports something that Gemini cannot be told.</summary>
    public void Drop(string field, string why) => Losses.Add(field, LossAction.Dropped, why);
}
