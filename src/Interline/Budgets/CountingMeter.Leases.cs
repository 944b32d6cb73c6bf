using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>Where a meter's room comes from if other nodes share it.</summary>
internal sealed partial class CountingMeter<T>
{
    private const long IdleSeconds = 5;
    private const long AheadSeconds = 5;
    private const int Asks = 4;

    /// <summary>The least that is worth a lease to whoever takes what is left: a millionth of a dollar, or a piece.</summary>
    private static readonly T Crumb = T.CreateTruncating(0.000001m) is var crumb && crumb > T.Zero ? crumb : T.One;

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    private Task<LeaseOutcome>? _pending;
    private long _askedAt;
    private T _taken;
    private T _waiting;
    private int _waiters;
    private T _smallest;
    private T? _least;
    private T? _emptyFor;
    private long _emptyUntil;
    private long _leasesLostUntil;
    private long _nextFrom;
    private T _nextHeld;

    private MeterId Id => _rolling is null ? new MeterId(Scope, Unit, _from, _to) : new MeterId(Scope, Unit, -_rolling.Length, long.MaxValue);

    /// <summary>Leased at a time beside what is needed: small enough that what lies idle on the nodes is a small part of the limit.</summary>
    private T Chunk => T.Max(Unit == MeterUnit.Usd ? T.Zero : T.One, _limit / T.CreateChecked(8 * Math.Max(1, _sources.Leases.Nodes)));

    private bool IsLow => Room < Chunk / T.CreateChecked(2) && _pending is null && _sources.IsPast(_emptyUntil) && _sources.IsPast(_leasesLostUntil);

    /// <summary>A call waits for room: what it needs is not given back until <see cref="Leave"/>.</summary>
    public void Wait(T amount)
    {
        lock (Gate)
        {
            _waiting += amount;
            _smallest = _waiters++ == 0 ? amount : T.Min(_smallest, amount);
            _least = _least is { } least ? T.Min(least, amount) : amount;
        }
    }

    /// <summary>A call no longer waits.</summary>
    public void Leave(T amount)
    {
        lock (Gate)
        {
            _waiting -= amount;
            _waiters--;
        }
    }

    public override void GiveUpFilling(TimeSpan patience)
    {
        lock (Gate)
        {
            // Only where nothing was answered for so long: who merely lost its turn to other calls must not be taken for one whose database is gone.
            if (_askedAt != 0 && _sources.Time.GetElapsedTime(_askedAt) >= patience)
            {
                _leasesLostUntil = _sources.After(MeterSources.Pause);
                _sources.Counters.CountLeaseLost();
            }
        }
    }

    public override Task<LeaseOutcome> FillAsync()
    {
        TaskCompletionSource<LeaseOutcome> mine;
        lock (Gate)
        {
            if (_pending is not null)
            {
                return _pending;
            }

            mine = new TaskCompletionSource<LeaseOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            _pending = mine.Task;
        }

        _ = FillAsync(mine);
        return mine.Task;
    }

    public override void TopUp()
    {
        bool low;
        lock (Gate)
        {
            low = IsLowLocked;
        }

        if (low)
        {
            _ = FillAsync();
        }
    }

    public override void GiveBack()
    {
        lock (Gate)
        {
            // What is enough for a call that waits stays. What is not must go: two nodes that each keep a part of what the last call needs would refuse it both.
            T surplus = _waiters > 0 && Room >= _smallest ? Room - _waiting : Room;
            if (IsLeased && surplus > T.Zero)
            {
                _held -= surplus;
                _sources.Leases.Return(Id, decimal.CreateChecked(surplus));
            }
        }
    }

    public override void GiveBack(MeterId wanted)
    {
        lock (Gate)
        {
            if (wanted == Id)
            {
                GiveBack();
            }
        }
    }

    public override void Upkeep(long now)
    {
        T ahead;
        long next;
        lock (Gate)
        {
            if (!IsLeased)
            {
                return;
            }

            if (now < _to && _lastUse <= now - IdleSeconds)
            {
                GiveBack();
                return;
            }

            next = _to;
            bool busy = _window == BudgetWindow.Minute && now >= _to - AheadSeconds && now < _to && _nextFrom != _to && _used + _reserved > T.Zero;
            if (!busy)
            {
                return;
            }

            _nextFrom = next;
            _nextHeld = T.Zero;
            ahead = T.Max(T.One, T.Min(_used + _reserved, _limit / T.CreateChecked(Math.Max(1, _sources.Leases.Nodes))));
        }

        _ = TakeAheadAsync(next, ahead);
    }

    /// <summary>Why an amount cannot be set aside; <see cref="Taking.Taken"/> if it can.</summary>
    private Taking Refuses(T amount, bool open)
    {
        if (_unread)
        {
            if (_sources.IsPast(_historyLostUntil))
            {
                return Taking.Unread;
            }

            if (!open)
            {
                return Taking.Lost;
            }

            _sources.Counters.CountUnread();
        }

        if (amount <= Free)
        {
            return Taking.Taken;
        }

        if (!IsLeased || amount > _limit - _used - _reserved)
        {
            return Taking.Full;
        }

        if (!_sources.IsPast(_leasesLostUntil))
        {
            return WithoutLeases(amount, open);
        }

        return Lacks(amount) ? Taking.Full : Taking.Short;
    }

    /// <summary>Whether the source has said a moment ago that it has not what an amount needs.</summary>
    private bool Lacks(T amount) => _emptyFor is { } missing && !_sources.IsPast(_emptyUntil) && amount - Room >= missing;

    /// <summary>How much of an amount can be set aside. What is idle on other nodes is asked for first; only where the source has said that nothing is left there is no room.</summary>
    private Taking UpTo(T amount, bool open, ref T taken)
    {
        if (_unread && _sources.IsPast(_historyLostUntil))
        {
            return Taking.Unread;
        }

        T most = _limit - _used - _reserved;
        if (most <= T.Zero)
        {
            return Taking.Full;
        }

        T wanted = T.Min(amount, most);
        taken = T.Min(wanted, Free);
        if (!IsLeased || (Free >= wanted && Free > T.Zero))
        {
            return Taking.Taken;
        }

        if (!_sources.IsPast(_leasesLostUntil))
        {
            bool some = Free > T.Zero;
            taken = some ? taken : wanted;
            return some ? Taking.Taken : WithoutLeases(wanted, open);
        }

        wanted = T.Max(wanted, Crumb);
        if (!Lacks(wanted))
        {
            taken = wanted;
            return Taking.Short;
        }

        if (Free > T.Zero)
        {
            return Taking.Taken;
        }

        taken = Crumb;
        return Lacks(Crumb) ? Taking.Full : Taking.Short;
    }

    private Taking WithoutLeases(T amount, bool open)
    {
        if (!open)
        {
            return Taking.Lost;
        }

        if (Unit != MeterUnit.Usd)
        {
            // A rate has a share that each node may count on; money has none.
            _held = T.Max(_held, T.Max(T.One, _limit / T.CreateChecked(Math.Max(1, _sources.Leases.Nodes))));
            if (amount > Room)
            {
                return Taking.Full;
            }
        }

        _sources.Counters.CountUnbacked();
        return Taking.Taken;
    }

    private void TurnLease()
    {
        _held = !_sources.IsShared ? _limit : _nextFrom == _from ? _nextHeld : T.Zero;
        _taken = _held;
        _nextHeld = T.Zero;
        (_emptyUntil, _emptyFor) = (0, null);
    }

    private async Task FillAsync(TaskCompletionSource<LeaseOutcome> done)
    {
        T? least;
        MeterId asked;
        lock (Gate)
        {
            (least, _least, asked) = (_least, null, Id);
        }

        LeaseOutcome outcome = await SeedAsync().ConfigureAwait(false) ? await AskAsync(least).ConfigureAwait(false) : LeaseOutcome.Unavailable;

        // Another node that holds more than it uses has just been asked to give it back: what is not there now may be in a moment.
        for (int again = 0; outcome == LeaseOutcome.Exhausted && least is not null && _sources.Leases.Nodes > 1 && again < Asks; again++)
        {
            await Task.Delay(Between, _sources.Time, CancellationToken.None).ConfigureAwait(false);
            outcome = await AskAsync(least).ConfigureAwait(false);
        }

        lock (Gate)
        {
            _pending = null;
            if (outcome == LeaseOutcome.Exhausted && asked == Id)
            {
                (_emptyUntil, _emptyFor) = (_sources.After(MeterSources.Pause), least is { } missing ? missing - Room : null);
            }
            else if (outcome == LeaseOutcome.Unavailable)
            {
                _leasesLostUntil = _sources.After(MeterSources.Pause);
                _sources.Counters.CountLeaseLost();
            }
        }

        done.SetResult(outcome);
    }

    private async Task<LeaseOutcome> AskAsync(T? least)
    {
        MeterId id;
        T needed, wished, limit;
        lock (Gate)
        {
            (id, limit) = (Id, _limit);
            needed = (least ?? (Chunk / T.CreateChecked(2))) - Room;
            wished = T.Min(_waiting + Chunk - Room, limit);
            _askedAt = needed > T.Zero ? _sources.Time.GetTimestamp() : 0;
        }

        if (needed <= T.Zero)
        {
            return LeaseOutcome.Granted;
        }

        LeaseGrant? grant = await TakeAsync(id, limit, needed, T.Max(needed, wished)).ConfigureAwait(false);
        lock (Gate)
        {
            _askedAt = 0;
            if (grant is { Outcome: not LeaseOutcome.Unavailable } said && id == Id)
            {
                _held += T.CreateTruncating(said.Amount);
                _taken = T.CreateTruncating(said.Taken);
            }
        }

        return grant?.Outcome ?? LeaseOutcome.Unavailable;
    }

    private async Task TakeAheadAsync(long from, T ahead)
    {
        LeaseGrant? grant = await TakeAsync(new MeterId(Scope, Unit, from, from + 60), _limit, T.One, ahead).ConfigureAwait(false);
        lock (Gate)
        {
            if (grant is not { Outcome: LeaseOutcome.Granted } said)
            {
                return;
            }

            if (_from == from)
            {
                _held += T.CreateTruncating(said.Amount);
                _taken = T.Max(_taken, T.CreateTruncating(said.Taken));
            }
            else if (_nextFrom == from)
            {
                _nextHeld = T.CreateTruncating(said.Amount);
            }
        }
    }

    private Task<LeaseGrant?> TakeAsync(MeterId id, T limit, T needed, T wished) =>
        GuardAsync(cancel => _sources.Leases.TakeAsync(id, decimal.CreateChecked(limit), decimal.CreateChecked(needed), decimal.CreateChecked(wished), cancel));

    /// <summary>Asks the source; null if it could not be asked: one that throws or does not answer cannot.</summary>
    private async Task<TAnswer?> GuardAsync<TAnswer>(Func<CancellationToken, ValueTask<TAnswer>> ask)
        where TAnswer : struct
    {
        try
        {
            using var patience = new CancellationTokenSource(MeterSources.Patience, _sources.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _sources.Ended);
            return await ask(either.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            return null;
        }
    }
}
