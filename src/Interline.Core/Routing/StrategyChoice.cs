using Interline.Core.Configuration;

namespace Interline.Core.Routing;

/// <summary>
/// Chooses one deployment among those that are left, by the group's strategy. Pure, and without an allocation: a pass or two over the group, chance from the call's
/// seed. A lower <c>order</c> always comes first; equals are drawn.
/// </summary>
public static class StrategyChoice
{
    /// <summary>Chooses.</summary>
    /// <param name="plan">The group.</param>
    /// <param name="health">One reading for each deployment.</param>
    /// <param name="verdicts">One verdict for each deployment; those with <see cref="Exclusion.None"/> are left.</param>
    /// <param name="stream">Whether a stream is asked for.</param>
    /// <param name="chance">The call's chance.</param>
    /// <returns>Index of the deployment; -1 if none is left.</returns>
    public static int Pick(RoutePlan plan, ReadOnlySpan<HealthReading> health, ReadOnlySpan<Exclusion> verdicts, bool stream, ref Seeded chance)
    {
        int order = LowestOrder(plan, verdicts, out int left);
        if (left == 0)
        {
            return -1;
        }

        var open = new OpenCandidates(plan, health, verdicts, order);
        return plan.Strategy switch
        {
            RoutingStrategy.LeastBusy => Least(open, default(InFlight), ref chance),
            RoutingStrategy.LatencyBased => LatencyChoice.Pick(open, stream, ref chance),
            RoutingStrategy.UsageBased or RoutingStrategy.UsageBasedV2 => Least(open, default(MinuteTokens), ref chance),
            RoutingStrategy.CostBased => Least(open, new CostRank(plan.CostRanks!), ref chance),
            _ => plan.Weights is { } weights ? Weighted(open, weights, ref chance) : open.Nth(NextBelow(left, ref chance)),
        };
    }

    /// <summary>A whole number below a bound, each as likely.</summary>
    internal static int NextBelow(int bound, ref Seeded chance) => bound == 1 ? 0 : (int)(chance.NextUnit() * bound);

    private static int LowestOrder(RoutePlan plan, ReadOnlySpan<Exclusion> verdicts, out int left)
    {
        if (plan.Orders is not { } orders)
        {
            left = verdicts.Count(Exclusion.None);
            return 0;
        }

        int lowest = int.MaxValue;
        left = 0;
        for (int i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] == Exclusion.None && orders[i] <= lowest)
            {
                left = orders[i] < lowest ? 1 : left + 1;
                lowest = orders[i];
            }
        }

        return lowest;
    }

    private static int Weighted(in OpenCandidates open, double[] weights, ref Seeded chance)
    {
        double total = 0;
        for (int i = 0; i < open.Length; i++)
        {
            total += open[i] ? weights[i] : 0;
        }

        double at = chance.NextUnit() * total;
        int last = -1;
        for (int i = 0; i < open.Length; i++)
        {
            if (!open[i])
            {
                continue;
            }

            last = i;
            at -= weights[i];
            if (at < 0)
            {
                break;
            }
        }

        return last;
    }

    private static int Least<T>(in OpenCandidates open, T score, ref Seeded chance)
        where T : struct, IScore
    {
        long least = long.MaxValue;
        int count = 0;
        int first = -1;
        for (int i = 0; i < open.Length; i++)
        {
            if (!open[i])
            {
                continue;
            }

            long own = score.Of(open.Health[i], i);
            if (count == 0 || own < least)
            {
                (least, count, first) = (own, 1, i);
            }
            else if (own == least)
            {
                count++;
            }
        }

        for (int skip = NextBelow(count, ref chance); skip > 0; skip--)
        {
            do
            {
                first++;
            }
            while (!open[first] || score.Of(open.Health[first], first) != least);
        }

        return first;
    }

    /// <summary>What a strategy takes the least of.</summary>
    private interface IScore
    {
        long Of(in HealthReading reading, int index);
    }

    private readonly struct InFlight : IScore
    {
        public long Of(in HealthReading reading, int index) => reading.InFlight;
    }

    private readonly struct MinuteTokens : IScore
    {
        public long Of(in HealthReading reading, int index) => reading.MinuteTokens;
    }

    private readonly struct CostRank(int[] ranks) : IScore
    {
        public long Of(in HealthReading reading, int index) => ranks[index];
    }
}

/// <summary>The deployments among which a strategy chooses: those left, of one order.</summary>
internal readonly ref struct OpenCandidates
{
    private readonly ReadOnlySpan<Exclusion> _verdicts;
    private readonly ReadOnlySpan<int> _orders;
    private readonly int _order;

    public OpenCandidates(RoutePlan plan, ReadOnlySpan<HealthReading> health, ReadOnlySpan<Exclusion> verdicts, int order)
    {
        Plan = plan;
        Health = health;
        _verdicts = verdicts;
        _orders = plan.Orders;
        _order = order;
    }

    public RoutePlan Plan { get; }

    public ReadOnlySpan<HealthReading> Health { get; }

    public int Length => _verdicts.Length;

    public bool this[int index] => _verdicts[index] == Exclusion.None && (_orders.IsEmpty || _orders[index] == _order);

    /// <summary>The one with so many open ones before it.</summary>
    public int Nth(int skip)
    {
        for (int i = 0; ; i++)
        {
            if (this[i] && skip-- == 0)
            {
                return i;
            }
        }
    }
}
