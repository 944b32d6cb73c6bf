using System.Text;
using Interline.Protocols.Errors;
using Interline.Testing;
using Interline.Testing.Faults;

namespace Interline.Tests.Attempts;

public class ErrorTests
{
    [Theory]
    [InlineData(400, """{"error":{"message":"Incorrect API key provided: sk-secret-1.","type":"invalid_request_error"}}""")]
    [InlineData(401, """{"detail":"Bad key sk-secret-1"}""")]
    [InlineData(500, "Traceback: key=sk-secret-1")]
    public async Task The_providers_key_is_hidden_from_the_caller(int status, string body)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(body, status), 5);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Message.ShouldContain("***");
        ended.Error.Message.ShouldNotContain("sk-secret");
        Encoding.UTF8.GetString(ended.Error.Raw.Span).ShouldNotContain("sk-secret");
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var elsewhere = new FakeProvider();
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Redirect(elsewhere.BaseUrl + "/chat/completions", status));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Status.ShouldBe(502);
        ended.Error.Message.ShouldContain("redirect");
        elsewhere.Connections.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData("retry-after", "7", 7000)]
    [InlineData("Retry-After", "0.25", 250)]
    [InlineData("retry-after-ms", "1500", 1500)]
    [InlineData("Retry-After", "Sat, 01 Aug 2026 12:00:30 GMT", 30_000)]
    [InlineData("Retry-After", "Sat, 01 Aug 2026 11:00:00 GMT", 0)]
    public async Task The_wait_that_a_provider_asks_for_is_kept(string header, string value, int milliseconds)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"busy"}}""", 429, (header, value))).Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider);

        Running running = engine.Start(Wire.Plain);
        if (milliseconds > 0)
        {
            await engine.Time.TimerWithinAsync(TimeSpan.FromMilliseconds(milliseconds));
            engine.Time.Advance(TimeSpan.FromMilliseconds(milliseconds - 1));
            provider.Requests.Count.ShouldBe(1);
            engine.Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Ended ended = await running.EndAsync();
        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Duration.ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
        ended.Record.Retries.ShouldBe(1);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("NaN")]
    [InlineData("1e300")]
    public async Task A_wait_that_makes_no_sense_is_not_kept(string value)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"busy"}}""", 429, ("Retry-After", value)));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        (await engine.SendAsync(Wire.Plain)).Error!.RetryAfter.ShouldBeNull();
    }

    [Fact]
    public async Task An_error_whose_words_break_off_counts_by_its_status()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Of(Reply.Body("{\"error\":{\"message\":\"Incorrect API key", 401) with { Length = 500, End = ReplyEnd.Cut }));
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(first).With(second);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Text.ShouldBe(Wire.Answer);
        (ended.Record.Failed[0].Kind, ended.Record.Failed[0].Status).ShouldBe((ErrorKind.Authentication, 401));
    }

    [Fact]
    public async Task A_wait_of_over_a_minute_is_told_and_not_waited_for()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"busy"}}""", 429, ("Retry-After", "61")));
        using Engine engine = new Engine().With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Kind.ShouldBe(ErrorKind.RateLimit);
        ended.Error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(61));
        provider.Requests.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"error":{"message":"\ud800"}}""")]
    [InlineData("{\"\\ud800\\ud800error\":1}")]
    [InlineData("{\"error\":{\"message\":\"\u0080\"")]
    public async Task An_error_body_with_half_characters_is_still_an_error(string body)
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(body, 500));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(500);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_huge_error_body_is_cut()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Body("text/plain", new byte[3 << 20], 500));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Status.ShouldBe(500);
        ended.Error.Message.Length.ShouldBeLessThan(3000);
    }

    [Fact]
    public async Task A_provider_of_a_wire_format_without_a_room_is_not_called()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, x => x with { Provider = x.Provider with { Wire = "cohere" } });

        (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(501);
        provider.Connections.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_deployment_that_lacks_something_is_passed_over_and_alone_it_says_what()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, x => x with { Missing = "no base URL is known" });

        Ended ended = await engine.SendAsync(Wire.Plain);

        (ended.Error!.Status, ended.Error.Message).ShouldBe((501, "`gpt` cannot be called as it is configured: no base URL is known."));
        provider.Connections.ShouldBe(0);
        engine.NothingInFlight();

        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine two = new Engine().With(provider, x => x with { Missing = "a model" }).With(provider);
        (await two.SendAsync(Wire.Plain)).Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_too_short_to_be_one_does_not_tear_up_the_providers_words()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"context too long","type":"x"}}""", 400));
        using Engine engine = new Engine().With(provider, x => x with { ApiKey = new Core.Configuration.Secret("x") });

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Message.ShouldBe("context too long");
    }
}
