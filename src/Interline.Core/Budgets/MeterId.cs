namespace Interline.Core.Budgets;

/// <summary>What a meter counts.</summary>
public enum MeterUnit
{
    /// <summary>USD.</summary>
    Usd,

    /// <summary>Requests.</summary>
    Requests,

    /// <summary>Tokens.</summary>
    Tokens,

    /// <summary>Calls under way.</summary>
    Slots,
}

/// <summary>One counter of all nodes together: a scope's dollars in a window, its requests in a minute, its calls under way.</summary>
/// <param name="Scope">Scope.</param>
/// <param name="Unit">Unit.</param>
/// <param name="From">Start of its window in seconds since 1970, UTC; 0 for what has no window; below 0 for a window that rolls: its length, negative.</param>
/// <param name="To">End of its window, exclusive, in the same seconds; <see cref="long.MaxValue"/> for what has no window or one that rolls.</param>
public readonly record struct MeterId(Scope Scope, MeterUnit Unit, long From, long To)
{
    /// <summary>Whether its window rolls.</summary>
    public bool IsRolling => From < 0;
}
