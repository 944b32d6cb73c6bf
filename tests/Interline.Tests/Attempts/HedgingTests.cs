using Interline.Attempts;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Attempts;

public class HedgingTests
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(2);
    private static readonly HedgingSettings Always = new() { MaxShare = 1 };

    public static TheoryData<bool> BothWays => new(true, false);

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task A_call_slower_than_usual_is_asked_of_a_second_deployment_and_the_first_to_answer_is_the_answer(bool stream)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream);
        first.Then(FakeAnswer.HangBeforeHeaders());
        second.Otherwise = _ => Good(stream);

        Running running = engine.Start(Body(stream));
        FakeRequest slow = await first.RequestAsync(1);
        await engine.Time.TimerWithinAsync(Usual + Slack);
        second.Requests.ShouldBeEmpty();
        engine.Time.Advance(Usual + Slack);
        Ended ended = await running.EndAsync();
        await slow.Aborted;

        ended.Text.ShouldBe(stream ? Wire.EventsWithoutUsage : Wire.Answer);
        ended.Record.DeploymentId.ShouldBe("d2");
        ended.Record.Attempts.ShouldBe(2);
        ended.Record.Retries.ShouldBe(0);
        ended.Record.Failed.ShouldHaveSingleItem().Hedged.ShouldBeTrue();
        ended.Record.Failed[0].Kind.ShouldBe(ErrorKind.ClientGone);
        ended.Record.Failed[0].Cost.ShouldNotBeNull("its provider has read the request").ShouldBeGreaterThan(0);
        ended.Record.Cost.ShouldBe(Wire.Cost + ended.Record.Failed[0].Cost);
        ended.Record.Estimated.ShouldBeTrue();
        ended.Record.Overhead!.Value.ShouldBeLessThan(Usual);
        engine.State("d1").Totals.Failures.ShouldBe(0);
        engine.NothingInFlight();
        Health(engine, "d2").ShouldBe((1, 1));
        engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number))!.Identical.ShouldBe(true);
    }

    [Theory]
    [MemberData(nameof(BothWays))]
    public async Task The_first_may_still_win_and_then_the_second_is_broken_off(bool stream)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream);
        var gate = new TaskCompletionSource();
        first.Then(Gated(stream, gate.Task));
        second.Then(FakeAnswer.HangBeforeHeaders());

        Running running = await HedgedAsync(engine, first, stream);
        FakeRequest other = await second.RequestAsync(1);
        gate.SetResult();
        Ended ended = await running.EndAsync();
        await other.Aborted;

        ended.Record.DeploymentId.ShouldBe("d1");
        ended.Text.ShouldBe(stream ? Wire.EventsWithoutUsage : Wire.Answer);
        ended.Record.Failed.ShouldHaveSingleItem().DeploymentId.ShouldBe("d2");
        Health(engine, "d2").ShouldBe((1, 0));
        engine.NothingInFlight();
        engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number))!.Identical.ShouldBe(true);
    }

    [Fact]
    public async Task A_first_that_fails_while_the_second_is_under_way_leaves_it_the_call()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream: false);
        var fail = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        first.Then(new FakeAnswer().Gate(fail.Task).Write("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"));
        second.Then(Gated(false, answer.Task));

        Running running = await HedgedAsync(engine, first, stream: false);
        await second.RequestAsync(1);
        fail.SetResult();
        await UntilAsync(() => engine.State("d1").Totals.Failures == 1);
        running.Sending.IsCompleted.ShouldBeFalse();
        answer.SetResult();
        Ended ended = await running.EndAsync();

        ended.Record.DeploymentId.ShouldBe("d2");
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(ErrorKind.Server);
        ended.Record.Attempts.ShouldBe(2);
        engine.NothingInFlight();
        engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number))!.Identical.ShouldBe(true);
    }

    [Fact]
    public async Task When_both_fail_the_call_goes_on_as_after_one_failure()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        await using var third = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream: false, third);
        var fail = new TaskCompletionSource();
        first.Then(new FakeAnswer().Gate(fail.Task).Write("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n"));
        second.Then(FakeAnswer.Json("{}", 503));
        third.Otherwise = _ => Good(stream: false);

        Running running = await HedgedAsync(engine, first, stream: false);
        await UntilAsync(() => engine.State("d2").Totals.Failures == 1);
        fail.SetResult();
        Ended ended = await running.EndAsync();

        ended.Record.DeploymentId.ShouldBe("d3");
        ended.Record.Attempts.ShouldBe(3);
        ended.Record.Failed.Select(x => (x.DeploymentId, x.Hedged)).ShouldBe([("d2", true), ("d1", false)]);
        engine.NothingInFlight();
        engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number))!.Identical.ShouldBe(true);
    }

    [Fact]
    public async Task A_client_that_leaves_breaks_both_off()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream: true);
        first.Then(FakeAnswer.HangBeforeHeaders());
        second.Then(FakeAnswer.HangBeforeHeaders());
        Running running = await HedgedAsync(engine, first, stream: true);
        FakeRequest other = await second.RequestAsync(1);
        running.Abort();
        Ended ended = await running.EndAsync();
        await other.Aborted;
        ended.Error!.Kind.ShouldBe(ErrorKind.ClientGone);
        ended.Record.Cost.ShouldNotBeNull().ShouldBeGreaterThan(0);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task Nothing_is_hedged_once_anything_was_sent_nor_without_a_quota_nor_before_enough_is_known()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        using Engine engine = Learned(first, second, Always, stream: true);
        var gate = new TaskCompletionSource();
        first.Then(FakeAnswer.StreamHead().Events(Wire.First).Gate(gate.Task).Events(Wire.Second + Wire.Finish + Wire.Usage + Wire.Done).End());
        Running running = engine.Start(Wire.Streamed);
        await running.Sink.ReceivedAsync(Wire.First);
        engine.Time.Advance(2 * Usual);
        gate.SetResult();
        (await running.EndAsync()).Record.Attempts.ShouldBe(1);

        await using var third = new FakeProvider();
        using Engine none = Learned(third, second, new() { MaxShare = 0 }, stream: true);
        var later = new TaskCompletionSource();
        third.Then(Gated(true, later.Task));
        Running unhedged = none.Start(Wire.Streamed);
        await none.Time.TimerWithinAsync(Usual + Slack);
        none.Time.Advance(Usual + Slack);
        later.SetResult();
        (await unhedged.EndAsync()).Record.Attempts.ShouldBe(1);
        second.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1.5, 0)]
    [InlineData(2.5, 1)]
    public async Task A_call_is_hedged_only_where_its_budget_has_room_for_both(double times, int hedged)
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        decimal worst = await WorstAsync(first, second);
        using Engine engine = Learned(first, second, Always, stream: false, budget: (decimal)times * worst);
        var gate = new TaskCompletionSource();
        first.Then(Gated(false, gate.Task));
        second.Then(FakeAnswer.HangBeforeHeaders());
        Call call = engine.Begin(Wire.Plain);
        (await engine.Gateway.AdmitAsync(call, TestContext.Current.CancellationToken)).ShouldBeNull();
        var sink = new PipeSink();
        Task<ApiError?> sending = engine.Gateway.SendAsync(call, sink, TestContext.Current.CancellationToken).AsTask();
        await first.RequestAsync(1);
        await engine.Time.TimerWithinAsync(Usual + Slack);
        engine.Time.Advance(Usual + Slack);
        if (hedged > 0)
        {
            await second.RequestAsync(1);
        }

        gate.SetResult();
        (await sending).ShouldBeNull();
        engine.Gateway.Settle(call).Attempts.ShouldBe(1 + hedged);
        Health(engine, "d2").Hedged.ShouldBe(hedged);
        engine.NothingInFlight();
    }

    [Fact]
    public async Task However_the_two_interleave_the_client_has_one_whole_answer_and_everything_is_settled()
    {
        for (ulong seed = 1; seed <= 60; seed++)
        {
            var chance = new Seeded(seed);
            bool stream = chance.NextUnit() < 0.5;
            await using var first = new FakeProvider();
            await using var second = new FakeProvider();
            using Engine engine = Learned(first, second, Always, stream);
            TaskCompletionSource[] gates = [new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously)];
            bool[] good = [chance.NextUnit() < 0.7, chance.NextUnit() < 0.7];
            first.Then(good[0] ? Gated(stream, gates[0].Task) : new FakeAnswer().Gate(gates[0].Task).Close());
            second.Then(good[1] ? Gated(stream, gates[1].Task) : new FakeAnswer().Gate(gates[1].Task).Close());
            first.Otherwise = second.Otherwise = _ => Good(stream);

            Running running = await HedgedAsync(engine, first, stream);
            await second.RequestAsync(1);
            int order = (int)(chance.NextUnit() * 3);
            Task[] opening = order switch
            {
                0 => [Task.Run(gates[0].SetResult, TestContext.Current.CancellationToken), Task.Run(gates[1].SetResult, TestContext.Current.CancellationToken)],
                1 => [Task.Run(gates[1].SetResult, TestContext.Current.CancellationToken), Task.Run(gates[0].SetResult, TestContext.Current.CancellationToken)],
                _ => [Task.Run(() => Parallel.ForEach(gates, x => x.SetResult()), TestContext.Current.CancellationToken)],
            };
            await Task.WhenAll(opening);
            if (!good[0] && !good[1])
            {
                // Both are tried: one is asked again after a wait.
                await engine.Time.TimerWithinAsync(TimeSpan.FromSeconds(0.6));
                engine.Time.Advance(TimeSpan.FromSeconds(0.6));
            }

            Ended ended = await running.EndAsync();

            string why = $"seed {seed}";
            ended.Error.ShouldBeNull(why);
            ended.Text.ShouldBe(stream ? Wire.EventsWithoutUsage : Wire.Answer, why);
            ended.Record.Error.ShouldBeNull(why);
            ended.Record.Usage.ShouldNotBeNull(why).TotalInput.ShouldBe(100, why);
            ended.Record.Failed.Count.ShouldBe(ended.Record.Attempts - 1, why);
            ended.Record.Cost.ShouldBe(Wire.Cost + ended.Record.Failed.Sum(x => x.Cost ?? 0), why);
            engine.NothingInFlight();
            engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number))!.Identical.ShouldBe(true, why);
        }
    }

    [Fact]
    public void The_share_of_hedged_calls_never_passes_its_limit()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            var chance = new Seeded(seed);
            var quota = new HedgeQuota();
            List<(long Minute, bool Hedged)> all = [];
            long minute = 100;
            for (int i = 0; i < 800; i++)
            {
                minute += chance.NextUnit() < 0.02 ? 1 + (long)(chance.NextUnit() * 15) : 0;
                quota.Call(minute);
                bool hedged = chance.NextUnit() < 0.5 && quota.TryTake(minute, 0.05m);
                all.Add((minute, hedged));
                if (hedged)
                {
                    (long Minute, bool Hedged)[] window = [.. all.Where(x => minute - x.Minute < 10)];
                    window.Count(x => x.Hedged).ShouldBeLessThanOrEqualTo((int)Math.Max(1, 0.05m * window.Length), $"seed {seed}, call {i}");
                }
            }

            all.Count(x => x.Hedged).ShouldBeGreaterThan(5);
        }
    }

    private static string Body(bool stream) => stream ? Wire.Streamed : Wire.Plain;

    private static FakeAnswer Good(bool stream) => stream ? FakeAnswer.Stream(Wire.Events) : FakeAnswer.Json(Wire.Answer);

    private static FakeAnswer Gated(bool stream, Task gate)
    {
        FakeAnswer answer = stream ? FakeAnswer.StreamHead().Gate(gate) : new FakeAnswer().Gate(gate);
        return stream ? answer.Events(Wire.Events).End()
            : answer.Write($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(Wire.Answer)}\r\n\r\n{Wire.Answer}");
    }

    /// <summary>A call that was sent to the first deployment and, being slow, to the second.</summary>
    private static async Task<Running> HedgedAsync(Engine engine, FakeProvider first, bool stream)
    {
        Running running = engine.Start(Body(stream));
        await first.RequestAsync(1);
        await engine.Time.TimerWithinAsync(Usual + Slack);
        engine.Time.Advance(Usual + Slack);
        return running;
    }

    /// <summary>An engine whose first deployment is known to answer within a second.</summary>
    private static Engine Learned(FakeProvider first, FakeProvider second, HedgingSettings hedging, bool stream, FakeProvider? third = null, decimal? budget = null)
    {
        var general = new GeneralSettings { Budgets = new BudgetSettings { Everything = budget is { } usd ? new BudgetTerms(usd, null, null) : null } };
        Engine engine = new Engine { Router = new() { Hedging = hedging }, General = general }.With(first).With(second);
        engine = third is null ? engine : engine.With(third);
        for (int i = 0; i < Interline.Health.AnswerTimes.Fewest; i++)
        {
            engine.Gateway.Current.Deployments.First(x => x.Deployment.Id == "d1").Health.Times(stream).Add(Usual);
        }

        return engine;
    }

    /// <summary>What is set aside for one call.</summary>
    private static async Task<decimal> WorstAsync(FakeProvider first, FakeProvider second)
    {
        using Engine engine = Learned(first, second, Always, stream: false, budget: 100);
        Call call = engine.Begin(Wire.Plain);
        (await engine.Gateway.AdmitAsync(call, TestContext.Current.CancellationToken)).ShouldBeNull();
        decimal usd = call.Reservation.ShouldNotBeNull().Usd;
        call.Error = new ApiError(ErrorKind.ClientGone, 499, "x");
        call.Status = 499;
        engine.Gateway.Settle(call);
        return usd;
    }

    private static (long Hedged, long Won) Health(Engine engine, string id)
    {
        Interline.Health.DeploymentHealth health = engine.Gateway.Current.Deployments.First(x => x.Deployment.Id == id).Health;
        return (health.HedgedCalls, health.HedgesWon);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (int i = 0; i < 2000 && !condition(); i++)
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        condition().ShouldBeTrue();
    }
}
