using System.Buffers;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Recovery;

/// <summary>
/// A streamed answer that another deployment can carry on where one breaks off: what the client has, and the writer of its format, which stands where the client does.
/// Made by the attempt that begins the answer, kept by the call from the first break on. Used by one thread at a time.
/// </summary>
internal sealed class CarriedStream : IDisposable
{
    private readonly Call _call;
    private readonly StreamRecovery _mode;
    private readonly List<Callable> _refused = [];
    private IAnswerStreamWriter? _writer;
    private PassedEvents? _passed;
    private bool _isForeign;

    private CarriedStream(Call call, StreamRecovery mode)
    {
        _call = call;
        _mode = mode;
    }

    /// <summary>What the client has.</summary>
    public SentAnswer Sent { get; } = new();

    /// <summary>How the last attempt broke off whose answer had begun; null as long as none did.</summary>
    public ApiError? Broken { get; private set; }

    /// <summary>Whether an attempt has broken off: those that follow are joined to it.</summary>
    public bool IsBroken => Broken is not null;

    /// <summary>Whether the answer that was to carry it on could not be joined. That is nobody's failure.</summary>
    public bool IsDiverged { get; private set; }

    /// <summary>What the present attempt is to go on from; null if it is to answer from the start.</summary>
    public string? Prefill { get; private set; }

    /// <summary>The writer of the client's format.</summary>
    /// <param name="losses">Where the first attempt's losses go.</param>
    public IAnswerStreamWriter Writer(LossList? losses = null) =>
        _writer ??= _call.Lane.Conversation!.NewStreamWriter(ConversationTranslation.Defaults(_call), losses ?? new LossList());

    /// <summary>For a stream that now begins; null if recovery is off for it, or its format or its choices do not allow it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">Who answers.</param>
    public static CarriedStream? Of(Call call, Deployment deployment)
    {
        StreamRecovery mode = call.Options.StreamRecovery ?? deployment.StreamRecovery ?? call.Snapshot.Snapshot.Router.StreamRecovery;
        return mode == StreamRecovery.Off || call.Lane.Conversation is null || call.Lane.CountsTokens || call.Facts.Choices > 1 ? null : new CarriedStream(call, mode);
    }

    /// <summary>An event goes to the client as it came.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data.</param>
    public void Pass(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data) =>
        (_passed ??= new PassedEvents(_call.Lane.Conversation!.NewStreamReader(), Writer(), Sent)).Add(name, data);

    /// <summary>The attempt has broken off.</summary>
    /// <param name="error">How.</param>
    /// <returns>Whether another can carry the answer on; then the call keeps this.</returns>
    public bool TryBreak(ApiError error)
    {
        _passed?.Read();
        _passed?.Dispose();

        // An array that is open holds pieces, and a writer that has written none would open it again.
        bool open = Sent.HasText || _call.Lane.Framing != StreamFraming.JsonArray;
        if (IsDiverged || error.Kind == ErrorKind.ClientGone || !Sent.CanGoOn || !open)
        {
            return false;
        }

        Broken = error;
        _call.Carried = this;
        return true;
    }

    /// <summary>Another attempt is about to be made: decides what it is asked for.</summary>
    /// <param name="target">Who is asked.</param>
    public void Ask(Callable target)
    {
        Prefill = null;
        _isForeign = !target.Speaks(_call.Lane.Wire);
        if (_mode != StreamRecovery.Continue || _refused.Contains(target) || !AssistantPrefill.IsKnownToWork(target.Deployment) || !EndsWithQuestion())
        {
            return;
        }

        // Anthropic refuses a beginning that ends in space.
        string text = Sent.Text.TrimEnd();
        Prefill = text.Length > 0 ? text : null;
    }

    /// <summary>The request has no place for a beginning after all.</summary>
    public void DropPrefill() => Prefill = null;

    /// <summary>Whether an attempt was refused for the beginning it was given: then the same deployment is to be asked for an answer from the start.</summary>
    /// <param name="error">How it failed.</param>
    /// <param name="target">Who was asked.</param>
    public bool IsRefused(ApiError error, Callable target)
    {
        if (Prefill is null || error.Kind is not (ErrorKind.BadRequest or ErrorKind.Unsupported))
        {
            return false;
        }

        _refused.Add(target);
        return true;
    }

    /// <summary>Joins the answer of the present attempt.</summary>
    public AnswerJoin Join() => new(Sent, Writer(), Prefill, _isForeign);

    /// <summary>The answer of the present attempt cannot be joined.</summary>
    /// <param name="why">Why, behind "a second answer could not be joined to it:".</param>
    public ApiError Diverged(string why)
    {
        IsDiverged = true;
        return Broken! with
        {
            Message = $"{Broken.Message} A second answer could not be joined to it: {why} (stream_recovery).",
            Code = "stream_recovery_diverged",
            RetryAfter = null,
        };
    }

    /// <summary>Nobody carries it on: the error the client is told. Why others could not be asked stands behind how the answer broke off.</summary>
    /// <param name="last">The last attempt's error.</param>
    public ApiError Failure(ApiError last) => ReferenceEquals(last, Broken) || last.Kind == ErrorKind.ClientGone ? last
        : Broken! with { Message = $"{Broken.Message} Nobody could carry the answer on: {last.Message}" };

    /// <summary>Tells the client that the answer has failed.</summary>
    /// <param name="error">How.</param>
    /// <param name="output">The client's stream.</param>
    public void Fail(ApiError error, IBufferWriter<byte> output) => Writer().Write(new AnswerFailed(error), output);

    /// <summary>Gives memory back.</summary>
    public void Dispose()
    {
        _passed?.Dispose();
        _writer?.Dispose();
    }

    /// <summary>A conversation that ends with a beginning of the caller's own has no place for another.</summary>
    private bool EndsWithQuestion() =>
        TokenEstimate.OfRequest(_call) is not null && _call.Conversation!.Messages is [.., { Role: not Role.Assistant }];
}
