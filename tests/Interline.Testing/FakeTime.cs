namespace Interline.Testing;

/// <summary>
/// A clock that stands still until the test moves it. Timers fire on the thread that moves it, in order of their time, each with the clock at that time.
/// Thread-safe. It counts in ticks of 100 ns and starts at noon of a day, so no timestamp is 0.
/// </summary>
public sealed class FakeTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Waiter)> _waiters = [];
    private DateTimeOffset _now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Timers that are armed.</summary>
    public int Pending
    {
        get
        {
            lock (_lock)
            {
                return _timers.Count;
            }
        }
    }

    /// <summary>How long until the next timer falls due; null if none is armed.</summary>
    public TimeSpan? Next
    {
        get
        {
            lock (_lock)
            {
                return _timers.MinBy(x => x.Due) is { } timer ? timer.Due > _now ? timer.Due - _now : TimeSpan.Zero : null;
            }
        }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    /// <inheritdoc />
    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the clock; what falls due on the way fires.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset until = GetUtcNow() + by;
        while (true)
        {
            FakeTimer? next;
            lock (_lock)
            {
                next = _timers.Where(x => x.Due <= until).MinBy(x => x.Due);
                if (next is null)
                {
                    _now = _now > until ? _now : until;
                    return;
                }

                _now = next.Due > _now ? next.Due : _now;
                next.Fired();
            }

            next.Run();
        }
    }

    /// <summary>Completes once a timer is armed that falls due within a time from now.</summary>
    public Task TimerWithinAsync(TimeSpan due) => WhenAsync(() => _timers.Exists(x => x.Due - _now <= due));

    /// <summary>Completes once so many timers are armed.</summary>
    public Task TimersAsync(int count) => WhenAsync(() => _timers.Count >= count);

    /// <summary>
    /// Lets the clock jump from timer to timer until a task is done. Only for a task that waits for nothing but this clock: a peer that stalls,
    /// bytes that have all arrived. Returns by how much the clock moved.
    /// </summary>
    public async Task<TimeSpan> RunUntilAsync(Task done)
    {
        DateTimeOffset start = GetUtcNow();
        while (!done.IsCompleted)
        {
            if (Next is { } by)
            {
                Advance(by);
                await Task.Yield();
            }
            else
            {
                await Task.WhenAny(done, TimersAsync(1));
            }
        }

        await done;
        return GetUtcNow() - start;
    }

    private Task WhenAsync(Func<bool> condition)
    {
        lock (_lock)
        {
            if (condition())
            {
                return Task.CompletedTask;
            }

            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((condition, waiter));
            return waiter.Task;
        }
    }

    private sealed class FakeTimer(FakeTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;
        private bool _disposed;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                if (_disposed)
                {
                    return false;
                }

                time._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = time._now + dueTime;
                    time._timers.Add(this);
                }

                foreach ((Func<bool> condition, TaskCompletionSource waiter) in time._waiters.ToArray())
                {
                    if (condition())
                    {
                        waiter.TrySetResult();
                        time._waiters.RemoveAll(x => x.Waiter == waiter);
                    }
                }

                return true;
            }
        }

        public void Fired()
        {
            time._timers.Remove(this);
            if (_period != Timeout.InfiniteTimeSpan && _period > TimeSpan.Zero)
            {
                Due += _period;
                time._timers.Add(this);
            }
        }

        public void Run() => callback(state);

        public void Dispose()
        {
            lock (time._lock)
            {
                _disposed = true;
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
