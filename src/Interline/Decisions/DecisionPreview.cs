using Interline.Attempts;
using Interline.Calls;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Decisions;

/// <summary>Decides a call that is not made: whom it would go to now, and whom then, as long as everybody fails.</summary>
internal static class DecisionPreview
{
    private static readonly ApiError Failure = new(ErrorKind.Server, 500, "");

    public static DecisionReport Of(Call call, TimeProvider time)
    {
        var visits = new List<GroupVisit>();
        var walk = new RouteWalk();
        RouteRequest request = CallRoute.RequestOf(call, call.Group.Plan);
        FallbackChain? chain = FallbackChain.Of(call.Group.Group.Name, call.Snapshot.Snapshot.Router, call.Options, call.Snapshot);
        CallableGroup? group = call.Group;
        while (group is not null)
        {
            var health = new HealthReading[group.Callables.Length];
            CallRoute.Read(group, health, time);
            walk.Enter(group.Plan, health, request, call.Seed, visits.Count);
            var outcomes = new List<StepOutcome>();
            ErrorKind ended = call.Options.MockError is { } mock && visits.Count == 0 ? mock.Kind : Fail(walk, chain, health, outcomes);
            visits.Add(new GroupVisit(group.Group, [.. health], [.. outcomes]));
            group = chain?.Take(ended) is { } next ? call.Snapshot.Resolve(next) : null;
        }

        var inputs = new DecisionInputs { Snapshot = call.Snapshot.Snapshot, Request = request, Seed = call.Seed, Visits = [.. visits] };
        return new(inputs, Decision.Of(inputs, call.Snapshot));
    }

    private static ErrorKind Fail(RouteWalk walk, FallbackChain? chain, HealthReading[] health, List<StepOutcome> outcomes)
    {
        RouteStep step = walk.First(chain?.HasElsewhere(health) == true);
        if (step.Index < 0)
        {
            return walk.Refusal().Kind;
        }

        while (step.Index >= 0)
        {
            outcomes.Add(new(Failure.Kind, null, Exclusion.None));
            step = walk.After(Failure, chain?.Has(Failure.Kind) == true, out _);
        }

        return Failure.Kind;
    }
}
