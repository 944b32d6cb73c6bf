using System.Collections.Concurrent;
using Interline.Protocols.Errors;

namespace Interline.Attempts;

/// <summary>What an attempt waits for; names the timer that ran out.</summary>
internal enum AttemptStage
{
    /// <summary>The whole plain answer.</summary>
    Answer,

    /// <summary>The first valid event of a stream; headers do not count.</summary>
    FirstEvent,

    /// <summary>The next event of a stream.</summary>
    NextEvent,
}

/// <summary>
/// The timers of one attempt and its cancellation, kept in a pool. A single timer serves all stages: moving a deadline back only writes a number,
/// the timer looks at it when it fires and goes to sleep again. So a stream's thousand events arm no timer, and neither does the usual call.
/// </summary>
internal sealed class AttemptWatch : IDisposable
{
    private const int MaxPooled = 1024;
    private const long Never = long.MaxValue;

    private static readonly ConcurrentQueue<AttemptWatch> Pool = new();
    private static int pooled;

    /// <summary>The watch this thread put away last: most calls begin and end on the same few I/O threads, and this slot costs no contention.</summary>
    [ThreadStatic]
    private static AttemptWatch? own;

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _source = new();
    private CancellationTokenRegistration _abort;
    private CancellationTokenRegistration _stop;
    private bool _running;
    private long _scheduled = Never;
    private long _deadline = Never;
    private long _totalDeadline = Never;
    private TimeSpan _limit;
    private TimeSpan _total;
    private AttemptStage _stage;
    private bool _clientLeft;
    private bool _stopped;
    private bool _expired;
    private bool _totalExpired;

    private AttemptWatch(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((AttemptWatch)state!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Cancelled when a timer runs out or the client leaves.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether the client left.</summary>
    public bool ClientLeft => Volatile.Read(ref _clientLeft);

    /// <summary>Whether the gateway ends and waits no longer.</summary>
    public bool Stopped => Volatile.Read(ref _stopped);

    /// <summary>Whether one of the timers ran out.</summary>
    public bool Expired => Volatile.Read(ref _expired);

    /// <summary>Whether it was the limit of the whole stream that ran out.</summary>
    public bool TotalExpired => Volatile.Read(ref _totalExpired);

    public static AttemptWatch Start(TimeProvider time, long now, AttemptStage stage, TimeSpan limit, TimeSpan? total, CancellationToken aborted, CancellationToken stop = default)
    {
        AttemptWatch? watch = own;
        own = null;
        if (watch is not null && !ReferenceEquals(watch._time, time))
        {
            watch._timer.Dispose();
            watch = null;
        }

        while (watch is null && Pool.TryDequeue(out AttemptWatch? candidate))
        {
            Interlocked.Decrement(ref pooled);
            if (ReferenceEquals(candidate._time, time))
            {
                watch = candidate;
                break;
            }

            candidate._timer.Dispose();
        }

        watch ??= new AttemptWatch(time);
        watch.Begin(now, stage, limit, total, aborted, stop);
        return watch;
    }

    /// <summary>Goes on to another stage with a limit of its own.</summary>
    public void Enter(AttemptStage stage, TimeSpan limit)
    {
        lock (_lock)
        {
            _stage = stage;
            _limit = limit;
            Schedule(_deadline = After(limit));
        }
    }

    /// <summary>Something came: the stage's limit runs anew.</summary>
    public void Touch() => Volatile.Write(ref _deadline, After(_limit));

    /// <summary>Waiting for the client is not the upstream's fault: no limit runs until <see cref="Touch"/>.</summary>
    public void Pause() => Volatile.Write(ref _deadline, Never);

    /// <summary>The error of the timer that ran out.</summary>
    /// <param name="provider">Provider's id, for the message.</param>
    public ApiError Error(string provider) => new(ErrorKind.Timeout, 504, _totalExpired
        ? $"{provider} had not finished its stream after {Seconds(_total)} (stream_total_timeout)."
        : _stage switch
        {
            AttemptStage.Answer => $"{provider} did not answer within {Seconds(_limit)} (timeout).",
            AttemptStage.FirstEvent => $"{provider} sent no first event within {Seconds(_limit)} (stream_timeout).",
            _ => $"{provider} fell silent in the middle of its stream for {Seconds(_limit)} (stream_timeout).",
        });

    /// <summary>The attempt is over; the watch goes back to the pool.</summary>
    public void Dispose()
    {
        // Waits for a running callback, so nobody cancels the next attempt in this one's name.
        _abort.Dispose();
        _stop.Dispose();
        bool reusable;
        lock (_lock)
        {
            _running = false;

            // A timer that has run out cancels the source after it has left this lock, perhaps only now: that source is neither reused nor disposed of.
            reusable = !_expired && !_source.IsCancellationRequested && _source.TryReset();
        }

        if (reusable && own is null)
        {
            own = this;
            return;
        }

        if (reusable && Interlocked.Increment(ref pooled) <= MaxPooled)
        {
            Pool.Enqueue(this);
            return;
        }

        if (reusable)
        {
            Interlocked.Decrement(ref pooled);
        }

        _timer.Dispose();
        if (!_expired)
        {
            _source.Dispose();
        }
    }

    private static string Seconds(TimeSpan limit) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{limit.TotalSeconds:0.###} s");

    private void Begin(long now, AttemptStage stage, TimeSpan limit, TimeSpan? total, CancellationToken aborted, CancellationToken stop)
    {
        lock (_lock)
        {
            _running = true;
            _clientLeft = _stopped = _expired = _totalExpired = false;
            _stage = stage;
            _limit = limit;
            _total = total ?? default;
            _totalDeadline = total is { } all ? After(now, all) : Never;
            _deadline = After(now, limit);
            Schedule(Math.Min(_deadline, _totalDeadline));
        }

        _abort = aborted.UnsafeRegister(static state => ((AttemptWatch)state!).Leave(), this);
        _stop = stop.UnsafeRegister(static state => ((AttemptWatch)state!).Stop(), this);
    }

    private void Stop()
    {
        Volatile.Write(ref _stopped, true);
        _source.Cancel();
    }

    private void Leave()
    {
        Volatile.Write(ref _clientLeft, true);
        _source.Cancel();
    }

    private long After(TimeSpan limit) => After(_time.GetTimestamp(), limit);

    private long After(long now, TimeSpan limit) => now + (long)(limit.TotalSeconds * _time.TimestampFrequency);

    /// <summary>Sees to it that the timer fires at a moment or before. Under the lock.</summary>
    private void Schedule(long moment)
    {
        if (moment >= _scheduled)
        {
            return;
        }

        _scheduled = moment;
        TimeSpan wait = _time.GetElapsedTime(_time.GetTimestamp(), moment);
        _timer.Change(wait > TimeSpan.Zero ? wait + TimeSpan.FromMilliseconds(1) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Fire()
    {
        lock (_lock)
        {
            _scheduled = Never;
            if (!_running)
            {
                return;
            }

            long now = _time.GetTimestamp();
            long due = Math.Min(Volatile.Read(ref _deadline), _totalDeadline);
            if (due > now)
            {
                // A paused stage has no deadline; it is looked at again after its limit, for Touch arms nothing.
                Schedule(due == Never ? After(_limit) : due);
                return;
            }

            _totalExpired = _totalDeadline <= now;
            _expired = true;
        }

        _source.Cancel();
    }
}
