using System.Collections.Frozen;
using Interline.Calls;
using Interline.Core.Pricing;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Errors;
using Interline.Testing;

namespace Interline.Tests.Ledger;

public class RecordTests
{
    [Fact]
    public async Task A_record_tells_the_whole_story_of_a_call()
    {
        await using var first = new FakeProvider();
        await using var second = new FakeProvider();
        var gate = new TaskCompletionSource();
        first.Then(FakeAnswer.Json("{}", 503));
        second.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(Wire.First + "data: {\n\n" + Wire.Finish + Wire.Usage + Wire.Done).End());
        using Engine engine = new Engine().With(first).With(second);

        Running running = engine.Start(Wire.Streamed);
        await (await second.RequestAsync(1)).Stalled;
        engine.Time.Advance(TimeSpan.FromSeconds(3));
        gate.SetResult();
        CallRecord record = (await running.EndAsync()).Record;

        record.ShouldSatisfyAllConditions(
            x => x.Number.ShouldBe(1),
            x => x.StartedAt.ShouldBe(engine.Time.GetUtcNow() - TimeSpan.FromSeconds(3)),
            x => x.Operation.ShouldBe("openai.chat"),
            x => x.Group.ShouldBe("gpt"),
            x => x.DeploymentId.ShouldBe("d2"),
            x => x.Provider.ShouldBe("fake2"),
            x => x.UpstreamModel.ShouldBe("up-2"),
            x => x.Status.ShouldBe(200),
            x => x.Streamed.ShouldBeTrue(),
            x => x.Error.ShouldBeNull(),
            x => x.Finish.ShouldBe(FinishReason.Stop),
            x => x.Usage.ShouldBe(new Usage { Input = 100, Output = 10 }),
            x => x.Cost.ShouldBe(Wire.Cost),
            x => x.PriceSource.ShouldBe("config"),
            x => x.Attempts.ShouldBe(2),
            x => x.Retries.ShouldBe(1),
            x => x.Fallbacks.ShouldBe(0),
            x => x.Failed.ShouldBe([new FailedAttempt("d1", "fake1", ErrorKind.Overloaded, 503)]),
            x => x.MalformedEvents.ShouldBe(1),
            x => x.Duration.ShouldBe(TimeSpan.FromSeconds(3)),
            x => x.FirstByte.ShouldBe(TimeSpan.FromSeconds(3)),
            x => x.Overhead.ShouldBe(TimeSpan.Zero),
            x => x.SnapshotVersion.ShouldBe("v1"),
            x => x.Seed.ShouldBe(running.Call.Seed));
    }

    [Fact]
    public void The_calls_settled_last_are_kept_however_long_ago_they_began()
    {
        var ledger = new InMemoryLedger(capacity: 3);
        foreach (long number in (long[])[2, 3, 4, 1])
        {
            ledger.Settle(new CallRecord { Number = number, StartedAt = default, Operation = "", Group = "", Status = 200, SnapshotVersion = "", Seed = 0 });
        }

        ledger.Find(2).ShouldBeNull();
        ((long[])[3, 4, 1]).ShouldAllBe(x => ledger.Find(x)!.Value.Number == x);
        ledger.Find(0).ShouldBeNull();
    }

    [Fact]
    public async Task A_call_that_was_served_at_the_standard_tier_is_not_billed_at_the_tier_it_asked_for()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer[..^1] + ",\"service_tier\":\"default\"}")).Then(FakeAnswer.Json(Wire.Answer));
        Price price = Engine.TestPrice with { ServiceTiers = new Dictionary<string, Price> { ["priority"] = new() { Input = 20m, Output = 100m } }.ToFrozenDictionary() };
        using Engine engine = new Engine().With(provider, x => x with { Price = price });
        string body = Wire.Plain[..^1] + ",\"service_tier\":\"priority\"}";

        (await engine.SendAsync(body)).Record.Cost.ShouldBe(Wire.Cost);
        (await engine.SendAsync(body)).Record.Cost.ShouldBe(Wire.Cost * 10);
    }

    [Fact]
    public async Task A_cost_that_is_not_known_is_not_zero()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Wire.Answer));
        using Engine engine = new Engine().With(provider, x => x with { Group = "unpriced", Price = null });

        CallRecord withoutPrice = (await engine.SendAsync(Wire.Plain.Replace("\"gpt\"", "\"unpriced\"", StringComparison.Ordinal))).Record;

        withoutPrice.Usage.ShouldNotBeNull();
        withoutPrice.Cost.ShouldBeNull();
    }

    [Fact]
    public void The_ledger_in_memory_keeps_the_newest_calls()
    {
        var ledger = new InMemoryLedger(capacity: 3);
        ledger.Find(0).ShouldBeNull();
        ledger.Find(1).ShouldBeNull();
        for (int number = 1; number <= 5; number++)
        {
            ledger.Settle(Record(number));
        }

        ledger.Find(2).ShouldBeNull();
        ledger.Find(3)!.Value.Number.ShouldBe(3);
        ledger.Find(5)!.Value.Number.ShouldBe(5);
        ledger.Find(6).ShouldBeNull();
        ledger.Find(-1).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("00000000000000080000000000000001")]
    [InlineData("0000000000000007ffffffffffffffff")]
    [InlineData("0000000000000007000000000000000g")]
    [InlineData("00000000000000070000000000000001x")]
    public void An_id_of_nobody_is_not_found(string id)
    {
        var ids = new CallIds(7);
        (ids.TryParse(id, out long number) && number > 0).ShouldBeFalse();
        ids.TryParse("00000000000000070000000000000001", out number).ShouldBeTrue();
        number.ShouldBe(1);
    }

    private static CallRecord Record(long number) => new()
    {
        Number = number, StartedAt = default, Operation = "x", Group = "g", Status = 200, SnapshotVersion = "v", Seed = 1,
    };
}
