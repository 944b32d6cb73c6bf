using System.IO.Pipelines;
using Interline.Calls;
using Interline.Protocols.Errors;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>
/// One of the two attempts of a hedged call: a call of its own to write its outcome to, and the door to the client, which opens for the one that is first. What the other writes
/// goes nowhere.
/// </summary>
internal sealed class HedgeLeg : PipeWriter, IAnswerSink
{
    /// <summary>How an attempt ended that was broken off because another was first.</summary>
    public static readonly ApiError GaveWay = new(ErrorKind.ClientGone, 499, "Another deployment answered first.");

    private readonly Hedge _hedge;
    private readonly IAnswerSink _sink;
    private byte[] _scratch = [];

    public HedgeLeg(Hedge hedge, Call main, Callable target, int index, IAnswerSink sink, CancellationToken aborted)
    {
        _hedge = hedge;
        _sink = sink;
        Target = target;
        Index = index;
        Call = main.Leg(Book, target);
        Cancel = CancellationTokenSource.CreateLinkedTokenSource(aborted);
    }

    /// <summary>The call as this attempt sees it.</summary>
    public Call Call { get; }

    /// <summary>Who is asked.</summary>
    public Callable Target { get; }

    /// <summary>Index of its deployment in the group.</summary>
    public int Index { get; }

    /// <summary>Whether it tries its deployment after a cooldown.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Clock timestamp of its start.</summary>
    public required long StartedAt { get; init; }

    /// <summary>Whether it has ended without an answer. Under the hedge's lock.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Breaks it off.</summary>
    public CancellationTokenSource Cancel { get; }

    /// <inheritdoc />
    public PipeWriter Body => this;

    private bool IsOpen => _hedge.Winner == this;

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
        if (!_hedge.TryWin(this))
        {
            throw new OperationCanceledException();
        }

        _sink.Begin(_hedge.Call, head);
    }

    /// <summary>Books the call with this attempt's outcome, unless the other was first.</summary>
    public void Book() => _hedge.Book(this);

    /// <inheritdoc />
    public override void Advance(int bytes)
    {
        if (IsOpen)
        {
            _sink.Body.Advance(bytes);
        }
    }

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0) => IsOpen ? _sink.Body.GetMemory(sizeHint) : Scratch(sizeHint);

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0) => IsOpen ? _sink.Body.GetSpan(sizeHint) : Scratch(sizeHint);

    /// <inheritdoc />
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        IsOpen ? _sink.Body.FlushAsync(cancellationToken) : new ValueTask<FlushResult>(new FlushResult(isCanceled: false, isCompleted: true));

    /// <inheritdoc />
    public override void CancelPendingFlush()
    {
        if (IsOpen)
        {
            _sink.Body.CancelPendingFlush();
        }
    }

    /// <summary>The body is the caller's to complete.</summary>
    public override void Complete(Exception? exception = null)
    {
    }

    private byte[] Scratch(int sizeHint) => _scratch.Length >= Math.Max(1, sizeHint) ? _scratch : _scratch = new byte[Math.Max(256, sizeHint)];
}
