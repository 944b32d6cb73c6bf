namespace Interline.Ledger;

/// <summary>
/// Where calls are booked: opened before they cost anything, settled exactly once when they have ended, whatever way. Both survive a killed process where the
/// ledger keeps anything at all. Neither ever blocks: what is slow happens behind them.
/// </summary>
public interface ILedger
{
    /// <summary>Whether there is no room to open calls: the books could not be written for so long that the journal is full, or its disk is. Calls should be refused.</summary>
    bool IsFull => false;

    /// <summary>Notes that a call is under way and what was set aside for it, so that it is not forgotten should the process die. Before the first attempt.</summary>
    /// <param name="call">The call.</param>
    void Open(in OpenCall call);

    /// <summary>Books a call whose cost is final. When this returns the booking is safe from a killed process, so the end of the answer may go to the client.</summary>
    /// <param name="record">The call's record.</param>
    void Settle(in CallRecord record);

    /// <summary>Finds a settled call.</summary>
    /// <param name="number">Call number on this node.</param>
    /// <returns>The record; null if unknown or no longer kept.</returns>
    CallRecord? Find(long number);
}

/// <summary>A call that is under way.</summary>
public readonly record struct OpenCall
{
    /// <summary>Call number on this node.</summary>
    public required long Number { get; init; }

    /// <summary>When it came.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Wire format or operation.</summary>
    public required string Operation { get; init; }

    /// <summary>Group asked for.</summary>
    public required string Group { get; init; }

    /// <summary>Who calls.</summary>
    public required Accounts.Principal Principal { get; init; }

    /// <summary>Customer named.</summary>
    public string? Customer { get; init; }

    /// <summary>Tags of the request and of its key.</summary>
    public System.Collections.Immutable.ImmutableArray<string> Tags { get => field.IsDefault ? [] : field; init; }

    /// <summary>What was set aside for it, in USD; null if nothing had to be.</summary>
    public decimal? Reserved { get; init; }
}
