namespace Interline.Ledger;

/// <summary>Where calls are settled: each exactly once, by its id, when it has ended, whatever way.</summary>
public interface ILedger
{
    /// <summary>Books a call that has ended. Never blocks: what is slow happens behind it.</summary>
    /// <param name="record">The call's record.</param>
    void Settle(in CallRecord record);

    /// <summary>Finds a settled call.</summary>
    /// <param name="number">Call number on this node.</param>
    /// <returns>The record; null if unknown or no longer kept.</returns>
    CallRecord? Find(long number);
}
