using Interline.Core.Configuration;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Books;

public sealed class ChainTests
{
    // Every column of a call but for its place, and one by one the lowest bit of it.
    private static readonly string[] Numbers =
    [
        "started", "run", "number", "operation_id", "model_id", "key_id", "team_id", "user_id", "deployment_id", "provider_id", "tags_id", "snapshot_id", "status", "flags", "attempts", "retries",
        "fallbacks", "malformed", "duration_us", "mark",
    ];

    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Any_change_to_a_call_is_noticed_and_the_first_bad_one_is_named(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { SegmentCalls = 10, BatchCalls = 5 });
        for (int i = 1; i <= 30; i++)
        {
            shop.Ledger.Settle(Bookshop.Plain(i, shop.Time.GetUtcNow()));
        }

        await shop.WriteAsync();
        (await shop.VerifyAsync()).Select(x => (x.Number, x.Calls, x.Verdict)).ShouldBe([(1, 10, SegmentVerdict.Whole), (2, 10, SegmentVerdict.Whole), (3, 10, SegmentVerdict.Whole)]);

        async Task BrokenAsync(string change, string back, string? bad)
        {
            (await shop.ExecuteAsync(change)).ShouldBeGreaterThan(0);
            SegmentReport report = (await shop.VerifyAsync()).First(x => x.Verdict != SegmentVerdict.Whole);
            report.Verdict.ShouldBe(SegmentVerdict.Broken, change);
            report.FirstBadCall.ShouldBe(bad, change);
            await shop.ExecuteAsync(back);
        }

        foreach (string column in Numbers)
        {
            for (int bit = 0; bit < 3; bit++)
            {
                // Not one of the neighbours' numbers.
                int by = 1 << (column == "number" ? bit + 10 : bit);
                string flip = $"update interline_call set {column} = case when {column} / {by} % 2 = 0 then {column} + {by} else {column} - {by} end where seq = 4 and segment = 2";
                (await shop.ExecuteAsync(flip)).ShouldBe(1);
                SegmentReport report = (await shop.VerifyAsync())[1];
                report.Verdict.ShouldBe(SegmentVerdict.Broken, column);
                report.Problem.ShouldBe("Call 5 of 10 was changed.", column);
                await shop.ExecuteAsync(flip);
            }
        }

        string third = shop.Id(25);
        string zero = dialect == SqlDialect.Postgres ? "" : "'";
        await BrokenAsync($"update interline_call set cost = {zero}1.01{zero} where number = 25", $"update interline_call set cost = {zero}1{zero} where number = 25", third);
        await BrokenAsync($"update interline_call set billed_price = null where number = 25", $"update interline_call set billed_price = {zero}3{zero} where number = 25", third);
        await BrokenAsync("update interline_call set input = 1 where number = 25", "update interline_call set input = null where number = 25", third);
        await BrokenAsync("update interline_call set error_id = operation_id where number = 25", "update interline_call set error_id = null where number = 25", third);
        await BrokenAsync("update interline_name set text = 'gpu' where text = 'gpt'", "update interline_name set text = 'gpt' where text = 'gpu'", shop.Id(1));
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
        await BrokenAsync("update interline_segment set rows = 9 where number = 3", "update interline_segment set rows = 10 where number = 3", null);
        await shop.ExecuteAsync("delete from interline_call where number = 17");
        (await shop.VerifyAsync())[1].Problem.ShouldBe("Call 7 of 10 is missing.");
        await shop.ExecuteAsync("delete from interline_segment where number = 2");
        (await shop.VerifyAsync()).Count(x => x.Verdict == SegmentVerdict.Broken).ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task With_a_key_nobody_can_make_a_chain_of_his_own(SqlDialect dialect)
    {
        var key = new Secret("the key of the chain");
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { ChainKey = key });
        shop.Settle(1, 10);
        await shop.WriteAsync();

        (await shop.VerifyAsync(key)).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
        (await shop.VerifyAsync(new Secret("another"))).ShouldAllBe(x => x.Verdict == SegmentVerdict.Broken);
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Unchecked);
        (await shop.VerifyAsync(new Secret("another"), new Secret("a third"), key)).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
        await shop.ExecuteAsync("delete from interline_call where number = 7");
        (await shop.VerifyAsync(new Secret("another"), key)).ShouldAllBe(x => x.Verdict == SegmentVerdict.Broken);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_new_process_goes_on_from_the_root_of_the_last(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        for (int i = 0; i < 3; i++)
        {
            shop.Settle(1, 10);
            await shop.WriteAsync();
            shop.Kill();
        }

        (await shop.VerifyAsync()).Select(x => x.Verdict).ShouldBe([SegmentVerdict.Whole, SegmentVerdict.Whole, SegmentVerdict.Whole]);
        await shop.ExecuteAsync("delete from interline_segment where id = 2");
        List<SegmentReport> after = await shop.VerifyAsync();
        after[1].Problem.ShouldBe("The stretch it was begun after is missing or was changed.");
        after[^1].Problem.ShouldBe("Calls are there that belong to no stretch of the chain.");
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Sums_that_are_not_those_of_the_calls_are_named(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        for (int i = 1; i <= 5; i++)
        {
            shop.Ledger.Settle(Bookshop.Plain(i, shop.Time.GetUtcNow()));
        }

        await shop.WriteAsync();
        var verification = new LedgerVerification(shop.Database, null);
        (await verification.SumsAsync(CancellationToken.None)).ShouldBeEmpty();
        await shop.ExecuteAsync("update interline_usage set calls = 6 where period = 0 and dimension = 1");
        (await verification.SumsAsync(CancellationToken.None)).ShouldHaveSingleItem().ShouldBe(new SumDifference(shop.Time.GetUtcNow(), "key", 5, 6, 15, 15));
        await shop.ExecuteAsync("delete from interline_usage where period = 0 and dimension = 0");
        (await verification.SumsAsync(CancellationToken.None)).Count.ShouldBe(2);
    }
}
