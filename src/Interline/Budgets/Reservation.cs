using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>What is set aside for one call in all of its scopes. Settled or released exactly once, whatever way the call ends; the second time does nothing.</summary>
public sealed class Reservation : IDisposable
{
    private readonly Admission _admission;
    private ScopeMeters[] _scopes = new ScopeMeters[4];
    private Held[] _held = new Held[8];
    private int _scopeCount;
    private int _count;
    private int _scopesTaken;
    private int _taken;
    private int _settled;

    internal Reservation(Admission admission) => _admission = admission;

    /// <summary>USD set aside in each of its budgets; 0 if it has none, or costs nothing.</summary>
    public decimal Usd { get; internal set; }

    /// <summary>Tokens set aside in each of its limits that is not smaller.</summary>
    public long Tokens { get; internal set; }

    /// <summary>Most input tokens, as estimated.</summary>
    internal long InputTokens { get; set; }

    /// <summary>Whether a budget that can refuse is among its scopes.</summary>
    internal bool HasHardBudget { get; private set; }

    /// <summary>Whether dollars are counted at all.</summary>
    internal bool HasBudget { get; private set; }

    /// <summary>Whether tokens are limited.</summary>
    internal bool HasTokens { get; private set; }

    private ReadOnlySpan<ScopeMeters> Scopes => _scopes.AsSpan(0, _scopeCount);

    private ReadOnlySpan<Held> Entries => _held.AsSpan(0, _count);

    /// <inheritdoc />
    public void Dispose() => Settle(0, 0, 0, asked: false);

    /// <summary>Whether scopes were added that nothing is set aside in yet.</summary>
    internal bool HasNew => _scopeCount > _scopesTaken;

    /// <summary>Forgets scopes that were added and have refused.</summary>
    internal void Forget() => _scopeCount = _scopesTaken;

    internal void Add(ScopeMeters scope)
    {
        foreach (ScopeMeters known in Scopes)
        {
            if (ReferenceEquals(known, scope))
            {
                return;
            }
        }

        if (_scopeCount == _scopes.Length)
        {
            Array.Resize(ref _scopes, _scopeCount * 2);
        }

        _scopes[_scopeCount++] = scope;
        ScopeTerms terms = scope.Terms;
        HasTokens |= terms.Tpm is not null;
        foreach (BudgetTerms budget in terms.Budgets)
        {
            HasBudget = true;
            HasHardBudget |= budget.Limit is not null;
        }
    }

    /// <summary>How the caller's limits stand, the tightest of its scopes for each.</summary>
    public CallerLimits Limits() => CallerLimits.Of(Scopes, _admission.Now);

    /// <summary>Sets aside in every meter of the scopes added since the last time, or in none of them.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="settings">What to do where it cannot be found out.</param>
    /// <param name="free">Whether dollars are left out.</param>
    /// <param name="stuck">The meter that refused; null if none did.</param>
    internal Taking TryTake(long now, Core.Configuration.BudgetSettings settings, bool free, out Meter? stuck)
    {
        for (int i = _scopesTaken; i < _scopeCount; i++)
        {
            foreach (Meter meter in _scopes[i].Meters)
            {
                Taking taking = Take(meter, now, settings, free);
                if (taking != Taking.Taken)
                {
                    GiveUp(now);
                    stuck = meter;
                    return taking;
                }
            }
        }

        (_scopesTaken, _taken) = (_scopeCount, _count);
        stuck = null;
        return Taking.Taken;
    }

    /// <summary>What a meter is asked for.</summary>
    internal long Pieces(Meter meter) => meter.Unit == MeterUnit.Tokens ? Math.Max(1, Math.Min(Tokens, ((CountingMeter<long>)meter).Most)) : 1;

    /// <summary>Sets more aside in each of its budgets, or in none.</summary>
    /// <param name="more">USD, above 0.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="open">Whether to let it pass where it cannot be found out whether there is room.</param>
    /// <param name="stuck">The budget that refused; null if none did.</param>
    internal Taking TryRaise(decimal more, long now, bool open, out CountingMeter<decimal>? stuck)
    {
        for (int i = 0; i < _count; i++)
        {
            if (_held[i].Meter is not CountingMeter<decimal> budget || budget.TryRaise(more, now, _held[i].Stamp, open) is not (var taking and not Taking.Taken))
            {
                continue;
            }

            for (int before = 0; before < i; before++)
            {
                (_held[before].Meter as CountingMeter<decimal>)?.Settle(more, 0, now, _held[before].Stamp);
            }

            stuck = budget;
            return taking;
        }

        Usd += more;
        stuck = null;
        return Taking.Taken;
    }

    internal void Settle(decimal billed, decimal upstream, long tokens, bool asked)
    {
        if (Interlocked.Exchange(ref _settled, 1) != 0)
        {
            return;
        }

        long now = _admission.Now;
        foreach (ref readonly Held held in Entries)
        {
            Settle(held, held.Meter.Scope.Kind == ScopeKind.Model ? upstream : billed, tokens, asked ? 1 : 0, now);
        }
    }

    private void Settle(in Held held, decimal usd, long tokens, long requests, long now)
    {
        if (held.Meter is CountingMeter<decimal> budget)
        {
            budget.Settle(Usd, usd, now, held.Stamp);
            return;
        }

        long used = held.Meter.Unit switch { MeterUnit.Requests => requests, MeterUnit.Tokens => tokens, _ => 0 };
        ((CountingMeter<long>)held.Meter).Settle(held.Pieces, used, now, held.Stamp);
    }

    private Taking Take(Meter meter, long now, Core.Configuration.BudgetSettings settings, bool free)
    {
        long stamp;
        Taking taking;
        if (meter is CountingMeter<decimal> budget)
        {
            if (free)
            {
                // It may still fall back on a model that costs.
                Keep(new Held(meter, budget.Join(now), 0));
                return Taking.Taken;
            }

            taking = budget.TryReserve(Usd, now, !settings.BudgetsFailClosed, out stamp);
            if (taking == Taking.Taken)
            {
                Keep(new Held(meter, stamp, 0));
            }

            return taking;
        }

        long pieces = Pieces(meter);
        taking = ((CountingMeter<long>)meter).TryReserve(pieces, now, !settings.RatesFailClosed, out stamp);
        if (taking == Taking.Taken)
        {
            Keep(new Held(meter, stamp, pieces));
        }

        return taking;
    }

    private void Keep(in Held held)
    {
        if (_count == _held.Length)
        {
            Array.Resize(ref _held, _count * 2);
        }

        _held[_count++] = held;
    }

    /// <summary>Gives back what was taken before one refused; the call may try again.</summary>
    private void GiveUp(long now)
    {
        foreach (ref readonly Held held in Entries[_taken..])
        {
            Settle(held, 0, 0, 0, now);
        }

        _count = _taken;
    }

    private readonly record struct Held(Meter Meter, long Stamp, long Pieces);
}
