using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Health;
using Interline.Protocols.Errors;
using Interline.Queues;
using Interline.Translation;
using Interline.Upstream;

namespace Interline.Attempts;

/// <summary>
/// The way of one call through groups and deployments: takes the health readings, lets the pure rules decide, and keeps what they decided from. A call of a group
/// with one deployment that goes well needs none of it and pays for none of it.
/// </summary>
internal struct CallRoute
{
    private readonly Call _call;
    private readonly TimeProvider _time;
    private readonly DecisionLog _decisions;
    private readonly FallbackChain? _chain;
    private RouteRequest _request;
    private RouteWalk? _walk;
    private HealthReading _only;
    private bool _entered;
    private int _visit;
    private AttemptBudgets _budgets;
    private bool _probe;

    public CallRoute(Call call, TimeProvider time, DecisionLog decisions)
    {
        _call = call;
        _time = time;
        _decisions = decisions;
        _chain = FallbackChain.Of(call.Group.Group.Name, call.Snapshot.Snapshot.Router, call.Options, call.Snapshot);
        Group = call.Group;
    }

    /// <summary>The group the call is in.</summary>
    public CallableGroup Group { get; private set; }

    /// <summary>Whether the attempt that was begun tries its deployment after a cooldown.</summary>
    public readonly bool IsProbe => _probe;

    /// <summary>The walk through the group; null where there was nothing to decide.</summary>
    public readonly RouteWalk? Walk => _entered ? _walk : null;

    /// <summary>Enters the group.</summary>
    /// <returns>The first step; <see cref="RouteStep.End"/> if none of its deployments can take the call.</returns>
    /// <param name="ticket">The call's stay in the group's queue; null if the group has none.</param>
    public RouteStep Enter(QueueTicket? ticket)
    {
        ticket?.Look();
        RoutePlan plan = Group.Plan;
        if (_visit == 0)
        {
            _request = RequestOf(_call, plan);
        }

        // Who is asked for by the id of a deployment is booked under its group, so what was decided has to be kept.
        if (ticket is { Place: > 0 })
        {
            RouteStep first = EnterWalk(alone: false);
            _call.Trace!.Queued(ticket.Queued, ticket.Place, null);
            return first;
        }

        if (Group.Callables.Length == 1 && _visit == 0 && ReferenceEquals(Group.Model, Group.Group.Name) && plan is { Checks: RouteChecks.None, NeedsFullReadings: false } && ReferenceEquals(_call.Options, CallerOptions.None))
        {
            _only = Group.Callables[0].Health.Read(_time);
            if (_only.IsAvailable && (!_only.Probing || _chain is null))
            {
                return new RouteStep(0, default);
            }

            return EnterWalk(alone: true);
        }

        return EnterWalk(alone: false);
    }

    /// <summary>Whether a deployment of the group would be asked if it had not as many calls as it takes.</summary>
    public readonly bool IsBusy => _walk is { } walk && walk.Verdicts.Contains(Exclusion.Busy);

    /// <summary>The group's queue has refused the call: notes it, with what was known of the deployments.</summary>
    public void Refused(QueueTicket ticket, ErrorKind kind)
    {
        if (_visit == 0)
        {
            _request = RequestOf(_call, Group.Plan);
        }

        EnterWalk(alone: false);
        _call.Trace!.Queued(ticket.Queued, ticket.Place, kind);
    }

    /// <summary>What the next attempt has set aside of its deployment's budgets.</summary>
    public void Hold(AttemptBudgets budgets) => _budgets = budgets;

    /// <summary>Books what the attempt cost in the deployment's budgets, instead of what was set aside for it.</summary>
    public void Settle(decimal? cost) => _budgets.Settle(cost ?? 0, _time);

    /// <summary>Begins an attempt; false if another call has taken the last place meanwhile, then <see cref="Full"/> goes on.</summary>
    public bool TryBegin(Callable target, out Exclusion full)
    {
        RoutePlan plan = Group.Plan;
        bool force = _entered ? _walk!.Forced : _chain is null;
        if (plan.Checks == RouteChecks.None)
        {
            bool begun = target.Health.TryBegin(_time, force, out _probe);
            full = begun ? Exclusion.None : Exclusion.Probing;
            return begun;
        }

        if (!target.Budgets.IsEmpty && !_budgets.IsTaken)
        {
            full = Exclusion.Budget;
            return false;
        }

        full = target.Health.TryBegin(plan.CountsRequests ? target.Deployment.Rpm : null, plan.ParallelLimit(target.Deployment), _time, force, out _probe);
        if (full != Exclusion.None)
        {
            Settle(0);
        }

        return full == Exclusion.None;
    }

    /// <summary>The step after a deployment had no room.</summary>
    public RouteStep Full(Exclusion why)
    {
        if (!_entered)
        {
            // The only deployment of a plain group, which another call tries since a moment ago: it is decided on what is known now.
            _only = Group.Callables[0].Health.Read(_time);
            return EnterWalk(alone: true);
        }

        _call.Trace!.Full(why);
        return _walk!.Full(why, _chain?.Has(ErrorKind.Overloaded) == true);
    }

    /// <summary>Notes an answer; whether it is of the second of two attempts made at once.</summary>
    public readonly void Answered(RouteStep step, bool second)
    {
        if (second)
        {
            _call.Trace?.Leg(step.Index, null, HedgeMark.Second);
        }
        else
        {
            _call.Trace?.Ended(step, null);
        }
    }

    /// <summary>Whether somebody else would be asked if the attempt that now begins were not answered in time.</summary>
    public readonly bool HasOther()
    {
        bool group = _chain?.Has(ErrorKind.Timeout) == true;
        return group || (_entered && _walk!.HasOther(hasNextGroup: false));
    }

    /// <summary>The step after a failed attempt.</summary>
    /// <param name="step">The attempt.</param>
    /// <param name="error">How it failed.</param>
    /// <param name="begun">Whether its answer had begun to go to the client.</param>
    /// <param name="second">Whether it was the second of two made at once.</param>
    /// <param name="move">What was decided.</param>
    public RouteStep After(RouteStep step, ApiError error, bool begun, bool second, out NextMove move)
    {
        if (!_entered)
        {
            // The only deployment of a plain group: only now there is something to decide.
            EnterWalk(alone: true);
        }

        if (second)
        {
            _walk!.Counts(step.Index);
            _call.Trace!.Leg(step.Index, error, HedgeMark.Second, begun);
        }
        else
        {
            _call.Trace!.Ended(step, error, begun);
        }

        return _walk!.After(error, _chain?.Has(error.Kind) == true, begun, out move);
    }

    /// <summary>Why none of the group's deployments could take the call.</summary>
    public readonly ApiError Refusal() => _walk!.Refusal();

    /// <summary>Goes to the next group; false if there is none.</summary>
    /// <param name="kind">How this one has failed.</param>
    public bool NextGroup(ErrorKind kind)
    {
        if (_chain?.Take(kind) is not { } name || _call.Snapshot.Resolve(name) is not { } next)
        {
            return false;
        }

        Group = next;
        _visit++;
        _entered = false;
        return true;
    }

    /// <summary>What routing has to know of a call.</summary>
    public static RouteRequest RequestOf(Call call, RoutePlan plan) => new()
    {
        Stream = call.Facts.Stream,
        HasTools = call.Facts.HasTools,
        HasImages = call.Facts.HasImages,
        Options = call.Options,
        InputTokens = plan.SmallestWindow is { } window && call.Body.Length > window ? Tokens(call) : plan.CountsRequests ? call.Body.Length / 4 : 0,
    };

    /// <summary>Takes one reading for each deployment of a group.</summary>
    public static void Read(CallableGroup group, Span<HealthReading> readings, TimeProvider time)
    {
        RoutePlan plan = group.Plan;
        if (!plan.NeedsFullReadings)
        {
            for (int i = 0; i < readings.Length; i++)
            {
                readings[i] = group.Callables[i].Health.Read(time);
            }

            return;
        }

        long now = time.GetTimestamp();
        TimeSpan memory = plan.Settings.StrategyArguments.TimeToLive ?? TimeSpan.FromHours(1);
        for (int i = 0; i < readings.Length; i++)
        {
            Callable callable = group.Callables[i];
            readings[i] = callable.Health.Read(time, now, memory);
            foreach (CountingMeter<decimal> budget in callable.Budgets)
            {
                readings[i] = readings[i] with { OverBudget = readings[i].OverBudget || budget.IsSpent(time.GetUtcNow().ToUnixTimeSeconds()) };
            }
        }
    }

    /// <summary>About how many tokens a request has that may be too long: a text is never longer in tokens than in bytes, so a short one need not be looked at.</summary>
    private static long Tokens(Call call) =>
        call.Lane.Conversation is not null && ConversationTranslation.Read(call) is null ? TokenEstimate.Of(call.Conversation!) : call.Body.Length / 4;

    private RouteStep EnterWalk(bool alone)
    {
        bool again = _entered;
        _entered = true;
        _walk ??= new RouteWalk();
        if (_call.Trace is not { } trace)
        {
            _call.Trace = trace = _decisions.Rent();
            trace.Start(_call, _request);
        }

        Memory<HealthReading> readings = again ? trace.EnterAgain() : trace.Enter(Group);
        if (alone)
        {
            readings.Span[0] = _only;
        }
        else
        {
            Read(Group, readings.Span, _time);
        }

        _walk.Enter(Group.Plan, readings, _request, _call.Seed, _visit);
        return _walk.First(_chain?.HasElsewhere(readings.Span) == true);
    }
}
