using System.Collections.Frozen;
using Interline.Core.Catalog;
using Interline.Core.Pricing;
using Interline.Protocols;

namespace Interline.Core.Tests.Pricing;

/// <summary>Numbers from LiteLLM's own tests (research/litellm.md §7.3), with token classes that do not overlap.</summary>
public sealed class CostTests
{
    [Fact]
    public void A_call_with_cached_tokens_pays_the_cache_price()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("google", "gemini-2.5-flash")!.Price!;
        Usage usage = new() { Input = 15_033 - 14_316, CacheRead = 14_316, Output = 17 };

        Cost.Of(usage, price)!.Value.Total.ShouldBe(0.00068708m);
    }

    [Fact]
    public void Cache_writes_pay_by_their_lifetime()
    {
        Price price = new() { Input = 3, CacheWrite = 3.75m, CacheWrite1h = 6 };

        Cost.Of(new Usage { CacheWrite = 56, CacheWrite1h = 13_999 }, price)!.Value.Total.ShouldBe(0.084204m);
        Cost.Of(new Usage { CacheWrite1h = 100 }, price)!.Value.Total.ShouldBe(0.0006m);
        Cost.Of(new Usage { CacheWrite = 100, CacheWrite1h = 200 }, price)!.Value.Total.ShouldBe(0.001575m);
        Cost.Of(new Usage { CacheWrite = 1_000 }, new Price { Input = 4, CacheWrite = 5 })!.Value.Total.ShouldBe(0.005m);
    }

    [Fact]
    public void A_bedrock_call_with_reads_and_writes_costs_what_litellm_says()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0")!.Price!;
        Usage usage = new() { Input = 52_123 - 7_183 - 22_465, CacheWrite = 7_183, CacheRead = 22_465, Output = 497 };

        Cost cost = Cost.Of(usage, price)!.Value;

        Math.Round(cost.TotalInput, 3).ShouldBe(0.111m);
        Math.Round(cost.TotalOutput, 5).ShouldBe(0.00820m);
    }

    [Fact]
    public void A_write_inside_the_prompt_is_not_billed_twice()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("anthropic", "claude-haiku-4-5")!.Price!;

        Math.Round(Cost.Of(new Usage { Input = 28_436 - 2_000, CacheWrite = 2_000 }, price)!.Value.TotalInput, 3).ShouldBe(0.029m);
    }

    [Fact]
    public void Flex_is_half_where_its_price_is_known()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-5-nano")!.Price!;
        Usage usage = new() { Input = 1_000, Output = 500 };

        Cost.Of(usage, price)!.Value.ShouldSatisfyAllConditions(c => c.TotalInput.ShouldBe(0.00005m), c => c.TotalOutput.ShouldBe(0.0002m));
        Cost.Of(usage, price, "flex")!.Value.ShouldSatisfyAllConditions(c => c.TotalInput.ShouldBe(0.000025m), c => c.TotalOutput.ShouldBe(0.0001m));
    }

    [Theory]
    [InlineData("flex")]
    [InlineData("priority")]
    [InlineData("default")]
    [InlineData(null)]
    public void A_service_tier_without_prices_is_the_standard_one(string? tier)
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-4")!.Price!;

        Cost cost = Cost.Of(new Usage { Input = 1_000, Output = 500 }, price, tier)!.Value;

        cost.TotalInput.ShouldBe(0.03m);
        cost.TotalOutput.ShouldBe(0.03m);
    }

    [Fact]
    public void Reasoning_without_a_price_pays_as_output_and_says_so()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-5-nano")!.Price!;

        Cost cost = Cost.Of(new Usage { Input = 17, Output = 977 - 768, Reasoning = 768 }, price)!.Value;

        cost.TotalOutput.ShouldBe(977 * 0.40m / 1_000_000);
        cost.Substituted.ShouldBe(TokenClasses.Reasoning);
    }

    [Fact]
    public void Reasoning_with_a_price_pays_it() =>
        Cost.Of(new Usage { Output = 100, Reasoning = 50 }, new Price { Output = 2.5m, Reasoning = 3.5m })!.Value.Total.ShouldBe(0.000425m);

    [Fact]
    public void Image_tokens_pay_their_price_or_that_of_text()
    {
        Usage usage = new() { OutputImage = 1_120, Output = 600 };

        Cost.Of(usage, new Price { Output = 2, OutputImage = 5 })!.Value.Total.ShouldBe(0.0068m);
        Cost.Of(usage, new Price { Output = 2 })!.Value.Total.ShouldBe(1_720 * 2m / 1_000_000);
    }

    [Fact]
    public void Every_class_of_a_mixed_call_pays_its_own_price()
    {
        Price price = new() { Input = 0.3m, InputAudio = 1, CacheRead = 0.015m, CacheWrite = 0.025m, Output = 0.6m, OutputAudio = 2 };
        Usage usage = new() { Input = 700, InputAudio = 100, CacheRead = 200, CacheWrite = 150, Output = 450, OutputAudio = 50 };

        Cost cost = Cost.Of(usage, price)!.Value;

        cost.TotalInput.ShouldBe(0.00031675m);
        cost.TotalOutput.ShouldBe(0.00037m);
        cost.Substituted.ShouldBe(TokenClasses.None);
    }

    [Fact]
    public void A_long_prompt_pays_the_long_price_for_the_whole_call()
    {
        Price price = new() { Input = 0.25m, Output = 0.5m, Tiers = [new PriceTier(200_000, new Price { Input = 0.5m, Output = 1 })] };

        Cost.Of(new Usage { Input = 250_000, Output = 1_000 }, price)!.Value.Total.ShouldBe(0.125m + 0.001m);
    }

    [Fact]
    public void Cached_tokens_count_towards_the_long_prompt()
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-5.4")!.Price!;
        Usage usage = new() { Input = 73_000, CacheRead = 200_000, Output = 10 };

        Cost cost = Cost.Of(usage, price)!.Value;

        cost.Input.ShouldBe(73_000 * 5m / 1_000_000);
        cost.CacheRead.ShouldBe(200_000 * 0.5m / 1_000_000);
        cost.Output.ShouldBe(10 * 22.5m / 1_000_000);
    }

    [Theory]
    [InlineData(272_000, 2.5)]
    [InlineData(272_001, 5)]
    public void The_limit_itself_is_still_the_short_prompt(long tokens, double perMillion)
    {
        Price price = ModelCatalog.BuiltIn.FindModel("openai", "gpt-5.4")!.Price!;

        Cost.Of(new Usage { Input = tokens }, price)!.Value.Total.ShouldBe(tokens * (decimal)perMillion / 1_000_000);
    }

    [Fact]
    public void The_highest_limit_that_is_passed_counts()
    {
        Price price = new() { Input = 1, Tiers = [new(10, new Price { Input = 2, Output = 9 }), new(20, new Price { Input = 3 })], Output = 5 };

        Cost.Of(new Usage { Input = 15 }, price)!.Value.Total.ShouldBe(30m / 1_000_000);
        Cost.Of(new Usage { Input = 25, Output = 1 }, price)!.Value.Total.ShouldBe((75m + 9m) / 1_000_000);
    }

    [Fact]
    public void A_service_tiers_own_long_price_comes_before_the_standard_one()
    {
        Price priority = new() { Input = 5, Tiers = [new(100, new Price { Input = 10 })] };
        Price price = new()
        {
            Input = 2.5m,
            Tiers = [new(100, new Price { Input = 4 })],
            ServiceTiers = new Dictionary<string, Price>(StringComparer.Ordinal) { ["priority"] = priority, ["flex"] = new() { Input = 1 } }.ToFrozenDictionary(),
        };

        Cost.Of(new Usage { Input = 101 }, price, "priority")!.Value.Total.ShouldBe(1_010m / 1_000_000);
        Cost.Of(new Usage { Input = 100 }, price, "priority")!.Value.Total.ShouldBe(500m / 1_000_000);
        Cost.Of(new Usage { Input = 101 }, price, "flex")!.Value.Total.ShouldBe(404m / 1_000_000);
        Cost.Of(new Usage { Input = 100 }, price, "flex")!.Value.Total.ShouldBe(100m / 1_000_000);
    }

    [Fact]
    public void A_transcription_by_token_pays_its_audio() =>
        Cost.Of(new Usage { InputAudio = 14, Output = 45 }, new Price { Input = 2.5m, InputAudio = 6, Output = 10 })!.Value.Total.ShouldBe(0.000534m);

    [Fact]
    public void A_custom_price_is_taken_as_it_is() =>
        Cost.Of(new Usage { Input = 21, Output = 17 }, PriceKeys.Read([new("input_cost_per_token", 1000), new("output_cost_per_token", 20)]))!.Value.Total.ShouldBe(21_340m);

    [Fact]
    public void A_price_per_call_is_added_once_for_each() =>
        Cost.Of(new Usage { Input = 10 }, new Price { Input = 1, PerRequest = 0.005m }, requests: 2)!.Value.Total.ShouldBe(0.01001m);

    [Fact]
    public void What_is_unknown_is_never_free()
    {
        Cost.Of(new Usage { Input = 1 }, null).ShouldBeNull();
        Cost.Of(new Usage { Input = 1, Output = 1 }, new Price { Input = 1 }).ShouldBeNull();
        Cost.Of(new Usage { CacheRead = 1 }, new Price { Output = 1 }).ShouldBeNull();
        Cost.Of(default, new Price { PerImage = 0.04m }).ShouldBeNull();
        Cost.Of(default, new Price { Input = 1 })!.Value.Total.ShouldBe(0m);
        Cost.Of(new Usage { Input = 9 }, new Price { Input = 0 })!.Value.Total.ShouldBe(0m);
    }

    [Fact]
    public void A_count_that_cannot_be_has_no_price()
    {
        Cost.Of(new Usage { Input = -1 }, new Price { Input = 1 }).ShouldBeNull();
        Cost.Of(new Usage { Input = long.MaxValue }, new Price { Input = 1 }).ShouldBeNull();
        Price dearest = new() { Input = PriceKeys.MaxPerUnit * 1_000_000 };
        Cost.Of(new Usage { Input = Cost.MaxTokens, CacheRead = Cost.MaxTokens }, dearest)!.Value.Total.ShouldBe(2m * Cost.MaxTokens * PriceKeys.MaxPerUnit);
    }
}
