using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Testing;

namespace Interline.Tests.Decisions;

public class DecisionLogTests
{
    [Fact]
    public async Task Every_call_is_decided_again_from_its_kept_inputs_as_it_was_carried()
    {
        await using var provider = new FakeProvider();
        int count = 0;
        provider.Otherwise = _ => (Interlocked.Increment(ref count) % 7) switch
        {
            0 => FakeAnswer.Json("{}", 429, ("retry-after", "1")),
            1 or 4 => FakeAnswer.Json("{}", 500),
            2 => FakeAnswer.Json("{}", 401),
            3 => FakeAnswer.Json("""{"error":{"code":"context_length_exceeded"}}""", 400),
            _ => FakeAnswer.Json(Wire.Answer),
        };
        Engine engine = new() { Router = new() { Strategy = RoutingStrategy.LatencyBased, DisableCooldowns = true, NumRetries = 1 } };
        using (engine)
        {
            for (int i = 0; i < 4; i++)
            {
                engine.With(provider, x => x with { Order = i % 2 });
            }

            engine.With(provider, x => x with { Group = "spare" }).Fallback("gpt", "spare");
            int fallbacks = 0;
            for (int i = 0; i < 120; i++)
            {
                Running running = engine.Start(Wire.Plain);
                await engine.Time.RunUntilAsync(running.Sending);
                Ended ended = await running.EndAsync();
                DecisionReport report = engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number)).ShouldNotBeNull();
                report.Identical.ShouldBe(true, $"call {i}");
                report.Decision.Steps.Count(x => x.Index >= 0).ShouldBe(ended.Record.Attempts);
                report.Decision.Groups.Length.ShouldBe(ended.Record.Fallbacks + 1);
                fallbacks += ended.Record.Fallbacks;
            }

            fallbacks.ShouldBeGreaterThan(10);
        }
    }

    [Fact]
    public async Task A_call_with_nothing_to_decide_keeps_nothing_and_is_explained_all_the_same()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(provider);
        Running running = engine.Start(Wire.Plain);
        Ended ended = await running.EndAsync();
        running.Call.Trace.ShouldBeNull();
        DecisionReport report = engine.Gateway.FindDecision(running.Call.Id).ShouldNotBeNull();
        report.Decision.Steps.Length.ShouldBe(1);
        JsonElement json = Json(report);
        json.GetProperty("groups")[0].GetProperty("steps")[0].GetProperty("outcome").GetString().ShouldBe("answered");
        json.GetProperty("replay_identical").GetBoolean().ShouldBeTrue();
        ended.Record.Attempts.ShouldBe(1);
    }

    [Fact]
    public async Task A_report_names_every_deployment_and_why_it_was_left_out_and_no_key()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(provider).With(provider).With(provider, x => x with { RegionName = "eu-west-1" });
        Running running = engine.Start(Wire.Plain.Replace("\"messages\"", "\"allowed_model_region\":\"eu\",\"messages\"", StringComparison.Ordinal));
        await running.EndAsync();
        JsonElement group = Json(engine.Gateway.FindDecision(running.Call.Id)!).GetProperty("groups")[0];
        group.GetProperty("deployments").EnumerateArray().Select(x => x.GetProperty("eligible").GetBoolean()).ShouldBe([false, false, true]);
        group.GetProperty("deployments")[0].GetProperty("why").GetString().ShouldBe("not in the region");
        group.GetProperty("steps")[0].GetProperty("deployment").GetString().ShouldBe("d3");
        group.GetRawText().ShouldNotContain("sk-secret");
    }

    [Fact]
    public void The_oldest_give_way_by_calls_and_by_readings()
    {
        using Engine engine = new Engine().With(new Uri("http://127.0.0.1:9/v1")).With(new Uri("http://127.0.0.1:9/v1"));
        var log = new DecisionLog(maxCalls: 16, maxReadings: 16);
        for (int i = 0; i < 200; i++)
        {
            Interline.Calls.Call call = engine.Begin(Wire.Plain);
            DecisionTrace trace = log.Rent();
            trace.Start(call, new RouteRequest());
            trace.Enter(call.Group);
            log.Keep(trace);
        }

        // Two readings each: the readings are the narrower bound.
        Enumerable.Range(1, 200).Count(x => log.Find(x) is not null).ShouldBe(8);
        log.Find(200)!.Value.Inputs.Visits[0].Health.Length.ShouldBe(2);
        log.Forget(engine.Gateway.Current);
        Enumerable.Range(1, 200).ShouldAllBe(x => log.Find(x) == null);
    }

    [Fact]
    public async Task A_configuration_is_forgotten_with_its_decisions_when_it_is_long_gone()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = _ => FakeAnswer.Json(Wire.Answer);
        using Engine engine = new Engine().With(provider).With(provider);
        Running running = engine.Start(Wire.Plain);
        await running.EndAsync();
        for (int i = 0; i < 8; i++)
        {
            engine.Gateway.Use(engine.Gateway.Current.Snapshot);
        }

        engine.Gateway.FindDecision(running.Call.Id).ShouldNotBeNull();
        engine.Gateway.Use(engine.Gateway.Current.Snapshot);
        engine.Gateway.FindDecision(running.Call.Id).ShouldBeNull();
    }

    [Fact]
    public async Task What_would_happen_is_told_without_making_the_call()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine { Router = new() { NumRetries = 1 } }.With(provider).With(provider).With(provider, x => x with { Group = "spare" }).Fallback("gpt", "spare");
        DecisionReport report = engine.Gateway.Explain(engine.Begin(Wire.Plain));
        report.Decision.Groups.ShouldBe(["gpt", "spare"]);
        report.Decision.Steps.Select(x => (x.Visit, x.Index)).ShouldBe([(0, 0), (0, 1), (1, 0), (1, 0)]);
        provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public void An_unknown_call_has_no_decision()
    {
        using Engine engine = new Engine().With(new Uri("http://127.0.0.1:9/v1"));
        engine.Gateway.FindDecision("nonsense").ShouldBeNull();
        engine.Gateway.FindDecision(engine.Gateway.CallId(77)).ShouldBeNull();
    }

    private static JsonElement Json(DecisionReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            report.Write(json);
        }

        return JsonDocument.Parse(stream.ToArray()).RootElement;
    }
}
