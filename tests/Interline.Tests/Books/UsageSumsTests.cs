using System.Collections.Immutable;
using Interline.Books;
using Interline.Ledger;
using Interline.Protocols.Errors;

namespace Interline.Tests.Books;

/// <summary>Sums of calls, as the roll-ups make them.</summary>
public sealed class UsageSumsTests
{
    private static readonly DateTimeOffset Noon = Records.Noon;

    [Fact]
    public void Everything_that_is_counted_is_in_the_sum()
    {
        UsageRow row = Sum(new UsageQuery { From = Noon, To = Noon.AddHours(1) }, Records.Call(1, Noon, 0.1m), Records.Call(2, Noon, null, error: ErrorKind.Server), Records.Call(3, Noon, 0.2m) with { Estimated = true }).ShouldHaveSingleItem();
        (row.Calls, row.Failed, row.Estimated).ShouldBe((3, 1, 1));
        (row.UpstreamCost, row.ListPrice, row.BilledPrice).ShouldBe((0.3m, 0.6m, 0.9m));
        (row.Tokens.Input, row.Tokens.CacheRead, row.Tokens.Output, row.DurationMs).ShouldBe((200, 40, 20, 4500));
        (row.Period, row.Id, row.Model, row.Provider).ShouldBe((new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero), null, null, null));
    }

    [Theory]
    [InlineData(UsagePeriod.Hour, "2026-11-20T12:30:00Z", "2026-11-20T12:31:00Z", 1)]
    [InlineData(UsagePeriod.Day, "2026-11-20T23:00:00Z", "2026-11-20T23:01:00Z", 2)]
    [InlineData(UsagePeriod.Day, "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z", 2)]
    [InlineData(UsagePeriod.Month, "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", 3)]
    [InlineData(UsagePeriod.Month, "2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z", 1)]
    public void A_window_is_taken_out_to_whole_periods(UsagePeriod period, string from, string to, long calls)
    {
        UsageQuery query = new() { From = Parse(from), To = Parse(to), Period = period, ByPeriod = false };
        Sum(query, Records.Call(1, Parse("2026-11-20T12:59:59Z")), Records.Call(2, Parse("2026-11-20T00:00:00Z")), Records.Call(3, Parse("2026-11-30T23:59:59Z")), Records.Call(4, Parse("2026-12-01T00:00:00Z")))
            .ShouldHaveSingleItem().Calls.ShouldBe(calls);
    }

    [Fact]
    public void A_call_with_two_tags_counts_in_each_and_one_without_an_owner_in_none()
    {
        UsageQuery query = new() { From = Noon, To = Noon.AddHours(1), Dimension = UsageDimension.Tag };
        Sum(query, Records.Call(1, Noon, tags: ["a", "b"]), Records.Call(2, Noon, tags: ["b"]), Records.Call(3, Noon)).Select(x => (x.Id, x.Calls)).ShouldBe([("a", 1), ("b", 2)]);
        Sum(query with { Dimension = UsageDimension.Key }, Records.Call(1, Noon), Records.Call(2, Noon, key: "k")).Select(x => (x.Id, x.Calls)).ShouldBe([("k", 1)]);
    }

    [Fact]
    public void What_is_not_grouped_by_is_summed_and_what_is_filtered_is_left_out()
    {
        CallRecord[] calls =
        [
            Records.Call(1, Noon, group: "a", provider: "p", team: "t1"), Records.Call(2, Noon, group: "a", provider: "q", team: "t1"),
            Records.Call(3, Noon, group: "b", provider: "p", team: "t2"), Records.Call(4, Noon.AddDays(1), group: "a", provider: null, team: "t1"),
        ];
        UsageQuery query = new() { From = Noon, To = Noon.AddDays(2), Dimension = UsageDimension.Team };
        Sum(query with { ByPeriod = false, ById = false }, calls).ShouldHaveSingleItem().Calls.ShouldBe(4);
        Sum(query with { ByPeriod = false, Ids = ["t1"], ByProvider = true }, calls).Select(x => (x.Id, x.Provider, x.Calls)).ShouldBe([("t1", null, 1), ("t1", "p", 1), ("t1", "q", 1)]);
        Sum(query with { Models = ["b"] }, calls).ShouldHaveSingleItem().Id.ShouldBe("t2");
        Sum(query with { ByModel = true, ById = false }, calls).Select(x => (x.Period!.Value.Day, x.Model, x.Calls)).ShouldBe([(20, "a", 2), (20, "b", 1), (21, "a", 1)]);
    }

    private static ImmutableArray<UsageRow> Sum(UsageQuery query, params CallRecord[] calls)
    {
        var sums = new UsageSums(query);
        foreach (CallRecord call in calls)
        {
            sums.Add(call);
        }

        return sums.Rows();
    }

    private static DateTimeOffset Parse(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
