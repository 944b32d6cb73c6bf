using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>How long a stream's first event is waited for where nothing is configured: no longer than somebody else could have answered.</summary>
public sealed class FirstEventTests
{
    private const string Thinking = """{"model":"gpt","stream":true,"reasoning_effort":"high","messages":[{"role":"user","content":"hi"}]}""";
    private const string NotThinking = """{"model":"gpt","stream":true,"reasoning_effort":"none","thinking":{"type":"disabled"},"reasoning":null,"messages":[{"role":"user","content":"hi"}]}""";

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);
    private static readonly ModelInfo Reasons = new() { Provider = "fake", Id = "m", Capabilities = ModelCapabilities.Reasoning };

    [Theory]
    [InlineData(Wire.Streamed, true)]
    [InlineData(NotThinking, true)]
    [InlineData(Wire.Streamed, false)]
    public async Task A_silent_stream_is_carried_after_ten_seconds_and_not_asked_again(string body, bool sameGroup)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangInStream(": wait\n\n"), 2);
        second.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(first).With(second, x => sameGroup ? x : x with { Group = "spare" }).Fallback("gpt", "spare");

        Running running = engine.Start(body);
        await (await first.RequestAsync(1)).Stalled;
        engine.Time.Advance(Usual - Slack);
        second.Requests.ShouldBeEmpty();
        engine.Time.Advance(2 * Slack);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(ErrorKind.Timeout);
        first.Requests.Count.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task Who_is_the_only_one_is_waited_for() => await WaitsAsync(new Engine(), alone: true);

    [Fact]
    public async Task A_request_that_asks_for_reasoning_is_waited_for() => await WaitsAsync(new Engine(), body: Thinking);

    [Fact]
    public async Task A_model_that_reasons_is_waited_for() => await WaitsAsync(new Engine(), change: static x => x with { Model = Reasons });

    [Fact]
    public async Task What_is_configured_is_what_holds() => await WaitsAsync(new Engine { Router = new() { StreamTimeout = TimeSpan.FromSeconds(90) } });

    [Fact]
    public async Task What_was_learned_of_a_deployment_is_its_limit()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangInStream());
        second.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(first).With(second);
        FirstEvents learned = engine.Gateway.Current.Deployments.First().Health.FirstEvents;
        for (int i = 0; i < FirstEvents.Kept; i++)
        {
            learned.Add(TimeSpan.FromSeconds(4));
        }

        Running running = engine.Start(Wire.Streamed);
        await (await first.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(16) - Slack);
        second.Requests.ShouldBeEmpty();
        engine.Time.Advance(2 * Slack);

        (await running.EndAsync()).Record.DeploymentId.ShouldBe("d2");
    }

    [Fact]
    public async Task Streams_are_learned_from()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider);
        for (int i = 0; i < FirstEvents.Fewest; i++)
        {
            var gate = new TaskCompletionSource();
            provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.Events).End());
            Running running = engine.Start(Wire.Streamed);
            await (await provider.RequestAsync(i + 1)).Stalled;
            engine.Time.Advance(TimeSpan.FromSeconds(3));
            gate.SetResult();
            await running.EndAsync();
        }

        engine.Gateway.Current.Deployments.First().Health.FirstEvents.Usual.ShouldBe(TimeSpan.FromSeconds(3));
    }

    /// <summary>The first one is silent for a minute, and still answers.</summary>
    private static async Task WaitsAsync(Engine engine, bool alone = false, string body = Wire.Streamed, Func<Deployment, Deployment>? change = null)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using (engine)
        {
            var gate = new TaskCompletionSource();
            first.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.Events).End());
            engine.With(first, change);
            _ = alone ? engine : engine.With(second);

            Running running = engine.Start(body);
            await (await first.RequestAsync(1)).Stalled;
            engine.Time.Advance(TimeSpan.FromMinutes(1));
            gate.SetResult();

            (await running.EndAsync()).Text.ShouldBe(Wire.EventsWithoutUsage);
            second.Requests.ShouldBeEmpty();
        }
    }
}
