using Interline.Core.Routing;

namespace Interline.Core.Tests.Routing;

public class WeightedShuffleTests
{
    private const int Seeds = 20_000;

    [Fact]
    public void Each_deployment_comes_first_as_often_as_its_weight_says()
    {
        double[] weights = [1, 2, 5, 0.5, 10];
        Deployment[] deployments = [.. weights.Select((x, i) => Deployments.One($"d{i}", x))];
        int[] first = new int[weights.Length];
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            first[Order(deployments, seed)[0]]++;
        }

        for (int i = 0; i < weights.Length; i++)
        {
            Near(first[i], weights[i] / weights.Sum());
        }
    }

    [Fact]
    public void The_second_place_is_drawn_by_weight_among_those_that_are_left()
    {
        Deployment[] deployments = [Deployments.One("a", 6), Deployments.One("b", 3), Deployments.One("c", 1)];
        int aFirst = 0;
        int bSecond = 0;
        for (ulong seed = 0; seed < Seeds; seed++)
        {
            int[] order = Order(deployments, seed);
            if (order[0] == 0)
            {
                aFirst++;
                bSecond += order[1] == 1 ? 1 : 0;
            }
        }

        Near(bSecond, 0.75, aFirst);
    }

    [Fact]
    public void Nobody_starves_and_nobody_comes_twice()
    {
        Deployment[] deployments = [.. Enumerable.Range(0, 100).Select(i => Deployments.One($"d{i}", i == 0 ? 1 : 3))];
        var firsts = new HashSet<int>();
        for (ulong seed = 0; seed < 3000; seed++)
        {
            int[] order = Order(deployments, seed);
            order.Order().ShouldBe(Enumerable.Range(0, 100));
            firsts.Add(order[0]);
        }

        firsts.Count.ShouldBe(100);
    }

    [Fact]
    public void A_lower_order_comes_first_whatever_the_weights_and_none_comes_last()
    {
        Deployment[] deployments = [Deployments.One("none", 1000), Deployments.One("two", 1000, 2), Deployments.One("one-a", 0.1, 1), Deployments.One("one-b", 0.2, 1)];
        var firsts = new HashSet<int>();
        for (ulong seed = 0; seed < 500; seed++)
        {
            int[] order = Order(deployments, seed);
            order[..2].Order().ShouldBe([2, 3]);
            order[2].ShouldBe(1);
            order[3].ShouldBe(0);
            firsts.Add(order[0]);
        }

        firsts.Count.ShouldBe(2);
    }

    [Fact]
    public void A_deployment_that_cools_is_left_out_and_does_not_change_the_others()
    {
        Deployment[] deployments = [.. Enumerable.Range(0, 6).Select(i => Deployments.One($"d{i}", i + 1))];
        HealthReading[] health = Deployments.Healthy(6);
        health[2] = new(TimeSpan.FromTicks(1), RateLimited: true);
        health[4] = new(TimeSpan.FromSeconds(-1), RateLimited: false);
        int[] order = new int[6];
        for (ulong seed = 0; seed < 500; seed++)
        {
            int count = WeightedShuffle.Order(deployments, health, seed, order);
            count.ShouldBe(5);
            order[..count].ShouldBe(Order(deployments, seed).Where(x => x != 2));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_order()
    {
        Deployment[] deployments = [.. Enumerable.Range(0, 9).Select(i => Deployments.One($"d{i}", i + 1))];
        Order(deployments, 42).ShouldBe(Order(deployments, 42));

        // Kept decisions are replayed years later: this order must never change.
        Order(deployments, 42).ShouldBe([.. Order([.. deployments], 42)]);
        Enumerable.Range(0, 50).Select(x => string.Join(',', Order(deployments, (ulong)x))).Distinct().Count().ShouldBeGreaterThan(45);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public void The_only_deployment_is_taken_unless_it_cools(int seconds, int count)
    {
        int[] order = [-1];
        WeightedShuffle.Order([Deployments.One("a")], [new(TimeSpan.FromSeconds(seconds), false)], 1, order).ShouldBe(count);
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

    private static int[] Order(Deployment[] deployments, ulong seed)
    {
        int[] order = new int[deployments.Length];
        WeightedShuffle.Order(deployments, Deployments.Healthy(deployments.Length), seed, order).ShouldBe(deployments.Length);
        return order;
    }

    /// <summary>Within five standard deviations; the seeds are fixed, so it holds for ever or never.</summary>
    private static void Near(int count, double share, int of = Seeds) =>
        Math.Abs(count - (share * of)).ShouldBeLessThan(5 * Math.Sqrt(of * share * (1 - share)));
}
