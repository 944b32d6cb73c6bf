using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Whatever fails before the first valid event is carried by somebody else, and nothing of it reaches the client.</summary>
public class CarriedTests
{
    private static readonly Dictionary<string, Func<FakeAnswer>> Failures = new(StringComparer.Ordinal)
    {
        ["connection cut before any answer"] = FakeAnswer.Cut,
        ["no choice in it"] = () => FakeAnswer.Json("""{"id":"c0","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":0}}"""),
        ["not HTTP"] = FakeAnswer.Garbage,
        ["429"] = () => FakeAnswer.Json("""{"error":{"message":"Slow down.","type":"rate_limit"}}""", 429, ("Retry-After", "20")),
        ["500"] = () => FakeAnswer.Json("""{"error":{"message":"Oops."}}""", 500),
        ["503 with a page"] = () => FakeAnswer.Body("text/html", "<html>busy</html>"u8.ToArray(), 503),
        ["401"] = () => FakeAnswer.Json("""{"error":{"message":"Incorrect API key provided: sk-secret-1."}}""", 401),
        ["403"] = () => FakeAnswer.Json("""{"error":{"message":"Not for you."}}""", 403),
        ["402"] = () => FakeAnswer.Json("""{"error":{"message":"Pay."}}""", 402),
        ["408"] = () => FakeAnswer.Json("""{"error":{"message":"Late."}}""", 408),
        ["redirect"] = () => FakeAnswer.Redirect("http://127.0.0.1:1/v1"),
        ["200 with an error body"] = () => FakeAnswer.Json("""{"error":{"message":"No capacity.","code":503}}"""),
        ["200 with a page"] = () => FakeAnswer.Body("text/html", "<html>login</html>"u8.ToArray()),
        ["200 with an empty body"] = () => FakeAnswer.Json(""),
        ["short body"] = () => FakeAnswer.ShortBody(Wire.Answer[..40], 100),
        ["JSON without choices"] = () => FakeAnswer.Json("""{"hello":1}"""),
    };

    private static readonly Dictionary<string, Func<FakeAnswer>> StreamFailures = new(StringComparer.Ordinal)
    {
        ["cut after the headers"] = () => FakeAnswer.CutStream(),
        ["cut in the first event"] = () => FakeAnswer.CutStream(Wire.First[..^10]),
        ["ended in the first event"] = () => FakeAnswer.EndStream(Wire.First[..^30]),
        ["cut after comments"] = () => FakeAnswer.CutStream(": one\n\n: two\n\n"),
        ["ended without an event"] = () => FakeAnswer.EndStream(),
        ["only events without a choice"] = () => FakeAnswer.EndStream("data: {\"id\":\"c0\",\"choices\":[]}\n\n" + Wire.Usage + Wire.Done),
        ["an event that is no chunk"] = () => FakeAnswer.EndStream("data: {\"message\":\"capacity\",\"code\":503}\n\n"),
        ["only the end marker"] = () => FakeAnswer.EndStream(Wire.Done),
        ["malformed first event"] = () => FakeAnswer.Stream("data: {\"choices\":[\n\n" + Wire.EventsWithoutUsage),
        ["error as first event"] = () => FakeAnswer.Stream("data: {\"error\":{\"message\":\"Overloaded.\",\"code\":529}}\n\n" + Wire.Done),
        ["HTML as a stream"] = () => FakeAnswer.Stream("<html>\n\n</html>\n"),
    };

    public static TheoryData<string> Plain => new(Failures.Keys);

    public static TheoryData<string> Streams => new(Failures.Keys.Concat(StreamFailures.Keys));

    [Theory]
    [MemberData(nameof(Plain))]
    public async Task A_plain_call_that_fails_is_carried_by_the_second_deployment(string failure)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => Failures[failure]();
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(first).With(second);

        Carried(engine, await engine.SendAsync(Wire.Plain), Wire.Answer);
        second.Requests[0].Text.ShouldContain("\"up-2\"");
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_stream_that_fails_before_its_first_event_is_carried_by_the_second_deployment(string failure)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => (Failures.GetValueOrDefault(failure) ?? StreamFailures[failure])();
        second.Then(FakeAnswer.Stream(Wire.Events, 9));
        using Engine engine = new Engine().With(first).With(second);

        Carried(engine, await engine.SendAsync(Wire.Streamed), Wire.EventsWithoutUsage);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_group_that_fails_is_carried_by_its_fallback_group(string failure)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => (Failures.GetValueOrDefault(failure) ?? StreamFailures[failure])();
        second.Then(FakeAnswer.Stream(Wire.Events, 9));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(first).With(second, x => x with { Group = "spare" }).Fallback("gpt", "spare");

        Ended ended = await engine.SendAsync(Wire.Streamed);

        Carried(engine, ended, Wire.EventsWithoutUsage);
        ended.Record.Fallbacks.ShouldBe(1);
        ended.Record.Retries.ShouldBe(0);
        ended.Record.Group.ShouldBe("gpt");
    }

    [Fact]
    public async Task A_refused_connection_is_carried_by_the_second_deployment()
    {
        Uri nobody;
        await using (var gone = new FakeProvider())
        {
            nobody = gone.BaseUrl;
        }

        await using var second = new FakeProvider();
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(nobody).With(second);

        Ended ended = await engine.SendAsync(Wire.Plain);

        Carried(engine, ended, Wire.Answer);
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Network);
    }

    [Fact]
    public async Task A_bad_request_is_told_at_once_in_the_providers_own_bytes()
    {
        const string Body = """{"error":{"message":"`messages` is too short.","type":"invalid_request_error","param":"messages","code":null},"extra": 1.0}""";
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json(Body, 400));
        using Engine engine = new Engine().With(first).With(second).Fallback("gpt", "gpt");

        Ended ended = await engine.SendAsync(Wire.Streamed);

        ended.Error!.Kind.ShouldBe(ErrorKind.BadRequest);
        ended.Error.Status.ShouldBe(400);
        ended.Error.Param.ShouldBe("messages");
        System.Text.Encoding.UTF8.GetString(ended.Error.Raw.Span).ShouldBe(Body);
        second.Requests.ShouldBeEmpty();
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_prompt_that_is_too_long_goes_to_the_fallback_group_and_not_to_a_sibling()
    {
        await using var first = new FakeProvider();
        await using var sibling = new FakeProvider();
        await using var spare = new FakeProvider();
        first.Then(FakeAnswer.Json("""{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}""", 400));
        spare.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(first).With(sibling).With(spare, x => x with { Group = "long" }).Fallback("gpt", "long");

        Carried(engine, await engine.SendAsync(Wire.Plain), Wire.Answer);
        sibling.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task When_everybody_fails_the_last_error_is_told()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("""{"error":{"message":"first"}}""", 500));
        second.Then(FakeAnswer.Json("""{"error":{"message":"second"}}""", 503));
        using Engine engine = new Engine { Router = new() { NumRetries = 1 } }.With(first).With(second);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Message.ShouldBe("second");
        ended.Record.Status.ShouldBe(503);
        ended.Record.Attempts.ShouldBe(2);
        ended.Record.Retries.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task Default_fallbacks_carry_groups_that_have_none_of_their_own_and_never_the_group_itself()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.Json("{}", 500));
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(first).With(second, x => x with { Group = "spare" }).Fallback("*", "gpt", "nobody", "spare");

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error.ShouldBeNull();
        first.Requests.Count.ShouldBe(1);
        ended.Record.Fallbacks.ShouldBe(1);
    }

    [Fact]
    public async Task A_chain_of_fallbacks_ends_with_the_last_error()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"one"}}""", 500)).Then(FakeAnswer.Json("""{"error":{"message":"two"}}""", 500)).Then(FakeAnswer.Json("""{"error":{"message":"three"}}""", 502));
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }
            .With(provider).With(provider, x => x with { Group = "b" }).With(provider, x => x with { Group = "c" }).Fallback("gpt", "b", "c");

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Error!.Message.ShouldBe("three");
        ended.Record.Fallbacks.ShouldBe(2);
        ended.Record.Failed.Select(x => x.DeploymentId).ShouldBe(["d1", "d2"]);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_refused_key_is_not_used_through_a_deployment_that_shares_it()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"error":{"message":"no"}}""", 401)).Then(FakeAnswer.Json(Wire.Answer));
        var shared = new Core.Configuration.Secret("sk-shared");
        using Engine engine = new Engine().With(provider, x => x with { ApiKey = shared }).With(provider, x => x with { ApiKey = shared }).With(provider);

        Carried(engine, await engine.SendAsync(Wire.Plain), Wire.Answer);
        provider.Requests.Select(x => x.Headers["Authorization"]).ShouldBe(["Bearer sk-shared", "Bearer sk-secret-3"]);
    }

    private static void Carried(Engine engine, Ended ended, string expected)
    {
        ended.Error.ShouldBeNull();
        ended.Text.ShouldBe(expected);
        ended.Record.Status.ShouldBe(200);
        ended.Record.Error.ShouldBeNull();
        ended.Record.Attempts.ShouldBe(2);
        ended.Record.Failed.Count.ShouldBe(1);
        ended.Record.Failed[0].DeploymentId.ShouldBe("d1");
        ended.Record.Cost.ShouldBe(Wire.Cost);
        engine.NothingInFlight();
    }
}
