using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests.Databases;

public sealed class DatabaseTests
{
    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Values_come_back_as_they_were(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await test.Database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteAsync(
                    dialect == SqlDialect.Postgres
                        ? "create table v (i integer, l bigint, t text, b boolean, d numeric, y bytea)"
                        : "create table v (i integer, l integer, t text, b integer, d text, y blob)",
                    token);
                for (int i = 0; i < 3; i++)
                {
                    await session.ExecuteAsync("insert into v values ($1, $2, $3, $4, $5, $6)", token, i, long.MaxValue, "'ü$1", true, 0.1234567890123456789m, new byte[] { 1, 0, 2 });
                }

                await session.ExecuteAsync("insert into v values ($1, $2, $3, $4, $5, $6)", token, (int?)null, (long?)null, (string?)null, false, (decimal?)null, (byte[]?)null);
            },
            CancellationToken.None);
        List<string> rows = await test.Database.ReadAsync(
            (session, token) => session.ListAsync(
                "select i, l, t, b, d, y from v where i >= $1 order by i",
                x => $"{x.GetInt32(0)} {x.GetInt64(1)} {x.GetString(2)} {x.GetBoolean(3)} {x.GetDecimal(4)} {((byte[])x.GetValue(5)).Length}",
                token,
                1),
            CancellationToken.None);
        rows.ShouldBe(["1 9223372036854775807 'ü$1 True 0.1234567890123456789 3", "2 9223372036854775807 'ü$1 True 0.1234567890123456789 3"]);
        (await CountAsync(test.Database, "select count(*) from v where i is null and l is null and t is null and d is null and y is null")).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_throws_has_changed_nothing_and_the_next_goes_well(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await test.Database.WriteAsync((session, token) => session.ExecuteAsync("create table v (x bigint)", token), CancellationToken.None);
        await Should.ThrowAsync<InvalidOperationException>(() => test.Database.WriteAsync(
            async Task (session, token) =>
            {
                await session.ExecuteAsync("insert into v values ($1)", token, 1L);
                throw new InvalidOperationException();
            },
            CancellationToken.None));
        (await CountAsync(test.Database, "select count(*) from v")).ShouldBe(0);
        await test.Database.WriteAsync((session, token) => session.ExecuteAsync("insert into v values ($1)", token, 2L), CancellationToken.None);
        (await CountAsync(test.Database, "select count(*) from v")).ShouldBe(1);
        test.Database.Reachability.IsReachable.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_statement_that_is_wrong_is_no_outage(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await Should.ThrowAsync<System.Data.Common.DbException>(() => CountAsync(test.Database, "select count(*) from nowhere"));
        test.Database.Reachability.IsReachable.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Many_at_once_wait_for_their_turn(SqlDialect dialect)
    {
        await using TestDatabase test = TestDatabase.Empty(dialect);
        await test.Database.WriteAsync((session, token) => session.ExecuteAsync("create table v (x bigint)", token), CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, 200).Select<int, Task>(x => x % 2 == 0
            ? test.Database.WriteAsync((session, token) => session.ExecuteAsync("insert into v values ($1)", token, (long)x), CancellationToken.None)
            : CountAsync(test.Database, "select count(*) from v")));
        (await CountAsync(test.Database, "select count(*) from v")).ShouldBe(100);
    }

    [Fact]
    public async Task Sqlite_does_not_work_on_the_thread_that_asks()
    {
        await using TestDatabase test = TestDatabase.Empty(SqlDialect.Sqlite);
        (await test.Database.ReadAsync((_, _) => Task.FromResult(Thread.CurrentThread.Name), CancellationToken.None))!.ShouldStartWith("sqlite");
        Thread.CurrentThread.Name?.ShouldNotStartWith("sqlite");
        (await test.Database.WriteAsync(
            async (session, token) =>
            {
                await Task.Yield();
                return Thread.CurrentThread.Name;
            },
            CancellationToken.None))!.ShouldStartWith("sqlite");
    }

    [Fact]
    public async Task A_server_that_is_gone_is_noticed_once_and_found_again()
    {
        using var server = new PostgresServer();
        await using Database database = Database.Open(server.CreateDatabase(), TimeProvider.System);
        int back = 0;
        database.Reachability.OnBack(() => Interlocked.Increment(ref back));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => CountAsync(database, "select count(*) from pg_class")));

        server.Stop();
        await Should.ThrowAsync<DatabaseUnavailableException>(() => CountAsync(database, "select count(*) from pg_class"));
        database.Reachability.IsReachable.ShouldBeFalse();
        database.Reachability.LastError.ShouldNotBeNullOrEmpty();

        // Now nobody waits for the network any more: the answer is there at once.
        Task refused = CountAsync(database, "select count(*) from pg_class");
        refused.IsCompleted.ShouldBeTrue();
        await Should.ThrowAsync<DatabaseUnavailableException>(() => refused);

        server.Start();
        await Until.TrueAsync(() => database.Reachability.IsReachable);
        (await CountAsync(database, "select count(*) from pg_class")).ShouldBeGreaterThan(0);
        back.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, new string('x', 5000));
            await using Database database = Database.Open(file, TimeProvider.System);
            (await Should.ThrowAsync<DatabaseUnavailableException>(() => CountAsync(database, "select count(*) from sqlite_master"))).Message.ShouldContain("not a database");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static Task<long> CountAsync(Database database, string sql) =>
        database.ReadAsync((session, token) => session.FirstAsync(sql, x => x.GetInt64(0), token), CancellationToken.None);
}
