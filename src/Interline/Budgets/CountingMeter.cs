using System.Numerics;
using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>
/// A meter in dollars (<see cref="decimal"/>) or pieces (<see cref="long"/>). Everything set aside and used fits what this node holds: the limit if it is alone, its lease
/// if others share it. A call counts in the window it began in; one that outlives its window leaves the next alone. Thread-safe; nothing is awaited in its lock.
/// </summary>
internal sealed partial class CountingMeter<T> : Meter
    where T : struct, INumber<T>
{
    private readonly MeterSources _sources;
    private readonly BudgetWindow? _window;
    private readonly RollingSpend<T>? _rolling;
    private bool _isHard;
    private T _limit;
    private T? _soft;
    private T _used;
    private T _reserved;
    private T _held;
    private long _from;
    private long _to = long.MaxValue;
    private long _lastUse;
    private bool _softTold;

    public CountingMeter(Scope scope, MeterUnit unit, BudgetWindow? window, T? limit, T? soft, MeterSources sources, Lock gate)
        : base(scope, unit, gate)
    {
        _sources = sources;
        _window = window;
        long now = sources.Now;
        _lastUse = now;
        if (window is { Rolling: true })
        {
            _rolling = new RollingSpend<T>(window, now);
            _to = _rolling.NextAt;
        }
        else if (window is not null)
        {
            Turn(now);
        }

        // Minutes are too short to be told from the books, and slots have no history.
        _unread = unit == MeterUnit.Usd && sources.History is not NoSpendHistory;
        Limit(limit, soft);
    }

    /// <summary>Its window.</summary>
    public BudgetWindow? Window => _window;

    public override TimeProvider Time => _sources.Time;

    /// <summary>Its limit.</summary>
    public T Most
    {
        get
        {
            lock (Gate)
            {
                return _limit;
            }
        }
    }

    /// <summary>What calls of this node have used in the window.</summary>
    public T UsedHere
    {
        get
        {
            lock (Gate)
            {
                return _used;
            }
        }
    }

    public override long LastUse => Volatile.Read(ref _lastUse);

    /// <summary>When its window ends, in seconds since 1970; <see cref="long.MaxValue"/> if it has none.</summary>
    public long EndsAt => Volatile.Read(ref _to);

    public override bool IsLowLocked => IsLeased && IsLow;

    private bool IsLeased => _isHard && _sources.IsShared;

    private T Room => _held - _used - _reserved;

    /// <summary>What may still be set aside: where the limit was lowered, less than what is held.</summary>
    private T Free => T.Min(_held, _limit) - _used - _reserved;

    /// <summary>Changes its limits; what was spent stays spent.</summary>
    public void Limit(T? limit, T? soft)
    {
        lock (Gate)
        {
            bool leased = IsLeased;
            _isHard = limit is not null;
            _limit = limit ?? T.Zero;
            _soft = soft;
            if (!_sources.IsShared)
            {
                _held = _limit;
            }
            else if (leased && _held - T.Max(_limit, _used + _reserved) is var beyond && beyond > T.Zero)
            {
                // Another node's calls may have used up the lower limit: what is held beyond it is nobody's.
                _held -= beyond;
                _sources.Leases.Return(Id, decimal.CreateChecked(beyond));
            }
        }
    }

    /// <summary>Sets something aside if there is room for all of it.</summary>
    /// <param name="amount">How much, from 0.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="open">Whether to let it pass where it cannot be found out whether there is room.</param>
    /// <param name="stamp">What <see cref="SettleLocked"/> has to be told.</param>
    public Taking TryReserveLocked(T amount, long now, bool open, out long stamp)
    {
        TurnTo(now);
        stamp = Stamp;
        if (_isHard && Refuses(amount, open) is var taking and not Taking.Taken)
        {
            return taking;
        }

        _reserved += amount;
        return Taking.Taken;
    }

    /// <summary>Joins a call that costs nothing as far as is known: nothing is set aside, and nothing refused.</summary>
    public long JoinLocked(long now)
    {
        TurnTo(now);
        return Stamp;
    }

    /// <summary>As much of an amount as could ever pass, at least a piece.</summary>
    public T BoundedLocked(T amount) => T.Max(T.One, T.Min(amount, _limit));

    /// <summary>Sets aside what there is room for, up to an amount: whoever finds anything left may pass, and the next one does not.</summary>
    /// <param name="amount">The most that is set aside, from 0.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="open">Whether to let it pass where it cannot be found out whether there is room.</param>
    /// <param name="taken">What was set aside; with <see cref="Taking.Short"/> what has to be leased first.</param>
    /// <param name="stamp">What <see cref="Settle"/> has to be told.</param>
    public Taking TryReserveUpTo(T amount, long now, bool open, out T taken, out long stamp)
    {
        lock (Gate)
        {
            TurnTo(now);
            stamp = Stamp;
            taken = amount;
            Taking taking = _isHard ? UpTo(amount, open, ref taken) : Taking.Taken;
            _reserved += taking == Taking.Taken ? taken : T.Zero;
            return taking;
        }
    }

    /// <summary>Sets more aside for a call that has some; nothing if its window has ended.</summary>
    public Taking TryRaise(T more, long now, long stamp, bool open)
    {
        lock (Gate)
        {
            TurnTo(now);
            if (_rolling is null && stamp != _from)
            {
                return Taking.Taken;
            }

            if (_isHard && Refuses(more, open) is var taking and not Taking.Taken)
            {
                return taking;
            }

            _reserved += more;
            return Taking.Taken;
        }
    }

    /// <summary>Takes back what was set aside and books what was used instead.</summary>
    public void Settle(T reserved, T actual, long now, long stamp)
    {
        SoftLimitPassed? passed;
        lock (Gate)
        {
            passed = SettleLocked(reserved, actual, now, stamp);
        }

        if (passed is not null)
        {
            _sources.Soft(passed);
        }
    }

    /// <summary>The same.</summary>
    /// <param name="reserved">What was set aside.</param>
    /// <param name="actual">What was used.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="stamp">From when it was set aside.</param>
    /// <returns>A soft limit that was passed just now, to be told when the lock is let go; else null.</returns>
    public SoftLimitPassed? SettleLocked(T reserved, T actual, long now, long stamp)
    {
        TurnTo(now);
        if (_rolling is not null)
        {
            _reserved -= reserved;
            _used += _rolling.Add(stamp, actual) ? actual : T.Zero;
        }
        else if (stamp == _from)
        {
            _reserved -= reserved;
            _used += actual;
        }

        if (_soft is not { } soft || _softTold || Spent < soft)
        {
            return null;
        }

        _softTold = true;
        return new SoftLimitPassed(Scope, decimal.CreateChecked(soft), decimal.CreateChecked(Spent), _sources.Time.GetUtcNow(), ResetsAt);
    }

    /// <summary>Whether nothing more passes: its limit is used up, or set aside.</summary>
    public bool IsSpent(long now)
    {
        lock (Gate)
        {
            TurnTo(now);
            return _isHard && Free <= T.Zero && (!IsLeased || Lacks(Crumb) || Spent + _reserved >= _limit);
        }
    }

    public override bool IsIdleSince(long moment)
    {
        lock (Gate)
        {
            return _reserved == T.Zero && _lastUse <= moment && _pending is null && _learning is null;
        }
    }

    public override MeterReading ReadLocked(long now)
    {
        if (now >= _to)
        {
            Turn(now);
        }

        return new MeterReading(Unit, _isHard ? decimal.CreateChecked(_limit) : null, decimal.CreateChecked(Spent), decimal.CreateChecked(_reserved), ResetsAt) { SoftLimit = _soft is { } soft ? decimal.CreateChecked(soft) : null };
    }

    /// <summary>Its limit and what is left of it, at least 0.</summary>
    public (T Limit, T Left) LeftLocked(long now)
    {
        if (now >= _to)
        {
            Turn(now);
        }

        return (_limit, T.Max(T.Zero, _limit - Spent - _reserved));
    }

    /// <summary>What is known to be used in this window: with leases also what others have taken.</summary>
    private T Spent => IsLeased ? T.Max(_used, _taken - Room - _reserved) : _used;

    private long Stamp => _rolling?.Newest ?? _from;

    private DateTimeOffset? ResetsAt => _rolling is not null || _to == long.MaxValue ? null : DateTimeOffset.FromUnixTimeSeconds(_to);

    private void TurnTo(long now)
    {
        _lastUse = now;
        if (now >= _to)
        {
            Turn(now);
        }
    }

    private void Turn(long now)
    {
        if (_rolling is not null)
        {
            T gone = _rolling.Advance(now);
            _used -= gone;
            _to = _rolling.NextAt;
            _softTold &= gone == T.Zero;
            if (IsLeased && gone > T.Zero)
            {
                _held -= gone;
                _sources.Leases.Return(Id, decimal.CreateChecked(gone));
            }

            return;
        }

        WindowSpan span = _window!.At(DateTimeOffset.FromUnixTimeSeconds(now));
        (_from, _to) = (span.From.ToUnixTimeSeconds(), span.To.ToUnixTimeSeconds());
        _used = _reserved = T.Zero;
        _softTold = false;

        // Nothing can have been spent of a window before this node knew of it that begins under its eyes.
        _unread = false;
        _seed = null;
        TurnLease();
    }
}
