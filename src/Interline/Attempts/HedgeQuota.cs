namespace Interline.Attempts;

/// <summary>
/// Counts the calls of a group and those of them that were asked of a second deployment, over the last ten minutes, and keeps their share below a limit; one in ten minutes is
/// always allowed, or a quiet group would never be hedged. Thread-safe.
/// </summary>
internal sealed class HedgeQuota
{
    private const int Slots = 10;

    private readonly Lock _lock = new();
    private readonly long[] _minutes = new long[Slots];
    private readonly int[] _calls = new int[Slots];
    private readonly int[] _hedged = new int[Slots];

    /// <summary>A call begins.</summary>
    /// <param name="minute">Number of the minute.</param>
    public void Call(long minute)
    {
        lock (_lock)
        {
            _calls[Turn(minute)]++;
        }
    }

    /// <summary>Asks for one call to be asked of a second deployment; counts it if that is within the limit.</summary>
    /// <param name="minute">Number of the minute.</param>
    /// <param name="share">The limit, from 0 to 1.</param>
    public bool TryTake(long minute, decimal share)
    {
        lock (_lock)
        {
            int slot = Turn(minute);
            long calls = 0;
            long hedged = 0;
            for (int i = 0; i < Slots; i++)
            {
                if (minute - _minutes[i] < Slots)
                {
                    calls += _calls[i];
                    hedged += _hedged[i];
                }
            }

            if (share <= 0 || hedged + 1 > Math.Max(1, share * calls))
            {
                return false;
            }

            _hedged[slot]++;
            return true;
        }
    }

    /// <summary>What was counted by <see cref="TryTake"/> was not done after all.</summary>
    /// <param name="minute">Number of the minute it was counted in.</param>
    public void GiveBack(long minute)
    {
        lock (_lock)
        {
            int slot = (int)(minute % Slots);
            if (_minutes[slot] == minute)
            {
                _hedged[slot]--;
            }
        }
    }

    private int Turn(long minute)
    {
        int slot = (int)(minute % Slots);
        if (_minutes[slot] != minute)
        {
            (_minutes[slot], _calls[slot], _hedged[slot]) = (minute, 0, 0);
        }

        return slot;
    }
}
