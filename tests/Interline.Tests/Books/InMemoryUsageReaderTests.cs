using Interline.Books;
using Interline.Ledger;
using Interline.Protocols.Errors;

namespace Interline.Tests.Books;

/// <summary>The books of a program that keeps nothing but its newest calls.</summary>
public sealed class InMemoryUsageReaderTests
{
    [Fact]
    public async Task Calls_come_newest_first_and_a_page_goes_on_where_the_last_ended()
    {
        InMemoryUsageReader reader = Reader(20);
        List<StoredCall> all = await ListAsync(reader, new CallQuery());
        all.Select(x => x.Record.Number).ShouldBe(Enumerable.Range(1, 20).Reverse().Select(x => (long)x));
        List<StoredCall> page = await ListAsync(reader, new CallQuery { Most = 7 });
        List<StoredCall> next = await ListAsync(reader, new CallQuery { Most = 7, Before = page[^1].Id });
        page.Concat(next).ShouldBe(all.Take(14));
    }

    [Fact]
    public async Task Every_filter_filters()
    {
        InMemoryUsageReader reader = Reader(20);
        DateTimeOffset noon = Records.Noon;
        (CallQuery Query, Func<CallRecord, bool> Holds)[] filters =
        [
            (new() { From = noon.AddMinutes(5) }, x => x.StartedAt >= noon.AddMinutes(5)),
            (new() { To = noon.AddMinutes(5) }, x => x.StartedAt < noon.AddMinutes(5)),
            (new() { KeyId = "k1" }, x => x.KeyId == "k1"),
            (new() { TeamId = "t1" }, x => x.TeamId == "t1"),
            (new() { UserId = "u1" }, x => x.UserId == "u1"),
            (new() { Customer = "c1" }, x => x.Customer == "c1"),
            (new() { Model = "m1" }, x => x.Group == "m1"),
            (new() { Provider = "p1" }, x => x.Provider == "p1"),
            (new() { Tag = "g1" }, x => x.Tags.Contains("g1")),
            (new() { Failed = true }, x => x.Error is not null),
            (new() { Failed = false }, x => x.Error is null),
        ];
        foreach ((CallQuery query, Func<CallRecord, bool> holds) in filters)
        {
            List<StoredCall> found = await ListAsync(reader, query);
            found.Count.ShouldBeInRange(1, 19, query.ToString());
            found.ShouldAllBe(x => holds(x.Record));
            (await ListAsync(reader, new CallQuery())).Count(x => holds(x.Record)).ShouldBe(found.Count, query.ToString());
        }
    }

    [Fact]
    public async Task A_call_is_found_by_its_id_as_long_as_it_is_kept()
    {
        InMemoryUsageReader reader = Reader(20);
        (await reader.FindAsync("id-3", TestContext.Current.CancellationToken))!.Record.Number.ShouldBe(3);
        (await reader.FindAsync("id-21", TestContext.Current.CancellationToken)).ShouldBeNull();
    }

    private static InMemoryUsageReader Reader(int calls)
    {
        var ledger = new InMemoryLedger();
        for (int i = 1; i <= calls; i++)
        {
            int part = i % 3;
            ledger.Settle(Records.Call(i, Records.Noon.AddMinutes(i), group: "m" + part, provider: "p" + part, key: "k" + part, team: "t" + part, user: "u" + part, customer: "c" + part, tags: ["g" + part], error: part == 0 ? ErrorKind.Server : null));
        }

        return new InMemoryUsageReader(ledger, x => $"id-{x}");
    }

    private static async Task<List<StoredCall>> ListAsync(InMemoryUsageReader reader, CallQuery query)
    {
        var calls = new List<StoredCall>();
        await foreach (StoredCall call in reader.CallsAsync(query, TestContext.Current.CancellationToken))
        {
            calls.Add(call);
        }

        return calls;
    }
}
