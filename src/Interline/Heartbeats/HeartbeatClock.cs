using Interline.Calls;

namespace Interline.Heartbeats;

/// <summary>
/// One coarse timer for all streams of a gateway: it looks which of them have been quiet for too long. A stream costs its entry in a list, no timer of its own and no look at
/// the clock; while there is none the timer sleeps. Thread-safe.
/// </summary>
internal sealed class HeartbeatClock : IDisposable
{
    private const int Stripes = 8;

    /// <summary>Looks in one interval; a heartbeat is late by one look at most, or early by one, for streams take the time of the last look for now.</summary>
    private const int LooksInInterval = 8;

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, Stripes).Select(static _ => new Stripe())];
    private readonly List<KeptAlive> _due = [];
    private long _now;
    private int _awake;

    /// <summary>A clock that sleeps.</summary>
    /// <param name="time">The clock.</param>
    public HeartbeatClock(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(static state => ((HeartbeatClock)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Timestamp of the last look.</summary>
    public long Now => Volatile.Read(ref _now);

    /// <summary>Looks after the client of a streamed call until <see cref="Forget"/>.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">The client.</param>
    /// <param name="interval">How long nothing may go to it.</param>
    public KeptAlive Watch(Call call, IAnswerSink sink, TimeSpan interval)
    {
        var stream = new KeptAlive(this, call, sink, Ticks(interval));
        Stripe stripe = StripeOf(stream);
        if (Volatile.Read(ref _awake) == 0)
        {
            Wake(stream.Interval);
        }

        stream.Start();
        lock (stripe.Lock)
        {
            stream.Next = stripe.First;
            stripe.First?.Previous = stream;
            stripe.First = stream;
        }

        // It may have gone to sleep since, over an empty list.
        if (Volatile.Read(ref _awake) == 0)
        {
            Wake(stream.Interval);
        }

        return stream;
    }

    /// <summary>A stream is over.</summary>
    /// <param name="stream">The stream.</param>
    public void Forget(KeptAlive stream)
    {
        Stripe stripe = StripeOf(stream);
        lock (stripe.Lock)
        {
            if (stream.Previous is { } previous)
            {
                previous.Next = stream.Next;
            }
            else
            {
                stripe.First = stream.Next;
            }

            stream.Next?.Previous = stream.Previous;
        }

        stream.End();
    }

    /// <inheritdoc />
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        long now = _time.GetTimestamp();
        Volatile.Write(ref _now, now);
        long shortest = long.MaxValue;
        foreach (Stripe stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                for (KeptAlive? at = stripe.First; at is not null; at = at.Next)
                {
                    shortest = Math.Min(shortest, at.Interval);
                    if (at.IsDue(now))
                    {
                        _due.Add(at);
                    }
                }
            }
        }

        // Outside the locks: a client is written to. Looks do not overlap, since the next one is set only at the end of this.
        foreach (KeptAlive stream in _due)
        {
            stream.Beat(now);
        }

        _due.Clear();
        if (shortest < long.MaxValue)
        {
            Set(shortest);
            return;
        }

        Volatile.Write(ref _awake, 0);
        Interlocked.MemoryBarrier();
        foreach (Stripe stripe in _stripes)
        {
            if (Volatile.Read(ref stripe.First) is { } came)
            {
                Wake(came.Interval);
            }
        }
    }

    private void Wake(long interval)
    {
        // Before it is said to be awake: a stream that finds it so takes this for now, and hours may have passed in its sleep.
        Volatile.Write(ref _now, _time.GetTimestamp());
        if (Interlocked.Exchange(ref _awake, 1) == 0)
        {
            Set(interval);
        }
    }

    private void Set(long interval)
    {
        TimeSpan look = _time.GetElapsedTime(0, interval / LooksInInterval);
        look = look > LongestLook ? LongestLook : look < ShortestLook ? ShortestLook : look;
        _timer.Change(look, Timeout.InfiniteTimeSpan);
    }

    private long Ticks(TimeSpan interval) => (long)(interval.TotalSeconds * _time.TimestampFrequency);

    private Stripe StripeOf(KeptAlive stream) => _stripes[stream.Number & (Stripes - 1)];

    private sealed class Stripe
    {
        public readonly Lock Lock = new();
        public KeptAlive? First;
    }
}
