using System.Collections.Frozen;
using Interline.Core.Pricing;

namespace Interline.Core.Tests.Pricing;

public sealed class CostTermsTests
{
    [Fact]
    public void A_discount_is_a_share_of_the_price() => Terms(discount: 0.05m).Discounted("openai", 2m).ShouldBe(1.9m);

    [Fact]
    public void A_discount_of_another_provider_is_not_given() => Terms(discount: 0.05m).Discounted("anthropic", 2m).ShouldBe(2m);

    [Theory]
    [InlineData(0.10, 0, 1.10)]
    [InlineData(0, 0.001, 1.001)]
    [InlineData(0.08, 0.0005, 1.0805)]
    public void A_margin_is_a_share_or_an_amount_or_both(double fraction, double amount, double billed) =>
        Terms(margin: new Margin((decimal)fraction, (decimal)amount)).Billed("openai", 1m).ShouldBe((decimal)billed);

    [Fact]
    public void The_margin_is_of_what_the_discount_leaves()
    {
        CostTerms terms = Terms(discount: 0.05m, margin: new Margin(0.10m, 0));

        terms.Billed("openai", terms.Discounted("openai", 1m)).ShouldBe(1m * 0.95m * 1.10m);
    }

    [Fact]
    public void A_providers_margin_replaces_the_global_one()
    {
        CostTerms terms = Terms(margin: new Margin(0.10m, 0)) with { GlobalMargin = new Margin(0.5m, 0.01m) };

        terms.Billed("openai", 1m).ShouldBe(1.10m);
        terms.Billed("anthropic", 1m).ShouldBe(1.51m);
    }

    [Fact]
    public void A_retry_does_not_cost_the_fixed_amount_again() =>
        Terms(margin: new Margin(0.08m, 0.0005m)).Billed("openai", 1m, answered: false).ShouldBe(1.08m);

    [Fact]
    public void Nothing_said_changes_nothing()
    {
        CostTerms.None.IsEmpty.ShouldBeTrue();
        CostTerms.None.Billed("openai", CostTerms.None.Discounted("openai", 0.123456789m)).ShouldBe(0.123456789m);
    }

    private static CostTerms Terms(decimal? discount = null, Margin? margin = null) => new()
    {
        Discounts = discount is { } share ? new Dictionary<string, decimal>(StringComparer.Ordinal) { ["openai"] = share }.ToFrozenDictionary() : FrozenDictionary<string, decimal>.Empty,
        Margins = margin is { } one ? new Dictionary<string, Margin>(StringComparer.Ordinal) { ["openai"] = one }.ToFrozenDictionary() : FrozenDictionary<string, Margin>.Empty,
    };
}
