namespace Interline.Health;

/// <summary>
/// How long a deployment's newest answers took to begin, of streams or of plain calls, and from that when a call that has no answer is slow. Kept only where calls are hedged.
/// Thread-safe, of a fixed size; sorted once in a few measurements, so that a call pays for little more than noting a number.
/// </summary>
internal sealed class AnswerTimes
{
    /// <summary>Measurements kept.</summary>
    public const int Kept = 128;

    /// <summary>Measurements before anything is said.</summary>
    public const int Fewest = 20;

    private const int Between = 4;

    private readonly Lock _lock = new();
    private readonly long[] _newest = new long[Kept];
    private long[] _sorted = [];
    private int _count;
    private int _next;

    /// <summary>Notes how long an answer took to begin, or how long it was waited for before another was given.</summary>
    /// <param name="took">From the attempt's start.</param>
    public void Add(TimeSpan took)
    {
        lock (_lock)
        {
            _newest[_next] = Math.Max(1, took.Ticks);
            _next = (_next + 1) % Kept;
            _count = Math.Min(_count + 1, Kept);
            if (_count >= Fewest && _next % Between == 0)
            {
                // A new one each time: readers hold on to the old one without a lock.
                long[] sorted = _newest[.._count];
                Array.Sort(sorted);
                Volatile.Write(ref _sorted, sorted);
            }
        }
    }

    /// <summary>What a share of the answers took at most; null as long as too few were seen.</summary>
    /// <param name="share">Above 0 and below 1.</param>
    public TimeSpan? Quantile(decimal share)
    {
        long[] sorted = Volatile.Read(ref _sorted);
        return sorted.Length == 0 ? null : new TimeSpan(sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)]);
    }
}
