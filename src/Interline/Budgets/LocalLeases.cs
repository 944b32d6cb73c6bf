using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>A node that is alone.</summary>
public sealed class LocalLeases : ILeaseSource
{
    /// <inheritdoc />
    public bool IsShared => false;

    /// <inheritdoc />
    public int Nodes => 1;

    /// <inheritdoc />
    public ValueTask<bool?> SeedAsync(MeterId meter, decimal spent, CancellationToken cancel) => ValueTask.FromResult<bool?>(true);

    /// <inheritdoc />
    public ValueTask<LeaseGrant> TakeAsync(MeterId meter, decimal limit, decimal needed, decimal wished, CancellationToken cancel) =>
        ValueTask.FromResult(new LeaseGrant(LeaseOutcome.Granted, wished, 0));

    /// <inheritdoc />
    public void Return(MeterId meter, decimal amount)
    {
        // There is nobody to give it to.
    }

    /// <inheritdoc />
    public void OnWanted(Action<MeterId> wanted)
    {
        // Nobody else wants anything.
    }
}
