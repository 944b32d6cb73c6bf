using Interline.Budgets;
using Interline.Core.Budgets;

namespace Interline.Accounts;

/// <summary>What management endpoints show of an account's spend.</summary>
public interface ISpendView
{
    /// <summary>How a scope stands in the present window.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="window">Window of its budget; null counts everything ever spent.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<SpendReading> ReadAsync(Scope scope, BudgetWindow? window, CancellationToken cancel);
}

/// <summary>What was spent.</summary>
/// <param name="Spent">USD.</param>
/// <param name="ResetsAt">When the window ends; null if there is none, or it rolls.</param>
/// <param name="Reserved">USD that this node has set aside for calls under way.</param>
public readonly record struct SpendReading(decimal Spent, DateTimeOffset? ResetsAt, decimal Reserved = 0);

/// <summary>What the books say was spent, and what the meters of this node have set aside.</summary>
/// <param name="history">The books.</param>
/// <param name="meters">The meters; null if there are none.</param>
/// <param name="time">The clock.</param>
public sealed class SpendView(ISpendHistory history, MeterBook? meters, TimeProvider time) : ISpendView
{
    /// <inheritdoc />
    public async ValueTask<SpendReading> ReadAsync(Scope scope, BudgetWindow? window, CancellationToken cancel)
    {
        DateTimeOffset now = time.GetUtcNow();
        WindowSpan? span = window?.At(now);
        decimal spent = await history.SpentAsync(scope, span?.From ?? DateTimeOffset.UnixEpoch, span?.To ?? DateTimeOffset.MaxValue, cancel).ConfigureAwait(false);
        return new(spent, window is { Rolling: false } ? span?.To : null, Reserved(scope));
    }

    private decimal Reserved(Scope scope)
    {
        decimal most = 0;
        foreach (MeterReading reading in meters?.Read(scope) ?? [])
        {
            // Several budgets of a scope hold the same calls each.
            most = reading.Unit == MeterUnit.Usd ? Math.Max(most, reading.Reserved) : most;
        }

        return most;
    }
}
