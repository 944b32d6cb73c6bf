using System.Collections.Frozen;
using Interline.Core.Budgets;
using Interline.Core.Pricing;
using Interline.Protocols;

namespace Interline.Core.Tests.Budgets;

public class WorstCaseTests
{
    [Theory]
    [InlineData(100, 0, null, null, 100)]
    [InlineData(100, 3, 7L, 50L, 300)]
    [InlineData(0, 0, 70L, 4096L, 70)]
    [InlineData(0, 0, 7000L, 4096L, 4096)]
    [InlineData(0, 2, null, 4096L, 8192)]
    [InlineData(0, 0, null, null, 16_384)]
    [InlineData(0, 0, 90_000L, null, 90_000)]
    public void Output_is_what_the_caller_allows_else_what_was_learned_else_the_models_maximum(long allowed, int choices, long? learned, long? model, long expected) =>
        WorstCase.OutputTokens(allowed, choices, learned, model).ShouldBe(expected);

    [Fact]
    public void What_does_not_fit_a_number_is_cut() => WorstCase.OutputTokens(long.MaxValue, int.MaxValue, null, null).ShouldBe(Cost.MaxTokens);

    [Fact]
    public void An_unknown_price_has_no_worst_case()
    {
        WorstCase.Usd(new CallSize { InputTokens = 1, OutputTokens = 1 }, null).ShouldBeNull();
        WorstCase.Usd(new CallSize { InputTokens = 1, OutputTokens = 1 }, new Price { Input = 1 }).ShouldBeNull();
    }

    [Fact]
    public void Units_are_paid_at_the_dearest_price_that_may_apply()
    {
        Price image = new() { PerImage = 0.04m, Images = [new ImagePrice(1024, true, 0.12m)] };
        WorstCase.Usd(new CallSize { Images = 2 }, image).ShouldBe(0.24m);
        WorstCase.Usd(new CallSize { Images = 1, Pixels = 1000 }, new Price { PerPixel = 0.001m, PerOutputPixel = 0.002m }).ShouldBe(3m);
        WorstCase.Usd(new CallSize { OutputSeconds = 10, Characters = 1_000_000 }, new Price { PerOutputSecond = 0.1m, PerMillionOutputCharacters = 5 }).ShouldBe(6m);
        WorstCase.Usd(new CallSize { Seconds = 10 }, new Price { PerOutputSecond = 0.1m }).ShouldBe(1m);
        WorstCase.Usd(new CallSize { InputTokens = 1_000_000, Searches = 10 }, new Price { Input = 1, Output = 1, PerSearchLow = 0.01m, PerSearchHigh = 0.02m }).ShouldBe(1.2m);
        WorstCase.Usd(new CallSize { OutputTokens = 1_000_000 }, new Price { Input = 1, Output = 1, OutputAudio = 20 }).ShouldBe(20m);
        WorstCase.IsFree(new Price { Input = 0, Output = 0, PerOutputPixel = 1 }).ShouldBeFalse();
    }

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 1, false)]
    [InlineData(null, 0, false)]
    public void Free_is_only_what_says_so(int? input, int? output, bool free) =>
        WorstCase.IsFree(new Price { Input = input, Output = output }).ShouldBe(free);

    [Fact]
    public void Nothing_is_free_that_costs_by_the_call_and_no_price_is_not_free()
    {
        WorstCase.IsFree(new Price { Input = 0, Output = 0, PerRequest = 0.01m }).ShouldBeFalse();
        WorstCase.IsFree(null).ShouldBeFalse();
    }

    [Fact]
    public void No_call_within_its_size_costs_more_than_its_worst_case()
    {
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            Price price = RandomPrice(random);
            var size = new CallSize { InputTokens = random.Next(0, 300_000), OutputTokens = random.Next(0, 50_000), ServiceTier = random.Next(3) switch { 0 => null, 1 => "flex", _ => "priority" } };
            decimal worst = WorstCase.Usd(size, price).ShouldNotBeNull();
            for (int j = 0; j < 5; j++)
            {
                long input = random.NextInt64(size.InputTokens + 1);
                long read = random.NextInt64(input + 1);
                long write = random.NextInt64(input - read + 1);
                long output = random.NextInt64(size.OutputTokens + 1);
                long reasoning = random.NextInt64(output + 1);
                var usage = new Usage { Input = input - read - write, CacheRead = read, CacheWrite = write, Output = output - reasoning, Reasoning = reasoning };
                string? served = random.Next(2) == 0 ? null : size.ServiceTier;
                Cost.Of(usage, price, served)!.Value.Total.ShouldBeLessThanOrEqualTo(worst, $"{usage} {served} of {size}");
            }
        }
    }

    [Fact]
    public void A_price_without_tiers_is_worth_what_it_is_with_tiers_that_never_apply()
    {
        var random = new Random(7);
        for (int i = 0; i < 3000; i++)
        {
            Price plain = RandomPrice(random) with
            {
                Tiers = [],
                CacheWrite1h = random.Next(2) == 0 ? null : random.Next(0, 3000) / 100m,
                InputAudio = random.Next(2) == 0 ? null : random.Next(0, 3000) / 100m,
                OutputAudio = random.Next(2) == 0 ? null : random.Next(0, 9000) / 100m,
            };
            Price tiered = plain with { Tiers = [new PriceTier(long.MaxValue, new Price { Input = 1_000_000 })] };
            var size = new CallSize { InputTokens = random.Next(0, 300_000), OutputTokens = random.Next(0, 50_000), Seconds = random.Next(2) * random.Next(100), ServiceTier = random.Next(2) == 0 ? null : "flex" };
            WorstCase.Usd(size, plain).ShouldBe(WorstCase.Usd(size, tiered), $"{size} {plain}");
        }
    }

    /// <summary>As real lists are: long prompts and writes dearer, reads cheaper.</summary>
    private static Price RandomPrice(Random random)
    {
        decimal input = random.Next(1, 2000) / 100m;
        decimal output = input * random.Next(1, 8);
        var tiers = new Dictionary<string, Price> { ["priority"] = new() { Input = input * 2, Output = output * 2, CacheRead = input }, ["flex"] = new() { Input = input / 2, Output = output / 2 } };
        return new Price
        {
            Input = input,
            Output = output,
            CacheRead = random.Next(2) == 0 ? null : input / 10,
            CacheWrite = random.Next(2) == 0 ? null : input * 1.25m,
            Reasoning = random.Next(2) == 0 ? null : output * 1.5m,
            PerRequest = random.Next(3) == 0 ? 0.01m : null,
            Tiers = random.Next(2) == 0 ? [] : [new PriceTier(100_000, new Price { Input = input * 2, Output = output * 1.5m, CacheWrite = input * 2.5m, Reasoning = output * 2 })],
            ServiceTiers = random.Next(2) == 0 ? FrozenDictionary<string, Price>.Empty : tiers.ToFrozenDictionary(),
        };
    }
}
