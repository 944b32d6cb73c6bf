using System.Text;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIResponses;
using Interline.Testing;
using Interline.Tests.Translation;

namespace Interline.Tests.Heartbeats;

/// <summary>A stream whose client waits: it is kept alive, and whatever comes after is as it would have been.</summary>
public sealed class HeartbeatTests
{
    private const string Comment = ": keep-alive\n\n";
    private const string Ping = "event: ping\ndata: {\"type\": \"ping\"}\n\n";

    private static readonly RouterSettings Beating = new() { HeartbeatInterval = TimeSpan.FromSeconds(15) };

    public static TheoryData<string> Callers => [.. Tongue.All.Keys];

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_client_that_waits_for_the_first_event_has_the_head_and_comments_and_then_the_whole_answer(string caller)
    {
        Tongue tongue = Tongue.All[caller];
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(tongue.Stream).End());
        using Engine engine = new Engine { Router = Beating }.With(provider, tongue);

        Running running = engine.Start(tongue.AskStreamed, tongue.Streamed);
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(13));
        running.Sink.Begun.ShouldBe(0, "within the grace time nothing is committed to");
        engine.Time.Advance(TimeSpan.FromSeconds(3));
        await running.Sink.ReceivedAsync(Comment);
        running.Sink.Head!.Value.Status.ShouldBe(200);
        running.Sink.Head!.Value.ContentType.ShouldBe("text/event-stream");
        running.Sink.Head!.Value.IsEarly.ShouldBeTrue();
        engine.Time.Advance(TimeSpan.FromSeconds(16));
        gate.SetResult();
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Comment + Comment + tongue.Stream);
        ended.Record.Error.ShouldBeNull();
        ended.Record.Status.ShouldBe(200);
        ended.Record.FirstByte.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.FromSeconds(31), "a heartbeat is no answer");
        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Between_two_events_the_heartbeat_is_that_of_the_format(string caller)
    {
        Tongue tongue = Tongue.All[caller];
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Events(tongue.Events[0]).Gate(gate.Task).Events(string.Concat(tongue.Events.Skip(1))).End());
        using Engine engine = new Engine { Router = Beating }.With(provider, tongue);

        Running running = engine.Start(tongue.AskStreamed, tongue.Streamed);
        await running.Sink.ReceivedAsync("hé");
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(20));
        gate.SetResult();
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(tongue.Events[0] + (caller == "anthropic" ? Ping : Comment) + string.Concat(tongue.Events.Skip(1)));
        running.Sink.Head!.Value.IsEarly.ShouldBeFalse();
        ended.Record.Error.ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task Under_the_heartbeats_a_silent_deployment_is_given_up_and_another_carries_the_call(string caller)
    {
        Tongue tongue = Tongue.All[caller];
        await using var silent = new FakeProvider();
        await using var second = new FakeProvider();
        silent.Then(FakeAnswer.HangBeforeHeaders());
        second.Then(FakeAnswer.Stream(tongue.Stream));
        using Engine engine = new Engine { Router = Beating with { StreamTimeout = TimeSpan.FromSeconds(20) } }.With(silent, tongue).With(second, tongue);

        Running running = engine.Start(tongue.AskStreamed, tongue.Streamed);
        await (await silent.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync(Comment);
        engine.Time.Advance(TimeSpan.FromSeconds(4));
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Comment + tongue.Stream);
        ended.Record.Error.ShouldBeNull();
        ended.Record.DeploymentId.ShouldBe("d2");
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(ErrorKind.Timeout);
        engine.NothingInFlight();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_call_that_fails_after_the_head_is_told_in_the_stream_and_booked_as_failed(string caller)
    {
        Tongue tongue = Tongue.All[caller];
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(new FakeAnswer().Gate(gate.Task).Write("HTTP/1.1 400 Fake\r\nContent-Type: application/json\r\nContent-Length: " + Encoding.UTF8.GetByteCount(tongue.ErrorBody) + "\r\n\r\n" + tongue.ErrorBody));
        using Engine engine = new Engine { Router = Beating }.With(provider, tongue);

        Running running = engine.Start(tongue.AskStreamed, tongue.Streamed);
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync(Comment);
        gate.SetResult();
        Ended ended = await running.EndAsync();

        ended.Text.ShouldStartWith(Comment);
        Told told = tongue.ReadStream(ended.Text);
        told.Error.ShouldNotBeNull().ShouldContain(Tongue.Overloaded);
        told.Ended.ShouldBeFalse("an error is no clean finish");
        told.Finish.ShouldBeNull();
        ended.Error.ShouldBeNull("the client has been told");
        ended.Record.Error.ShouldBe(ErrorKind.BadRequest);
        ended.Record.Status.ShouldBe(200, "that is what went to the client");
        ended.Record.Streamed.ShouldBeTrue();
        ended.Record.FirstByte.ShouldBeNull("nothing of an answer has come");
        engine.NothingInFlight();
    }

    [Fact]
    public async Task An_array_of_geminis_is_kept_alive_by_white_space_and_is_a_whole_one()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        string[] elements = [.. Tongue.Gemini.Events.Select(static x => x["data: ".Length..].Trim())];
        provider.Then(FakeAnswer.ArrayHead().Gate(gate.Task).Events("[" + string.Join("\n,\r\n", elements) + "]").End());
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine { Router = Beating with { StreamTimeout = TimeSpan.FromSeconds(40), NumRetries = 0 } }.With(provider, Tongue.Gemini);

        Running running = engine.Start(Tongue.Gemini.Ask, GenerateLane.StreamArray);
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync("\n");
        running.Sink.Head!.Value.ContentType.ShouldBe("application/json");
        gate.SetResult();
        Tongue.ReadArray((await running.EndAsync()).Text).ShouldBeWhole();

        running = engine.Start(Tongue.Gemini.Ask, GenerateLane.StreamArray);
        await (await provider.RequestAsync(2)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync("\n");
        engine.Time.Advance(TimeSpan.FromSeconds(30));
        Ended failed = await running.EndAsync();
        JsonDocument.Parse(failed.Text).RootElement.EnumerateArray().ShouldHaveSingleItem().GetProperty("error").GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("stream_timeout");
        failed.Record.Error.ShouldBe(ErrorKind.Timeout);
    }

    [Fact]
    public async Task A_response_of_openais_is_kept_alive_by_comments_and_its_failure_is_an_event_of_its_format()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine { Router = Beating with { StreamTimeout = TimeSpan.FromSeconds(40), NumRetries = 0 } }.With(provider);

        Running running = engine.Start("""{"model":"gpt","stream":true,"input":"hi"}""", ResponsesLane.Create);
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync(Comment);
        engine.Time.Advance(TimeSpan.FromSeconds(30));
        Ended ended = await running.EndAsync();

        ended.Text[ended.Text.IndexOf("event:", StringComparison.Ordinal)..].ShouldStartWith("event: error\ndata: {\"type\":\"error\"");
        ended.Record.Error.ShouldBe(ErrorKind.Timeout);
    }

    [Fact]
    public async Task The_wait_for_a_retry_is_kept_alive_too()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("{}", 503, ("Retry-After", "30"))).Then(FakeAnswer.Stream(Wire.EventsWithoutUsage));
        using Engine engine = new Engine { Router = Beating }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        while (engine.Gateway.Current.Deployments.Single().Health is { Totals.Failures: 0 })
        {
            await Task.Yield();
        }

        while (provider.Requests.Count < 2)
        {
            engine.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Ended ended = await running.EndAsync();

        // How often depends on how far the clock has come before the second answer has.
        ended.Text.ShouldStartWith(Comment);
        ended.Text.Replace(Comment, "", StringComparison.Ordinal).ShouldBe(Wire.EventsWithoutUsage);
        ended.Record.Error.ShouldBeNull();
        ended.Record.Retries.ShouldBe(1);
    }

    [Fact]
    public async Task A_client_that_leaves_while_it_is_kept_alive_is_booked_as_gone_and_cancels_the_provider()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine { Router = Beating }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        FakeRequest request = await provider.RequestAsync(1);
        await request.Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync(Comment);
        running.Abort();
        Ended ended = await running.EndAsync();
        await request.Aborted;

        ended.Text.ShouldBe(Comment);
        ended.Record.Error.ShouldBe(ErrorKind.ClientGone);
        ended.Record.Status.ShouldBe(499);
        ended.Record.Cost.ShouldNotBeNull("the provider has the request").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_plain_answer_cannot_follow_the_head_of_a_stream_and_another_deployment_carries_the_call()
    {
        await using var plain = new FakeProvider();
        await using var second = new FakeProvider();
        var gate = new TaskCompletionSource();
        plain.Then(new FakeAnswer().Gate(gate.Task).Write("HTTP/1.1 200 Fake\r\nContent-Type: application/json\r\nContent-Length: " + Encoding.UTF8.GetByteCount(Wire.Answer) + "\r\n\r\n" + Wire.Answer));
        second.Then(FakeAnswer.Stream(Wire.EventsWithoutUsage));
        using Engine engine = new Engine { Router = Beating with { StreamTimeout = TimeSpan.FromMinutes(1) } }.With(plain).With(second);

        Running running = engine.Start(Wire.Streamed);
        await (await plain.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await running.Sink.ReceivedAsync(Comment);
        gate.SetResult();
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Comment + Wire.EventsWithoutUsage);
        FailedAttemptOf(ended).ShouldBe(ErrorKind.Malformed);
        ended.Record.Failed[0].Cost.ShouldBe(Wire.Cost, "it was made all the same");
    }

    [Fact]
    public async Task A_plain_call_and_a_stream_without_heartbeats_are_told_their_failure_by_its_status()
    {
        foreach ((string body, RouterSettings router) in new[] { (Wire.Plain, Beating), (Wire.Streamed, new RouterSettings()) })
        {
            await using var provider = new FakeProvider();
            provider.Then(FakeAnswer.HangBeforeHeaders());
            using Engine engine = new Engine { Router = router with { Timeout = TimeSpan.FromSeconds(60), NumRetries = 0 } }.With(provider);

            Running running = engine.Start(body);
            await (await provider.RequestAsync(1)).Stalled;
            engine.Time.Advance(TimeSpan.FromSeconds(61));
            Ended ended = await running.EndAsync();

            ended.Error.ShouldNotBeNull().Kind.ShouldBe(ErrorKind.Timeout);
            ended.Record.Status.ShouldBe(504);
        }
    }

    [Fact]
    public async Task A_client_that_takes_nothing_gets_no_second_heartbeat_and_the_call_goes_on()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.EventsWithoutUsage).End());
        using Engine engine = new Engine { Router = Beating }.With(provider);
        var sink = new SlowSink();

        Interline.Calls.Call call = engine.Begin(Wire.Streamed);
        Task<ApiError?> sending = engine.Gateway.SendAsync(call, sink, CancellationToken.None).AsTask();
        await (await provider.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(100));
        await sink.Flushing;
        gate.SetResult();
        sink.GoOn();

        (await sending).ShouldBeNull();
        engine.Gateway.Settle(call).Error.ShouldBeNull();
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task However_time_and_events_fall_every_event_stands_whole_and_in_its_order(int seed)
    {
        var random = new Random(seed);
        await using var provider = new FakeProvider();
        string[] pieces = [.. Enumerable.Range(0, 150).Select(i => Wire.Second.Replace("llo", $"number {i} {new string('x', random.Next(0, 300))}", StringComparison.Ordinal))];
        string events = Wire.First + string.Concat(pieces) + Wire.Finish + Wire.Done;
        provider.Then(FakeAnswer.Stream(events, [.. Enumerable.Range(0, 32).Select(_ => random.Next(1, 400))]));
        using Engine engine = new Engine { Router = Beating with { HeartbeatInterval = TimeSpan.FromMilliseconds(20), Timeout = TimeSpan.FromDays(300) } }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        while (!running.Sending.IsCompleted)
        {
            engine.Time.Advance(TimeSpan.FromMilliseconds(25));
            await Task.Yield();
        }

        Ended ended = await running.EndAsync();
        string[] blocks = ended.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        string.Concat(blocks.Where(static x => x != Comment.TrimEnd()).Select(static x => x + "\n\n")).ShouldBe(events);
        ended.Record.Error.ShouldBeNull();
    }

    [Fact]
    public async Task With_no_stream_under_way_the_clock_sleeps()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.EventsWithoutUsage), times: 2);
        using Engine engine = new Engine { Router = Beating }.With(provider);

        await engine.SendAsync(Wire.Streamed);
        engine.Time.Advance(TimeSpan.FromHours(1));
        engine.Time.Pending.ShouldBe(0);

        // Hours later the grace time of a new stream begins with it.
        Running running = engine.Start(Wire.Streamed);
        engine.Time.Pending.ShouldBeGreaterThan(0);
        Ended ended = await running.EndAsync();
        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
    }

    private static ErrorKind FailedAttemptOf(Ended ended) => ended.Record.Failed.ShouldHaveSingleItem().Kind;
}
