namespace Interline.Health;

/// <summary>Mean of the newest measurements of one kind. Written under its owner's lock, read without one.</summary>
internal sealed class LatencyWindow
{
    private long[] _newest = [];
    private int _count;
    private int _next;
    private long _mean;
    private long _measuredAt;

    /// <summary>Adds a measurement.</summary>
    /// <param name="latency">How long it took, above zero.</param>
    /// <param name="keep">How many are kept, at least 1.</param>
    /// <param name="now">Clock timestamp.</param>
    public void Add(TimeSpan latency, int keep, long now)
    {
        if (_newest.Length != keep)
        {
            (_newest, _count, _next) = (new long[keep], 0, 0);
        }

        _newest[_next] = Math.Max(1, latency.Ticks);
        _next = (_next + 1) % keep;
        _count = Math.Min(_count + 1, keep);
        long sum = 0;
        foreach (long one in _newest.AsSpan(0, _count))
        {
            sum += one;
        }

        Volatile.Write(ref _measuredAt, now);
        Volatile.Write(ref _mean, sum / _count);
    }

    /// <summary>The mean; zero if nothing was measured since a time.</summary>
    /// <param name="since">Clock timestamp.</param>
    public TimeSpan Mean(long since) => Volatile.Read(ref _mean) is var mean and > 0 && Volatile.Read(ref _measuredAt) >= since ? new(mean) : TimeSpan.Zero;
}
