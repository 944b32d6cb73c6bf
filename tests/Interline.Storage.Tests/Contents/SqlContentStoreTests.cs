using Interline.Contents;
using Interline.Storage.Contents;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Contents;

/// <summary>Contents in both databases: whole, within their bound, gone when they are old.</summary>
public sealed class SqlContentStoreTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Contents_come_back_as_they_were(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlContentStore(test.Database, 1 << 20);
        StoredContent full = Content(1) with
        {
            StartedAt = new DateTimeOffset(2026, 11, 22, 10, 11, 12, TimeSpan.FromHours(1)).AddMicroseconds(123456),
            KeyId = "k'1",
            TeamId = "t",
            UserId = "ü",
            Request = "{\"a\":\"'$1 \\u0000 ü 𝄞\"}",
            RequestBytes = long.MaxValue,
            AnswerBytes = 5_000_000_000,
        };
        StoredContent bare = Content(2);
        await store.WriteAsync([full, bare], None);

        (await store.FindAsync(full.Id, None)).ShouldBe(full);
        (await store.FindAsync(bare.Id, None)).ShouldBe(bare);
        (await store.FindAsync("no such call\0", None)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_sign_that_one_database_does_not_take_costs_nobody_its_content(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlContentStore(test.Database, 1 << 20);
        await store.WriteAsync([Content(1), Content(2) with { Request = "a\0b", Answer = "\0" }, Content(3)], None);
        (await store.FindAsync(Id(2), None))!.Request.ShouldBe("a\uFFFDb");
        (await CountAsync(test)).ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_there_is_not_written_over(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlContentStore(test.Database, 1 << 20);
        await store.WriteAsync([Content(1), Content(1) with { Answer = "twice in a batch" }], None);
        await store.WriteAsync([Content(1) with { Answer = "again" }, Content(2)], None);
        (await store.FindAsync(Id(1), None)).ShouldBe(Content(1));
        (await CountAsync(test)).ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_old_goes_slice_by_slice_and_the_rest_stays(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlContentStore(test.Database, 1 << 20, slice: 3);
        await store.WriteAsync([.. Enumerable.Range(0, 20).Select(static x => Content(x))], None);
        await store.PruneAsync(Content(10).StartedAt, None);
        (await CountAsync(test)).ShouldBe(10);
        (await store.FindAsync(Id(9), None)).ShouldBeNull();
        (await store.FindAsync(Id(10), None)).ShouldNotBeNull();
        await store.PruneAsync(Content(16).StartedAt, None);
        (await CountAsync(test)).ShouldBe(4);
        await store.PruneAsync(DateTimeOffset.UnixEpoch, None);
        (await CountAsync(test)).ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task There_is_never_too_much_and_the_newest_are_there(SqlDialect dialect)
    {
        const long Most = 50_000;
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        var store = new SqlContentStore(test.Database, Most, slice: 7);
        var draw = new Random(11);
        int number = 0;
        for (int i = 0; i < 60; i++)
        {
            await store.WriteAsync([.. Enumerable.Range(0, draw.Next(1, 6)).Select(_ => Content(number++, draw.Next(0, 1500)))], None);
            (await SizeAsync(test)).ShouldBeLessThanOrEqualTo(Most);
            (await store.FindAsync(Id(number - 1), None)).ShouldNotBeNull();
        }

        // Neither are more dropped than it takes: those that are left are the newest, without a gap, and they fill it but for what was made room for.
        long left = await CountAsync(test);
        (await store.FindAsync(Id(number - (int)left), None)).ShouldNotBeNull();
        (await SizeAsync(test)).ShouldBeGreaterThan(Most - (Most / 20) - (2 * 5 * 1800));

        // A process that begins anew knows what is there.
        var next = new SqlContentStore(test.Database, Most);
        await next.WriteAsync([Content(number, 5000)], None);
        (await SizeAsync(test)).ShouldBeLessThanOrEqualTo(Most);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Nodes_that_write_at_once_keep_the_bound_as_it_is_documented(SqlDialect dialect)
    {
        const long Most = 40_000;
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        SqlContentStore[] nodes = [.. Enumerable.Range(0, 4).Select(_ => new SqlContentStore(test.Database, Most, slice: 7))];
        for (int i = 0; i < 300; i++)
        {
            await nodes[i % nodes.Length].WriteAsync([Content(i, 300)], None);
            (await SizeAsync(test)).ShouldBeLessThanOrEqualTo(Most + ((nodes.Length - 1) * (Most / 20)) + (nodes.Length * 500));
        }

        (await SizeAsync(test)).ShouldBeGreaterThan(Most / 2);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Room_is_made_in_slices_by_one_node_at_a_time(SqlDialect dialect)
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(dialect);
        await new SqlContentStore(test.Database, long.MaxValue).WriteAsync([.. Enumerable.Range(0, 300).Select(x => Content(x, 100))], None);
        SqlContentStore[] nodes = [.. Enumerable.Range(0, 4).Select(_ => new SqlContentStore(test.Database, 10_000, slice: 4))];
        await Task.WhenAll(nodes.Select((x, i) => x.WriteAsync([Content(1000 + i, 100)], None).AsTask()));
        await nodes[0].WriteAsync([Content(1010, 3000)], None);
        (await SizeAsync(test)).ShouldBeLessThanOrEqualTo(10_000);
        (await nodes[1].FindAsync(Id(1010), None)).ShouldNotBeNull();
    }

    internal static StoredContent Content(int number) => Content(number, 20);

    internal static string Id(int number) => $"{number:x32}";

    internal static Task<long> CountAsync(TestDatabase test) => NumberAsync(test, "select count(*) from interline_content");

    private static StoredContent Content(int number, int length) => new()
    {
        Id = Id(number),
        StartedAt = DateTimeOffset.UnixEpoch.AddMinutes(number),
        Request = new string('q', length),
        RequestBytes = length,
        Answer = "answer",
        AnswerBytes = 6,
    };

    private static Task<long> SizeAsync(TestDatabase test) => NumberAsync(test, "select cast(coalesce(sum(length(request) + length(answer) + 200), 0) as bigint) from interline_content");

    private static Task<long> NumberAsync(TestDatabase test, string sql) => test.Database.ReadAsync((session, token) => session.FirstAsync(sql, static x => x.GetInt64(0), token), None);
}
