using System.Collections.Immutable;
using Interline.Core.Retry;
using Interline.Protocols.Errors;

namespace Interline.Core.Routing;

/// <summary>What came of one step of a walk, as far as a decision depends on it.</summary>
/// <param name="Error">How the attempt failed; null if it was answered, or was not made.</param>
/// <param name="RetryAfter">How long the provider asked to wait.</param>
/// <param name="Full">Why the deployment had no room when its turn came; <see cref="Exclusion.None"/> if it had.</param>
public readonly record struct StepOutcome(ErrorKind? Error, TimeSpan? RetryAfter, Exclusion Full)
{
    /// <summary>Whether the failed attempt's answer had begun to go to the client.</summary>
    public bool Begun { get; init; }

    /// <summary>Which of two deployments that were asked at once it is of.</summary>
    public HedgeMark Hedge { get; init; }
}

/// <summary>What an outcome has to do with hedging.</summary>
public enum HedgeMark : byte
{
    /// <summary>Nothing, or it is of the first of two and counts.</summary>
    None,

    /// <summary>A second deployment was chosen; where it had no room, <see cref="StepOutcome.Full"/> says why.</summary>
    Chosen,

    /// <summary>The first gave way to the second, or failed while that was under way.</summary>
    FirstLeft,

    /// <summary>The second gave way to the first, or failed while that was under way.</summary>
    SecondLeft,

    /// <summary>It is of the second and counts.</summary>
    Second,
}

/// <summary>A group that a call entered, with what was known then and what came of it.</summary>
/// <param name="Group">The group.</param>
/// <param name="Health">One reading for each deployment.</param>
/// <param name="Outcomes">What came of each step, in order.</param>
public sealed record GroupVisit(ModelGroup Group, ImmutableArray<HealthReading> Health, ImmutableArray<StepOutcome> Outcomes)
{
    /// <summary>How long the call waited in the group's queue.</summary>
    public TimeSpan Queued { get; init; }

    /// <summary>Where it stood there when it came, 1 being the next; 0 if it did not wait.</summary>
    public int QueuePlace { get; init; }

    /// <summary>How the queue refused it, so that no deployment was chosen; null if it did not.</summary>
    public ErrorKind? Refused { get; init; }
}

/// <summary>Everything a call's routing was decided from: from these inputs alone it can be decided again.</summary>
public sealed record DecisionInputs
{
    /// <summary>The configuration.</summary>
    public required Snapshot Snapshot { get; init; }

    /// <summary>What was known of the call.</summary>
    public required RouteRequest Request { get; init; }

    /// <summary>Its seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The groups it entered, in order; at least one.</summary>
    public required ImmutableArray<GroupVisit> Visits { get; init; }
}

/// <summary>One decided step.</summary>
/// <param name="Visit">Which of the groups, from 0.</param>
/// <param name="Index">Index of the deployment in its group; -1 where nobody of the group could take the call.</param>
/// <param name="Wait">Wait before the attempt.</param>
/// <param name="Move">What was decided after it; null after an answer.</param>
public readonly record struct DecidedStep(int Visit, int Index, TimeSpan Wait, NextMove? Move)
{
    /// <summary>Which of two deployments that were asked at once it is.</summary>
    public HedgeMark Hedge { get; init; }
}

/// <summary>A decision made again from its inputs.</summary>
/// <param name="Steps">The steps, in order.</param>
/// <param name="Groups">Names of the groups entered, as decided.</param>
/// <param name="Verdicts">For each group, the verdict on each deployment when it was entered.</param>
public sealed record Decision(ImmutableArray<DecidedStep> Steps, ImmutableArray<string> Groups, ImmutableArray<ImmutableArray<Exclusion>> Verdicts)
{
    /// <summary>Decides again. Pure: the same inputs give the same steps, on every machine and at any time.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="groups">Finds groups by name, as when it was decided first.</param>
    public static Decision Of(DecisionInputs inputs, IGroups groups)
    {
        var steps = ImmutableArray.CreateBuilder<DecidedStep>();
        var names = ImmutableArray.CreateBuilder<string>();
        var verdicts = ImmutableArray.CreateBuilder<ImmutableArray<Exclusion>>();
        var walk = new RouteWalk();
        FallbackChain? chain = FallbackChain.Of(inputs.Visits[0].Group.Name, inputs.Snapshot.Router, inputs.Request.Options, groups);
        string? name = inputs.Visits[0].Group.Name;
        for (int visit = 0; visit < inputs.Visits.Length && name is not null; visit++)
        {
            GroupVisit entered = inputs.Visits[visit];
            names.Add(name);
            walk.Enter(new RoutePlan(entered.Group, inputs.Snapshot.Router), entered.Health.AsMemory(), inputs.Request, inputs.Seed, visit);
            verdicts.Add([.. walk.Verdicts]);
            CallerOptions options = inputs.Request.Options;
            bool pretended = visit == 0 && (options.MockError ?? (object?)options.MockAnswer) is not null;
            ErrorKind? ended = pretended ? options.MockError?.Kind : entered.Refused ?? Walk(walk, entered, visit, chain, steps);
            name = ended is { } kind ? chain?.Take(kind) : null;
        }

        return new(steps.ToImmutable(), names.ToImmutable(), verdicts.ToImmutable());
    }

    /// <summary>Walks through one group; returns with which error it is left for the next, null if the call ends there.</summary>
    private static ErrorKind? Walk(RouteWalk walk, GroupVisit entered, int visit, FallbackChain? chain, ImmutableArray<DecidedStep>.Builder steps)
    {
        RouteStep step = walk.First(chain?.HasElsewhere(entered.Health.AsSpan()) == true);
        ErrorKind? last = null;
        int second = -1;
        foreach (StepOutcome outcome in entered.Outcomes)
        {
            if (step.Index < 0)
            {
                break;
            }

            if (outcome.Hedge is HedgeMark.Chosen)
            {
                second = walk.Second();
                if (outcome.Full != Exclusion.None && second >= 0)
                {
                    walk.SecondFull(second, outcome.Full);
                }

                continue;
            }

            int index = outcome.Hedge is HedgeMark.Second or HedgeMark.SecondLeft ? second : step.Index;
            if (outcome.Hedge is HedgeMark.FirstLeft or HedgeMark.SecondLeft)
            {
                walk.LegFailed(index, outcome.Error ?? ErrorKind.ClientGone);
                steps.Add(new(visit, index, default, null) { Hedge = outcome.Hedge });
                continue;
            }

            if (outcome.Hedge == HedgeMark.Second)
            {
                walk.Counts(index);
                step = new(index, default);
            }

            if (outcome.Full != Exclusion.None)
            {
                step = walk.Full(outcome.Full, chain?.Has(ErrorKind.Overloaded) == true);
                continue;
            }

            if (outcome.Error is not { } kind)
            {
                steps.Add(new(visit, step.Index, step.Wait, null) { Hedge = outcome.Hedge });
                return null;
            }

            RouteStep next = walk.After(new ApiError(kind, 500, "") { RetryAfter = outcome.RetryAfter }, chain?.Has(kind) == true, outcome.Begun, out NextMove move);
            steps.Add(new(visit, step.Index, step.Wait, move) { Hedge = outcome.Hedge });
            if (move == NextMove.Stop)
            {
                return null;
            }

            last = kind;
            step = next;
        }

        if (step.Index >= 0)
        {
            // Chosen and not yet told what came of it: a decision that is only asked about, or a call that was broken off while it waited.
            steps.Add(new(visit, step.Index, step.Wait, null));
            return null;
        }

        if (last is null)
        {
            steps.Add(new(visit, -1, default, null));
        }

        return last ?? walk.Refusal().Kind;
    }
}
