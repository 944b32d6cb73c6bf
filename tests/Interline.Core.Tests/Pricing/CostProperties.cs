using FsCheck;
using FsCheck.Fluent;
using Interline.Core.Pricing;
using Interline.Protocols;

namespace Interline.Core.Tests.Pricing;

public sealed class CostProperties
{
    private static readonly Price Flat = new()
    {
        Input = 3, CacheRead = 0.3m, CacheWrite = 3.75m, CacheWrite1h = 6, InputAudio = 10, InputImage = 5.5m, Output = 15, Reasoning = 12, OutputAudio = 40, OutputImage = 30,
    };

    private static readonly Gen<long> Tokens = Gen.Choose(0, 3_000_000).Select(count => (long)count);

    private static readonly Arbitrary<Usage> Usages = Tokens.ArrayOf(10).Select(n => new Usage
    {
        Input = n[0], CacheRead = n[1], CacheWrite = n[2], CacheWrite1h = n[3], InputAudio = n[4], InputImage = n[5],
        Output = n[6], Reasoning = n[7], OutputAudio = n[8], OutputImage = n[9],
    }).ToArbitrary();

    [Fact]
    public void The_cost_of_a_call_is_the_sum_of_what_each_class_alone_costs() => Prop.ForAll(Usages, usage =>
    {
        Usage[] alone =
        [
            new() { Input = usage.Input }, new() { CacheRead = usage.CacheRead }, new() { CacheWrite = usage.CacheWrite }, new() { CacheWrite1h = usage.CacheWrite1h },
            new() { InputAudio = usage.InputAudio }, new() { InputImage = usage.InputImage }, new() { Output = usage.Output }, new() { Reasoning = usage.Reasoning },
            new() { OutputAudio = usage.OutputAudio }, new() { OutputImage = usage.OutputImage },
        ];
        return Cost.Of(usage, Flat)!.Value.Total == alone.Sum(one => Cost.Of(one, Flat)!.Value.Total);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Two_calls_cost_together_what_they_cost_apart() => Prop.ForAll(Usages, Usages, (a, b) =>
    {
        Usage both = new()
        {
            Input = a.Input + b.Input, CacheRead = a.CacheRead + b.CacheRead, CacheWrite = a.CacheWrite + b.CacheWrite, CacheWrite1h = a.CacheWrite1h + b.CacheWrite1h,
            InputAudio = a.InputAudio + b.InputAudio, InputImage = a.InputImage + b.InputImage, Output = a.Output + b.Output, Reasoning = a.Reasoning + b.Reasoning,
            OutputAudio = a.OutputAudio + b.OutputAudio, OutputImage = a.OutputImage + b.OutputImage,
        };
        return Cost.Of(both, Flat)!.Value.Total == Cost.Of(a, Flat)!.Value.Total + Cost.Of(b, Flat)!.Value.Total;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_cost_is_never_negative_and_never_rounded() => Prop.ForAll(Usages, usage =>
    {
        Price tiered = Flat with { Tiers = [new PriceTier(200_000, new Price { Input = 6, Output = 22.5m })] };
        Cost cost = Cost.Of(usage, tiered)!.Value;
        return cost.Total >= 0 && cost.Total == cost.TotalInput + cost.TotalOutput
            && cost.Input * 1_000_000 == usage.Input * (usage.TotalInput > 200_000 ? 6m : 3m);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_tier_changes_exactly_one_token_above_its_limit() => Prop.ForAll(Gen.Choose(1, 2_000_000).ToArbitrary(), limit =>
    {
        Price price = new() { Input = 1, Tiers = [new PriceTier(limit, new Price { Input = 2 })] };
        return Cost.Of(new Usage { Input = limit }, price)!.Value.Total * 1_000_000 == limit
            && Cost.Of(new Usage { Input = limit + 1L }, price)!.Value.Total * 1_000_000 == 2 * (limit + 1L);
    }).QuickCheckThrowOnFailure();
}
