using Interline.Calls;

namespace Interline.Ledger;

/// <summary>Books calls that have ended.</summary>
public sealed class Settlement
{
    private readonly ILedger _ledger;
    private readonly TimeProvider _time;

    /// <summary>Over a ledger.</summary>
    /// <param name="ledger">Where calls are booked.</param>
    /// <param name="time">The clock.</param>
    public Settlement(ILedger ledger, TimeProvider time)
    {
        _ledger = ledger;
        _time = time;
    }

    /// <summary>Books a call that has ended.</summary>
    /// <param name="call">The call.</param>
    public CallRecord Settle(Call call)
    {
        call.EndTimestamp = _time.GetTimestamp();
        CallRecord record = CallRecord.Of(call, _time);
        _ledger.Settle(in record);
        return record;
    }
}
