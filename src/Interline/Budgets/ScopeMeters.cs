using System.Collections.Immutable;
using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>The meters of one scope on this node. Thread-safe.</summary>
public sealed class ScopeMeters
{
    private readonly Lock _lock = new();
    private readonly MeterSources _sources;
    private State _state;

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

    /// <summary>How it stands: one reading for each budget and limit.</summary>
    public ImmutableArray<MeterReading> Read()
    {
        long now = _sources.Now;
        return [.. Meters.Select(x => x.Read(now))];
    }

    /// <summary>Takes new terms; what was spent in windows that stay is kept.</summary>
    internal void Use(ScopeTerms terms)
    {
        State state = Volatile.Read(ref _state);
        if (ReferenceEquals(state.Terms, terms) || Same(state.Terms, terms))
        {
            return;
        }

        lock (_lock)
        {
            State made = Make(terms, _state);
            Volatile.Write(ref _state, made with { Dropped = !_sources.Leases.IsShared ? [] : [.. _state.All.Concat(_state.Dropped).Where(x => !made.All.Contains(x))] });
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

        lock (_lock)
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

        var meter = new CountingMeter<decimal>(Scope, MeterUnit.Usd, terms.Window, terms.Limit, terms.SoftLimit, _sources);
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
        return known ?? new CountingMeter<long>(Scope, unit, window, limit, null, _sources);
    }

    private sealed record State(ScopeTerms Terms, ImmutableArray<CountingMeter<decimal>> Budgets, CountingMeter<long>? Rpm, CountingMeter<long>? Tpm, CountingMeter<long>? Slots)
    {
        public ImmutableArray<Meter> Dropped { get; init; } = [];

        public ImmutableArray<Meter> All { get; } = [.. Budgets, .. new Meter?[] { Rpm, Tpm, Slots }.OfType<Meter>()];
    }
}
