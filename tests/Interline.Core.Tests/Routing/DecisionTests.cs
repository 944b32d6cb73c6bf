using Interline.Core.Retry;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Routing;

public class DecisionTests
{
    [Fact]
    public void A_hundred_thousand_random_decisions_are_made_again_from_their_kept_inputs_alike()
    {
        var random = new RandomDecisions(4);
        int fallbacks = 0;
        int retries = 0;
        int nobody = 0;
        Snapshot snapshot = random.Snapshot();
        for (int i = 0; i < 100_000; i++)
        {
            snapshot = i % 20 == 0 ? random.Snapshot() : snapshot;
            (DecisionInputs inputs, List<DecidedStep> steps) = random.Carry(snapshot);
            Decision again = Decision.Of(inputs, new SnapshotGroups(inputs.Snapshot));
            if (!again.Steps.SequenceEqual(steps))
            {
                again.Steps.ToList().ShouldBe(steps, $"decision {i}");
            }

            again.Groups.SequenceEqual(inputs.Visits.Select(x => x.Group.Name)).ShouldBeTrue($"groups of decision {i}");
            fallbacks += inputs.Visits.Length - 1;
            retries += steps.Count(x => x.Move is NextMove.NextDeployment or NextMove.SameDeployment);
            nobody += steps.Count(x => x.Index < 0);
        }

        // The made-up calls must go everywhere, else this shows little.
        fallbacks.ShouldBeGreaterThan(10_000);
        retries.ShouldBeGreaterThan(10_000);
        nobody.ShouldBeGreaterThan(1_000);
    }

    [Fact]
    public void No_deployment_outside_the_filters_is_ever_tried_and_none_with_a_refused_key_again()
    {
        var random = new RandomDecisions(9);
        Snapshot snapshot = random.Snapshot();
        for (int i = 0; i < 20_000; i++)
        {
            snapshot = i % 20 == 0 ? random.Snapshot() : snapshot;
            (DecisionInputs inputs, List<DecidedStep> steps) = random.Carry(snapshot);
            Decision again = Decision.Of(inputs, new SnapshotGroups(snapshot));
            foreach (DecidedStep step in steps.Where(x => x.Index >= 0))
            {
                // Who is being tried by another call is asked as well, where nobody else is left.
                again.Verdicts[step.Visit][step.Index].ShouldBeOneOf(Exclusion.None, Exclusion.Probing);
            }
        }
    }

    [Fact]
    public void Orders_rise_until_a_round_begins_again()
    {
        var random = new RandomDecisions(11);
        Snapshot snapshot = random.Snapshot();
        for (int i = 0; i < 20_000; i++)
        {
            snapshot = i % 20 == 0 ? random.Snapshot() : snapshot;
            (DecisionInputs inputs, List<DecidedStep> steps) = random.Carry(snapshot);
            foreach (IGrouping<int, DecidedStep> visit in steps.Where(x => x.Index >= 0 && !IsTriedElsewhere(inputs.Visits[x.Visit])).GroupBy(x => x.Visit))
            {
                int[] orders = [.. visit.TakeWhile(x => x.Wait == TimeSpan.Zero).Select(x => inputs.Visits[visit.Key].Group.Deployments[x.Index].Order ?? int.MaxValue)];
                int[] untilAgain = [.. orders.Take(visit.Select(x => x.Index).Distinct().Count())];
                untilAgain.SequenceEqual(untilAgain.Order()).ShouldBeTrue($"call {i}: {string.Join(' ', untilAgain)}");
            }
        }
    }

    /// <summary>Whether a deployment of the group is tried by another call: it is passed over at first and asked at last.</summary>
    private static bool IsTriedElsewhere(GroupVisit visit) => visit.Health.Any(x => x.Probing) || visit.Outcomes.Any(x => x.Full == Exclusion.Probing);
}
