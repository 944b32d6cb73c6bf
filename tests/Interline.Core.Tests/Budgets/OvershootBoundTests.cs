using System.Globalization;
using Interline.Core.Budgets;

namespace Interline.Core.Tests.Budgets;

/// <summary>The formula against random histories of a counter that admits as the engine's do, and against the worst one.</summary>
public class OvershootBoundTests
{
    [Fact]
    public void No_history_spends_more_than_the_formula()
    {
        var random = new Random(3);
        for (int i = 0; i < 5000; i++)
        {
            decimal limit = random.Next(1, 2000) / 1000m;
            decimal least = random.Next(1, 200) / 1000m;
            decimal error = random.Next(0, 300) / 1000m;
            long? parallel = random.Next(2) == 0 ? null : random.Next(1, 20);
            decimal spent = Run(random, limit, least, error, parallel);
            spent.ShouldBeLessThanOrEqualTo(OvershootBound.Of(limit, least, error, parallel), $"history {i}: limit {limit}, least {least}, error {error}, parallel {parallel}");
        }
    }

    [Fact]
    public void Without_an_error_nothing_is_spent_beyond_the_limit()
    {
        var random = new Random(4);
        for (int i = 0; i < 2000; i++)
        {
            decimal limit = random.Next(1, 2000) / 1000m;
            Run(random, limit, 0.001m * random.Next(1, 100), 0, null).ShouldBeLessThanOrEqualTo(limit);
        }
    }

    [Theory]
    [InlineData("1.00", "0.01", "0.02", null)]
    [InlineData("1.00", "0.3", "0.5", null)]
    [InlineData("1.00", "0.51", "5", null)]
    [InlineData("1.00", "1.00", "99", null)]
    public void The_worst_history_spends_at_least_half_of_the_formula(string limit, string reserved, string error, int? parallel)
    {
        decimal l = decimal.Parse(limit, CultureInfo.InvariantCulture);
        decimal r = decimal.Parse(reserved, CultureInfo.InvariantCulture);
        decimal e = decimal.Parse(error, CultureInfo.InvariantCulture);
        long atOnce = OvershootBound.MostAtOnce(l, r, parallel);
        decimal spent = atOnce * (r + e);
        spent.ShouldBeLessThanOrEqualTo(OvershootBound.Of(l, r, e, parallel));
        (spent * 2).ShouldBeGreaterThanOrEqualTo(OvershootBound.Of(l, r, e, parallel));
    }

    [Fact]
    public void Nothing_set_aside_is_bounded_by_the_parallel_limit_alone()
    {
        OvershootBound.MostAtOnce(1, 0, 5).ShouldBe(5);
        OvershootBound.MostAtOnce(1, 0, null).ShouldBe(long.MaxValue);
        OvershootBound.MostAtOnce(1_000_000_000m, 0.0000000000000000000000001m, null).ShouldBe(long.MaxValue);
    }

    private static decimal Run(Random random, decimal limit, decimal least, decimal error, long? parallel)
    {
        decimal spent = 0;
        decimal reserved = 0;
        var open = new List<decimal>();
        for (int step = 0; step < 200; step++)
        {
            decimal amount = least + (random.Next(0, 100) / 1000m);
            if (random.Next(3) > 0 && spent + reserved + amount <= limit && open.Count < (parallel ?? int.MaxValue))
            {
                reserved += amount;
                open.Add(amount);
            }
            else if (open.Count > 0 && random.Next(2) == 0)
            {
                int which = random.Next(open.Count);
                decimal held = open[which];
                open.RemoveAt(which);
                reserved -= held;
                spent += random.Next(3) switch { 0 => held + error, 1 => held * random.Next(0, 100) / 100, _ => held };
            }
        }

        return spent + open.Sum() + (open.Count * error);
    }
}
