using System.Runtime.CompilerServices;
using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Health;
using Interline.Protocols.Errors;
using Interline.Queues;
using Interline.Recovery;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>Carries a call from its group to an answer: attempts, retries, fallback groups, until an answer is committed to or nobody is left.</summary>
public sealed class Dispatcher
{
    private static readonly ApiError Gone = new(ErrorKind.ClientGone, 499, "The client closed the connection.");

    private readonly TimeProvider _time;
    private readonly DecisionLog _decisions;
    private readonly Admission _admission;
    private readonly Action<Call> _raised;
    private readonly Hedging _hedging;

    /// <summary>A dispatcher.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="decisions">Where the inputs of decisions are kept.</param>
    /// <param name="admission">Budgets and limits of callers.</param>
    /// <param name="raised">Told when more was set aside for a call; must not block.</param>
    internal Dispatcher(TimeProvider time, DecisionLog decisions, Admission admission, Action<Call> raised)
    {
        _admission = admission;
        _raised = raised;
        _time = time;
        _decisions = decisions;
        _hedging = new Hedging(time, RaiseAsync, Foreign, (leg, group, error) => Report(leg.Call, group, leg.Target, error, time.GetElapsedTime(0, leg.Call.UpstreamTicks), leg.IsProbe));
    }

    /// <summary>Told of each deployment that begins to cool: its id and its state; must not block.</summary>
    internal Action<string, HealthReading>? Cooled { get; set; }

    /// <summary>Carries a call.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sink">Where the answer goes.</param>
    /// <param name="aborted">Cancelled when the client leaves.</param>
    /// <returns>Null once an answer was committed to, whole or broken off (<see cref="Call.Error"/>); else the error to give, and nothing has gone to the client.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ApiError?> RunAsync(Call call, IAnswerSink sink, CancellationToken aborted)
    {
        var route = new CallRoute(call, _time, _decisions);
        ApiError? last = null;
        ApiError? refusal = null;
        while (true)
        {
            ErrorKind? ended = null;
            if (call.Ticket is null && route.Group.Queue is { } queue)
            {
                call.Ticket = new QueueTicket(queue, route.Group.Limit!, route.Group.Group.Name, _time);
                if (await call.Ticket.EnterAsync(aborted, call.Stop).ConfigureAwait(false) is { } refused)
                {
                    if (IsOver(call, refused))
                    {
                        return await EndAsync(call, sink, refused).ConfigureAwait(false);
                    }

                    route.Refused(call.Ticket, refused.Kind);
                    refusal ??= refused;
                    ended = refused.Kind;
                }
            }

            RouteStep step = ended is null ? route.Enter(call.Ticket) : RouteStep.End;
            if (ended is null && call.Fallbacks == 0 && Mock.Wanted(call.Options))
            {
                last = await Mock.RunAsync(call, sink, _time, aborted).ConfigureAwait(false);
                if (last is null or { Kind: ErrorKind.ClientGone })
                {
                    return last;
                }

                (ended, step) = (last.Kind, RouteStep.End);
            }

            while (step.Index >= 0)
            {
                if (step.Wait > TimeSpan.Zero && !await WaitAsync(step.Wait, call, aborted).ConfigureAwait(false))
                {
                    return await EndAsync(call, sink, aborted.IsCancellationRequested ? Gone : GatewayEnds.Error).ConfigureAwait(false);
                }

                Callable target = route.Group.Callables[step.Index];
                bool begun = false;
                bool second = false;
                ApiError? error = Foreign(call, route.Group, target);
                if (error is null && (call.Attempts > 0 || !ReferenceEquals(route.Group, call.Group) || Mock.Wanted(call.Options)))
                {
                    // Not what was reckoned with when the call was let in. Whether anybody was asked before does not matter: a group can be passed over whole.
                    error = await RaiseAsync(call, route.Group, target, aborted).ConfigureAwait(false);
                }

                if (error is null)
                {
                    if (!target.Budgets.IsEmpty)
                    {
                        route.Hold(await AttemptBudgets.TakeAsync(call, target, _time, aborted).ConfigureAwait(false));
                    }

                    if (!route.TryBegin(target, out Exclusion full))
                    {
                        step = route.Full(full);
                        continue;
                    }

                    call.Ticket?.Began();
                    call.Served = target;
                    call.Attempts++;
                    long waited = call.UpstreamTicks;
                    bool hasOther = call.Facts.Stream && route.HasOther();
                    bool probe = route.IsProbe;
                    decimal? cost;
                    try
                    {
                        if (Hedging.Wanted(call, route.Group) && route.Walk is { } walk)
                        {
                            HedgeOutcome came = await _hedging.RunAsync(call, route.Group, walk, step.Index, probe, hasOther, sink, aborted).ConfigureAwait(false);
                            (error, second, cost) = (came.Error, came.Leg != came.First, came.First.Call.Cost);
                            if (second)
                            {
                                (target, probe, step) = (came.Leg.Target, came.Leg.IsProbe, new RouteStep(came.Leg.Index, default));

                                // What it took itself, not since the first was asked.
                                waited = call.UpstreamTicks - came.Leg.Call.UpstreamTicks;
                            }
                        }
                        else
                        {
                            error = await Attempt.RunAsync(call, target, hasOther, sink, _time, aborted).ConfigureAwait(false);
                            if (error is not null && call.Carried?.IsRefused(error, target) == true)
                            {
                                // The beginning of the answer was refused, which is no fault of the caller's request: the whole answer is asked for.
                                call.AddFailure(target.Deployment, error);
                                call.Attempts++;
                                error = await Attempt.RunAsync(call, target, hasOther, sink, _time, aborted).ConfigureAwait(false);
                            }

                            cost = call.Cost;
                        }

                        begun = error is not null && ReferenceEquals(call.Carried?.Broken, error);
                    }
                    catch
                    {
                        // A bug of ours: nothing is known of the deployment, and it must not count as in flight for ever.
                        target.Health.Ended(route.IsProbe);
                        route.Settle(call.Cost);
                        throw;
                    }

                    route.Settle(cost);

                    Report(call, route.Group, target, error ?? call.Error, _time.GetElapsedTime(waited, call.UpstreamTicks), probe);
                    if (error is null)
                    {
                        route.Answered(step, second);
                        return null;
                    }

                    call.Ticket?.Queue.PlaceFreed();
                }

                if (call.Stop.IsCancellationRequested)
                {
                    return await EndAsync(call, sink, error).ConfigureAwait(false);
                }

                // What a provider said is the better answer than that another could not be asked.
                last = error.Kind == ErrorKind.Unsupported || error.Limit is not null ? last ?? error : error;
                step = route.After(step, error, begun, second, out NextMove move);
                if (move == NextMove.Stop)
                {
                    return await EndAsync(call, sink, last).ConfigureAwait(false);
                }

                ended = error.Kind;
                call.AddFailure(target.Deployment, error, begun);
                if (move != NextMove.NextGroup)
                {
                    call.Retries++;
                }
            }

            if (ended is null && call.Ticket is not null && route.IsBusy)
            {
                if (await call.Ticket.WaitForPlaceAsync(aborted, call.Stop).ConfigureAwait(false) is not { } full)
                {
                    continue;
                }

                if (IsOver(call, full))
                {
                    return await EndAsync(call, sink, full).ConfigureAwait(false);
                }

                route.Refused(call.Ticket, full.Kind);
                refusal ??= full;
                ended = full.Kind;
            }

            if (ended is null)
            {
                ApiError nobody = route.Refusal();
                refusal ??= nobody;
                ended = nobody.Kind;
            }

            if (!route.NextGroup(ended.Value))
            {
                // A group of which nobody was asked has nothing to say that one before it has not said better.
                return await EndAsync(call, sink, last ?? refusal!).ConfigureAwait(false);
            }

            call.Fallbacks++;
            call.Ticket?.Leave();
            call.Ticket = null;
        }
    }

    /// <summary>Nobody is asked any more. Where an answer that has broken off would have been carried on, its client learns it there.</summary>
    private static ValueTask<ApiError?> EndAsync(Call call, IAnswerSink sink, ApiError last) => call.Carried is null ? new(last) : BreakOffAsync(call, sink, last);

    /// <summary>Tells the client that its answer goes no further, in the answer itself.</summary>
    private static async ValueTask<ApiError?> BreakOffAsync(Call call, IAnswerSink sink, ApiError last)
    {
        using CarriedStream carried = call.Carried!;
        call.Error = carried.Failure(last);
        call.Settlement?.Book(call);
        if (call.Error.Kind != ErrorKind.ClientGone)
        {
            carried.Fail(call.Error, sink.Body);
            await sink.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Whether nobody waits for the call any longer.</summary>
    private static bool IsOver(Call call, ApiError error) => error.Kind == ErrorKind.ClientGone || call.Stop.IsCancellationRequested;

    private static ApiError? Foreign(Call call, CallableGroup group, Callable target) =>
        target.Deployment.Missing is { } missing ? new(ErrorKind.Unsupported, 501, $"`{group.Group.Name}` cannot be called as it is configured: {missing}.")
        : target.Speaks(call.Lane.Wire) || AttemptTranslation.IsPossible(call.Lane, target.Deployment.Provider.Wire) ? null : new(
            ErrorKind.Unsupported,
            501,
            $"`{group.Group.Name}` is served by {target.Deployment.Provider.Id}, which speaks the wire format `{target.Deployment.Provider.Wire}`. This version does not translate {call.Lane.Name} into it.");

    private ValueTask<ApiError?> RaiseAsync(Call call, CallableGroup group, Callable target, CancellationToken aborted) => RaiseAsync(call, group, target, null, aborted);

    private async ValueTask<ApiError?> RaiseAsync(Call call, CallableGroup group, Callable target, Callable? underWay, CancellationToken aborted)
    {
        decimal? before = call.Reservation?.Usd;
        ApiError? error = await _admission.RaiseAsync(call, group, target, aborted, underWay).ConfigureAwait(false);
        if (call.Reservation?.Usd != before)
        {
            _raised(call);
        }

        return error;
    }

    private void Report(Call call, CallableGroup group, Callable target, ApiError? error, TimeSpan waited, bool probe)
    {
        RouterSettings settings = call.Snapshot.Snapshot.Router;
        MeasuredLatency? latency = group.Plan.MeasuresLatency && call.Carried is null ? new(waited, call.Facts.Stream, settings.StrategyArguments.MaxLatencyListSize) : null;
        if (error is null)
        {
            target.Health.Succeeded(_time, call.Usage, call.Cost, latency, probe);
        }
        else if (CooldownRules.Counts(error.Kind) && !call.Stop.IsCancellationRequested && call.Carried is not { IsDiverged: true })
        {
            int faults = error.IsOfHost ? target.Host.Fault(_time) : 0;
            if (target.Health.Failed(error, target.Deployment, group.Callables.Length == 1, settings, _time, error.Kind == ErrorKind.Timeout ? latency : null, probe, faults))
            {
                Cooled?.Invoke(target.Deployment.Id, target.Health.Read(_time));
            }

            if (faults > 0 || error.Kind == ErrorKind.QuotaExhausted)
            {
                target.Host.Spread(target.Deployment, error, faults, settings, _time, Cooled);
            }
        }
        else
        {
            if (CooldownRules.IsAnswer(error.Kind))
            {
                target.Health.Answers(_time.GetTimestamp());
            }

            target.Health.Ended(probe);
        }
    }

    private async ValueTask<bool> WaitAsync(TimeSpan wait, Call call, CancellationToken aborted)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, call.Stop);
        try
        {
            await Task.Delay(wait, _time, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
