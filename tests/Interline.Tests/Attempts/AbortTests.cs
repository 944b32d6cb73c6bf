using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

public class AbortTests
{
    [Fact]
    public async Task A_client_that_leaves_before_the_answer_cancels_the_provider_and_nobody_else_is_asked()
    {
        await using var provider = new FakeProvider();
        await using var second = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine().With(provider).With(second).Fallback("gpt", "gpt");

        Running running = engine.Start(Wire.Plain);
        FakeRequest request = await provider.RequestAsync(1);
        running.Abort();
        Ended ended = await running.EndAsync();
        await request.Aborted;

        ended.Error!.Kind.ShouldBe(ErrorKind.ClientGone);
        ended.Record.Status.ShouldBe(499);
        ended.Record.Attempts.ShouldBe(1);
        ended.Record.Cost.ShouldNotBeNull("the provider has the request").ShouldBeGreaterThan(0);
        ended.Record.Estimated.ShouldBeTrue();
        second.Connections.ShouldBe(0);
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_stream_cancels_the_provider()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangInStream(Wire.First));
        using Engine engine = new Engine().With(provider);

        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        running.Abort();
        Ended ended = await running.EndAsync();
        await (await provider.RequestAsync(1)).Aborted;

        ended.Text.ShouldBe(Wire.First);
        ended.Record.Error.ShouldBe(ErrorKind.ClientGone);
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_client_that_stops_reading_the_stream_cancels_the_provider()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Events(Wire.First).Gate(gate.Task).Events(Wire.Second).Hang());
        using Engine engine = new Engine().With(provider);

        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        running.Sink.Leave();
        await running.Sink.Left;
        gate.SetResult();
        await running.Sending;
        await (await provider.RequestAsync(1)).Aborted;

        running.Call.Error!.Kind.ShouldBe(ErrorKind.ClientGone);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_client_that_leaves_during_a_wait_for_a_retry_ends_the_call()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("{}", 503, ("Retry-After", "30")));
        using Engine engine = new Engine().With(provider);

        Running running = engine.Start(Wire.Plain);
        await engine.Time.TimerWithinAsync(TimeSpan.FromSeconds(30));
        running.Abort();

        (await running.EndAsync()).Error!.Kind.ShouldBe(ErrorKind.ClientGone);
        provider.Requests.Count.ShouldBe(1);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_client_that_had_left_before_is_not_sent_for()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        ApiError? error = await engine.Gateway.SendAsync(engine.Begin(Wire.Plain), new PipeSink(), gone.Token);

        error!.Kind.ShouldBe(ErrorKind.ClientGone);
        provider.Requests.ShouldBeEmpty();
        engine.NothingInFlight();
    }
}
