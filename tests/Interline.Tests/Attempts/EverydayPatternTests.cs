using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>What people use a router for, over sockets.</summary>
public class EverydayPatternTests
{
    private static string Asking(string more) => Wire.Plain.Replace("\"messages\"", more + ",\"messages\"", StringComparison.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_fastest_of_several_is_found_by_measurement(bool stream)
    {
        await using var slow = new FakeProvider();
        await using var fast = new FakeProvider();
        await using var middle = new FakeProvider();
        using Engine engine = new Engine { Router = new() { Strategy = RoutingStrategy.LatencyBased } }
            .With(slow, x => x with { Order = null }).With(fast, x => x with { Order = null }).With(middle, x => x with { Order = null });
        foreach ((FakeProvider provider, int ms) in new[] { (slow, 900), (fast, 100), (middle, 300) })
        {
            provider.Otherwise = _ =>
            {
                engine.Time.Advance(TimeSpan.FromMilliseconds(ms));
                return stream ? FakeAnswer.Stream(Wire.Events) : FakeAnswer.Json(Wire.Answer);
            };
        }

        for (int i = 0; i < 20; i++)
        {
            (await engine.SendAsync(stream ? Wire.Streamed : Wire.Plain)).Error.ShouldBeNull();
        }

        slow.Requests.Count.ShouldBe(1);
        middle.Requests.Count.ShouldBe(1);
        fast.Requests.Count.ShouldBe(18);

        // An old measurement is none: whoever has become faster is found again.
        engine.Time.Advance(TimeSpan.FromHours(2));
        for (int i = 0; i < 3; i++)
        {
            await engine.SendAsync(stream ? Wire.Streamed : Wire.Plain);
        }

        slow.Requests.Count.ShouldBe(2);
        middle.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_timeout_falls_back_to_another_provider()
    {
        await using var first = new FakeProvider();
        await using var spare = new FakeProvider();
        first.Then(FakeAnswer.HangBeforeHeaders());
        spare.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(first).With(spare, x => x with { Group = "spare" }).Fallback("gpt", "spare");

        Running running = engine.Start(Asking("\"timeout\":2.5"));
        FakeRequest hanging = await first.RequestAsync(1);
        engine.Time.Advance(TimeSpan.FromSeconds(2.6));
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Fallbacks.ShouldBe(1);
        ended.Record.Provider.ShouldBe("fake2");
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Timeout);
        hanging.Text.ShouldNotContain("timeout");
        await hanging.Aborted;
    }

    [Fact]
    public async Task One_name_over_variants_picks_whichever_is_available()
    {
        await using var full = new FakeProvider();
        await using var broken = new FakeProvider();
        await using var well = new FakeProvider();
        full.Otherwise = _ => FakeAnswer.Json("{}", 429);
        broken.Otherwise = _ => FakeAnswer.Json("{}", 503);
        well.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { AllowedFails = 0, CooldownTime = TimeSpan.FromMinutes(5) } }.With(full).With(broken).With(well);

        for (int i = 0; i < 5; i++)
        {
            (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d3");
        }

        full.Requests.Count.ShouldBe(1);
        broken.Requests.Count.ShouldBe(1);
        well.Requests.Count.ShouldBe(5);
    }

    [Fact]
    public async Task The_cheapest_within_a_price_limit_is_asked_and_none_left_is_a_clear_error()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { Strategy = RoutingStrategy.CostBased } }
            .With(provider, x => x with { Order = null, Price = new Price { Input = 5, Output = 15 } })
            .With(provider, x => x with { Order = null, Price = new Price { Input = 1, Output = 4 } })
            .With(provider, x => x with { Order = null, Price = new Price { Input = 0.5m, Output = 9 } })
            .With(provider, x => x with { Order = null, Price = null });

        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d2");
        (await engine.SendAsync(Asking("""
            "interline":{"max_price":{"input":0.8}}
            """))).Record.DeploymentId.ShouldBe("d3");
        Ended none = await engine.SendAsync(Asking("""
            "interline":{"max_price":{"input":0.8,"output":2}}
            """));

        none.Error!.Status.ShouldBe(400);
        none.Error.Code.ShouldBe("no_deployment_within_price");
        none.Error.Message.ShouldContain("4 above the price limit");
        none.Record.Attempts.ShouldBe(0);
        provider.Requests.ShouldAllBe(x => !x.Text.Contains("max_price", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_cost_of_a_call_follows_from_the_model_that_answered_and_what_it_used()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine()
            .With(provider, x => x with { Price = new Price { Input = 1, Output = 4 } })
            .With(provider, x => x with { Group = "large", Price = new Price { Input = 15, Output = 75 } });

        (await engine.SendAsync(Wire.Plain)).Record.Cost.ShouldBe((100 * 0.000001m) + (10 * 0.000004m));
        (await engine.SendAsync(Wire.Plain.Replace("\"gpt\"", "\"large\"", StringComparison.Ordinal))).Record.Cost.ShouldBe((100 * 0.000015m) + (10 * 0.000075m));
    }
}
