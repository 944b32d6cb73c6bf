using Interline.Calls;
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

    /// <summary>Whether it is set aside.</summary>
    public readonly bool IsTaken => _held is not null;

    /// <summary>Sets aside in each budget, or in none. Waits, within limits, for what the budgets have spent before and for leases of them.</summary>
    public static async ValueTask<AttemptBudgets> TakeAsync(Call call, Callable target, TimeProvider time, CancellationToken cancel)
    {
        decimal worst = Admission.Usd(CallSizes.Of(call, target.Deployment, CallSizes.InputTokens(call), null), call, target.Deployment) ?? 0;
        AttemptBudgets all = new() { _held = new (CountingMeter<decimal>, decimal, long)[target.Budgets.Length] };
        foreach (CountingMeter<decimal> budget in target.Budgets)
        {
            (bool taken, decimal usd, long stamp) = await TakeAsync(budget, worst, call.Snapshot.Terms.Settings, time, cancel).ConfigureAwait(false);
            if (!taken)
            {
                all.Settle(0, time);
                return default;
            }

            all._held[all._count++] = (budget, usd, stamp);
        }

        return all;
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

    /// <summary>What was leased for one attempt another may take first, so it is asked for until time is up; only a source that has nothing left ends it sooner.</summary>
    private static async ValueTask<(bool Taken, decimal Usd, long Stamp)> TakeAsync(CountingMeter<decimal> budget, decimal worst, BudgetSettings settings, TimeProvider time, CancellationToken cancel)
    {
        long start = time.GetTimestamp();
        bool inTime = true;
        while (true)
        {
            Taking taking = budget.TryReserveUpTo(worst, time.GetUtcNow().ToUnixTimeSeconds(), !settings.BudgetsFailClosed, out decimal usd, out long stamp);
            if (taking is not (Taking.Unread or Taking.Short) || !inTime || cancel.IsCancellationRequested)
            {
                return (taking == Taking.Taken, usd, stamp);
            }

            TimeSpan waited = time.GetElapsedTime(start);
            if (taking == Taking.Unread)
            {
                await Admission.LearnAsync(budget, settings.HistoryWait - waited, cancel).ConfigureAwait(false);
            }
            else if (!await Admission.FillAsync(budget, usd, settings.LeaseWait - waited, cancel).ConfigureAwait(false))
            {
                inTime = false;
                budget.GiveUpFilling(settings.LeaseWait);
            }
        }
    }
}
