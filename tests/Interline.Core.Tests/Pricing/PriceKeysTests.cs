using Interline.Core.Pricing;

namespace Interline.Core.Tests.Pricing;

public sealed class PriceKeysTests
{
    [Fact]
    public void Prices_per_token_become_prices_per_million()
    {
        Price price = PriceKeys.Read(
        [
            new("input_cost_per_token", 0.0000025m), new("output_cost_per_token", 0.00001m), new("cache_read_input_token_cost", 0.00000125m),
            new("cache_creation_input_token_cost", 3.75e-6m), new("cache_creation_input_token_cost_above_1hr", 6e-6m), new("input_cost_per_request", 0.01m),
            new("rpm", 5),
        ])!;

        price.Input.ShouldBe(2.5m);
        price.Output.ShouldBe(10m);
        price.CacheRead.ShouldBe(1.25m);
        price.CacheWrite.ShouldBe(3.75m);
        price.CacheWrite1h.ShouldBe(6m);
        price.PerRequest.ShouldBe(0.01m);
        price.Source.ShouldBe("config");
    }

    [Fact]
    public void Suffixes_make_tiers()
    {
        Price price = PriceKeys.Read(
        [
            new("input_cost_per_token", 1e-6m), new("input_cost_per_token_above_1000k_tokens", 4e-6m), new("input_cost_per_token_above_200k_tokens", 2e-6m),
            new("input_cost_per_token_batches", 0.5e-6m), new("input_cost_per_token_priority", 3e-6m), new("input_cost_per_token_above_200k_tokens_priority", 6e-6m),
            new("cache_creation_input_token_cost_above_1hr_above_200k_tokens", 12e-6m),
        ])!;

        price.Tiers.Select(tier => tier.AboveInputTokens).ShouldBe([200_000, 1_000_000]);
        price.Tiers[0].Price.Input.ShouldBe(2);
        price.Tiers[0].Price.CacheWrite1h.ShouldBe(12);
        price.Tiers[1].Price.Input.ShouldBe(4);
        price.ServiceTiers["batch"].Input.ShouldBe(0.5m);
        price.ServiceTiers["priority"].Input.ShouldBe(3);
        price.ServiceTiers["priority"].Tiers.Single().Price.Input.ShouldBe(6);
    }

    [Fact]
    public void What_is_not_named_keeps_the_default_but_the_tiers_of_a_replaced_list_go()
    {
        Price list = new() { Input = 3, Output = 15, CacheRead = 0.3m, Tiers = [new PriceTier(200_000, new Price { Input = 6 })] };

        Price own = PriceKeys.Read([new("input_cost_per_token", 1e-6m)], list)!;
        own.ShouldSatisfyAllConditions(p => p.Input.ShouldBe(1), p => p.Output.ShouldBe(15), p => p.CacheRead.ShouldBe(0.3m), p => p.Tiers.ShouldBeEmpty());

        PriceKeys.Read([new("input_cost_per_token_flex", 1e-6m)], list)!.Tiers.ShouldHaveSingleItem();
        PriceKeys.Read([new("rpm", 1)], list).ShouldBeNull();
    }

    [Theory]
    [InlineData("input_cost_per_token", true)]
    [InlineData("output_cost_per_token_above_272k_tokens_priority", true)]
    [InlineData("input_cost_per_token_batch_requests", true)]
    [InlineData("input_cost_per_token_above_0k_tokens", false)]
    [InlineData("input_cost_per_token_above_xk_tokens", false)]
    [InlineData("input_cost_per_pixel", true)]
    [InlineData("output_cost_per_image_above_1024_and_1024_pixels_and_premium_image", true)]
    [InlineData("input_dbu_cost_per_token", false)]
    [InlineData("tpm", false)]
    public void A_name_is_known_by_its_stem_and_suffixes(string key, bool known) => PriceKeys.IsPrice(key).ShouldBe(known);

    [Fact]
    public void No_name_is_both_charged_and_not() => PriceKeys.NotCharged.Where(PriceKeys.IsPrice).ShouldBeEmpty();

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_001)]
    public void A_price_below_zero_or_beyond_belief_is_refused(int perUnit)
    {
        PriceKeys.IsValid(perUnit).ShouldBeFalse();
        Should.Throw<ArgumentOutOfRangeException>(() => PriceKeys.Read([new("input_cost_per_token", perUnit)]));
    }
}
