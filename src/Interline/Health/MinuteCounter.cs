namespace Interline.Health;

/// <summary>A count of the current minute in one word, so that it is read and changed without a lock. Minutes are those of the clock.</summary>
internal struct MinuteCounter
{
    private const int CountBits = 44;
    private const long CountMask = (1L << CountBits) - 1;

    // The minute's low bits above, the count below.
    private long _state;

    /// <summary>The count of a minute.</summary>
    /// <param name="minute">Number of the minute.</param>
    public readonly long Read(long minute) => Volatile.Read(in _state) is var state && state >> CountBits == Low(minute) ? state & CountMask : 0;

    /// <summary>Adds to the count, unless it would be more than a limit.</summary>
    /// <param name="minute">Number of the minute.</param>
    /// <param name="by">How much, from 0.</param>
    /// <param name="limit">Most it may become.</param>
    /// <returns>Whether it was added.</returns>
    public bool TryAdd(long minute, long by, long limit = CountMask)
    {
        while (true)
        {
            long state = Volatile.Read(in _state);
            long count = (state >> CountBits == Low(minute) ? state & CountMask : 0) + by;
            if (count > limit)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _state, (Low(minute) << CountBits) | Math.Min(count, CountMask), state) == state)
            {
                return true;
            }
        }
    }

    private static long Low(long minute) => minute & ((1L << (63 - CountBits)) - 1);
}
