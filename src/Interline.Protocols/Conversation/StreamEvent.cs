using Interline.Protocols.Errors;

namespace Interline.Protocols.Conversation;

/// <summary>
/// One step of an answer that arrives in pieces. Every stream of every wire format is such a sequence:
/// <c>AnswerStarted, (PartStarted, delta*, PartEnded)*, ChoiceFinished, UsageReported, AnswerEnded</c>.
/// <list type="bullet">
/// <item>Parts of a choice are numbered from 0 in the order they start. They do not overlap, except tool calls: several may be open at once.</item>
/// <item>No delta of a part comes after its <see cref="PartEnded"/>; every part is ended before its choice is finished.</item>
/// <item><see cref="UsageReported"/> is cumulative and may come often: the last one counts.</item>
/// <item><see cref="NativeReported"/> and <see cref="LogprobsDelta"/> come before the deltas of the same piece, and only if something new is said.</item>
/// <item>A stream ends with <see cref="AnswerEnded"/> or <see cref="AnswerFailed"/>. One that simply stops was cut.</item>
/// </list>
/// </summary>
public abstract record StreamEvent;

/// <summary>The first event.</summary>
/// <param name="Id">The provider's id; null if the format has none.</param>
/// <param name="Model">The model that answers.</param>
/// <param name="Created">When, in seconds since 1970.</param>
public sealed record AnswerStarted(string? Id, string? Model, long? Created) : StreamEvent
{
    /// <summary>Price and speed class, if known from the start.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The provider's name for the state of its servers.</summary>
    public string? SystemFingerprint { get; init; }
}

/// <summary>Something of the answer's head that became known, or changed, after its start.</summary>
/// <param name="ServiceTier">Price and speed class.</param>
/// <param name="SystemFingerprint">The provider's name for the state of its servers.</param>
public sealed record HeadChanged(string? ServiceTier, string? SystemFingerprint) : StreamEvent;

/// <summary>An event of one choice.</summary>
/// <param name="Choice">The choice's index.</param>
public abstract record ChoiceEvent(int Choice) : StreamEvent;

/// <summary>A part begins.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number in the choice.</param>
/// <param name="Seed">The part as far as known: its kind and attributes, its text as a rule still empty; deltas are added to it.</param>
public sealed record PartStarted(int Choice, int Part, Part Seed) : ChoiceEvent(Choice);

/// <summary>More text of a text, refusal or reasoning part.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Text">What is added.</param>
public sealed record TextDelta(int Choice, int Part, string Text) : ChoiceEvent(Choice);

/// <summary>More of a tool call's arguments.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Json">A piece of JSON text, cut anywhere.</param>
public sealed record ArgumentsDelta(int Choice, int Part, string Json) : ChoiceEvent(Choice);

/// <summary>The signature of a part, or more of it.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Signature">What is added.</param>
public sealed record SignatureDelta(int Choice, int Part, string Signature) : ChoiceEvent(Choice);

/// <summary>The encrypted form of a reasoning part, or more of it.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Data">What is added.</param>
public sealed record EncryptedDelta(int Choice, int Part, string Data) : ChoiceEvent(Choice);

/// <summary>More of a spoken answer.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Base64">Sound, in base64; a piece that can be decoded by itself. Null for none.</param>
/// <param name="Transcript">What is said. Null for none.</param>
public sealed record AudioDelta(int Choice, int Part, string? Base64, string? Transcript) : ChoiceEvent(Choice);

/// <summary>A source of a text part.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
/// <param name="Citation">The source.</param>
public sealed record CitationAdded(int Choice, int Part, Citation Citation) : ChoiceEvent(Choice);

/// <summary>A part is complete.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Part">The part's number.</param>
public sealed record PartEnded(int Choice, int Part) : ChoiceEvent(Choice);

/// <summary>Token probabilities of the text that follows.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Json">As OpenAI Chat has them: an object of arrays.</param>
public sealed record LogprobsDelta(int Choice, RawJson Json) : ChoiceEvent(Choice);

/// <summary>A choice is complete.</summary>
/// <param name="Choice">The choice's index.</param>
/// <param name="Finish">Why it ended.</param>
/// <param name="NativeFinish">The provider's own word.</param>
public sealed record ChoiceFinished(int Choice, FinishReason Finish, string? NativeFinish) : ChoiceEvent(Choice)
{
    /// <summary>The stop text that was met, where the format says it.</summary>
    public string? StopSequence { get; init; }
}

/// <summary>What was used so far.</summary>
/// <param name="Usage">Cumulative.</param>
/// <param name="Native">The provider's own object.</param>
public sealed record UsageReported(Usage Usage, NativeUsage? Native) : StreamEvent;

/// <summary>Which object of a stream's piece a field belongs to.</summary>
public enum NativeScope
{
    /// <summary>The piece itself, so the answer.</summary>
    Answer,

    /// <summary>The choice.</summary>
    Choice,

    /// <summary>The message that the choice is about.</summary>
    Message,

    /// <summary>The part <see cref="NativeReported.Part"/>, after its start. A field kept for its spelling only belongs to the delta that follows, not to the part.</summary>
    Part,
}

/// <summary>Fields that the model has no place for. A later field replaces an earlier one of the same name.</summary>
/// <param name="Scope">Which object they belong to.</param>
/// <param name="Choice">The choice's index; 0 for <see cref="NativeScope.Answer"/>.</param>
/// <param name="Fields">The fields.</param>
public sealed record NativeReported(NativeScope Scope, int Choice, NativeFields Fields) : StreamEvent
{
    /// <summary>The part's number, for <see cref="NativeScope.Part"/>.</summary>
    public int Part { get; init; }
}

/// <summary>The provider failed in the middle of the answer. The last event.</summary>
/// <param name="Error">How.</param>
public sealed record AnswerFailed(ApiError Error) : StreamEvent;

/// <summary>The answer is whole. The last event.</summary>
public sealed record AnswerEnded : StreamEvent
{
    /// <summary>The one instance that is needed.</summary>
    public static AnswerEnded Instance { get; } = new();
}
