using System.Collections.Concurrent;
using Interline.Accounts;
using Interline.Storage.Accounts;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;
using Interline.Testing;

namespace Interline.Storage.Tests.Accounts;

public sealed class SqlAccountStoreTests
{
    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_written_is_read_in_the_order_of_revisions(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlAccountStore(test.Database, null, TimeProvider.System);
        IReadOnlyList<AccountRow>? written = await store.WriteAsync([new("key", "a", """{"x":"ü'"}""", 0), new("team", "a", "{}", 0)], CancellationToken.None);
        written.ShouldBe([new("key", "a", """{"x":"ü'"}""", 1), new("team", "a", "{}", 2)]);
        await store.WriteAsync([new("key", "a", """{"x":2}""", 1)], CancellationToken.None);
        (await store.ReadAsync(0, 10, CancellationToken.None)).ShouldBe([new("team", "a", "{}", 2), new("key", "a", """{"x":2}""", 3)]);
        (await store.ReadAsync(0, 1, CancellationToken.None)).ShouldBe([new("team", "a", "{}", 2)]);
        (await store.ReadAsync(3, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_change_made_from_an_older_revision_changes_nothing_nor_do_those_with_it(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlAccountStore(test.Database, null, TimeProvider.System);
        await store.WriteAsync([new("key", "a", "1", 0)], CancellationToken.None);
        (await store.WriteAsync([new("key", "b", "1", 0), new("key", "a", "2", 0)], CancellationToken.None)).ShouldBeNull();
        (await store.WriteAsync([new("key", "a", "2", 7)], CancellationToken.None)).ShouldBeNull();
        (await store.ReadAsync(0, 10, CancellationToken.None)).ShouldBe([new("key", "a", "1", 1)]);
        (await store.WriteAsync([new("key", "a", "2", null)], CancellationToken.None)).ShouldBe([new("key", "a", "2", 2)]);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_deleted_row_is_told_can_be_made_again_and_is_forgotten_in_the_end(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var time = new FakeTime();
        var store = new SqlAccountStore(test.Database, null, time);
        await store.WriteAsync([new("key", "a", "1", 0), new("key", "b", "1", 0)], CancellationToken.None);
        await store.WriteAsync([new("key", "a", null, 1), new("key", "b", null, 2)], CancellationToken.None);
        (await store.ReadAsync(2, 10, CancellationToken.None)).ShouldBe([new("key", "a", null, 3), new("key", "b", null, 4)]);
        (await store.WriteAsync([new("key", "a", "2", 0)], CancellationToken.None)).ShouldBe([new("key", "a", "2", 5)]);

        time.Advance(SqlAccountStore.DeletedKept + TimeSpan.FromSeconds(1));
        await store.WriteAsync([new("key", "c", "1", 0)], CancellationToken.None);
        (await store.ReadAsync(0, 10, CancellationToken.None)).Select(x => x.Id).ShouldBe(["a", "c"]);
        (await store.ReadAsync(4, 10, CancellationToken.None)).Count.ShouldBe(2);
        await Should.ThrowAsync<DatabaseException>(async () => await store.ReadAsync(3, 10, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_reader_that_follows_misses_nothing_while_many_write(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        SqlAccountStore[] nodes = [.. Enumerable.Range(0, 4).Select(_ => new SqlAccountStore(test.Database, null, TimeProvider.System))];
        var written = new ConcurrentDictionary<(string, string), AccountRow>();
        var seen = new Dictionary<(string, string), AccountRow>();
        Task[] writers = [.. nodes.Select((store, node) => Task.Run(() => WriteAsync(store, node, written)))];
        var reader = new SqlAccountStore(test.Database, null, TimeProvider.System);
        long after = 0;
        bool last = false;
        while (true)
        {
            IReadOnlyList<AccountRow> rows = await reader.ReadAsync(after, 7, CancellationToken.None);
            foreach (AccountRow row in rows)
            {
                row.Revision.ShouldBeGreaterThan(after);
                after = row.Revision;
                seen[(row.Kind, row.Id)] = row;
            }

            if (rows.Count == 0 && last)
            {
                break;
            }

            last = Array.TrueForAll(writers, x => x.IsCompleted);
        }

        await Task.WhenAll(writers);
        seen.Count.ShouldBe(written.Count);
        seen.ShouldAllBe(x => written[x.Key] == x.Value);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Of_those_that_change_the_same_revision_at_once_one_wins(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlAccountStore(test.Database, null, TimeProvider.System);
        IReadOnlyList<AccountRow>?[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(x => store.WriteAsync([new("key", "a", $"{x}", 0)], CancellationToken.None).AsTask()));
        results.Count(x => x is not null).ShouldBe(1);
    }

    [Fact]
    public async Task Another_node_is_told_of_a_change()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using var here = new NodeNotices(test.Database, "here", TimeProvider.System);
        await using var there = new NodeNotices(test.Database, "there", TimeProvider.System);
        int told = 0;
        var listening = new SqlAccountStore(test.Database, there, TimeProvider.System);
        listening.OnChanged(() => Interlocked.Increment(ref told));
        there.Start();
        await Until.TrueAsync(() => there.IsListening && Volatile.Read(ref told) == 1);
        await new SqlAccountStore(test.Database, here, TimeProvider.System).WriteAsync([new("key", "a", "1", 0)], CancellationToken.None);
        await Until.TrueAsync(() => Volatile.Read(ref told) == 2);
    }

    private static async Task WriteAsync(SqlAccountStore store, int node, ConcurrentDictionary<(string, string), AccountRow> written)
    {
        for (int i = 0; i < 40; i++)
        {
            // Each writer has rows of its own, some of them again and again, some deleted.
            string id = $"{node}-{i % 9}";
            foreach (AccountRow row in (await store.WriteAsync([new("key", id, i % 5 == 0 ? null : $"{i}", null), new("team", $"{node}-{i}", "{}", 0)], CancellationToken.None))!)
            {
                written[(row.Kind, row.Id)] = row;
            }
        }
    }
}
