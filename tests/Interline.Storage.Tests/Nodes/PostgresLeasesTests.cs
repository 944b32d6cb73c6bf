using System.Net;
using System.Net.Sockets;
using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;
using Interline.Testing;

namespace Interline.Storage.Tests.Nodes;

public sealed class PostgresLeasesTests
{
    [Fact]
    public async Task A_lone_node_gets_what_it_wishes_until_nothing_is_left()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode node = await TestNode.StartAsync(test.Url, "a");
        (await node.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.6m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.6m, 0.6m));
        (await node.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.6m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.4m, 1m));
        (await node.TakeAsync(Meters.Dollars, 1m, 0.000001m, 0.6m)).ShouldBe(new LeaseGrant(LeaseOutcome.Exhausted, 0, 1m));
        (await node.TakeAsync(Meters.Dollars, 1.5m, 0.1m, 0.2m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.2m, 1.2m));
    }

    [Fact]
    public async Task What_was_spent_before_the_first_lease_counts()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode node = await TestNode.StartAsync(test.Url, "a", new Spending { Before = 0.75m });
        (await node.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.25m, 1m));
        (await node.TakeAsync(Meters.Slots, 5, 1, 2)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 2, 2));
    }

    [Fact]
    public async Task One_of_several_gets_no_more_than_half_of_the_rest_unless_it_needs_more()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        b.Registry.Nodes.ShouldBe(2);
        (await b.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).Amount.ShouldBe(0.5m);
        (await b.TakeAsync(Meters.Dollars, 1m, 0.4m, 1m)).Amount.ShouldBe(0.4m);
        (await b.TakeAsync(Meters.Minute(60), 5, 1, 5)).Amount.ShouldBe(2);
        (await b.TakeAsync(Meters.Minute(60), 5, 1, 5)).Amount.ShouldBe(1);
        (await b.TakeAsync(Meters.Minute(120), 5, 1, 5)).Amount.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_returned_another_gets()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        (await a.TakeAsync(Meters.Slots, 4, 4, 4)).Amount.ShouldBe(4);
        (await b.TakeAsync(Meters.Slots, 4, 1, 1)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        a.Leases.Return(Meters.Slots, 3);
        await Until.TrueAsync(async () => (await b.TakeAsync(Meters.Slots, 4, 3, 3)).Outcome == LeaseOutcome.Granted);
        (await b.TakeAsync(Meters.Slots, 4, 1, 1)).Outcome.ShouldBe(LeaseOutcome.Exhausted);

        // More than it holds it cannot return.
        a.Leases.Return(Meters.Slots, 100);
        await Until.TrueAsync(async () => (await b.TakeAsync(Meters.Slots, 4, 1, 4)).Outcome == LeaseOutcome.Granted);
        (await b.TakeAsync(Meters.Slots, 4, 1, 1)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
    }

    [Fact]
    public async Task Who_is_refused_makes_the_others_hear_of_it()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        MeterId? wanted = null;
        bool own = false;
        a.Leases.OnWanted(x => wanted = x);
        b.Leases.OnWanted(_ => own = true);
        await Until.TrueAsync(() => a.Notices.IsListening && b.Notices.IsListening);
        await a.TakeAsync(Meters.Dollars, 1m, 1m, 1m);
        (await b.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        await Until.TrueAsync(() => wanted == Meters.Dollars);
        own.ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Four_nodes_that_take_and_return_at_once_never_hold_more_than_the_limit(int seed)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        TestNode[] nodes = [.. await Task.WhenAll(Enumerable.Range(0, 4).Select(x => TestNode.StartAsync(test.Url, $"n{x}")))];
        MeterId[] meters = [Meters.Dollars, Meters.Slots, Meters.Minute(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds())];
        decimal[] held = new decimal[meters.Length];
        decimal[] most = new decimal[meters.Length];
        const decimal Limit = 20;
        var gate = new Lock();
        int granted = 0;

        void GiveBack(TestNode node, List<(int Meter, decimal Amount)> own, int index)
        {
            (int m, decimal amount) = own[index];
            own.RemoveAt(index);
            lock (gate)
            {
                held[m] -= amount;
            }

            node.Leases.Return(meters[m], amount);
        }

        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random((seed * 100) + worker);
            TestNode node = nodes[worker % nodes.Length];
            List<(int Meter, decimal Amount)> own = [];
            for (int i = 0; i < 100; i++)
            {
                int m = random.Next(meters.Length);
                decimal needed = m == 0 ? random.Next(1, 4_000_000) / 1_000_000m : random.Next(1, 4);
                LeaseGrant grant = await node.TakeAsync(meters[m], Limit, needed, needed * random.Next(1, 5));
                if (grant.Outcome == LeaseOutcome.Granted)
                {
                    grant.Amount.ShouldBeGreaterThanOrEqualTo(needed);
                    own.Add((m, grant.Amount));
                    lock (gate)
                    {
                        granted++;
                        held[m] += grant.Amount;
                        most[m] = Math.Max(most[m], held[m]);
                    }
                }
                else
                {
                    grant.Outcome.ShouldBe(LeaseOutcome.Exhausted, node.Leases.LastError);
                }

                // Most of it is kept for a while, so that everybody asks for the last of it at once.
                if (own.Count > 0 && random.Next(3) == 0)
                {
                    GiveBack(node, own, random.Next(own.Count));
                }
            }

            while (own.Count > 0)
            {
                GiveBack(node, own, own.Count - 1);
            }
        })));

        most.ShouldAllBe(x => x <= Limit && x > Limit / 2);
        granted.ShouldBeGreaterThan(100);

        // Nothing was lost on the way: all of it can be taken again by one.
        await Task.WhenAll(nodes.Select(x => x.Leases.FlushAsync(CancellationToken.None)));
        foreach (MeterId meter in meters)
        {
            (await nodes[0].TakeAsync(meter, Limit, Limit, Limit)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, Limit, Limit));
        }

        foreach (TestNode node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task Without_the_database_a_lease_is_unavailable_at_once_and_later_there_again()
    {
        using var server = new PostgresServer();
        string url = server.CreateDatabase();
        await using (Database database = Database.Open(url, TimeProvider.System))
        {
            await new Migrator(database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        }

        await using TestNode a = await TestNode.StartAsync(url, "a");
        await using TestNode b = await TestNode.StartAsync(url, "b");
        await a.TakeAsync(Meters.Dollars, 1m, 0.5m, 0.5m);
        await b.TakeAsync(Meters.Dollars, 1m, 0.25m, 0.25m);
        server.Stop();
        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.1m)).Outcome.ShouldBe(LeaseOutcome.Unavailable);
        Task<LeaseGrant> next = a.Leases.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.1m, CancellationToken.None).AsTask();
        next.IsCompleted.ShouldBeTrue();
        (await next).Outcome.ShouldBe(LeaseOutcome.Unavailable);
        a.Registry.Nodes.ShouldBeGreaterThanOrEqualTo(1);

        // What is returned meanwhile arrives when it is back; what was held before is held still.
        a.Leases.Return(Meters.Dollars, 0.5m);
        server.Start();
        LeaseGrant grant = default;
        await Until.TrueAsync(async () => (grant = await b.TakeAsync(Meters.Dollars, 1m, 0.75m, 0.75m)).Outcome == LeaseOutcome.Granted);
        grant.ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.75m, 1m));
        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.1m)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        await Until.TrueAsync(() => a.Notices.IsListening && b.Notices.IsListening);
    }

    [Fact]
    public async Task A_server_that_takes_the_connection_and_says_nothing_makes_a_lease_unavailable_after_its_limit()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var time = new FakeTime();
        await using Database database = Database.Open($"postgresql://u@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/n?sslmode=disable", TimeProvider.System);
        await using var notices = new NodeNotices(database, "a", time);
        await using var registry = new NodeRegistry(database, "a", "1", "1.0", new Spending(), time);
        var leases = new PostgresLeases(database, registry, notices, new Spending(), time);
        Task<LeaseGrant> asking = leases.TakeAsync(Meters.Dollars, 1m, 1m, 1m, CancellationToken.None).AsTask();
        asking.IsCompleted.ShouldBeFalse();
        time.Advance(PostgresLeases.Limit);
        (await asking).Outcome.ShouldBe(LeaseOutcome.Unavailable);
        database.Reachability.IsReachable.ShouldBeFalse();
        leases.TakeAsync(Meters.Slots, 1, 1, 1, CancellationToken.None).AsTask().IsCompleted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_grant_that_comes_after_its_limit_is_given_back()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode other = await TestNode.StartAsync(test.Url, "b");
        await other.TakeAsync(Meters.Dollars, 1m, 0.1m, 0.1m);
        other.Leases.Return(Meters.Dollars, 0.1m);
        await other.Leases.FlushAsync(CancellationToken.None);

        var time = new FakeTime();
        await using var notices = new NodeNotices(other.Database, "a", time);
        await using var registry = new NodeRegistry(other.Database, "a", "1", "1.0", new Spending(), time);
        await using var leases = new PostgresLeases(other.Database, registry, notices, new Spending(), time);
        Task<LeaseGrant> asking = null!;
        await using (Database second = Database.Open(test.Url, TimeProvider.System))
        {
            await second.WriteAsync(
                async (session, token) =>
                {
                    await session.ExecuteAsync("update interline_meter set base = base", token);
                    asking = leases.TakeAsync(Meters.Dollars, 1m, 1m, 1m, CancellationToken.None).AsTask();
                    await Until.TrueAsync(() => session.FirstAsync("select count(*) > 0 from pg_locks where not granted", x => x.GetBoolean(0), token));
                    time.Advance(PostgresLeases.Limit);
                    (await asking).Outcome.ShouldBe(LeaseOutcome.Unavailable);
                },
                CancellationToken.None);
        }

        await Until.TrueAsync(async () =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return (await other.TakeAsync(Meters.Dollars, 1m, 1m, 1m)).Outcome == LeaseOutcome.Granted;
        });
    }
}
