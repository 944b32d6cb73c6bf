using System.Buffers;
using Interline.Calls;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Recovery;
using Interline.Upstream;

namespace Interline.Translation;

/// <summary>
/// One attempt across two wire formats: the caller's request in the provider's words, and the way back for the answer.
/// The answer's losses join those of the request, in <see cref="Call.Losses"/>.
/// </summary>
internal abstract class AttemptTranslation
{
    private RequestFacts _facts;

    /// <summary>Byte lane of the provider's format.</summary>
    public Lane Lane { get; private set; } = null!;

    /// <summary>The request in the provider's format.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>What a peek finds in <see cref="Body"/>.</summary>
    public ref readonly RequestFacts Facts => ref _facts;

    /// <summary>Content type of a plain answer in the caller's format.</summary>
    public static string PlainType => "application/json";

    /// <summary>Whether a call can be translated for a deployment of another format.</summary>
    /// <param name="lane">The caller's lane.</param>
    /// <param name="wire">The deployment's wire format.</param>
    public static bool IsPossible(Lane lane, string wire) =>
        (lane.Conversation is not null && Formats.Of(wire) is not null) || EmbeddingsTranslation.IsPossible(lane, wire);

    /// <summary>Translates a call's request.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">The deployment; <see cref="IsPossible"/> for it.</param>
    /// <param name="translation">The translation; null if the tokens are to be counted and the deployment's format has no way to.</param>
    /// <returns>Null, or the 400 that says what is wrong with the caller's request.</returns>
    public static ApiError? Make(Call call, Callable target, out AttemptTranslation? translation) =>
        call.Lane.Conversation is not null
            ? ConversationTranslation.Make(call, target, out translation)
            : EmbeddingsTranslation.Make(call, target, out translation);

    /// <summary>Whether a default parameter of the deployment is not yet in <see cref="Body"/> and belongs there by its own name, as the provider's own.</summary>
    /// <param name="parameter">Its name.</param>
    public virtual bool Leaves(string parameter) => false;

    /// <summary>Translates a whole plain answer.</summary>
    /// <param name="body">The provider's answer, already sniffed.</param>
    /// <param name="output">Gets the answer in the caller's format.</param>
    /// <returns>Null, or why the answer cannot be read.</returns>
    public abstract ApiError? Answer(ReadOnlySpan<byte> body, IBufferWriter<byte> output);

    /// <summary>Whether an exception out of a reader or writer is a fault of ours, and not the call's end: told as an error, so that the call is settled as any other.</summary>
    /// <param name="e">The exception.</param>
    public static bool IsFault(Exception e) => e is not (OperationCanceledException or IOException or OutOfMemoryException);

    /// <summary>The error for a fault in a translation. Only its kind is told: its text may quote the conversation.</summary>
    /// <param name="e">The exception.</param>
    /// <param name="what">What was translated.</param>
    public static ApiError Fault(Exception e, string what) =>
        new(ErrorKind.Server, 502, $"The {what} could not be translated between two wire formats ({e.GetType().Name}): a fault of the gateway, please report it.");

    /// <summary>Begins to translate a streamed answer; null if the operation has none.</summary>
    /// <param name="carried">The answer as it can be carried on; null if it cannot.</param>
    public abstract StreamTranslation? Stream(CarriedStream? carried);

    /// <summary>Sets what is sent.</summary>
    /// <param name="lane">Byte lane of the provider's format.</param>
    /// <param name="body">The request in it.</param>
    protected void Request(Lane lane, ReadOnlyMemory<byte> body)
    {
        Lane = lane;
        Body = body;
        if (lane.Peek(body.Span, null, out _facts) is { } bad)
        {
            throw new InvalidOperationException($"The request written for {lane.Name} is not of that format: {bad.Message}");
        }
    }
}
