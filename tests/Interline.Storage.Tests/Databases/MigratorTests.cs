using System.Collections.Immutable;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Databases;

public sealed class MigratorTests
{
    private static readonly Migration First = new(1, "first", "create table a (x bigint); insert into a (x) values (1);");
    private static readonly Migration Second = new(2, "second", "create table b (x bigint);");

    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_empty_database_gets_every_step_once(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        var migrator = new Migrator(test.Database, TimeProvider.System);
        string[] all = [.. await migrator.PendingAsync(CancellationToken.None)];
        all.ShouldContain("0001-accounts");
        (await migrator.ApplyAsync(CancellationToken.None)).ShouldBe(all);
        (await migrator.ApplyAsync(CancellationToken.None)).ShouldBeEmpty();
        (await migrator.PendingAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public void Both_dialects_have_the_same_steps() =>
        Migration.Embedded(SqlDialect.Postgres).Select(x => (x.Number, x.Name)).ShouldBe(Migration.Embedded(SqlDialect.Sqlite).Select(x => (x.Number, x.Name)));

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Eight_that_start_at_once_apply_each_step_once(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        Database[] nodes = [.. Enumerable.Range(0, 8).Select(_ => Database.Open(test.Url, TimeProvider.System))];
        IReadOnlyList<string>[] applied = await Task.WhenAll(nodes.Select(x => new Migrator(x, TimeProvider.System).ApplyAsync(CancellationToken.None)));
        applied.Count(x => x.Count > 0).ShouldBe(1);
        foreach (Database node in nodes)
        {
            await node.DisposeAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_step_that_was_changed_after_it_was_applied_is_refused(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await ApplyAsync(test, First);
        DatabaseException error = await Should.ThrowAsync<DatabaseException>(() => ApplyAsync(test, First with { Sql = First.Sql + " " + Second.Sql }));
        error.Message.ShouldContain("0001-first");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Line_ends_are_no_change(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await ApplyAsync(test, First with { Sql = "create table a (x bigint);\ncreate table c (x bigint);" });
        (await ApplyAsync(test, First with { Sql = "create table a (x bigint);\r\ncreate table c (x bigint);\r\n" })).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_database_of_a_newer_program_is_refused(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await ApplyAsync(test, First, Second);
        DatabaseException error = await Should.ThrowAsync<DatabaseException>(() => ApplyAsync(test, First));
        error.Message.ShouldContain("0002-second");
        error.Message.ShouldContain("newer version");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_step_that_fails_leaves_nothing_of_itself_or_of_those_with_it(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await Should.ThrowAsync<DatabaseException>(() => ApplyAsync(test, First, Second with { Sql = "create table b (x bigint); create tabel c" }));
        (await ApplyAsync(test, First, Second)).ShouldBe(["0001-first", "0002-second"]);
    }

    private static Task<IReadOnlyList<string>> ApplyAsync(TestDatabase test, params ImmutableArray<Migration> migrations) =>
        new Migrator(test.Database, TimeProvider.System, migrations).ApplyAsync(CancellationToken.None);
}
