using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Each timer, with a peer that stalls exactly there. The limit of a connection is the socket handler's own and runs on the machine's clock.</summary>
public class TimerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);

    [Fact]
    public async Task A_plain_answer_that_never_comes_is_carried_when_its_time_is_up()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangBeforeHeaders());
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine { Router = new() { Timeout = Limit } }.With(first).With(second);

        Running running = engine.Start(Wire.Plain);
        FakeRequest hanging = await first.RequestAsync(1);
        engine.Time.Advance(Limit - Slack);
        second.Requests.ShouldBeEmpty();
        engine.Time.Advance(2 * Slack);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Timeout);
        await hanging.Aborted;
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_plain_answer_that_stalls_in_its_body_is_carried_when_its_time_is_up()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangInBody(Wire.Answer[..50], 20));
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine { Router = new() { Timeout = Limit } }.With(first).With(second);

        Running running = engine.Start(Wire.Plain);
        FakeRequest hanging = await first.RequestAsync(1);
        await hanging.Stalled;
        engine.Time.Advance(Limit + Slack);

        (await running.EndAsync()).Text.ShouldBe(Wire.Answer);
        await hanging.Aborted;
        engine.NothingInFlight();
    }

    [Fact]
    public async Task The_only_deployment_that_stalls_ends_in_a_504_that_names_the_limit()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine { Router = new() { Timeout = Limit, NumRetries = 0 } }.With(provider);

        Running running = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        engine.Time.Advance(Limit + Slack);
        Ended ended = await running.EndAsync();

        ended.Error!.Status.ShouldBe(504);
        ended.Error.Kind.ShouldBe(ErrorKind.Timeout);
        ended.Error.Message.ShouldBe("fake1 did not answer within 5 s (timeout).");
        engine.State("d1").Totals.Failures.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData("")]
    [InlineData(": keep-alive\n\n")]
    [InlineData("data: {\"choices\":[")]
    public async Task A_stream_without_a_first_event_is_carried_whatever_else_it_sent(string sent)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangInStream(sent));
        second.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine { Router = new() { StreamTimeout = Limit } }.With(first).With(second);

        Running running = engine.Start(Wire.Streamed);
        FakeRequest hanging = await first.RequestAsync(1);
        await hanging.Stalled;
        engine.Time.Advance(Limit + Slack);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Timeout);
        await hanging.Aborted;
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_stream_whose_headers_never_come_goes_to_the_fallback_group_and_is_not_asked_twice()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        first.Then(FakeAnswer.HangBeforeHeaders(), 3);
        second.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine().With(first, x => x with { StreamTimeout = Limit }).With(second, x => x with { Group = "spare" }).Fallback("gpt", "spare");

        Running running = engine.Start(Wire.Streamed);
        await first.RequestAsync(1);
        engine.Time.Advance(Limit + Slack);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldBe(Wire.EventsWithoutUsage);
        first.Requests.Count.ShouldBe(1);
        ended.Record.Fallbacks.ShouldBe(1);
    }

    [Fact]
    public async Task A_stream_that_falls_silent_ends_with_an_error_in_the_stream()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangInStream(Wire.First + Wire.Second[..30]));
        using Engine engine = new Engine { Router = new() { StreamTimeout = Limit } }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        FakeRequest hanging = await provider.RequestAsync(1);
        await hanging.Stalled;
        await running.Sink.ReceivedAsync(Wire.First);
        await engine.Time.RunUntilAsync(running.Sending);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldStartWith(Wire.First);
        ended.Text.ShouldContain("fell silent in the middle of its stream for 5 s");
        ended.Text.ShouldNotContain("[DONE]");
        ended.Text.ShouldEndWith("}\n\n");
        ended.Record.Error.ShouldBe(ErrorKind.Timeout);
        await hanging.Aborted;
        engine.State("d1").Totals.Failures.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task Each_event_gives_the_stream_its_time_anew()
    {
        await using var provider = new FakeProvider();
        var gates = Enumerable.Range(0, 6).Select(_ => new TaskCompletionSource()).ToArray();
        FakeAnswer answer = FakeAnswer.StreamHead().Events(Wire.First);
        for (int i = 0; i < gates.Length; i++)
        {
            answer.Gate(gates[i].Task).Events($": {i}\n\n");
        }

        provider.Then(answer.Events(Wire.Finish + Wire.Done).End());
        using Engine engine = new Engine { Router = new() { StreamTimeout = Limit } }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        for (int i = 0; i < gates.Length; i++)
        {
            // Less than half the limit, because the event is seen here just before the limit begins anew.
            engine.Time.Advance(0.45 * Limit);
            gates[i].SetResult();
            await running.Sink.ReceivedAsync($": {i}\n\n");
        }

        Ended ended = await running.EndAsync();
        ended.Record.Error.ShouldBeNull();
        ended.Record.Duration.ShouldBe(6 * 0.45 * Limit);
    }

    [Fact]
    public async Task A_stream_that_trickles_for_ever_ends_at_its_total_limit()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Events(Wire.First).Gate(gate.Task).Events(Wire.Second).Hang());
        using Engine engine = new Engine { Router = new() { StreamTimeout = TimeSpan.FromSeconds(60), StreamTotalTimeout = TimeSpan.FromSeconds(100) } }.With(provider);

        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        engine.Time.Advance(TimeSpan.FromSeconds(59));
        gate.SetResult();
        await running.Sink.ReceivedAsync(Wire.Second);
        engine.Time.Advance(TimeSpan.FromSeconds(41) + Slack);
        Ended ended = await running.EndAsync();

        ended.Text.ShouldContain("had not finished its stream after 100 s (stream_total_timeout)");
        ended.Text.ShouldNotContain("[DONE]");
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_deployments_own_limits_win_over_the_routers()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders(), 2);
        using Engine engine = new Engine { Router = new() { Timeout = TimeSpan.FromSeconds(90), StreamTimeout = TimeSpan.FromSeconds(80), NumRetries = 0 } }
            .With(provider, x => x with { Timeout = TimeSpan.FromSeconds(7), StreamTimeout = TimeSpan.FromSeconds(3) });

        Running plain = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        engine.Time.Advance(TimeSpan.FromSeconds(7) + Slack);
        (await plain.EndAsync()).Error!.Message.ShouldContain("within 7 s");

        Running stream = engine.Start(Wire.Streamed);
        await provider.RequestAsync(2);
        engine.Time.Advance(TimeSpan.FromSeconds(3) + Slack);
        (await stream.EndAsync()).Error!.Message.ShouldContain("within 3 s");
    }

    [Fact]
    public async Task A_client_that_reads_slowly_is_not_taken_for_a_silent_provider()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Stream(Wire.Events));
        using Engine engine = new Engine { Router = new() { StreamTimeout = Limit } }.With(provider);
        var slow = new SlowSink();

        Running running = engine.Start(Wire.Streamed);
        await running.EndAsync();
        provider.Then(FakeAnswer.Stream(Wire.Events));
        Task<ApiError?> sending = engine.Gateway.SendAsync(engine.Begin(Wire.Streamed), slow, TestContext.Current.CancellationToken).AsTask();
        await slow.Flushing;
        engine.Time.Advance(10 * Limit);
        sending.IsCompleted.ShouldBeFalse();
        slow.GoOn();

        (await sending).ShouldBeNull();
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_connection_that_cannot_be_made_in_time_is_carried_and_named()
    {
        // A full backlog is the only peer that neither takes nor refuses a connection; the kernel drops what comes after.
        using var full = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        full.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        full.Listen(0);
        var fillers = new List<System.Net.Sockets.Socket>();
        for (int i = 0; i < 8; i++)
        {
            var filler = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { Blocking = false };
            fillers.Add(filler);
            try
            {
                await filler.ConnectAsync(full.LocalEndPoint!, new CancellationToken(canceled: false)).AsTask().WaitAsync(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                break;
            }
        }

        await using var second = new FakeProvider();
        second.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine { Router = new() { ConnectTimeout = TimeSpan.FromSeconds(1) } }
            .With(new Uri($"http://127.0.0.1:{((System.Net.IPEndPoint)full.LocalEndPoint!).Port}/v1")).With(second);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Text.ShouldBe(Wire.Answer);
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.Timeout);
        engine.NothingInFlight();
        fillers.ForEach(x => x.Dispose());
    }
}
