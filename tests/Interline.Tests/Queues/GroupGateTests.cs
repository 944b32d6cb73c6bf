using System.Collections.Frozen;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;
using Interline.Queues;
using Interline.Testing;

namespace Interline.Tests.Queues;

/// <summary>A group that takes only so many calls at once, and those that wait for it.</summary>
public sealed class GroupGateTests
{
    [Fact]
    public async Task Calls_beyond_the_limit_wait_and_are_taken_in_the_order_they_came()
    {
        await using var provider = new FakeProvider();
        using Engine engine = Limited(new(1, 3, TimeSpan.FromSeconds(30))).With(provider);
        TaskCompletionSource[] gates = [.. Enumerable.Range(0, 4).Select(static _ => new TaskCompletionSource())];
        foreach (TaskCompletionSource gate in gates)
        {
            provider.Then(new FakeAnswer().Gate(gate.Task).Write($"HTTP/1.1 200 Fake\r\nContent-Type: application/json\r\nContent-Length: {System.Text.Encoding.UTF8.GetByteCount(Wire.Answer)}\r\n\r\n{Wire.Answer}"));
        }

        var running = new List<Running>();
        for (int i = 0; i < 4; i++)
        {
            running.Add(engine.Start(Wire.Plain.Replace("hi", $"hi {i}", StringComparison.Ordinal)));
        }

        (string name, GroupGate group) = engine.Gateway.Current.Queues.ShouldHaveSingleItem();
        name.ShouldBe("gpt");
        (group.Running, group.Waiting, group.Queued).ShouldBe((1, 3, 3));
        for (int i = 0; i < 4; i++)
        {
            (await provider.RequestAsync(i + 1)).Text.ShouldContain($"hi {i}");
            provider.Requests.Count.ShouldBe(i + 1);
            gates[i].SetResult();
            (await running[i].EndAsync()).Record.Error.ShouldBeNull();
        }

        (group.Running, group.Waiting, group.Refused).ShouldBe((0, 0, 0));
        engine.NothingInFlight();
    }

    [Fact]
    public async Task A_call_that_finds_the_queue_full_is_refused_at_once_with_a_time_to_come_again()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = Limited(new(1, 1, TimeSpan.FromSeconds(30))).With(provider);
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        Running second = engine.Start(Wire.Plain);
        engine.Time.Advance(TimeSpan.FromSeconds(7));

        Ended third = await engine.SendAsync(Wire.Plain);

        third.Error!.Kind.ShouldBe(ErrorKind.Overloaded);
        third.Error.Status.ShouldBe(503);
        third.Error.Code.ShouldBe("queue_full");
        third.Error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7), "as long as the first in the queue has waited");
        third.Error.Message.ShouldContain("`gpt` has 1 calls under way");
        third.Record.Attempts.ShouldBe(0);
        engine.Gateway.Current.Queues.Single().Queue.Refused.ShouldBe(1);
        await GiveUpAsync(first, second);
    }

    [Fact]
    public async Task A_call_that_waits_too_long_is_refused_and_leaves_the_queue()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = Limited(new(1, 1, TimeSpan.FromSeconds(5))).With(provider);
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        Running second = engine.Start(Wire.Plain);
        engine.Time.Advance(TimeSpan.FromSeconds(6));

        Ended ended = await second.EndAsync();

        ended.Error!.Code.ShouldBe("queue_timeout");
        ended.Error.Status.ShouldBe(503);
        ended.Error.RetryAfter.ShouldNotBeNull();
        engine.Gateway.Current.Queues.Single().Queue.Waiting.ShouldBe(0);
        await GiveUpAsync(first);
    }

    [Fact]
    public async Task A_caller_that_leaves_leaves_the_queue_and_the_next_moves_up()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.EventsWithoutUsage).End()).Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = Limited(new(1, 5, TimeSpan.FromSeconds(30))).With(provider);
        Running first = engine.Start(Wire.Streamed);
        await provider.RequestAsync(1);
        Running leaving = engine.Start(Wire.Plain);
        Running next = engine.Start(Wire.Plain);

        leaving.Abort();
        Ended gone = await leaving.EndAsync();
        gone.Error!.Kind.ShouldBe(ErrorKind.ClientGone);
        gone.Record.Status.ShouldBe(499);
        engine.Gateway.Current.Queues.Single().Queue.Waiting.ShouldBe(1);
        gate.SetResult();
        (await first.EndAsync()).Record.Error.ShouldBeNull();
        (await next.EndAsync()).Record.Error.ShouldBeNull();
        provider.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Where_every_deployment_has_as_many_calls_as_it_takes_the_next_waits_for_one()
    {
        await using var provider = new FakeProvider();
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.EventsWithoutUsage).End()).Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = Limited(new(null, 5, TimeSpan.FromSeconds(30))).With(provider, static x => x with { MaxParallelRequests = 1 });
        Running first = engine.Start(Wire.Streamed);
        await provider.RequestAsync(1);
        Running second = engine.Start(Wire.Plain);
        GroupGate group = engine.Gateway.Current.Queues.Single().Queue;
        (group.Running, group.Waiting).ShouldBe((2, 1));
        engine.Time.Advance(TimeSpan.FromSeconds(3));
        second.Sending.IsCompleted.ShouldBeFalse();

        gate.SetResult();
        (await first.EndAsync()).Record.Error.ShouldBeNull();
        Ended ended = await second.EndAsync();

        ended.Record.Error.ShouldBeNull();
        ended.Record.Attempts.ShouldBe(1);
        (group.Running, group.Waiting).ShouldBe((0, 0));
        Interline.Decisions.DecisionReport report = engine.Gateway.FindDecision(second.Call.Id).ShouldNotBeNull();
        report.Identical.ShouldBe(true);
        report.Inputs.Visits.ShouldHaveSingleItem().QueuePlace.ShouldBe(1);
        report.Inputs.Visits[0].Queued.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task Without_a_queue_a_busy_deployment_refuses_at_once()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = new Engine().With(provider, static x => x with { MaxParallelRequests = 1 });
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);

        (await engine.SendAsync(Wire.Plain)).Error!.Status.ShouldBe(429);

        engine.Gateway.Current.Queues.ShouldBeEmpty();
        await GiveUpAsync(first);
    }

    [Fact]
    public async Task A_group_that_refuses_is_stood_in_for_by_its_fallback_and_its_decision_can_be_replayed()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders()).Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = Limited(new(1, 0, TimeSpan.FromSeconds(30)), "gpt").With(provider).With(provider, static x => x with { Group = "other", Order = null }).Fallback("gpt", "other");
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);

        Ended ended = await engine.SendAsync(Wire.Plain);

        ended.Record.Error.ShouldBeNull();
        ended.Record.Fallbacks.ShouldBe(1);
        ended.Record.DeploymentId.ShouldBe("d2");
        Interline.Decisions.DecisionReport report = engine.Gateway.FindDecision(engine.Gateway.CallId(ended.Record.Number)).ShouldNotBeNull();
        report.Identical.ShouldBe(true);
        report.Inputs.Visits.Select(static x => x.Refused).ShouldBe([ErrorKind.Overloaded, null]);
        await GiveUpAsync(first);
    }

    [Fact]
    public async Task A_stream_that_waits_in_the_queue_is_kept_alive_and_told_in_the_stream_if_it_waits_too_long()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = Limited(new(1, 5, TimeSpan.FromSeconds(30))).With(provider);
        engine.Router = engine.Router with { HeartbeatInterval = TimeSpan.FromSeconds(15) };
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        Running second = engine.Start(Wire.Streamed);
        engine.Time.Advance(TimeSpan.FromSeconds(17));
        await second.Sink.ReceivedAsync(": keep-alive\n\n");
        engine.Time.Advance(TimeSpan.FromSeconds(17));

        Ended ended = await second.EndAsync();

        ended.Text.ShouldContain("queue_timeout");
        ended.Text.ShouldNotContain("[DONE]");
        ended.Record.Error.ShouldBe(ErrorKind.Overloaded);
        await GiveUpAsync(first);
    }

    [Fact]
    public async Task A_gateway_that_ends_tells_those_that_wait()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.HangBeforeHeaders());
        using Engine engine = Limited(new(1, 5, TimeSpan.FromSeconds(30))).With(provider);
        Running first = engine.Start(Wire.Plain);
        await provider.RequestAsync(1);
        Running second = engine.Start(Wire.Plain);

        engine.Gateway.BreakOff();

        foreach (Running running in new[] { first, second })
        {
            Ended ended = await running.EndAsync();
            ended.Error!.Status.ShouldBe(503);
            ended.Error.Code.ShouldBe("shutting_down");
            ended.Error.RetryAfter.ShouldNotBeNull();
        }

        engine.State("d1").Totals.Failures.ShouldBe(0, "it says nothing about the provider");
        engine.NothingInFlight();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whoever_comes_and_goes_the_limit_holds_and_nothing_is_left_behind(int seed)
    {
        var random = new Random(seed);
        await using var provider = new FakeProvider { Otherwise = static _ => FakeAnswer.Stream(Wire.EventsWithoutUsage, 30) };
        int most = random.Next(1, 4);
        int? parallel = random.Next(2) == 0 ? most : null;
        using Engine engine = Limited(new(parallel, 200, TimeSpan.FromHours(1))).With(provider, x => x with { MaxParallelRequests = parallel is null ? most : null });
        GroupGate group = engine.Gateway.Current.Queues.Single().Queue;

        Task<Ended>[] calls = [.. Enumerable.Range(0, 60).Select(i =>
        {
            Running running = engine.Start(Wire.Streamed);
            if (random.Next(4) == 0)
            {
                _ = Task.Run(running.Abort);
            }

            engine.State("d1").InFlight.ShouldBeLessThanOrEqualTo(most);
            return Task.Run(running.EndAsync);
        })];
        foreach (Ended ended in await Task.WhenAll(calls))
        {
            (ended.Record.Error is null or ErrorKind.ClientGone).ShouldBeTrue(ended.Record.Error.ToString());
        }

        (group.Running, group.Waiting, group.Refused).ShouldBe((0, 0, 0));
        engine.NothingInFlight();
    }

    private static Engine Limited(GroupLimit limit, string group = "*") =>
        new() { Router = new RouterSettings { GroupLimits = new Dictionary<string, GroupLimit> { [group] = limit }.ToFrozenDictionary() } };

    private static async Task GiveUpAsync(params Running[] running)
    {
        foreach (Running each in running)
        {
            each.Abort();
            (await each.EndAsync()).Record.Error.ShouldBe(ErrorKind.ClientGone);
        }
    }
}
