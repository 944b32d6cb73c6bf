using Interline.Core.Budgets;

namespace Interline.Core.Tests.Budgets;

public class OutputHistogramTests
{
    [Fact]
    public void Few_answers_teach_nothing()
    {
        var histogram = new OutputHistogram();
        for (int i = 0; i < OutputHistogram.Least - 1; i++)
        {
            histogram.Add(100);
            histogram.Quantile(0.99).ShouldBeNull();
        }

        histogram.Add(100);
        histogram.Quantile(0.99).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_quantile_is_never_too_low_and_at_most_a_fifth_too_high(int seed)
    {
        var random = new Random(seed);
        var histogram = new OutputHistogram();
        var all = new List<long>();
        for (int i = 0; i < 3000; i++)
        {
            long tokens = (long)Math.Exp(random.NextDouble() * 11);
            all.Add(tokens);
            histogram.Add(tokens);
        }

        all.Sort();
        foreach (double share in (double[])[0.5, 0.9, 0.99, 1])
        {
            long exact = all[(int)Math.Ceiling(share * all.Count) - 1];
            long told = histogram.Quantile(share).ShouldNotBeNull();
            told.ShouldBeGreaterThanOrEqualTo(exact);
            told.ShouldBeLessThanOrEqualTo(Math.Max(16, (long)Math.Ceiling(exact * 1.19)));
        }
    }

    [Fact]
    public void Newer_answers_count_more()
    {
        var histogram = new OutputHistogram();
        for (int i = 0; i < 4000; i++)
        {
            histogram.Add(100_000);
        }

        for (int i = 0; i < 40_000; i++)
        {
            histogram.Add(20);
        }

        histogram.Quantile(0.9)!.Value.ShouldBeLessThan(100);
    }

    [Fact]
    public void Answers_longer_than_all_classes_have_no_bound()
    {
        var histogram = new OutputHistogram();
        for (int i = 0; i < 200; i++)
        {
            histogram.Add(long.MaxValue);
        }

        histogram.Quantile(0.99).ShouldBeNull();
    }
}
