using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>Adds sums to <c>interline_usage</c>.</summary>
internal static class UsageRows
{
    private const string Columns =
        """
        period, dimension, start, id, model, provider, calls, failed, estimated, input, cache_read, cache_write, cache_write_1h, input_audio, input_image, output, reasoning,
        output_audio, output_image, duration_us, cost, list_price, billed_price
        """;

    private const string Counts =
        """
        on conflict (period, dimension, start, id, model, provider) do update set
        calls = u.calls + excluded.calls, failed = u.failed + excluded.failed, estimated = u.estimated + excluded.estimated,
        input = u.input + excluded.input, cache_read = u.cache_read + excluded.cache_read, cache_write = u.cache_write + excluded.cache_write,
        cache_write_1h = u.cache_write_1h + excluded.cache_write_1h, input_audio = u.input_audio + excluded.input_audio, input_image = u.input_image + excluded.input_image,
        output = u.output + excluded.output, reasoning = u.reasoning + excluded.reasoning, output_audio = u.output_audio + excluded.output_audio,
        output_image = u.output_image + excluded.output_image, duration_us = u.duration_us + excluded.duration_us,
        """;

    private const string Postgres = "insert into interline_usage as u (" + Columns + ") select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], "
        + "$8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], "
        + "$21::numeric[], $22::numeric[], $23::numeric[]) " + Counts + " cost = u.cost + excluded.cost, list_price = u.list_price + excluded.list_price, billed_price = u.billed_price + excluded.billed_price";

    private const string Sqlite = "insert into interline_usage as u (" + Columns + ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23) "
        + Counts + " cost = interline_add(u.cost, excluded.cost), list_price = interline_add(u.list_price, excluded.list_price), billed_price = interline_add(u.billed_price, excluded.billed_price)";

    /// <summary>Adds sums.</summary>
    /// <param name="session">In a transaction.</param>
    /// <param name="sums">The sums, in the order of their keys.</param>
    /// <param name="cancel">Gives up.</param>
    public static Task AddAsync(SqlSession session, List<UsageSum> sums, CancellationToken cancel)
    {
        if (session.Dialect == SqlDialect.Postgres)
        {
            return session.ExecuteAsync(Postgres, cancel, [.. Enumerable.Range(0, 20).Select(i => (SqlValue)sums.Select(x => Number(x, i)).ToArray()), .. Enumerable.Range(0, 3).Select(i => (SqlValue)sums.Select(x => Money(x, i)).ToArray())]);
        }

        SqliteSink.ForEach(session, Sqlite, sums, static (ref SqliteSink to, UsageSum sum) =>
        {
            for (int i = 0; i < 20; i++)
            {
                to.Long(Number(sum, i));
            }

            for (int i = 0; i < 3; i++)
            {
                to.Money(Money(sum, i));
            }
        });
        return Task.CompletedTask;
    }

    private static long Number(UsageSum sum, int column) => column switch
    {
        0 => (long)sum.Key.Period,
        1 => (long)sum.Key.Dimension,
        2 => sum.Key.Start,
        3 => sum.Key.Id,
        4 => sum.Key.Model,
        5 => sum.Key.Provider,
        6 => sum.Calls,
        7 => sum.Failed,
        8 => sum.Estimated,
        9 => sum.Tokens.Input,
        10 => sum.Tokens.CacheRead,
        11 => sum.Tokens.CacheWrite,
        12 => sum.Tokens.CacheWrite1h,
        13 => sum.Tokens.InputAudio,
        14 => sum.Tokens.InputImage,
        15 => sum.Tokens.Output,
        16 => sum.Tokens.Reasoning,
        17 => sum.Tokens.OutputAudio,
        18 => sum.Tokens.OutputImage,
        _ => sum.Micros,
    };

    private static decimal Money(UsageSum sum, int column) => column switch
    {
        0 => sum.Cost,
        1 => sum.ListPrice,
        _ => sum.BilledPrice,
    };
}
