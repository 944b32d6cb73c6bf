using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>
/// Where a node gets its share of a meter from. A node that is alone has all of it. Where several share a database, each takes a lease: what all nodes have
/// been granted of a window is never more than its limit, so no two can spend the same dollar.
/// </summary>
public interface ILeaseSource
{
    /// <summary>Whether other nodes may take from the same meters; if not, nothing else here is called.</summary>
    bool IsShared { get; }

    /// <summary>Nodes known to be alive, this one included; from 1. What a limit is divided by when the source cannot be reached.</summary>
    int Nodes { get; }

    /// <summary>
    /// Tells what was spent of a meter before anybody leased of it: by calls from before its scope had a limit. Counts as taken if nobody has taken of the meter or
    /// seeded it yet, and has no effect otherwise, so every node that meets the meter may tell it.
    /// </summary>
    /// <param name="meter">The meter.</param>
    /// <param name="spent">What was spent, above 0.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether it counted; null if the database could not be asked.</returns>
    ValueTask<bool?> SeedAsync(MeterId meter, decimal spent, CancellationToken cancel);

    /// <summary>Takes more of a meter.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="limit">Its limit for all nodes.</param>
    /// <param name="needed">The least that is of use; above 0.</param>
    /// <param name="wished">The most that is taken; at least <paramref name="needed"/>.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<LeaseGrant> TakeAsync(MeterId meter, decimal limit, decimal needed, decimal wished, CancellationToken cancel);

    /// <summary>Gives back what is not used. Never blocks; what cannot be given back at once is later.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="amount">How much, above 0.</param>
    void Return(MeterId meter, decimal amount);

    /// <summary>Asks to be called back, on any thread, when another node was refused: whoever holds more than it uses should <see cref="Return"/> it.</summary>
    /// <param name="wanted">What to call; must not block.</param>
    void OnWanted(Action<MeterId> wanted);
}

/// <summary>What came of asking for a lease.</summary>
/// <param name="Outcome">Whether it was granted.</param>
/// <param name="Amount">How much was granted; 0 unless <see cref="LeaseOutcome.Granted"/>.</param>
/// <param name="Taken">What all nodes hold or have used of it, this grant included.</param>
public readonly record struct LeaseGrant(LeaseOutcome Outcome, decimal Amount, decimal Taken);

/// <summary>Outcomes of asking for a lease.</summary>
public enum LeaseOutcome
{
    /// <summary>Granted.</summary>
    Granted,

    /// <summary>Less than what is needed is left.</summary>
    Exhausted,

    /// <summary>The database could not be asked.</summary>
    Unavailable,
}
