using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Health;

public class CooldownTests
{
    [Fact]
    public async Task A_deployment_that_is_rate_limited_is_left_alone_until_it_has_cooled()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("{}", 429)).Then(FakeAnswer.Json(Wire.Answer));
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(first).With(second);

        (await engine.SendAsync(Wire.Plain)).Record.Attempts.ShouldBe(2);
        engine.State("d1").Reading.RateLimited.ShouldBeTrue();
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d2");
        first.Requests.Count.ShouldBe(1);
        engine.Time.Advance(TimeSpan.FromSeconds(5));
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d1");
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData(429, 429, ErrorKind.RateLimit, 9)]
    [InlineData(401, 503, ErrorKind.Overloaded, 108)]
    public async Task When_every_deployment_cools_the_caller_learns_for_how_long(int status, int told, ErrorKind kind, int seconds)
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json("{}", status);
        using Engine engine = new Engine { Router = new() { CooldownTime = TimeSpan.FromSeconds(9), NumRetries = 1 } }.With(provider).With(provider);

        Ended failed = await engine.SendAsync(Wire.Plain);
        Ended cooling = await engine.SendAsync(Wire.Plain);

        failed.Error!.Status.ShouldBe(status);
        cooling.Error!.Status.ShouldBe(told);
        cooling.Error.Kind.ShouldBe(kind);
        cooling.Error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));
        cooling.Record.Attempts.ShouldBe(0);
        cooling.Record.DeploymentId.ShouldBeNull();
        provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_group_that_cools_is_carried_by_its_fallback_without_an_attempt()
    {
        await using var first = new FakeProvider();
        await using var spare = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json("{}", 429);
        spare.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 1 } }.With(first).With(first).With(spare, x => x with { Group = "spare" }).Fallback("gpt", "spare");

        await engine.SendAsync(Wire.Plain);
        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Attempts.ShouldBe(1);
        ended.Record.Fallbacks.ShouldBe(1);
        first.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Five_failures_in_a_minute_cool_and_an_old_minute_is_forgotten()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json("{}", 500);
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(first).With(second);

        await RepeatAsync(engine, 4);
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        await RepeatAsync(engine, 4);
        engine.State("d1").Reading.IsAvailable.ShouldBeTrue();
        await RepeatAsync(engine, 1);
        engine.State("d1").Reading.IsAvailable.ShouldBeFalse();
        first.Requests.Count.ShouldBe(9);
        engine.State("d1").Totals.Failures.ShouldBe(9);
        engine.State("d2").Totals.Successes.ShouldBe(9);
    }

    [Fact]
    public async Task A_reload_keeps_what_is_known_of_a_deployment()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json("{}", 429);
        second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(first).With(second);

        await engine.SendAsync(Wire.Plain);
        engine.Gateway.Use(engine.Gateway.Current.Snapshot with { Version = "v2" });
        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Record.SnapshotVersion.ShouldBe("v2");
        first.Requests.Count.ShouldBe(1);
    }

    private static async Task RepeatAsync(Engine engine, int times)
    {
        for (int i = 0; i < times; i++)
        {
            (await engine.SendAsync(Wire.Plain)).Error.ShouldBeNull();
        }
    }
}
