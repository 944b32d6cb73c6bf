using System.Globalization;
using Interline.Books;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>A question to the sums.</summary>
internal static class UsageQuestion
{
    private const string Counts =
        """
        cast(sum(calls) as bigint), cast(sum(failed) as bigint), cast(sum(estimated) as bigint), cast(sum(input) as bigint), cast(sum(cache_read) as bigint),
        cast(sum(cache_write) as bigint), cast(sum(cache_write_1h) as bigint), cast(sum(input_audio) as bigint), cast(sum(input_image) as bigint), cast(sum(output) as bigint),
        cast(sum(reasoning) as bigint), cast(sum(output_audio) as bigint), cast(sum(output_image) as bigint), cast(sum(duration_us) as bigint)
        """;

    private static readonly DateTimeOffset Earliest = new(1970, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Seconds of a time, within what can be counted with.</summary>
    public static long Seconds(DateTimeOffset time) => (time < Earliest ? Earliest : time > Latest ? Latest : time).ToUnixTimeSeconds();

    /// <summary>
    /// A sum of money. To 18 places: PostgreSQL keeps as many as the longest amount has, and what has 28 of them is beyond a decimal from 8 USD on.
    /// </summary>
    /// <param name="session">Where.</param>
    /// <param name="column">What to sum.</param>
    public static string Sum(SqlSession session, string column) =>
        session.Dialect == SqlDialect.Sqlite ? $"interline_sum({column})" : $"trim_scale(round(sum({column}), 18))";

    public static async Task<IReadOnlyList<UsageRow>> AskAsync(SqlSession session, UsageQuery query, CancellationToken cancel)
    {
        long to = Seconds(query.To);
        List<SqlValue> values = [(int)query.Period, (int)query.Dimension, Periods.Start(query.Period, Seconds(query.From)), Periods.Ceiling(query.Period, to)];
        string conditions = "";
        foreach ((string column, IReadOnlyList<string>? texts) in new[] { ("id", query.Dimension == UsageDimension.Everything ? null : query.Ids), ("model", query.Models) })
        {
            if (texts is not null)
            {
                long[] numbers = await NumbersAsync(session, texts, cancel);
                if (numbers.Length == 0)
                {
                    return [];
                }

                values.Add(session.Dialect == SqlDialect.Postgres ? numbers : $"[{string.Join(',', numbers)}]");
                string place = values.Count.ToString(CultureInfo.InvariantCulture);
                conditions += session.Dialect == SqlDialect.Postgres ? $" and {column} = any(${place})" : $" and {column} in (select value from json_each(${place}))";
            }
        }

        bool byId = query.ById && query.Dimension != UsageDimension.Everything;
        string[] groups = [.. new[] { (query.ByPeriod, "start"), (byId, "id"), (query.ByModel, "model"), (query.ByProvider, "provider") }.Where(static x => x.Item1).Select(static x => x.Item2)];

        // Put together of constants; what callers say is in the values.
        string sql = $"select {(query.ByPeriod ? "start" : "cast(0 as bigint)")}, {Column(byId, "id")}, {Column(query.ByModel, "model")}, {Column(query.ByProvider, "provider")}, {Counts}, "
            + $"{Sum(session, "cost")}, {Sum(session, "list_price")}, {Sum(session, "billed_price")} from interline_usage where period = $1 and dimension = $2 and start >= $3 and start < $4{conditions}"
            + (groups.Length == 0 ? " having count(*) > 0" : $" group by {string.Join(", ", groups)}");
        List<(long Start, int Id, int Model, int Provider, UsageRow Row)> rows = await session.ListAsync(sql, Read, cancel, [.. values]);
        var names = new StoredCalls();
        await names.LearnAsync(session, rows.SelectMany(static x => (int[])[x.Id, x.Model, x.Provider]), cancel);
        return
        [
            .. rows.Select(x => x.Row with
                {
                    Period = query.ByPeriod ? DateTimeOffset.FromUnixTimeSeconds(x.Start) : null,
                    Id = names.Text(x.Id),
                    Model = names.Text(x.Model),
                    Provider = names.Text(x.Provider),
                })
                .OrderBy(static x => x.Period)
                .ThenBy(static x => x.Id, StringComparer.Ordinal)
                .ThenBy(static x => x.Model, StringComparer.Ordinal)
                .ThenBy(static x => x.Provider, StringComparer.Ordinal),
        ];
    }

    private static string Column(bool kept, string name) => kept ? name : "0";

    private static (long Start, int Id, int Model, int Provider, UsageRow Row) Read(System.Data.Common.DbDataReader row) =>
        (row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), new UsageRow
        {
            Calls = row.GetInt64(4),
            Failed = row.GetInt64(5),
            Estimated = row.GetInt64(6),
            Tokens = StoredCalls.Tokens(row, 7),
            DurationMs = row.GetInt64(17) / 1000,
            UpstreamCost = row.GetDecimal(18),
            ListPrice = row.GetDecimal(19),
            BilledPrice = row.GetDecimal(20),
        });

    /// <summary>Numbers of texts, those that were never booked left out.</summary>
    public static async Task<long[]> NumbersAsync(SqlSession session, IReadOnlyList<string> texts, CancellationToken cancel)
    {
        List<long> numbers = [];
        foreach (string text in texts)
        {
            long id = await session.FirstAsync("select id from interline_name where text = $1", static x => (long)x.GetInt32(0), cancel, StoredText.Of(text));
            if (id != 0)
            {
                numbers.Add(id);
            }
        }

        return [.. numbers];
    }
}
