using Interline.Calls;
using Interline.Protocols.Errors;

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

    /// <summary>
    /// Books a call whose usage and outcome are final, before the end of its answer goes to the client: who has seen the end of an answer can rely on its
    /// being in the books, whatever becomes of this process. Only the first booking of a call counts.
    /// </summary>
    /// <param name="call">The call.</param>
    public void Book(Call call)
    {
        if (call.Booked is not null)
        {
            return;
        }

        call.EndTimestamp = _time.GetTimestamp();
        if (call.Error is { Kind: ErrorKind.ClientGone } gone)
        {
            // Also where a 200 had gone to it: nobody has the answer.
            call.Status = gone.Status;
        }

        if (!IsLeftOut(call))
        {
            var booked = new BookedCall(CallRecord.Of(call, _time));
            _ledger.Settle(in booked.Record);

            // Not before: a ledger that failed is asked again when the call ends.
            call.Booked = booked;
        }
    }

    /// <summary>Ends a call: books it, unless that was done before the end of its answer.</summary>
    /// <param name="call">The call.</param>
    /// <returns>What is in the books. Its duration ends where it was booked: what a slow client takes to read the last bytes is not the call's.</returns>
    public CallRecord Settle(Call call)
    {
        Book(call);
        return call.Booked?.Record ?? CallRecord.Of(call, _time);
    }

    /// <summary>A call refused while the ledger is full, to keep it from growing, is not written into it: nothing says that it was under way, and it cost nothing.</summary>
    private bool IsLeftOut(Call call) => !call.IsOpened && call.Attempts == 0 && _ledger.IsFull;
}

/// <summary>A call as it was booked. An object, for a call has room for it only from its booking to its end: most of its life it would be empty.</summary>
internal sealed class BookedCall(in CallRecord record)
{
    /// <summary>The record. A field, so that it can be looked at where it lies: it is large.</summary>
    public readonly CallRecord Record = record;
}
