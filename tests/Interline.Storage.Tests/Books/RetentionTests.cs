using Interline.Books;
using Interline.Contents;
using Interline.Ledger;
using Interline.Storage.Books;
using Interline.Storage.Contents;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Books;

public sealed class RetentionTests
{
    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_is_too_old_goes_and_the_rest_and_the_roots_stay(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { SegmentCalls = 10, BatchCalls = 10, PruneSlice = 4 });
        DateTimeOffset now = shop.Time.GetUtcNow();
        for (int i = 1; i <= 60; i++)
        {
            // From 200 days ago to the present, one by one: the stretches are of some 33 days each and reach over the ends of months.
            CallRecord call = Bookshop.Plain(i, now.AddDays(-200 + (i * 200 / 60.0)));
            shop.Ledger.Settle(call with { Customer = i < 10 ? "old" : "new", PriceVersion = i < 10 ? "old version" : "new version" });
        }

        await shop.WriteAsync();
        await shop.ExecuteAsync("update interline_name set used = used - 200 where text like 'old%'");
        long segments = await shop.NumberAsync("select count(*) from interline_segment");

        await shop.Keeper.PruneAsync(CancellationToken.None);

        List<StoredCall> left = await shop.CallsAsync();
        left.Count.ShouldBeInRange(27, 45);
        left.Select(x => x.Record.Number).ShouldBe(Enumerable.Range(61 - left.Count, left.Count).Reverse().Select(x => (long)x));
        List<SegmentReport> verified = await shop.VerifyAsync();
        verified.Count.ShouldBe((int)segments);
        verified.ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole || x.Verdict == SegmentVerdict.Pruned);
        verified.Count(x => x.Verdict == SegmentVerdict.Pruned).ShouldBeInRange(1, 3);
        (await new LedgerVerification(shop.Database, null).SumsAsync(CancellationToken.None)).ShouldBeEmpty();

        async Task<long> SumAsync(UsagePeriod period) =>
            (await shop.Reader.SumAsync(new() { From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.MaxValue, Period = period, ByPeriod = false }, CancellationToken.None)).Sum(x => x.Calls);
        (await SumAsync(UsagePeriod.Month)).ShouldBe(60);
        (await SumAsync(UsagePeriod.Day)).ShouldBe(60);
        (await SumAsync(UsagePeriod.Hour)).ShouldBe(28);
        (await shop.NumberAsync("select count(*) from interline_name where text = 'old'")).ShouldBe(1);
        (await shop.NumberAsync("select count(*) from interline_name where text = 'old version'")).ShouldBe(0);
        (await shop.NumberAsync("select count(*) from interline_name where text = 'new version'")).ShouldBe(1);

        // And it goes on: what was dropped can be written again, and what is new is.
        shop.Ledger.Settle(Bookshop.Plain(100, now));
        shop.Ledger.Settle(Bookshop.Plain(101, now.AddDays(-199)));
        await shop.WriteAsync();
        await shop.Keeper.PruneAsync(CancellationToken.None);
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole || x.Verdict == SegmentVerdict.Pruned);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Contents_that_are_too_old_go_with_the_books_upkeep_whether_or_not_any_are_kept_now(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { ContentRetention = TimeSpan.FromDays(2) });
        var store = new SqlContentStore(shop.Database, long.MaxValue);
        DateTimeOffset now = shop.Time.GetUtcNow();
        await store.WriteAsync([.. Enumerable.Range(0, 5).Select(x => new StoredContent { Id = $"{x}", StartedAt = now.AddDays(-x), Request = "", Answer = "" })], CancellationToken.None);

        await shop.Keeper.PruneAsync(CancellationToken.None);

        (await shop.NumberAsync("select count(*) from interline_content")).ShouldBe(3);
        (await store.FindAsync("2", CancellationToken.None)).ShouldNotBeNull();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task What_has_no_retention_is_kept_for_ever(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { CallRetention = null, HourRetention = null, DayRetention = null });
        shop.Ledger.Settle(Bookshop.Plain(1, DateTimeOffset.UnixEpoch));
        await shop.WriteAsync();
        shop.Kill();

        await shop.Keeper.PruneAsync(CancellationToken.None);

        (await shop.CallsAsync()).Count.ShouldBe(1);
        (await shop.NumberAsync("select count(distinct period) from interline_usage")).ShouldBe(3);
    }
}
