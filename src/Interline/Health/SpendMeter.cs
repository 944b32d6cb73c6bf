using Interline.Core.Configuration;

namespace Interline.Health;

/// <summary>
/// What was spent in the current window of a budget. Windows follow from the clock alone (a day is one of UTC), so none begins late and none has to be reset.
/// Thread-safe; only calls of deployments with a budget come here.
/// </summary>
public sealed class SpendMeter
{
    private readonly Lock _lock = new();
    private long _window;
    private decimal _spent;

    /// <summary>Adds what a call cost.</summary>
    /// <param name="cost">USD.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="now">The time.</param>
    public void Add(decimal cost, Budget budget, DateTimeOffset now)
    {
        lock (_lock)
        {
            Turn(budget, now);
            _spent += cost;
        }
    }

    /// <summary>Whether the budget of this window is spent.</summary>
    /// <param name="budget">The budget.</param>
    /// <param name="now">The time.</param>
    public bool IsSpent(Budget budget, DateTimeOffset now)
    {
        lock (_lock)
        {
            Turn(budget, now);
            return _spent >= budget.Limit;
        }
    }

    private void Turn(Budget budget, DateTimeOffset now)
    {
        long window = (now - DateTimeOffset.UnixEpoch).Ticks / budget.Period.Ticks;
        if (window != _window)
        {
            (_window, _spent) = (window, 0);
        }
    }
}
