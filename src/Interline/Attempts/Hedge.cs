using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.Errors;

namespace Interline.Attempts;

/// <summary>
/// A call that may be asked of two deployments at once. Whoever has the first valid event wins, once and for all; from then on the other is broken off and writes nowhere, and what
/// it may have cost is in the call's books, as an estimate at once and by its own account as soon as it has ended.
/// </summary>
internal sealed class Hedge
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TimeProvider _time;
    private readonly long _upstreamTicks;
    private readonly long _startedAt;
    private HedgeLeg? _winner;
    private HedgeLeg? _first;
    private HedgeLeg? _second;
    private int _noted = -1;

    /// <summary>Begins.</summary>
    /// <param name="call">The call.</param>
    /// <param name="time">The clock.</param>
    public Hedge(Call call, TimeProvider time)
    {
        Call = call;
        _time = time;
        _upstreamTicks = call.UpstreamTicks;
        _startedAt = time.GetTimestamp();
    }

    /// <summary>The call.</summary>
    public Call Call { get; }

    /// <summary>Who was first; null as long as nobody has answered.</summary>
    public HedgeLeg? Winner => Volatile.Read(ref _winner);

    /// <summary>Completes when an answer begins.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Adds an attempt, not yet made.</summary>
    /// <param name="leg">The attempt.</param>
    /// <returns>False if the other has begun its answer meanwhile; then it must not be made.</returns>
    public bool TryAdd(HedgeLeg leg)
    {
        lock (_lock)
        {
            if (_winner is not null)
            {
                return false;
            }

            (_first, _second) = _first is null ? (leg, null) : (_first, leg);
            return true;
        }
    }

    /// <summary>An attempt has a valid event and wants to give its answer to the client.</summary>
    /// <param name="leg">The attempt.</param>
    /// <returns>Whether it was the first.</returns>
    public bool TryWin(HedgeLeg leg)
    {
        HedgeLeg? loser;
        lock (_lock)
        {
            if (_winner is not null)
            {
                return false;
            }

            loser = leg == _first ? _second : _first;
            loser = loser is { HasEnded: false } ? loser : null;
            if (loser is not null)
            {
                _noted = Call.AddLeg(loser.Target.Deployment, Estimate(loser), HedgeLeg.GaveWay);
            }

            Take(leg);
            Volatile.Write(ref _winner, leg);
        }

        // Outside the lock: what is cancelled may run its end here and look at the winner.
        loser?.Cancel.Cancel();
        _begun.TrySetResult();
        return true;
    }

    /// <summary>Books the call with the outcome of an attempt, if that was the first.</summary>
    /// <param name="leg">The attempt.</param>
    public void Book(HedgeLeg leg)
    {
        lock (_lock)
        {
            if (_winner == leg)
            {
                Take(leg);
                Call.Book();
            }
        }
    }

    /// <summary>The attempt whose outcome counts has ended: the call has it.</summary>
    /// <param name="leg">The attempt.</param>
    public void Finish(HedgeLeg leg)
    {
        lock (_lock)
        {
            Take(leg);
        }
    }

    /// <summary>An attempt whose outcome does not count has ended: its own account of what it used stands in the place of the estimate, unless the call is booked.</summary>
    /// <param name="leg">The attempt.</param>
    /// <param name="error">How it failed; null if it gave way to the other.</param>
    public void Left(HedgeLeg leg, ApiError? error)
    {
        lock (_lock)
        {
            leg.HasEnded = true;
            if (_noted < 0)
            {
                Call.AddLeg(leg.Target.Deployment, leg.Call, error ?? HedgeLeg.GaveWay);
            }
            else if (Call.Booked is null)
            {
                Call.ReplaceLeg(_noted, leg.Target.Deployment, leg.Call, error ?? HedgeLeg.GaveWay);
            }
        }
    }

    /// <summary>What an attempt under way may have cost: its request, which its provider has read. The attempt's own call is its thread's alone.</summary>
    private Call Estimate(HedgeLeg leg)
    {
        Call estimate = Call.Leg(static () => { }, leg.Target);
        CallCost.Note(estimate, leg.Target.Deployment, new Metering(estimate, leg.Target.Deployment, Call.Lane, Call.Body.Memory, _time, leg.StartedAt).Asked(Call.Facts.ServiceTier));
        return estimate;
    }

    private void Take(HedgeLeg leg) => Call.Take(leg.Call, leg.Call.FirstByteTimestamp == 0 ? _upstreamTicks + leg.Call.UpstreamTicks : _upstreamTicks + leg.Call.FirstByteTimestamp - _startedAt);
}
