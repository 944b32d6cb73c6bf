using System.Globalization;
using System.Runtime.CompilerServices;
using Interline.Core.Configuration;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>What was found of one stretch of the chain.</summary>
public enum SegmentVerdict
{
    /// <summary>Every call in it is as it was booked.</summary>
    Whole,

    /// <summary>Its calls were dropped for their age; it links to its neighbours.</summary>
    Pruned,

    /// <summary>Something was changed, added or taken away.</summary>
    Broken,

    /// <summary>It was chained with a key, and none (or a form that is not known) is at hand.</summary>
    Unchecked,
}

/// <summary>One stretch of the chain.</summary>
/// <param name="Process">Process that booked it: the first half of its call ids.</param>
/// <param name="Number">Number in that process, from 1.</param>
/// <param name="Calls">Calls in it.</param>
/// <param name="Verdict">What was found.</param>
/// <param name="Problem">What is wrong; null if nothing is.</param>
/// <param name="FirstBadCall">Id of the first call that is not as it was booked, where one can be named.</param>
public sealed record SegmentReport(string Process, long Number, long Calls, SegmentVerdict Verdict, string? Problem = null, string? FirstBadCall = null);

/// <summary>An hour whose sum is not that of its calls.</summary>
/// <param name="Hour">The hour.</param>
/// <param name="Dimension">What it is summed by: <c>everything</c>, <c>key</c>, …</param>
/// <param name="Calls">Calls by the calls themselves.</param>
/// <param name="SummedCalls">Calls by the sum.</param>
/// <param name="Billed">USD billed by the calls.</param>
/// <param name="SummedBilled">USD billed by the sum.</param>
public sealed record SumDifference(DateTimeOffset Hour, string Dimension, long Calls, long SummedCalls, decimal Billed, decimal SummedBilled);

/// <summary>Checks the books: the hash chain over all calls that are kept, and the sums by the hour against them. Reads alone, also beside a gateway that writes.</summary>
/// <param name="database">The database.</param>
/// <param name="key">Key of the chain; null if it has none.</param>
/// <param name="earlier">Keys it had before: what was booked under them is whole too.</param>
public sealed class LedgerVerification(Database database, Secret? key, params IReadOnlyList<Secret> earlier)
{
    /// <summary>Checks stretch by stretch, in the order they were begun.</summary>
    /// <param name="cancel">Gives up.</param>
    public async IAsyncEnumerable<SegmentReport> SegmentsAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        List<ChainSegment> segments = await database.ReadAsync((session, token) => session.ListAsync(ChainSegment.Select + "order by id", ChainSegment.Read, token), cancel);
        Dictionary<ulong, ChainSegment> newest = [];
        HashSet<string> roots = [Convert.ToHexString(new byte[LedgerChain.LinkSize])];
        foreach (ChainSegment segment in segments)
        {
            string? link = Link(segment, newest.GetValueOrDefault(segment.Run), roots);
            newest[segment.Run] = segment;
            roots.Add(Convert.ToHexString(segment.Root));
            yield return link is not null ? Report(segment, SegmentVerdict.Broken, link)
                : segment.PrunedAt is not null ? Report(segment, SegmentVerdict.Pruned)
                : segment.Form != RecordForm.Version || segment.Keyed != (key is not null) ? Report(segment, SegmentVerdict.Unchecked, segment.Keyed ? "It was chained with a key: give the key." : "It was chained without a key.")
                : await CheckByAnyAsync(segment, cancel);
        }

        long strangers = await database.ReadAsync(
            (session, token) => session.FirstAsync("select count(*) from interline_call where segment not in (select id from interline_segment)", static x => x.GetInt64(0), token),
            cancel);
        if (strangers > 0)
        {
            yield return new SegmentReport("", 0, strangers, SegmentVerdict.Broken, "Calls are there that belong to no stretch of the chain.");
        }
    }

    /// <summary>Compares the sums by the hour with the calls, for hours all of whose calls are kept.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <returns>At most 100 differences of each dimension.</returns>
    public Task<List<SumDifference>> SumsAsync(CancellationToken cancel) => database.ReadAsync(
        async (session, token) =>
        {
            session.Timeout = 0;
            long pruned = await session.FirstAsync("select coalesce(max(last_started), 0) from interline_segment where pruned_at is not null", static x => x.GetInt64(0), token);
            long hour = await session.FirstAsync("select coalesce(min(start), 0) from interline_usage where period = 0", static x => x.GetInt64(0), token);
            long from = Math.Max(hour, pruned == 0 ? 0 : Periods.Ceiling(Interline.Books.UsagePeriod.Hour, (pruned / 1_000_000) + 1));
            List<SumDifference> all = [];
            foreach ((int dimension, string name, string column, string known) in new[]
            {
                (0, "everything", "0", "1 = 1"), (1, "key", "key_id", "key_id is not null"), (2, "team", "team_id", "team_id is not null"), (3, "user", "user_id", "user_id is not null"),
                (4, "customer", "customer_id", "customer_id is not null"), (7, "deployment", "deployment_id", "deployment_id is not null"),
            })
            {
                string zero = session.Dialect == SqlDialect.Postgres ? "0" : "'0'";
                string sql = DifferencesOf(column, x => UsageQuestion.Sum(session, x), known, zero);

                all.AddRange(await session.ListAsync(
                    sql,
                    x => new SumDifference(DateTimeOffset.FromUnixTimeSeconds(x.GetInt64(0)), name, x.GetInt64(1), x.GetInt64(2), x.GetDecimal(3), x.GetDecimal(4)),
                    token,
                    from * 1_000_000,
                    dimension,
                    from));
            }

            return all;
        },
        cancel);

    private static string DifferencesOf(string column, Func<string, string> sum, string known, string zero) =>
        $"""
        with c as (select started / 3600000000 * 3600 as hour, {column} as id, count(*) as calls, {sum($"coalesce(cost, {zero})")} as cost, {sum($"coalesce(billed_price, {zero})")} as billed
            from interline_call where {known} and started >= $1 group by 1, 2),
        u as (select start as hour, id, sum(calls) as calls, {sum("cost")} as cost, {sum("billed_price")} as billed
            from interline_usage where period = 0 and dimension = $2 and start >= $3 group by 1, 2)
        select coalesce(c.hour, u.hour), cast(coalesce(c.calls, 0) as bigint), cast(coalesce(u.calls, 0) as bigint), coalesce(c.billed, {zero}), coalesce(u.billed, {zero})
        from c full join u on c.hour = u.hour and c.id = u.id
        where c.calls is null or u.calls is null or c.calls <> u.calls or c.cost <> u.cost or c.billed <> u.billed order by 1 limit 100
        """;

    private static string? Link(ChainSegment segment, ChainSegment? before, HashSet<string> roots)
    {
        if (segment.Number != (before?.Number ?? 0) + 1)
        {
            return "A stretch before it is missing.";
        }

        return before is null
            ? roots.Contains(Convert.ToHexString(segment.Previous)) ? null : "The stretch it was begun after is missing or was changed."
            : segment.Previous.AsSpan().SequenceEqual(before.Root) ? null : "It does not follow the stretch before it: one of the two was changed.";
    }

    private async Task<SegmentReport> CheckByAnyAsync(ChainSegment segment, CancellationToken cancel)
    {
        SegmentReport report = await CheckAsync(segment, key, cancel);
        for (int i = 0; i < earlier.Count && report.Verdict == SegmentVerdict.Broken && segment.Keyed; i++)
        {
            SegmentReport other = await CheckAsync(segment, earlier[i], cancel);
            report = other.Verdict == SegmentVerdict.Whole ? other : report;
        }

        return report;
    }

    private async Task<SegmentReport> CheckAsync(ChainSegment segment, Secret? by, CancellationToken cancel)
    {
        // The stretch that is being written goes on while it is read; what was added since is left out.
        (List<StoredCalls.Row> rows, StoredCalls texts) = await database.ReadAsync(
            async (session, token) =>
            {
                session.Timeout = 0;
                List<StoredCalls.Row> read = await session.ListAsync($"select {CallRow.Columns} from interline_call where segment = $1 order by seq", StoredCalls.Read, token, segment.Id);
                var names = new StoredCalls();
                await names.LearnAsync(session, read.SelectMany(static x => x.Names), token);
                return (read, names);
            },
            cancel);
        using var chain = new LedgerChain(by) { Link = segment.Previous };
        for (int i = 0; i < segment.Rows; i++)
        {
            if (i >= rows.Count || rows[i].Seq != i)
            {
                return Report(segment, SegmentVerdict.Broken, string.Create(CultureInfo.InvariantCulture, $"Call {i + 1} of {segment.Rows} is missing."));
            }

            CallRecord record = texts.WithTexts(rows[i]);
            chain.Add(rows[i].Run, record.Number, RecordForm.Bytes(in record));
            if (chain.Mark != rows[i].Mark)
            {
                return Report(segment, SegmentVerdict.Broken, string.Create(CultureInfo.InvariantCulture, $"Call {i + 1} of {segment.Rows} was changed.")) with
                {
                    FirstBadCall = rows[i].Run.ToString("x16", CultureInfo.InvariantCulture) + record.Number.ToString("x16", CultureInfo.InvariantCulture),
                };
            }
        }

        return !chain.Link.AsSpan().SequenceEqual(segment.Root) ? Report(segment, SegmentVerdict.Broken, "Its root is not that of its calls.")
            : rows.Count > segment.Rows && segment.ClosedAt is not null ? Report(segment, SegmentVerdict.Broken, "It has more calls than were booked.")
            : Report(segment, SegmentVerdict.Whole);
    }

    private static SegmentReport Report(ChainSegment segment, SegmentVerdict verdict, string? problem = null) =>
        new(segment.Run.ToString("x16", CultureInfo.InvariantCulture), segment.Number, segment.Rows, verdict, problem);
}
