using Interline.Budgets;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage.Tests.Nodes;

public sealed class NodeRegistryTests
{
    [Fact]
    public async Task Nodes_count_each_other_and_show_what_they_run()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        a.Registry.Nodes.ShouldBe(1);
        await using (TestNode b = await TestNode.StartAsync(test.Url, "b"))
        {
            b.Registry.ConfigurationVersion = "7";
            await b.BeatAsync();
            await a.BeatAsync();
            a.Registry.Nodes.ShouldBe(2);
            (await a.Registry.ListAsync(CancellationToken.None)).Select(x => (x.Id, x.Version, x.Configuration)).ShouldBe([("a#1", "1.0", ""), ("b#1", "1.0", "7")]);
        }

        // Who leaves in order is gone at once.
        await a.BeatAsync();
        a.Registry.Nodes.ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_node_that_died_all_dollars_stay_taken_for_a_day_and_then_what_it_spent()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        var spending = new Spending { ByNode = { ["b#1"] = 0.125m } };
        await using TestNode a = await TestNode.StartAsync(test.Url, "a", spending);
        TestNode b = await TestNode.StartAsync(test.Url, "b");
        await b.TakeAsync(Meters.Dollars, 1m, 1m, 1m);
        await b.TakeAsync(Meters.Slots, 3, 3, 3);
        await b.TakeAsync(Meters.Minute(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()), 3, 3, 3);
        await b.SilenceAsync();
        await b.DieAsync();

        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        await a.BeatAsync();
        a.Registry.Nodes.ShouldBe(1);
        (await a.TakeAsync(Meters.Slots, 3, 3, 3)).Amount.ShouldBe(3);

        // What is in its journal and not in the books was spent, and nobody knows how much it is.
        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        await a.Database.WriteAsync((session, token) => session.ExecuteAsync("update interline_node set gone_at = gone_at - interval '25 hours', seen_at = seen_at - interval '25 hours' where id = 'b#1'", token), CancellationToken.None);
        await a.BeatAsync();
        (await a.TakeAsync(Meters.Dollars, 1m, 0.875m, 1m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.875m, 1m));
    }

    [Fact]
    public async Task If_it_is_not_known_what_a_dead_node_spent_all_it_held_stays_taken()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a", new Spending { ByNode = { ["b#1"] = null } });
        TestNode b = await TestNode.StartAsync(test.Url, "b");
        await b.TakeAsync(Meters.Dollars, 1m, 0.75m, 0.75m);
        await b.SilenceAsync();
        await b.DieAsync();
        await a.BeatAsync();
        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).Amount.ShouldBe(0.25m);
    }

    [Fact]
    public async Task Nobody_is_judged_by_a_node_that_has_only_begun_to_speak()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        await b.TakeAsync(Meters.Slots, 3, 3, 3);
        await b.SilenceAsync();
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        await a.BeatAsync(1);
        (await a.TakeAsync(Meters.Slots, 3, 1, 1)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
        await b.BeatAsync(1);
        await a.BeatAsync();
        (await a.TakeAsync(Meters.Slots, 3, 1, 1)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
    }

    [Fact]
    public async Task A_node_that_was_taken_for_dead_and_is_back_holds_what_it_held()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        var spending = new Spending { ByNode = { ["b#1"] = 0m } };
        await using TestNode a = await TestNode.StartAsync(test.Url, "a", spending);
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        await b.TakeAsync(Meters.Dollars, 1m, 0.75m, 0.75m);
        await b.SilenceAsync();
        await a.BeatAsync();
        a.Registry.Nodes.ShouldBe(1);
        await b.BeatAsync(1);
        await b.Leases.FlushAsync(CancellationToken.None);
        await a.BeatAsync(1);
        a.Registry.Nodes.ShouldBe(2);
        (await a.TakeAsync(Meters.Dollars, 1m, 0.5m, 1m)).Outcome.ShouldBe(LeaseOutcome.Exhausted);
    }

    [Fact]
    public async Task A_node_that_starts_again_settles_what_its_earlier_starts_left_also_when_more_was_booked_since()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        var spending = new Spending { ByNode = { ["a#1"] = 0.25m } };
        TestNode first = await TestNode.StartAsync(test.Url, "a", spending, "1");
        await first.TakeAsync(Meters.Dollars, 1m, 1m, 1m);
        await first.TakeAsync(Meters.Slots, 2, 2, 2);
        await first.DieAsync();

        TestNode second = await TestNode.StartAsync(test.Url, "a", spending, "2");
        (await second.TakeAsync(Meters.Slots, 2, 2, 2)).Amount.ShouldBe(2);
        (await second.TakeAsync(Meters.Dollars, 1m, 0.25m, 0.25m)).Taken.ShouldBe(0.5m);
        await second.DieAsync();

        (spending.ByNode["a#1"], spending.ByNode["a#2"]) = (0.5m, 0.125m);
        await using TestNode third = await TestNode.StartAsync(test.Url, "a", spending, "3");
        (await third.TakeAsync(Meters.Dollars, 1m, 0.375m, 0.375m)).Taken.ShouldBe(1m);
    }

    [Fact]
    public async Task Meters_whose_window_is_long_over_and_nodes_long_gone_leave_no_rows_but_their_dollars_stay()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a", new Spending { ByNode = { ["b#1"] = 0.5m } });
        TestNode b = await TestNode.StartAsync(test.Url, "b");
        await b.TakeAsync(Meters.Dollars, 1m, 0.5m, 0.5m);
        await b.TakeAsync(Meters.Minute(60), 3, 1, 1);
        await b.DisposeAsync();
        await a.Database.WriteAsync((session, token) => session.ExecuteAsync("update interline_node set gone_at = gone_at - interval '2 days'", token), CancellationToken.None);
        await a.BeatAsync();
        long left = await a.Database.ReadAsync(
            (session, token) => session.FirstAsync("select (select count(*) from interline_lease) * 100 + (select count(*) from interline_node) * 10 + (select count(*) from interline_meter)", x => x.GetInt64(0), token),
            CancellationToken.None);
        left.ShouldBe(11);
        (await a.TakeAsync(Meters.Dollars, 1m, 0.1m, 1m)).ShouldBe(new LeaseGrant(LeaseOutcome.Granted, 0.5m, 1m));
    }
}
