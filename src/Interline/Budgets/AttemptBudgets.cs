using System.Collections.Immutable;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Upstream;

namespace Interline.Budgets;

/// <summary>
/// What one attempt has set aside of its deployment's and its provider's budget: what is left, at most what it can cost. So the attempt that crosses a budget is its last, however
/// many are made at once.
/// </summary>
internal struct AttemptBudgets
{
    private (CountingMeter<decimal> Meter, decimal Usd, long Stamp)[]? _held;
    private int _count;

    /// <summary>Waits, within limits, for what the budgets have spent before and for leases of them.</summary>
    public static async ValueTask PrepareAsync(ImmutableArray<CountingMeter<decimal>> budgets, BudgetSettings settings, CancellationToken cancel)
    {
        foreach (CountingMeter<decimal> budget in budgets)
        {
            if (budget.NeedsWait && !await Waiting.InTimeAsync(budget.LearnAsync(), settings.HistoryWait, budget.Time, cancel).ConfigureAwait(false))
            {
                budget.GiveUpLearning();
            }

            if (budget.NeedsWait && !await Waiting.InTimeAsync(budget.FillAsync(), settings.LeaseWait, budget.Time, cancel).ConfigureAwait(false))
            {
                budget.GiveUpFilling(settings.LeaseWait);
            }
        }
    }

    /// <summary>Sets aside in each budget, or in none.</summary>
    public bool TryTake(Call call, Callable target, TimeProvider time)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        decimal worst = WorstCase.Usd(CallSizes.Of(call, target.Deployment, CallSizes.InputTokens(call), null), target.Deployment.Price) ?? 0;
        _held ??= new (CountingMeter<decimal>, decimal, long)[target.Budgets.Length];
        _count = 0;
        foreach (CountingMeter<decimal> budget in target.Budgets)
        {
            if (!budget.TryReserveUpTo(worst, now, out decimal usd, out long stamp))
            {
                Settle(0, time);
                return false;
            }

            if (_count == _held.Length)
            {
                Array.Resize(ref _held, _count + 1);
            }

            _held[_count++] = (budget, usd, stamp);
        }

        return true;
    }

    /// <summary>Books what the attempt cost instead; the second time does nothing.</summary>
    public void Settle(decimal cost, TimeProvider time)
    {
        if (_count == 0)
        {
            return;
        }

        long now = time.GetUtcNow().ToUnixTimeSeconds();
        for (int i = 0; i < _count; i++)
        {
            _held![i].Meter.Settle(_held[i].Usd, cost, now, _held[i].Stamp);
        }

        _count = 0;
    }
}
