using Interline.Attempts;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

/// <summary>Watches are pooled: what belongs to one attempt must never reach the next.</summary>
public class WatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task A_timer_that_runs_out_while_its_attempt_ends_never_cancels_the_next_attempt()
    {
        CancellationToken test = TestContext.Current.CancellationToken;
        var time = new FakeTime();
        long cancelled = 0;
        using var round = new Barrier(2);
        const int Rounds = 20_000;
        AttemptWatch first = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.Answer, Limit, null, CancellationToken.None);
        Task clock = Task.Run(
            () =>
            {
                for (int i = 0; i < Rounds; i++)
                {
                    round.SignalAndWait(test);
                    time.Advance(Limit + Limit);
                    round.SignalAndWait(test);
                }
            },
            test);
        for (int i = 0; i < Rounds; i++)
        {
            round.SignalAndWait(test);
            for (int spin = i % 64; spin > 0; spin--)
            {
                Thread.SpinWait(4);
            }

            first.Dispose();
            AttemptWatch next = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.Answer, TimeSpan.FromDays(300), null, CancellationToken.None);
            round.SignalAndWait(test);
            if (next.Token.IsCancellationRequested && !next.Expired)
            {
                cancelled++;
            }

            next.Dispose();
            first = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.Answer, Limit, null, CancellationToken.None);
        }

        await clock;
        cancelled.ShouldBe(0);
    }

    [Fact]
    public void A_watch_knows_which_timer_ran_out()
    {
        var time = new FakeTime();
        using AttemptWatch watch = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.FirstEvent, Limit, 10 * Limit, CancellationToken.None);
        watch.Enter(AttemptStage.NextEvent, 2 * Limit);
        for (int i = 0; i < 6; i++)
        {
            time.Advance(1.5 * Limit);
            watch.Touch();
        }

        watch.Expired.ShouldBeFalse();
        time.Advance(1.5 * Limit);

        watch.Expired.ShouldBeTrue();
        watch.ClientLeft.ShouldBeFalse();
        watch.Token.IsCancellationRequested.ShouldBeTrue();
        watch.Error("p").Message.ShouldContain("stream_total_timeout");
    }

    [Fact]
    public void A_paused_watch_has_no_limit_but_the_total()
    {
        var time = new FakeTime();
        using AttemptWatch watch = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.NextEvent, Limit, null, CancellationToken.None);
        watch.Pause();
        time.Advance(1000 * Limit);
        watch.Expired.ShouldBeFalse();

        watch.Touch();
        time.Advance(3 * Limit);
        watch.Expired.ShouldBeTrue();
        watch.Error("p").Kind.ShouldBe(ErrorKind.Timeout);
    }

    [Fact]
    public void A_shorter_limit_of_a_later_stage_is_kept()
    {
        var time = new FakeTime();
        using AttemptWatch watch = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.FirstEvent, 100 * Limit, null, CancellationToken.None);
        watch.Enter(AttemptStage.NextEvent, Limit);
        time.Advance(2 * Limit);
        watch.Expired.ShouldBeTrue();
    }

    [Fact]
    public void A_reused_watch_with_a_shorter_limit_is_on_time()
    {
        var time = new FakeTime();
        AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.Answer, 600 * Limit, null, CancellationToken.None).Dispose();
        using AttemptWatch watch = AttemptWatch.Start(time, time.GetTimestamp(), AttemptStage.Answer, Limit, null, CancellationToken.None);
        time.Advance(Limit + TimeSpan.FromMilliseconds(1));
        watch.Expired.ShouldBeTrue();
    }

    [Fact]
    public void A_client_that_leaves_is_not_a_timer()
    {
        using var client = new CancellationTokenSource();
        using AttemptWatch watch = AttemptWatch.Start(new FakeTime(), 0, AttemptStage.Answer, Limit, null, client.Token);
        client.Cancel();
        watch.ClientLeft.ShouldBeTrue();
        watch.Expired.ShouldBeFalse();
        watch.Token.IsCancellationRequested.ShouldBeTrue();
    }

    [Fact]
    public async Task Thousands_of_attempts_in_parallel_get_their_own_answer_while_some_expire()
    {
        await using var provider = new FakeProvider();
        provider.Otherwise = request => request.Text.Contains("hang", StringComparison.Ordinal)
            ? FakeAnswer.HangBeforeHeaders()
            : FakeAnswer.Json(Wire.Answer.Replace("\"c1\"", "\"" + request.Text.Split('#')[1] + "\"", StringComparison.Ordinal));
        using Engine engine = new Engine { Router = new() { Timeout = TimeSpan.FromDays(300), NumRetries = 0, DisableCooldowns = true } }
            .With(provider)
            .With(provider, x => x with { Group = "hang", Timeout = TimeSpan.FromSeconds(1) });
        int expired = 0;
        _ = engine.Gateway;
        using var stop = new CancellationTokenSource();
        Task clock = Task.Run(
            async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    engine.Time.Advance(TimeSpan.FromMilliseconds(5));
                    await Task.Yield();
                }
            },
            CancellationToken.None);

        await Parallel.ForEachAsync(Enumerable.Range(0, 3000), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            bool hang = i % 10 == 0;
            string body = $$"""{"model":"{{(hang ? "hang" : "gpt")}}","messages":[{"role":"user","content":"{{(hang ? "hang" : "go")}}#{{i}}#"}]}""";
            Ended ended = await engine.SendAsync(body);
            if (hang)
            {
                ended.Error!.Kind.ShouldBe(ErrorKind.Timeout);
                Interlocked.Increment(ref expired);
            }
            else
            {
                ended.Error.ShouldBeNull();
                ended.Text.ShouldContain($"\"id\":\"{i}\"");
            }
        });
        await stop.CancelAsync();
        await clock;

        expired.ShouldBe(300);
        engine.NothingInFlight();
    }
}
