using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Routing;

public class StrategyChoiceTests
{
    private const int Seeds = 20_000;

    [Fact]
    public void Each_deployment_is_chosen_as_often_as_its_weight_says()
    {
        double[] weights = [1, 2, 5, 0.5, 10];
        var plan = new RoutePlan(Deployments.Group([.. weights.Select((x, i) => Deployments.One($"d{i}", x))]), new());
        int[] first = new int[weights.Length];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            first[Pick(plan, Deployments.Healthy(5), seed)]++;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            Near(first[i], weights[i] / weights.Sum());
        }
    }

    [Fact]
    public void The_second_try_is_drawn_by_weight_among_those_that_are_left()
    {
        var plan = new RoutePlan(Deployments.Group(Deployments.One("a", 6), Deployments.One("b", 3), Deployments.One("c", 1)), new());
        int bSecond = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            var chance = new Seeded(seed);
            bSecond += StrategyChoice.Pick(plan, Deployments.Healthy(3), [Exclusion.Tried, Exclusion.None, Exclusion.None], false, ref chance) == 1 ? 1 : 0;
        }

        Near(bSecond, 0.75);
    }

    [Theory]
    [InlineData(RoutingStrategy.SimpleShuffle)]
    [InlineData(RoutingStrategy.LeastBusy)]
    [InlineData(RoutingStrategy.LatencyBased)]
    [InlineData(RoutingStrategy.UsageBased)]
    [InlineData(RoutingStrategy.UsageBasedV2)]
    [InlineData(RoutingStrategy.CostBased)]
    public void Among_equals_nobody_starves(RoutingStrategy strategy)
    {
        var plan = new RoutePlan(Deployments.Group([.. Enumerable.Range(0, 100).Select(i => Deployments.One($"d{i}"))]), new() { Strategy = strategy });
        var chosen = new HashSet<int>();
        for (ulong seed = 0; seed < 3000; seed++)
        {
            chosen.Add(Pick(plan, Deployments.Healthy(100), seed));
        }

        chosen.Count.ShouldBe(100);
    }

    [Theory]
    [InlineData(RoutingStrategy.SimpleShuffle)]
    [InlineData(RoutingStrategy.LeastBusy)]
    [InlineData(RoutingStrategy.LatencyBased)]
    [InlineData(RoutingStrategy.UsageBasedV2)]
    [InlineData(RoutingStrategy.CostBased)]
    public void A_lower_order_comes_first_under_every_strategy(RoutingStrategy strategy)
    {
        // What has no order or a higher one is better by every measure.
        Deployment[] deployments =
        [
            Deployments.Priced("none", 0, 0) with { Weight = 1000 }, Deployments.Priced("two", 0, 0) with { Order = 2, Weight = 1000 },
            Deployments.Priced("one-a", 5, 5) with { Order = 1, Weight = 0.1 }, Deployments.Priced("one-b", 5, 5) with { Order = 1, Weight = 0.2 },
        ];
        HealthReading busy = new() { InFlight = 9, MinuteTokens = 900, PerToken = TimeSpan.FromSeconds(9) };
        HealthReading idle = new() { PerToken = TimeSpan.FromSeconds(1) };
        var plan = new RoutePlan(Deployments.Group(deployments), new() { Strategy = strategy });
        var chosen = new HashSet<int>();
        for (ulong seed = 0; seed < 500; seed++)
        {
            chosen.Add(Pick(plan, [idle, idle, busy, busy], seed));
        }

        chosen.Order().ShouldBe([2, 3]);
    }

    [Fact]
    public void Least_busy_takes_the_fewest_calls_in_flight() =>
        Always(RoutingStrategy.LeastBusy, [new() { InFlight = 3 }, new() { InFlight = 1 }, new() { InFlight = 2 }]).ShouldBe([1]);

    [Fact]
    public void Usage_based_takes_the_fewest_tokens_of_the_minute() =>
        Always(RoutingStrategy.UsageBased, [new() { MinuteTokens = 30 }, new() { MinuteTokens = 10 }, new() { MinuteTokens = 10 }]).ShouldBe([1, 2]);

    [Fact]
    public void Cost_based_takes_the_cheapest_and_an_unknown_price_last()
    {
        var settings = new RouterSettings { Strategy = RoutingStrategy.CostBased };
        var plan = new RoutePlan(Deployments.Group(Deployments.Priced("unknown", null, null), Deployments.Priced("dear", 3, 9), Deployments.Priced("cheap", 1, 2)), settings);
        Pick(plan, Deployments.Healthy(3), 1).ShouldBe(2);
        var chance = new Seeded(1);
        StrategyChoice.Pick(plan, Deployments.Healthy(3), [Exclusion.None, Exclusion.None, Exclusion.Tried], false, ref chance).ShouldBe(1);
        StrategyChoice.Pick(plan, Deployments.Healthy(3), [Exclusion.None, Exclusion.Tried, Exclusion.Tried], false, ref chance).ShouldBe(0);
    }

    [Fact]
    public void The_fastest_measured_is_taken_by_the_measure_of_the_request()
    {
        HealthReading[] health = [new() { FirstEvent = Ms(100), PerToken = Ms(9) }, new() { FirstEvent = Ms(300), PerToken = Ms(3) }];
        Always(RoutingStrategy.LatencyBased, health, stream: true).ShouldBe([0]);
        Always(RoutingStrategy.LatencyBased, health, stream: false).ShouldBe([1]);
    }

    [Fact]
    public void What_was_never_measured_is_asked_first_but_by_one_call_at_a_time_and_not_while_it_fails()
    {
        HealthReading known = new() { PerToken = Ms(1) };
        Always(RoutingStrategy.LatencyBased, [known, new(), known]).ShouldBe([1]);
        Always(RoutingStrategy.LatencyBased, [known, new() { InFlight = 1 }, new() { MinuteFailures = 1 }]).ShouldBe([0]);
        Always(RoutingStrategy.LatencyBased, [new() { InFlight = 1 }, new() { MinuteFailures = 1 }]).ShouldBe([0, 1]);
    }

    [Fact]
    public void The_buffer_lets_those_near_the_fastest_share()
    {
        HealthReading[] health = [new() { PerToken = Ms(100) }, new() { PerToken = Ms(120) }, new() { PerToken = Ms(121) }];
        Always(RoutingStrategy.LatencyBased, health, arguments: new() { LowestLatencyBuffer = 0.2 }).ShouldBe([0, 1]);
        Always(RoutingStrategy.LatencyBased, health, arguments: new() { LowestLatencyBuffer = 1e30 }).ShouldBe([0, 1, 2]);
    }

    [Fact]
    public void A_share_of_the_calls_explores()
    {
        var plan = new RoutePlan(Deployments.Group(Deployments.One("a"), Deployments.One("b")), new() { Strategy = RoutingStrategy.LatencyBased, StrategyArguments = new() { Exploration = 0.1 } });
        HealthReading[] health = [new() { PerToken = Ms(1) }, new() { PerToken = Ms(50) }];
        int slow = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            slow += Pick(plan, health, seed);
        }

        Near(slow, 0.05);
    }

    [Fact]
    public void Target_options_constrain_only_groups_that_contain_one_of_them()
    {
        var settings = new RouterSettings { TargetOptions = ["p/b", "p/c"] };
        var constrained = new RoutePlan(Deployments.Group(Deployments.One("a"), Deployments.One("b"), Deployments.One("c")), settings);
        constrained.Strategy.ShouldBe(RoutingStrategy.LatencyBased);
        Verdicts(constrained).ShouldBe([Exclusion.Target, Exclusion.None, Exclusion.None]);
        var free = new RoutePlan(Deployments.Group(Deployments.One("x"), Deployments.One("y")), settings);
        free.Strategy.ShouldBe(RoutingStrategy.SimpleShuffle);
        Verdicts(free).ShouldBe([Exclusion.None, Exclusion.None]);
    }

    [Fact]
    public void Numbers_from_a_seed_are_those_of_the_paper()
    {
        // SplitMix64 from seed 0, as in its reference implementation.
        var seeded = new Seeded(0);
        seeded.Next().ShouldBe(0xE220A8397B1DCDAFUL);
        seeded.Next().ShouldBe(0x6E789E6AA1B965F4UL);
        seeded.Next().ShouldBe(0x06C45D188009454FUL);
    }

    private static Exclusion[] Verdicts(RoutePlan plan)
    {
        var verdicts = new Exclusion[plan.Group.Deployments.Length];
        CandidateFilter.Judge(plan, Deployments.Healthy(verdicts.Length), new RouteRequest(), verdicts);
        return verdicts;
    }

    private static int[] Always(RoutingStrategy strategy, HealthReading[] health, bool stream = false, RoutingStrategyArguments? arguments = null)
    {
        var settings = new RouterSettings { Strategy = strategy, StrategyArguments = arguments ?? new() };
        var plan = new RoutePlan(Deployments.Group([.. health.Select((_, i) => Deployments.One($"d{i}"))]), settings);
        var chosen = new SortedSet<int>();
        for (ulong seed = 0; seed < 200; seed++)
        {
            chosen.Add(Pick(plan, health, seed, stream));
        }

        return [.. chosen];
    }

    private static int Pick(RoutePlan plan, HealthReading[] health, ulong seed, bool stream = false)
    {
        var chance = new Seeded(seed);
        return StrategyChoice.Pick(plan, health, new Exclusion[health.Length], stream, ref chance);
    }

    private static TimeSpan Ms(double ms) => TimeSpan.FromMilliseconds(ms);

    /// <summary>Within five standard deviations; the seeds are fixed, so it holds for ever or never.</summary>
    private static void Near(int count, double share, int of = Seeds) =>
        Math.Abs(count - (share * of)).ShouldBeLessThan(5 * Math.Sqrt(of * share * (1 - share)));
}
