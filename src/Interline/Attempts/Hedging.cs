using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>How the calls of a group are hedged.</summary>
/// <param name="Settings">The settings.</param>
/// <param name="Quota">How many were; outlives reloads of the configuration.</param>
internal sealed record GroupHedging(HedgingSettings Settings, HedgeQuota Quota);

/// <summary>What came of an attempt that may have been hedged.</summary>
/// <param name="Error">As from <see cref="Attempt.RunAsync"/>.</param>
/// <param name="Leg">Whose outcome it is.</param>
/// <param name="First">The attempt that was made first.</param>
internal readonly record struct HedgeOutcome(ApiError? Error, HedgeLeg Leg, HedgeLeg First);

/// <summary>
/// Makes an attempt, and if that has no answer by the time its deployment's answers have mostly begun, a second one on another deployment of the group. Never more than two, and
/// the second only within the group's quota and the call's budgets.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="raise">Sets aside what a second attempt can cost beside the first.</param>
/// <param name="refuses">Why a deployment cannot be asked at all; null if it can.</param>
/// <param name="report">Told how an attempt went that another has carried: for its deployment's health.</param>
internal sealed class Hedging(
    TimeProvider time,
    Func<Call, CallableGroup, Callable, Callable, CancellationToken, ValueTask<ApiError?>> raise,
    Func<Call, CallableGroup, Callable, ApiError?> refuses,
    Action<HedgeLeg, CallableGroup, ApiError?> report)
{
    /// <summary>Whether a call is hedged: a conversation, in a group that says so, of which nothing has gone to the client.</summary>
    public static bool Wanted(Call call, CallableGroup group) => group.Hedging is not null && call.FirstByteTimestamp == 0 && call.Carried is null && call.Lane is { Conversation: not null, CountsTokens: false };

    /// <summary>Makes the attempt, or two.</summary>
    /// <param name="call">The call; its walk's trace is there.</param>
    /// <param name="group">The group it is in.</param>
    /// <param name="walk">Its walk.</param>
    /// <param name="index">Index of the deployment to ask first; begun.</param>
    /// <param name="probe">Whether that tries it after a cooldown.</param>
    /// <param name="hasOther">Whether somebody else would be asked if that were not answered in time.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    public async ValueTask<HedgeOutcome> RunAsync(Call call, CallableGroup group, RouteWalk walk, int index, bool probe, bool hasOther, IAnswerSink sink, CancellationToken aborted)
    {
        GroupHedging settings = group.Hedging!;
        settings.Quota.Call(Minute());
        var hedge = new Hedge(call, time);
        Callable target = group.Callables[index];
        var first = new HedgeLeg(hedge, call, target, index, sink, aborted) { IsProbe = probe, StartedAt = time.GetTimestamp() };
        hedge.TryAdd(first);
        HedgeLeg? second = null;
        AttemptBudgets held = default;
        Task<ApiError?>? running = null;
        try
        {
            running = Attempt.RunAsync(first.Call, target, hasOther, first, time, first.Cancel.Token).AsTask();
            if (target.Health.Times(call.Facts.Stream).Quantile(settings.Settings.Quantile) is { } slow && await IsSlowAsync(hedge, running, slow).ConfigureAwait(false))
            {
                (second, held) = await ChooseAsync(hedge, group, walk, first, running, sink, aborted).ConfigureAwait(false);
            }

            if (second is null)
            {
                ApiError? error = await running.ConfigureAwait(false);
                Learn(hedge, first, error);
                hedge.Finish(first);
                return new(error, first, first);
            }

            Task<ApiError?> other = Attempt.RunAsync(second.Call, second.Target, hasOther, second, time, second.Cancel.Token).AsTask();
            return await BothAsync(hedge, group, walk, (first, running), (second, other)).ConfigureAwait(false);
        }
        catch when (second is null && running is { IsCompleted: false })
        {
            // A bug of ours: nobody would wait for what is under way.
            await first.Cancel.CancelAsync().ConfigureAwait(false);
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        finally
        {
            held.Settle(second?.Call.Cost ?? 0, time);
            first.Cancel.Dispose();
            second?.Cancel.Dispose();
        }
    }

    /// <summary>Waits for both: whoever begins an answer has the call, whoever fails before leaves it to the other.</summary>
    private async ValueTask<HedgeOutcome> BothAsync(Hedge hedge, CallableGroup group, RouteWalk walk, (HedgeLeg Leg, Task<ApiError?> Run) first, (HedgeLeg Leg, Task<ApiError?> Run) second)
    {
        try
        {
            Task<ApiError?> done = await Task.WhenAny(first.Run, second.Run, BegunAsync(hedge)).ConfigureAwait(false);
            bool firstLeaves = hedge.Winner is { } winner ? winner == second.Leg : done == first.Run;
            (HedgeLeg leaving, Task<ApiError?> leave) = firstLeaves ? first : second;
            (HedgeLeg staying, Task<ApiError?> stay) = firstLeaves ? second : first;
            ApiError? left = await leave.ConfigureAwait(false);
            Learn(hedge, leaving, left);
            left = left?.Kind == ErrorKind.ClientGone || leaving.Call.FirstByteTimestamp != 0 ? null : left;
            hedge.Left(leaving, left);
            walk.LegFailed(leaving.Index, left?.Kind ?? ErrorKind.ClientGone);
            hedge.Call.Trace?.Leg(leaving.Index, left, firstLeaves ? HedgeMark.FirstLeft : HedgeMark.SecondLeft);
            report(leaving, group, left ?? HedgeLeg.GaveWay);
            ApiError? error = await stay.ConfigureAwait(false);
            Learn(hedge, staying, error);
            hedge.Finish(staying);
            if (staying == second.Leg && error is null)
            {
                staying.Target.Health.HedgeWon();
            }

            return new(error, staying, first.Leg);
        }
        catch
        {
            // A bug of ours in one of the two: the other must not go on, and the second is nobody else's to end.
            await first.Leg.Cancel.CancelAsync().ConfigureAwait(false);
            await second.Leg.Cancel.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(first.Run, second.Run)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            second.Leg.Target.Health.Ended(second.Leg.IsProbe);
            throw;
        }
    }

    private static async Task CancelAfterAsync(Task settled, CancellationTokenSource over)
    {
        await settled.ConfigureAwait(false);
        try
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits for room any more.
        }
    }

    private static async Task<ApiError?> BegunAsync(Hedge hedge)
    {
        await hedge.Begun.ConfigureAwait(false);
        return null;
    }

    /// <summary>Waits until the answer begins, the attempt ends, or it is slow.</summary>
    private async ValueTask<bool> IsSlowAsync(Hedge hedge, Task running, TimeSpan slow)
    {
        if (running.IsCompleted)
        {
            return false;
        }

        using var stop = new CancellationTokenSource();
        Task delay = Task.Delay(slow, time, stop.Token);
        await Task.WhenAny(running, hedge.Begun, delay).ConfigureAwait(false);
        bool isSlow = delay.IsCompleted && !running.IsCompleted && hedge.Winner is null;
        await stop.CancelAsync().ConfigureAwait(false);
        return isSlow;
    }

    private async ValueTask<(HedgeLeg? Leg, AttemptBudgets Held)> ChooseAsync(Hedge hedge, CallableGroup group, RouteWalk walk, HedgeLeg first, Task running, IAnswerSink sink, CancellationToken aborted)
    {
        GroupHedging settings = group.Hedging!;
        long minute = Minute();
        if (!settings.Quota.TryTake(minute, settings.Settings.MaxShare))
        {
            return default;
        }

        int index = walk.Second();
        if (index < 0)
        {
            settings.Quota.GiveBack(minute);
            hedge.Call.Trace?.Hedged(Exclusion.Tried);
            return default;
        }

        // Room in a budget may have to be waited for; not once the first has answered or failed.
        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        _ = CancelAfterAsync(Task.WhenAny(running, hedge.Begun), over);
        (HedgeLeg? leg, AttemptBudgets held, Exclusion why) = await TryAsync(hedge, group, index, first, sink, over.Token, aborted).ConfigureAwait(false);
        hedge.Call.Trace?.Hedged(why);
        if (leg is null)
        {
            walk.SecondFull(index, why);
            settings.Quota.GiveBack(minute);
            return default;
        }

        hedge.Call.Attempts++;
        leg.Target.Health.Hedged();
        return (leg, held);
    }

    /// <summary>Sets aside what the second attempt can cost, and begins it; or says why it cannot be made.</summary>
    private async ValueTask<(HedgeLeg? Leg, AttemptBudgets Held, Exclusion Why)> TryAsync(Hedge hedge, CallableGroup group, int index, HedgeLeg first, IAnswerSink sink, CancellationToken over, CancellationToken aborted)
    {
        Call call = hedge.Call;
        Callable target = group.Callables[index];
        if (refuses(call, group, target) is not null)
        {
            return (null, default, Exclusion.Barred);
        }

        if (await raise(call, group, target, first.Target, over).ConfigureAwait(false) is not null)
        {
            return (null, default, Exclusion.Budget);
        }

        AttemptBudgets held = target.Budgets.IsEmpty ? default : await AttemptBudgets.TakeAsync(call, target, time, over).ConfigureAwait(false);
        if (!target.Budgets.IsEmpty && !held.IsTaken)
        {
            return (null, default, Exclusion.Budget);
        }

        RoutePlan plan = group.Plan;
        Exclusion full = target.Health.TryBegin(plan.CountsRequests ? target.Deployment.Rpm : null, plan.ParallelLimit(target.Deployment), time, force: false, out bool probe);
        if (full != Exclusion.None)
        {
            held.Settle(0, time);
            return (null, default, full);
        }

        var leg = new HedgeLeg(hedge, call, target, index, sink, aborted) { IsProbe = probe, StartedAt = time.GetTimestamp() };
        if (hedge.TryAdd(leg))
        {
            return (leg, held, Exclusion.None);
        }

        target.Health.Ended(probe);
        held.Settle(0, time);
        leg.Cancel.Dispose();
        return (null, default, Exclusion.Busy);
    }

    /// <summary>Notes how long an answer took to begin; of one that gave way, how long it was waited for: else the slow would never be seen, and what is slow would become ever less.</summary>
    private void Learn(Hedge hedge, HedgeLeg leg, ApiError? error)
    {
        bool gaveWay = hedge.Winner is { } winner && winner != leg && error?.Kind == ErrorKind.ClientGone;
        if (leg.Call.FirstByteTimestamp != 0 || gaveWay || error?.Kind == ErrorKind.Timeout)
        {
            long end = leg.Call.FirstByteTimestamp != 0 ? leg.Call.FirstByteTimestamp : time.GetTimestamp();
            leg.Target.Health.Times(leg.Call.Facts.Stream).Add(time.GetElapsedTime(leg.StartedAt, end));
        }
    }

    private long Minute() => time.GetTimestamp() / (60 * time.TimestampFrequency);
}
