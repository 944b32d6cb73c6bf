using System.Collections.Immutable;
using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>The meters of one scope on this node, under one lock. Thread-safe.</summary>
public sealed class ScopeMeters
{
    // Taken in this order. The second is that of the meters; none of another scope is taken while one is held.
    private readonly Lock _changing = new();
    private readonly Lock _gate = new();
    private readonly MeterSources _sources;
    private State _state;
    private bool _gone;

    internal ScopeMeters(ScopedTerms terms, MeterSources sources)
    {
        _sources = sources;
        Scope = terms.Scope;
        _state = Make(terms.Terms, null);
    }

    /// <summary>Whose they are.</summary>
    public Scope Scope { get; }

    /// <summary>Its terms.</summary>
    public ScopeTerms Terms => Volatile.Read(ref _state).Terms;

    /// <summary>All of its meters: budgets in the order of the terms, then requests, tokens, slots.</summary>
    internal ImmutableArray<Meter> Meters => Volatile.Read(ref _state).All;

    /// <summary>Those and the ones that its terms had before, as long as calls under way or leases stand in them.</summary>
    internal ImmutableArray<Meter> Kept
    {
        get
        {
            State state = Volatile.Read(ref _state);
            return state.Dropped.IsEmpty ? state.All : [.. state.All, .. state.Dropped];
        }
    }

    /// <summary>Its budgets.</summary>
    internal ImmutableArray<CountingMeter<decimal>> Budgets => Volatile.Read(ref _state).Budgets;

    /// <summary>Whether the book has let go of it: who comes now must ask the book for another.</summary>
    internal bool IsGone
    {
        get => Volatile.Read(ref _gone);
        set => Volatile.Write(ref _gone, value);
    }

    /// <summary>How it stands: one reading for each budget and limit.</summary>
    public ImmutableArray<MeterReading> Read()
    {
        long now = _sources.Now;
        ImmutableArray<Meter> meters = Meters;
        lock (_gate)
        {
            return [.. meters.Select(x => x.ReadLocked(now))];
        }
    }

    /// <summary>Takes new terms; what was spent in windows that stay is kept.</summary>
    /// <returns>The terms that hold now; those given, or others that say the same.</returns>
    internal ScopeTerms Use(ScopeTerms terms)
    {
        State state = Volatile.Read(ref _state);
        if (ReferenceEquals(state.Terms, terms) || Same(state.Terms, terms))
        {
            return state.Terms;
        }

        lock (_changing)
        {
            State made = Make(terms, _state);
            Volatile.Write(ref _state, made with { Dropped = !_sources.IsShared ? [] : [.. _state.All.Concat(_state.Dropped).Where(x => !made.All.Contains(x))] });
        }

        return terms;
    }

    /// <summary>Sets aside in its meters, one after the other, up to the first that refuses.</summary>
    /// <param name="ask">What is asked of each.</param>
    /// <param name="held">Where it is noted, also what was set aside before one refused.</param>
    /// <param name="stuck">The meter that refused; null if none did.</param>
    internal Taking TryTake(in Ask ask, ref HeldList held, out Meter? stuck)
    {
        State state = Volatile.Read(ref _state);
        int first = held.Count;
        held.Reserve(state.All.Length);
        Taking taking;
        bool low = false;
        lock (_gate)
        {
            taking = TryTakeLocked(state, ask, ref held, out stuck);
            if (_sources.IsShared)
            {
                foreach (Held one in held[first..])
                {
                    low |= IsAsked(one, ask) && one.Meter.IsLowLocked;
                }
            }
        }

        if (low)
        {
            // Not under the lock: who is asked for more may ask other meters to give back.
            foreach (Held one in held[first..])
            {
                if (IsAsked(one, ask))
                {
                    one.Meter.TopUp();
                }
            }
        }

        return taking;
    }

    /// <summary>Takes back what was set aside in its meters, or in those it had then, and books what was used.</summary>
    /// <param name="held">What was set aside.</param>
    /// <param name="actual">What was used.</param>
    internal void Settle(ReadOnlySpan<Held> held, in Actual actual)
    {
        List<SoftLimitPassed>? passed = null;
        decimal usd = Scope.Kind == ScopeKind.Model ? actual.Upstream : actual.Billed;
        lock (_gate)
        {
            foreach (ref readonly Held one in held)
            {
                if (SettleLocked(one, usd, actual) is { } soft)
                {
                    (passed ??= []).Add(soft);
                }
            }
        }

        passed?.ForEach(_sources.Soft);
    }

    /// <summary>Tells how its limits stand, where they are tighter than what was told by others.</summary>
    internal void Tell(ref CallerLimits limits, long now)
    {
        State state = Volatile.Read(ref _state);
        bool key = Scope is { Kind: ScopeKind.Key, Model: null };
        lock (_gate)
        {
            if (key && limits.KeySpend is null && state.Budgets is [var first, ..])
            {
                limits.SetKeyBudget(first.ReadLocked(now));
            }

            if (state.Rpm is { } rpm)
            {
                limits.AddRequests(rpm.LeftLocked(now), rpm.EndsAt - now, key);
            }

            if (state.Tpm is { } tpm)
            {
                limits.AddTokens(tpm.LeftLocked(now), tpm.EndsAt - now, key);
            }
        }
    }

    /// <summary>Lets go of meters its terms no longer have, once no call stands in them: what they leased goes back.</summary>
    /// <param name="now">Seconds since 1970.</param>
    internal void Tidy(long now)
    {
        if (Volatile.Read(ref _state).Dropped.IsEmpty)
        {
            return;
        }

        lock (_changing)
        {
            var kept = ImmutableArray.CreateBuilder<Meter>();
            foreach (Meter meter in _state.Dropped)
            {
                meter.GiveBack();
                if (!meter.IsIdleSince(now))
                {
                    kept.Add(meter);
                }
            }

            Volatile.Write(ref _state, _state with { Dropped = kept.ToImmutable() });
        }
    }

    internal bool IsIdleSince(long moment)
    {
        foreach (Meter meter in Kept)
        {
            if (!meter.IsIdleSince(moment))
            {
                return false;
            }
        }

        return true;
    }

    internal long LastUse
    {
        get
        {
            long last = 0;
            foreach (Meter meter in Meters)
            {
                last = Math.Max(last, meter.LastUse);
            }

            return last;
        }
    }

    /// <summary>By value: each key makes its own copy of its team's terms.</summary>
    private static bool Same(ScopeTerms a, ScopeTerms b)
    {
        if (a.Rpm != b.Rpm || a.Tpm != b.Tpm || a.Parallel != b.Parallel || a.Budgets.Length != b.Budgets.Length)
        {
            return false;
        }

        for (int i = 0; i < a.Budgets.Length; i++)
        {
            if (a.Budgets[i] != b.Budgets[i])
            {
                return false;
            }
        }

        return true;
    }

    private static Taking TryTakeLocked(State state, in Ask ask, ref HeldList held, out Meter? stuck)
    {
        foreach (CountingMeter<decimal> budget in state.Budgets)
        {
            // What is free may still fall back on a model that costs.
            long stamp = 0;
            Taking taking = ask.Free ? Taking.Taken : budget.TryReserveLocked(ask.Usd, ask.Now, !ask.Settings.BudgetsFailClosed, out stamp);
            if (taking != Taking.Taken)
            {
                stuck = budget;
                return taking;
            }

            held.Add(budget, ask.Free ? budget.JoinLocked(ask.Now) : stamp);
        }

        foreach (CountingMeter<long> limit in state.Limits)
        {
            long pieces = limit.Unit == MeterUnit.Tokens ? limit.BoundedLocked(ask.Tokens) : 1;
            Taking taking = limit.TryReserveLocked(pieces, ask.Now, !ask.Settings.RatesFailClosed, out long stamp);
            if (taking != Taking.Taken)
            {
                stuck = limit;
                return taking;
            }

            held.Add(limit, stamp, pieces);
        }

        stuck = null;
        return Taking.Taken;
    }

    private static bool IsAsked(in Held one, in Ask ask) => !ask.Free || one.Meter.Unit != MeterUnit.Usd;

    private static SoftLimitPassed? SettleLocked(in Held held, decimal usd, in Actual actual)
    {
        if (held.Meter is CountingMeter<decimal> budget)
        {
            return budget.SettleLocked(actual.Reserved, usd, actual.Now, held.Stamp);
        }

        long used = held.Meter.Unit switch { MeterUnit.Requests => actual.Requests, MeterUnit.Tokens => actual.Tokens, _ => 0 };
        return ((CountingMeter<long>)held.Meter).SettleLocked(held.Pieces, used, actual.Now, held.Stamp);
    }

    private State Make(ScopeTerms terms, State? before)
    {
        var budgets = ImmutableArray.CreateBuilder<CountingMeter<decimal>>(terms.Budgets.Length);
        foreach (BudgetTerms budget in terms.Budgets)
        {
            budgets.Add(Budget(budget, before, budgets));
        }

        CountingMeter<long>? rpm = Count(MeterUnit.Requests, BudgetWindow.Minute, terms.Rpm, before?.Rpm);
        CountingMeter<long>? tpm = Count(MeterUnit.Tokens, BudgetWindow.Minute, terms.Tpm, before?.Tpm);
        CountingMeter<long>? slots = Count(MeterUnit.Slots, null, terms.Parallel, before?.Slots);
        return new State(terms, budgets.ToImmutable(), rpm, tpm, slots);
    }

    private CountingMeter<decimal> Budget(BudgetTerms terms, State? before, ImmutableArray<CountingMeter<decimal>>.Builder taken)
    {
        foreach (CountingMeter<decimal> known in before?.Budgets ?? [])
        {
            if (known.Window == terms.Window && !taken.Contains(known))
            {
                known.Limit(terms.Limit, terms.SoftLimit);
                return known;
            }
        }

        var meter = new CountingMeter<decimal>(Scope, MeterUnit.Usd, terms.Window, terms.Limit, terms.SoftLimit, _sources, _gate);
        _ = meter.LearnAsync();
        return meter;
    }

    private CountingMeter<long>? Count(MeterUnit unit, BudgetWindow? window, long? limit, CountingMeter<long>? known)
    {
        if (limit is null)
        {
            return null;
        }

        known?.Limit(limit, null);
        return known ?? new CountingMeter<long>(Scope, unit, window, limit, null, _sources, _gate);
    }

    private sealed record State(ScopeTerms Terms, ImmutableArray<CountingMeter<decimal>> Budgets, CountingMeter<long>? Rpm, CountingMeter<long>? Tpm, CountingMeter<long>? Slots)
    {
        public ImmutableArray<Meter> Dropped { get; init; } = [];

        public ImmutableArray<CountingMeter<long>> Limits { get; } = [.. new[] { Rpm, Tpm, Slots }.OfType<CountingMeter<long>>()];

        public ImmutableArray<Meter> All { get; } = [.. Budgets, .. new Meter?[] { Rpm, Tpm, Slots }.OfType<Meter>()];
    }
}
