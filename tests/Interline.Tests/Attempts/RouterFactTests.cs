using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Facts of LiteLLM's router, from its own tests, through the whole engine; where its behaviour is one of its known bugs, as it should be.</summary>
public class RouterFactTests
{
    private static string Asking(string more) => Wire.Plain.Replace("\"messages\"", more + ",\"messages\"", StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task As_many_fallbacks_are_counted_as_were_used(int failing)
    {
        await using var bad = new FakeProvider();
        await using var good = new FakeProvider();
        bad.Otherwise = _ => FakeAnswer.Json("{}", 500);
        good.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = Chain(failing, bad, good);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Fallbacks.ShouldBe(failing);
        ended.Record.Attempts.ShouldBe(failing + 1);
    }

    [Fact]
    public async Task When_all_fallbacks_fail_the_error_is_the_last_attempts()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"first"}}""", 500);
        second.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"second"}}""", 503);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(first).With(second, x => x with { Group = "spare" }).Fallback("gpt", "spare");
        Ended ended = await engine.SendAsync(Wire.Plain);
        ended.Error!.Message.ShouldBe("second");
        ended.Error.Status.ShouldBe(503);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_request_that_is_wrong_is_neither_tried_again_nor_carried_elsewhere(int status)
    {
        await using var first = new FakeProvider();
        await using var other = new FakeProvider();
        first.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"wrong"}}""", status);
        using Engine engine = new Engine().With(first).With(other).With(other, x => x with { Group = "spare" }).Fallback("gpt", "spare").Fallback("*", "spare");
        (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(status);
        first.Requests.Count.ShouldBe(1);
        other.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_retry_policy_for_bad_requests_tries_them_again_and_still_asks_no_other_group()
    {
        await using var provider = new FakeProvider();
        await using var spare = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json("""{"error":{"message":"wrong"}}""", 400);
        using Engine engine = new Engine { Router = new() { RetryPolicy = new() { BadRequest = 1 } } }.With(provider).With(provider).With(spare, x => x with { Group = "spare" }).Fallback("gpt", "spare");
        (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(400);
        provider.Requests.Count.ShouldBe(2);
        spare.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Retries_of_a_groups_policy_win_over_the_routers_and_the_requests_over_both()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json("{}", 500);
        using Engine engine = new Engine
        {
            Router = new()
            {
                NumRetries = 0,
                RetryPolicy = new() { InternalServer = 1 },
                GroupRetryPolicies = new Dictionary<string, RetryPolicy> { ["gpt"] = new() { InternalServer = 2 } }.ToFrozenDictionary(),
                DisableCooldowns = true,
            },
        };
        for (int i = 0; i < 5; i++)
        {
            engine.With(provider, x => x with { Order = null });
        }

        (await engine.SendAsync(Wire.Plain)).Record.Attempts.ShouldBe(3);
        (await engine.SendAsync(Asking("\"num_retries\":3"))).Record.Attempts.ShouldBe(4);
        (await engine.SendAsync(Asking("\"num_retries\":0"))).Record.Attempts.ShouldBe(1);
        provider.Requests.ShouldAllBe(x => !x.Text.Contains("num_retries", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Order_one_fails_then_two_then_three_then_the_fallback_groups()
    {
        await using var bad = new FakeProvider();
        await using var spare = new FakeProvider();
        bad.Otherwise = _ => FakeAnswer.Json("{}", 500);
        spare.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(bad).With(bad).With(bad).With(spare, x => x with { Group = "spare" }).Fallback("gpt", "spare");
        Ended ended = await engine.SendAsync(Wire.Plain);
        ended.Record.Failed.Select(x => x.DeploymentId).ShouldBe(["d1", "d2", "d3"]);
        ended.Record.DeploymentId.ShouldBe("d4");
    }

    [Fact]
    public async Task A_default_fallback_to_itself_ends()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json("{}", 500);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(provider).Fallback("*", "gpt", "gpt");
        (await engine.SendAsync(Wire.Plain)).Record.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task Of_four_calls_at_once_exactly_as_many_pass_as_the_minute_allows()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Otherwise = _ => new FakeAnswer().Gate(gate.Task).Write($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(Wire.Answer)}\r\n\r\n{Wire.Answer}");
        using Engine engine = new Engine { Router = new() { Strategy = RoutingStrategy.UsageBasedV2 } }.With(provider, x => x with { Rpm = 2 });

        Running[] running = [.. Enumerable.Range(0, 4).Select(_ => engine.Start(Wire.Plain))];
        await provider.RequestAsync(2);
        gate.SetResult();
        Ended[] ended = await Task.WhenAll(running.Select(x => x.EndAsync()));

        ended.Count(x => x.Error is null).ShouldBe(2);
        ended.Where(x => x.Error is not null).ShouldAllBe(x => x.Error!.Status == 429 && x.Error.RetryAfter > TimeSpan.Zero && x.Error.Message.Contains("no requests left"));
        provider.Requests.Count.ShouldBe(2);
        engine.Time.Advance(TimeSpan.FromMinutes(1));
        (await engine.SendAsync(Wire.Plain)).Error.ShouldBeNull();
        engine.NothingInFlight();
    }

    [Fact]
    public async Task No_more_calls_run_at_once_than_a_deployment_takes()
    {
        await using var provider = new FakeProvider();
        await using var other = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        other.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(provider, x => x with { MaxParallelRequests = 1 }).With(other);

        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d2");
        first.Abort();
        await first.EndAsync();
        engine.NothingInFlight();
    }

    [Fact]
    public async Task The_call_that_crosses_a_providers_budget_is_its_last_until_the_next_period()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Otherwise = second.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { ProviderBudgets = new Dictionary<string, Budget> { ["fake1"] = new(Wire.Cost / 2, TimeSpan.FromDays(1)) }.ToFrozenDictionary() } }.With(first).With(second);

        for (int i = 0; i < 3; i++)
        {
            (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe(i == 0 ? "d1" : "d2");
        }

        engine.Time.Advance(TimeSpan.FromHours(12.1));
        (await engine.SendAsync(Wire.Plain)).Record.DeploymentId.ShouldBe("d1");
    }

    [Fact]
    public async Task A_deployments_own_budget_holds_and_a_group_whose_budgets_are_spent_says_so()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(provider, x => x with { Budget = new(Wire.Cost, TimeSpan.FromHours(1)) });
        (await engine.SendAsync(Wire.Plain)).Error.ShouldBeNull();
        Ended over = await engine.SendAsync(Wire.Plain);
        over.Error!.Status.ShouldBe(429);
        over.Error.Code.ShouldBe("budget_exceeded");
    }

    [Theory]
    [InlineData("\"mock_testing_fallbacks\":true", "d2")]
    [InlineData("\"mock_testing_context_fallbacks\":true", "d3")]
    [InlineData("\"mock_testing_content_policy_fallbacks\":true", "d4")]
    [InlineData("\"mock_testing_rate_limit_error\":true", "d2")]
    [InlineData("\"mock_response\":\"litellm.InternalServerError\"", "d2")]
    [InlineData("\"mock_response\":\"litellm.ContextWindowExceededError\"", "d3")]
    public async Task A_pretended_failure_is_followed_by_what_follows_a_real_one(string mock, string expected)
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = Three(provider);
        Ended ended = await engine.SendAsync(Asking(mock));
        ended.Record.DeploymentId.ShouldBe(expected);
        ended.Record.Fallbacks.ShouldBe(1);
        provider.Requests.Count.ShouldBe(1);
        provider.Requests[0].Text.ShouldNotContain("mock");
    }

    [Fact]
    public async Task With_fallbacks_disabled_the_error_is_told()
    {
        await using var provider = new FakeProvider();
        using Engine engine = Three(provider);
        Ended ended = await engine.SendAsync(Asking("\"mock_testing_fallbacks\":true,\"disable_fallbacks\":true"));
        ended.Error!.Status.ShouldBe(500);
        ended.Error.Message.ShouldContain("mock_testing_fallbacks");
        provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_pretended_answer_asks_nobody(bool stream)
    {
        await using var provider = new FakeProvider();
        using Engine engine = Three(provider);
        Ended ended = await engine.SendAsync((stream ? Wire.Streamed : Wire.Plain).Replace("\"messages\"", "\"mock_response\":\"pretended words\",\"messages\"", StringComparison.Ordinal));
        ended.Error.ShouldBeNull();
        ended.Text.ShouldContain("pretended words");
        ended.Text.EndsWith("data: [DONE]\n\n", StringComparison.Ordinal).ShouldBe(stream);
        ended.Record.Attempts.ShouldBe(0);
        provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_pretended_timeout_waits_as_long_as_the_limit()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider);
        Running running = engine.Start(Asking("\"mock_timeout\":true,\"timeout\":3"));
        TimeSpan waited = await engine.Time.RunUntilAsync(running.Sending);
        Ended ended = await running.EndAsync();
        ended.Error!.Kind.ShouldBe(ErrorKind.Timeout);
        waited.ShouldBe(TimeSpan.FromSeconds(3));
        provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_requests_own_fallbacks_are_tried_also_a_deployments_id()
    {
        await using var bad = new FakeProvider();
        await using var good = new FakeProvider();
        bad.Otherwise = _ => FakeAnswer.Json("{}", 500);
        good.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine { Router = new() { NumRetries = 0 } }.With(bad).With(good, x => x with { Group = "spare" });
        (await engine.SendAsync(Asking("\"fallbacks\":[\"nobody\",\"d2\"]"))).Record.DeploymentId.ShouldBe("d2");
        (await engine.SendAsync(Asking("\"fallbacks\":[{\"model\":\"spare\"}]"))).Record.DeploymentId.ShouldBe("d2");
    }

    [Fact]
    public async Task A_request_longer_than_the_window_goes_to_a_larger_one_without_an_attempt()
    {
        await using var small = new FakeProvider();
        await using var large = new FakeProvider();
        large.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine
        {
            Router = new() { EnablePreCallChecks = true, ContextWindowFallbacks = new Dictionary<string, ImmutableArray<string>> { ["gpt"] = ["large"] }.ToFrozenDictionary() },
        }.With(small, x => x with { Model = new() { Provider = "p", Id = "m", ContextWindow = 50 } }).With(large, x => x with { Group = "large" });
        string words = string.Join(' ', Enumerable.Repeat("word", 100));
        Ended ended = await engine.SendAsync(Wire.Plain.Replace("hi é", words, StringComparison.Ordinal));
        ended.Record.DeploymentId.ShouldBe("d2");
        ended.Record.Attempts.ShouldBe(1);
        small.Requests.ShouldBeEmpty();
    }

    private static Engine Chain(int failing, FakeProvider bad, FakeProvider good)
    {
        Engine engine = new Engine { Router = new() { NumRetries = 0 } }
            .With(failing > 0 ? bad : good).With(failing > 1 ? bad : good, x => x with { Group = "one" }).With(good, x => x with { Group = "two" });
        return engine.Fallback("gpt", "one", "two");
    }

    private static Engine Three(FakeProvider provider) => new Engine
    {
        Router = new()
        {
            ContextWindowFallbacks = new Dictionary<string, ImmutableArray<string>> { ["gpt"] = ["long"] }.ToFrozenDictionary(),
            ContentPolicyFallbacks = new Dictionary<string, ImmutableArray<string>> { ["gpt"] = ["lenient"] }.ToFrozenDictionary(),
        },
    }.With(provider).With(provider, x => x with { Group = "spare" }).With(provider, x => x with { Group = "long" }).With(provider, x => x with { Group = "lenient" }).Fallback("gpt", "spare");
}
