using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Accounts;

/// <summary>What management endpoints show of an account's spend.</summary>
public interface ISpendView
{
    /// <summary>USD spent by a scope in the present window.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="window">Window of its budget; null counts everything ever spent.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<SpendReading> ReadAsync(Scope scope, BudgetWindow? window, CancellationToken cancel);
}

/// <summary>What was spent.</summary>
/// <param name="Spent">USD.</param>
/// <param name="ResetsAt">When the window ends; null if there is none.</param>
public readonly record struct SpendReading(decimal Spent, DateTimeOffset? ResetsAt);

/// <summary>Everything ever spent, by the history alone.</summary>
/// <param name="history">The history.</param>
public sealed class HistorySpendView(ISpendHistory history) : ISpendView
{
    /// <inheritdoc />
    public async ValueTask<SpendReading> ReadAsync(Scope scope, BudgetWindow? window, CancellationToken cancel) =>
        new(await history.SpentAsync(scope, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue, cancel), null);
}
