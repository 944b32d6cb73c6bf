using Interline.Core.Budgets;
using Interline.Core.Configuration;

namespace Interline.Budgets;

/// <summary>What is set aside for one call in all of its scopes. Settled or released exactly once, whatever way the call ends; the second time does nothing.</summary>
public sealed class Reservation : IDisposable
{
    private readonly Admission _admission;
    private Part[] _parts = new Part[4];
    private HeldList _held;
    private int _count;
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

    /// <inheritdoc />
    public void Dispose() => Settle(0, 0, 0, asked: false);

    /// <summary>Whether scopes were added that nothing is set aside in yet.</summary>
    internal bool HasNew => _count > _taken;

    /// <summary>Forgets scopes that were added and have refused.</summary>
    internal void Forget() => _count = _taken;

    internal void Add(ScopeMeters scope)
    {
        for (int i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_parts[i].Scope, scope))
            {
                return;
            }
        }

        if (_count == _parts.Length)
        {
            Array.Resize(ref _parts, _count * 2);
        }

        _parts[_count++] = new Part(scope, 0);
        ScopeTerms terms = scope.Terms;
        HasTokens |= terms.Tpm is not null;
        foreach (BudgetTerms budget in terms.Budgets)
        {
            HasBudget = true;
            HasHardBudget |= budget.Limit is not null;
        }
    }

    /// <summary>How the caller's limits stand, the tightest of its scopes for each.</summary>
    public CallerLimits Limits()
    {
        long now = _admission.Now;
        CallerLimits limits = default;
        for (int i = 0; i < _count; i++)
        {
            _parts[i].Scope.Tell(ref limits, now);
        }

        return limits;
    }

    /// <summary>Sets aside in every meter of the scopes added since the last time, or in none of them.</summary>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="settings">What to do where it cannot be found out.</param>
    /// <param name="free">Whether dollars are left out.</param>
    /// <param name="stuck">The meter that refused; null if none did.</param>
    internal Taking TryTake(long now, BudgetSettings settings, bool free, out Meter? stuck)
    {
        var ask = new Ask(Usd, Tokens, free, now, settings);
        Reserve();
        for (int i = _taken; i < _count; i++)
        {
            ref Part part = ref _parts[i];
            Taking taking = part.Scope.TryTake(ask, ref _held, out stuck);
            part = part with { End = _held.Count };
            if (taking != Taking.Taken)
            {
                // The call may try again.
                Settle(_taken, i + 1, new Actual(Usd, 0, 0, 0, 0, now));
                _held.Cut(EndOf(_taken));
                return taking;
            }
        }

        _taken = _count;
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
        for (int i = 0; i < _held.Count; i++)
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

        Settle(0, _taken, new Actual(Usd, billed, upstream, tokens, asked ? 1 : 0, _admission.Now));
    }

    private void Settle(int from, int to, in Actual actual)
    {
        for (int i = from; i < to; i++)
        {
            _parts[i].Scope.Settle(_held[EndOf(i).._parts[i].End], actual);
        }
    }

    /// <summary>Where what is held in the scopes before one ends.</summary>
    private int EndOf(int part) => part == 0 ? 0 : _parts[part - 1].End;

    private void Reserve()
    {
        int meters = 0;
        for (int i = _taken; i < _count; i++)
        {
            meters += _parts[i].Scope.Meters.Length;
        }

        _held.Reserve(meters);
    }

    /// <summary>A scope, and where what is held in its meters ends.</summary>
    private readonly record struct Part(ScopeMeters Scope, int End);
}
