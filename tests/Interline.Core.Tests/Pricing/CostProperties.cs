using System.Collections.Frozen;
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

    private static readonly Price Counted = new()
    {
        PerImage = 0.04m, PerInputImage = 0.0013m, PerSecond = 0.0001m, PerVideoSecond = 0.002m, PerOutputSecond = 0.00025m, PerOutputVideoSecond = 0.4m,
        PerMillionCharacters = 15, PerMillionOutputCharacters = 20, PerQuery = 0.002m, PerPage = 0.001m, PerAnnotatedPage = 0.003m, PerSession = 0.03m,
    };

    private static readonly Arbitrary<Units> AllUnits = Gen.Choose(0, 100_000).ArrayOf(12).Select(n => new Units
    {
        Images = n[0], InputImages = n[1], InputSeconds = n[2] / 100m, InputVideoSeconds = n[3] / 100m, OutputSeconds = n[4] / 100m, OutputVideoSeconds = n[5] / 100m,
        InputCharacters = n[6], OutputCharacters = n[7], Queries = n[8], Pages = n[9], AnnotatedPages = n[10], Sessions = n[11] + 1,
    }).ToArbitrary();

    [Fact]
    public void Units_cost_exactly_their_number_times_their_price_and_add_up() => Prop.ForAll(AllUnits, units =>
    {
        Cost cost = Cost.Of(default, Counted, units: units)!.Value;
        return cost.Images == units.Images * 0.04m && cost.InputImages == units.InputImages * 0.0013m
            && cost.Seconds == (units.InputSeconds * 0.0001m) + (units.InputVideoSeconds * 0.002m) + (units.OutputSeconds * 0.00025m) + (units.OutputVideoSeconds * 0.4m)
            && cost.Characters * 1_000_000 == (units.InputCharacters * 15m) + (units.OutputCharacters * 20m)
            && cost.Services == (units.Queries * 0.002m) + (units.Pages * 0.001m) + (units.AnnotatedPages * 0.003m) + (units.Sessions * 0.03m)
            && cost.Total == cost.TotalUnits && cost.TotalUnits == cost.Images + cost.InputImages + cost.Seconds + cost.Characters + cost.Services;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void More_of_anything_never_costs_less() => Prop.ForAll(Usages, AllUnits, (usage, units) =>
    {
        Price price = Flat with { PerSession = 0.03m, PerQuery = 0.002m, Tiers = [new PriceTier(200_000, new Price { Input = 6, CacheRead = 0.6m, Output = 22.5m })] };
        decimal Total(Usage u, Units n) => Cost.Of(u, price, units: n)!.Value.Total;
        Units services = new() { Sessions = units.Sessions, Queries = units.Queries };
        decimal before = Total(usage, services);
        return before >= 0
            && Total(usage with { Input = usage.Input + 1 }, services) >= before && Total(usage with { CacheRead = usage.CacheRead + 1 }, services) >= before
            && Total(usage with { CacheWrite1h = usage.CacheWrite1h + 1 }, services) >= before && Total(usage with { InputAudio = usage.InputAudio + 1 }, services) >= before
            && Total(usage with { Output = usage.Output + 1 }, services) >= before && Total(usage with { Reasoning = usage.Reasoning + 1 }, services) >= before
            && Total(usage with { OutputImage = usage.OutputImage + 1 }, services) >= before
            && Total(usage, services with { Queries = services.Queries + 1 }) > before;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_price_that_is_not_known_is_never_read_as_zero() => Prop.ForAll(Usages, usage =>
    {
        Price lacking = new() { Input = 3 };
        return (usage.TotalOutput > 0) == (Cost.Of(usage, lacking) is null);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Discount_and_margin_are_exact_and_keep_the_order_of_costs() => Prop.ForAll(Gen.Choose(0, 100).Two().ToArbitrary(), Usages, (shares, usage) =>
    {
        CostTerms terms = new()
        {
            Discounts = new Dictionary<string, decimal>(StringComparer.Ordinal) { ["a"] = shares.Item1 / 100m }.ToFrozenDictionary(),
            GlobalMargin = new Margin(shares.Item2 / 100m, 0.0005m),
        };
        decimal list = Cost.Of(usage, Flat)!.Value.Total;
        decimal upstream = terms.Discounted("a", list);
        return upstream >= 0 && upstream <= list && upstream * 100 == list * (100 - shares.Item1)
            && terms.Billed("a", upstream) == (upstream * (1 + (shares.Item2 / 100m))) + 0.0005m && terms.Billed("a", upstream) >= upstream;
    }).QuickCheckThrowOnFailure();
}
