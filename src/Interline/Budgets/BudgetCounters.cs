namespace Interline.Budgets;

/// <summary>How often budgets and limits could not be held as they are meant to: each is told, in health and metrics, and none passes in silence. Running totals since start.</summary>
public sealed class BudgetCounters
{
    private long _historyLost;
    private long _leasesLost;
    private long _admittedUnread;
    private long _admittedUnbacked;
    private long _refusedLost;

    /// <summary>Reads of what was spent before that failed.</summary>
    public long HistoryLost => Interlocked.Read(ref _historyLost);

    /// <summary>Leases that could not be asked for.</summary>
    public long LeasesLost => Interlocked.Read(ref _leasesLost);

    /// <summary>Calls admitted although it was not known what their budget had spent before.</summary>
    public long AdmittedUnread => Interlocked.Read(ref _admittedUnread);

    /// <summary>Calls admitted beyond what this node had leased.</summary>
    public long AdmittedUnbacked => Interlocked.Read(ref _admittedUnbacked);

    /// <summary>Calls refused because a budget or limit could not be read or leased.</summary>
    public long RefusedLost => Interlocked.Read(ref _refusedLost);

    /// <summary>Whether nothing of it has ever happened.</summary>
    public bool AreZero => (HistoryLost | LeasesLost | AdmittedUnread | AdmittedUnbacked | RefusedLost) == 0;

    internal void CountHistoryLost() => Interlocked.Increment(ref _historyLost);

    internal void CountLeaseLost() => Interlocked.Increment(ref _leasesLost);

    internal void CountUnread() => Interlocked.Increment(ref _admittedUnread);

    internal void CountUnbacked() => Interlocked.Increment(ref _admittedUnbacked);

    internal void CountRefused() => Interlocked.Increment(ref _refusedLost);
}
