namespace Interline.Budgets;

/// <summary>What all meters of a node share.</summary>
internal sealed record MeterSources(TimeProvider Time, ILeaseSource Leases, ISpendHistory History, BudgetCounters Counters, Action<SoftLimitPassed> Soft, CancellationToken Ended)
{
    /// <summary>How long nobody asks again after the database could not be reached, or had nothing left.</summary>
    public static TimeSpan Pause { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a question to the database may take; a call that waits gives up sooner.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether other nodes may take from the same meters. Asked on each call, and does not change.</summary>
    public bool IsShared { get; } = Leases.IsShared;

    public long Now => Time.GetUtcNow().ToUnixTimeSeconds();

    public long After(TimeSpan pause) => Time.GetTimestamp() + (long)(pause.TotalSeconds * Time.TimestampFrequency);

    public bool IsPast(long timestamp) => timestamp == 0 || Time.GetTimestamp() >= timestamp;
}
