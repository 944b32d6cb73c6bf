using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Interline.Calls;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Heartbeats;

/// <summary>
/// The client of a streamed call, kept alive while nothing comes: after a grace time the stream's head is sent, and then a heartbeat now and again, until the answer
/// comes or the call has failed. That the head has gone says nothing about the answer: retries and fallbacks go on underneath.
/// The answer and the heartbeats take turns. The answer has its turn from its first write to the end of its flush, and it writes whole events, so no heartbeat stands inside one.
/// </summary>
internal sealed class KeptAlive : PipeWriter, IAnswerSink
{
    private const int Free = 0;
    private const int Answering = 1;
    private const int Beating = 2;
    private const int Over = 3;

    private readonly HeartbeatClock _clock;
    private readonly Call _call;
    private readonly IAnswerSink _inner;
    private readonly long _interval;
    private PipeWriter? _body;
    private Task _beat = Task.CompletedTask;
    private int _turn;
    private long _quietSince;
    private bool _headSent;
    private bool _answered;

    /// <summary>A client to be kept alive.</summary>
    /// <param name="clock">Who looks after it.</param>
    /// <param name="call">The call.</param>
    /// <param name="inner">The client.</param>
    /// <param name="interval">How long nothing may go to it, in timestamps of the clock.</param>
    public KeptAlive(HeartbeatClock clock, Call call, IAnswerSink inner, long interval)
    {
        _clock = clock;
        _call = call;
        _inner = inner;
        _interval = interval;
    }

    /// <inheritdoc />
    public PipeWriter Body => this;

    /// <inheritdoc />
    public override bool CanGetUnflushedBytes => Inner.CanGetUnflushedBytes;

    /// <inheritdoc />
    public override long UnflushedBytes => Inner.UnflushedBytes;

    /// <summary>Number of the call.</summary>
    internal long Number => _call.Number;

    /// <summary>How long nothing may go to the client, in timestamps of the clock.</summary>
    internal long Interval => _interval;

    /// <summary>Neighbour in the clock's list.</summary>
    internal KeptAlive? Previous { get; set; }

    /// <summary>Neighbour in the clock's list.</summary>
    internal KeptAlive? Next { get; set; }

    private PipeWriter Inner => _body ??= _inner.Body;

    /// <inheritdoc />
    public bool HoldHead()
    {
        Take();
        if (_headSent)
        {
            Give();
        }

        return _headSent;
    }

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
        Take();
        _answered = true;
        if (!_headSent)
        {
            _headSent = true;
            _inner.Begin(call, head);
        }
    }

    /// <inheritdoc />
    public override void Advance(int bytes) => Inner.Advance(bytes);

    /// <inheritdoc />
    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        Take();
        return Inner.GetMemory(sizeHint);
    }

    /// <inheritdoc />
    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        Take();
        return Inner.GetSpan(sizeHint);
    }

    /// <inheritdoc />
    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        Take();
        if (_beat.IsCompleted)
        {
            ValueTask<FlushResult> flush = Inner.FlushAsync(cancellationToken);
            if (flush.IsCompletedSuccessfully)
            {
                FlushResult result = flush.Result;
                Give();
                return new ValueTask<FlushResult>(result);
            }

            return FlushedAsync(flush);
        }

        return AfterBeatAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void CancelPendingFlush() => Inner.CancelPendingFlush();

    /// <inheritdoc />
    public override void Complete(Exception? exception = null) => Inner.Complete(exception);

    /// <summary>The call has come to nothing: tells it in the stream if its head has gone.</summary>
    /// <param name="error">Why.</param>
    /// <returns>Null if the client was told; else the error, and nothing has gone to the client.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ApiError?> FailAsync(ApiError error)
    {
        Take();
        if (!_headSent)
        {
            return error;
        }

        _call.Error = error;
        _call.Status = error.Kind == ErrorKind.ClientGone ? error.Status : 200;
        _call.Streamed = true;
        _call.Settlement?.Book(_call);
        if (error.Kind != ErrorKind.ClientGone)
        {
            Write(_call.Lane.WriteLoneErrorEvent(error));
            await FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>The call is over: no heartbeat comes any more.</summary>
    public void End()
    {
        Take();
        Volatile.Write(ref _turn, Over);
    }

    /// <summary>Starts the grace time.</summary>
    internal void Start() => _quietSince = _clock.Now;

    /// <summary>Whether nothing has gone to the client for as long as it may be so.</summary>
    internal bool IsDue(long now) => now - Volatile.Read(ref _quietSince) >= _interval && Volatile.Read(ref _turn) == Free;

    /// <summary>Sends a heartbeat, unless the answer has its turn, or the client has not yet taken the one before.</summary>
    internal void Beat(long now)
    {
        if (!_beat.IsCompleted || Interlocked.CompareExchange(ref _turn, Beating, Free) != Free)
        {
            return;
        }

        try
        {
            if (!_headSent)
            {
                _headSent = true;
                _inner.Begin(_call, new AnswerHead(200, _call.Lane.StreamType, null, IsStream: true, Upstream: null) { IsEarly = true });
            }

            BuffersExtensions.Write(Inner, _answered ? _call.Lane.Heartbeat : _call.Lane.EarlyHeartbeat);
            ValueTask<FlushResult> flush = Inner.FlushAsync(CancellationToken.None);
            _beat = flush.IsCompleted ? Task.CompletedTask : flush.AsTask();
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The connection is being taken down. Who carries the call learns that, too; here are other clients to look after.
        }
        finally
        {
            Volatile.Write(ref _quietSince, now);
            Volatile.Write(ref _turn, Free);
        }
    }

    /// <summary>Has the answer's turn. A heartbeat takes a microsecond or a few, so that is what it waits for.</summary>
    private void Take()
    {
        if (_turn is Answering or Over || Interlocked.CompareExchange(ref _turn, Answering, Free) == Free)
        {
            return;
        }

        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _turn, Answering, Free) != Free)
        {
            wait.SpinOnce();
        }
    }

    private void Give()
    {
        if (_turn == Over)
        {
            return;
        }

        Volatile.Write(ref _quietSince, _clock.Now);
        Volatile.Write(ref _turn, Free);
    }

    private void Write(ReadOnlySpan<byte> bytes) => BuffersExtensions.Write(this, bytes);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> FlushedAsync(ValueTask<FlushResult> flush)
    {
        FlushResult result = await flush.ConfigureAwait(false);
        Give();
        return result;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FlushResult> AfterBeatAsync(CancellationToken cancel)
    {
        await _beat.ConfigureAwait(false);
        FlushResult result = await Inner.FlushAsync(cancel).ConfigureAwait(false);
        Give();
        return result;
    }
}
