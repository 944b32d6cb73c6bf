using Interline.Books;
using Interline.Core.Budgets;
using Interline.Ledger;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Storage.Tests.Books;

public sealed class ReaderTests
{
    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Calls_are_found_by_all_they_can_be_asked_by_newest_first_and_page_by_page(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { BatchCalls = 300 });
        List<CallRecord> settled = shop.Settle(1, 1200);
        await shop.WriteAsync();
        DateTimeOffset from = shop.Time.GetUtcNow().AddDays(-20), to = shop.Time.GetUtcNow().AddDays(-3);
        (CallQuery Query, Func<CallRecord, bool> Match)[] questions =
        [
            (new(), _ => true),
            (new() { From = from, To = to }, x => x.StartedAt >= from && x.StartedAt < to),
            (new() { KeyId = "key1" }, x => x.KeyId == "key1"),
            (new() { TeamId = "team1", UserId = "user2" }, x => x.TeamId == "team1" && x.UserId == "user2"),
            (new() { TeamIds = ["team0", "team2", "nobody"], UserId = "user1" }, x => x.TeamId is "team0" or "team2" && x.UserId == "user1"),
            (new() { TeamIds = ["nobody"] }, _ => false),
            (new() { TeamIds = [] }, _ => false),
            (new() { Customer = "customer3", Model = "model1" }, x => x.Customer == "customer3" && x.Group == "model1"),
            (new() { Provider = "provider0", Failed = true }, x => x.Provider == "provider0" && (x.Error is not null || x.Status >= 400)),
            (new() { Failed = false, From = from }, x => x.Error is null && x.Status < 400 && x.StartedAt >= from),
            (new() { Tag = "tag2" }, x => x.Tags.Contains("tag2")),
            (new() { Tag = "ag2" }, _ => false),
            (new() { KeyId = "nobody" }, _ => false),
            (new() { KeyId = "key1' or '1'='1" }, _ => false),
            (new() { Before = "nonsense" }, _ => false),
            (new() { Before = new string('f', 32) }, _ => false),
        ];
        foreach ((CallQuery query, Func<CallRecord, bool> match) in questions)
        {
            List<StoredCall> found = await shop.CallsAsync(query);
            found.Select(x => x.Record.Number).Order().ShouldBe(settled.Where(match).Select(x => x.Number).Order(), query.ToString());
            found.Select(x => x.Record.StartedAt).ShouldBeInOrder(SortDirection.Descending);
        }

        List<StoredCall> all = await shop.CallsAsync();
        List<string> paged = [];
        for (List<StoredCall> page = await shop.CallsAsync(new() { Most = 111 }); page.Count > 0; page = await shop.CallsAsync(new() { Most = 111, Before = page[^1].Id }))
        {
            paged.AddRange(page.Select(x => x.Id));
        }

        paged.ShouldBe(all.Select(x => x.Id));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Sums_are_grouped_and_narrowed_as_asked(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        DateTimeOffset day = new(2026, 7, 31, 23, 30, 0, TimeSpan.Zero);
        CallRecord one = Bookshop.Plain(1, day);
        shop.Ledger.Settle(in one);
        shop.Ledger.Settle(one with { Number = 2, StartedAt = day.AddHours(1), KeyId = "k2", Group = "other" });
        shop.Ledger.Settle(one with { Number = 3, StartedAt = day.AddDays(2), Provider = null });
        await shop.WriteAsync();
        var query = new UsageQuery { From = day, To = day.AddDays(1), Dimension = UsageDimension.Key };

        async Task<string[]> AskAsync(UsageQuery x) =>
            [.. (await shop.Reader.SumAsync(x, CancellationToken.None)).Select(r => FormattableString.Invariant($"{r.Period:MMdd}|{r.Id}|{r.Model}|{r.Provider}|{r.Calls}|{r.BilledPrice}"))];

        (await AskAsync(query)).ShouldBe(["0731|k|||1|3", "0801|k2|||1|3"]);
        (await AskAsync(query with { To = day.AddDays(2) })).ShouldBe(["0731|k|||1|3", "0801|k2|||1|3", "0802|k|||1|3"]);
        (await AskAsync(query with { To = day.AddDays(2), ByPeriod = false })).ShouldBe(["|k|||2|6", "|k2|||1|3"]);
        (await AskAsync(query with { To = day.AddDays(2), ByPeriod = false, ById = false })).ShouldBe(["||||3|9"]);
        (await AskAsync(query with { Ids = ["k2", "nobody"] })).ShouldBe(["0801|k2|||1|3"]);
        (await AskAsync(query with { Ids = ["nobody"] })).ShouldBeEmpty();
        (await AskAsync(query with { Ids = [] })).ShouldBeEmpty();
        (await AskAsync(query with { Models = ["other"] })).ShouldBe(["0801|k2|||1|3"]);
        (await AskAsync(query with { Period = UsagePeriod.Month, To = day.AddDays(3), ByModel = true, ByProvider = true })).ShouldBe(["0701|k|gpt|p|1|3", "0801|k|gpt||1|3", "0801|k2|other|p|1|3"]);
        (await AskAsync(query with { Dimension = UsageDimension.Everything, Period = UsagePeriod.Hour, From = day.AddMinutes(40) })).ShouldBe(["0801||||1|3"]);
        (await AskAsync(query with { Dimension = UsageDimension.Everything, From = DateTimeOffset.MinValue, To = DateTimeOffset.MaxValue, ByPeriod = false, Ids = ["x"] })).ShouldBe(["||||3|9"]);
        (await AskAsync(query with { From = day.AddYears(1), To = day.AddYears(2), ByPeriod = false, ById = false })).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Sums_of_amounts_with_all_their_places_can_be_read(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        DateTimeOffset at = new(2026, 7, 31, 12, 30, 0, TimeSpan.Zero);
        CallRecord call = Bookshop.Plain(1, at) with { Cost = 10m / 3, ListPrice = 10m / 3, BilledPrice = 10m / 3 };
        for (int i = 1; i <= 30; i++)
        {
            shop.Ledger.Settle(call with { Number = i });
        }

        await shop.WriteAsync();

        var query = new UsageQuery { From = at, To = at.AddDays(1), ByPeriod = false };
        (await shop.Reader.SumAsync(query, CancellationToken.None)).Single().UpstreamCost.ShouldBe(100, 1e-15m);
        var history = new SpendHistory(shop.Database, shop.Keeper);
        (await history.SpentAsync(new(ScopeKind.Key, "k"), at.AddHours(-1), at.AddHours(1), CancellationToken.None)).ShouldBe(100, 1e-15m);
        (await history.SpentAsync(new(ScopeKind.Key, "k"), at, at.AddSeconds(1), CancellationToken.None)).ShouldBe(100, 1e-15m);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Spend_of_any_window_is_that_of_its_calls_to_the_microsecond(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { BatchCalls = 500 });
        List<CallRecord> settled = shop.Settle(1, 800);
        var history = new SpendHistory(shop.Database, shop.Keeper);
        var draw = new Random(3);
        (Scope Scope, Func<CallRecord, bool> Match, bool Upstream)[] scopes =
        [
            (new(ScopeKind.Everything, ""), _ => true, false),
            (new(ScopeKind.Key, "key1"), x => x.KeyId == "key1", false),
            (new(ScopeKind.Key, "key1", "model2"), x => x.KeyId == "key1" && x.Group == "model2", false),
            (new(ScopeKind.Team, "team0"), x => x.TeamId == "team0", false),
            (new(ScopeKind.User, "user3"), x => x.UserId == "user3", false),
            (new(ScopeKind.TeamMember, "team0/user3"), x => x.TeamId == "team0" && x.UserId == "user3", false),
            (new(ScopeKind.Customer, "customer5"), x => x.Customer == "customer5", false),
            (new(ScopeKind.Tag, "tag1"), x => x.Tags.Contains("tag1"), false),
            (new(ScopeKind.Tag, "tag1", "model0"), x => x.Tags.Contains("tag1") && x.Group == "model0", false),
            (new(ScopeKind.Model, "model1"), x => x.Group == "model1", true),
            (new(ScopeKind.Provider, "provider1"), x => x.Provider == "provider1", true),
            (new(ScopeKind.Deployment, "d2"), x => x.DeploymentId == "d2", true),
            (new(ScopeKind.Key, "nobody"), _ => false, false),
        ];
        foreach ((Scope scope, Func<CallRecord, bool> match, bool upstream) in scopes)
        {
            for (int i = 0; i < 8; i++)
            {
                CallRecord at = settled[draw.Next(settled.Count)];
                DateTimeOffset from = i == 0 ? DateTimeOffset.MinValue : at.StartedAt;
                DateTimeOffset to = i switch { 0 => DateTimeOffset.MaxValue, 1 => from.AddTicks(10), 2 => from.AddMinutes(5), _ => from.AddSeconds(draw.Next(40 * 86400)) };
                decimal expected = settled.Where(x => match(x) && x.StartedAt >= from && x.StartedAt < to).Sum(x => (upstream ? x.Cost : x.BilledPrice) ?? 0);
                (await history.SpentAsync(scope, from, to, CancellationToken.None)).ShouldBe(expected, $"{scope} {from:o} {to:o}");
            }
        }
    }

    [Fact]
    public void A_windows_parts_are_the_window_without_gaps_and_as_long_as_they_can_be()
    {
        var draw = new Random(7);
        for (int i = 0; i < 2000; i++)
        {
            long from = draw.NextInt64(2_000_000_000_000_000), to = from + draw.NextInt64(1L << draw.Next(10, 48));
            List<(UsagePeriod? Period, long From, long To)> parts = SpendHistory.Parts(from, to);
            parts[0].From.ShouldBe(from);
            parts[^1].To.ShouldBe(to);
            parts.Count.ShouldBeLessThanOrEqualTo(7);
            for (int j = 1; j < parts.Count; j++)
            {
                parts[j].From.ShouldBe(parts[j - 1].To);
            }

            foreach ((UsagePeriod? period, long start, long end) in parts)
            {
                if (period is { } whole)
                {
                    (Periods.Start(whole, start / 1_000_000) * 1_000_000).ShouldBe(start);
                    (Periods.Start(whole, end / 1_000_000) * 1_000_000).ShouldBe(end);
                }
                else
                {
                    (end - start).ShouldBeLessThan(7_200_000_000);
                }
            }
        }
    }
}
