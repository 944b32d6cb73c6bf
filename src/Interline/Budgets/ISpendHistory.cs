using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>What was spent before this node knew of a scope. Read when a meter is made, away from the calls.</summary>
public interface ISpendHistory
{
    /// <summary>USD spent by a scope in a stretch of time, by the start of the calls: billed prices, or upstream costs for providers, deployments and models.</summary>
    /// <param name="scope">The scope.</param>
    /// <param name="from">Start, inclusive.</param>
    /// <param name="to">End, exclusive.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<decimal> SpentAsync(Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);
}

/// <summary>No history: a program that keeps nothing.</summary>
public sealed class NoSpendHistory : ISpendHistory
{
    /// <inheritdoc />
    public ValueTask<decimal> SpentAsync(Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => ValueTask.FromResult(0m);
}
