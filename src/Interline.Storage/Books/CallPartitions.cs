using System.Globalization;
using Interline.Books;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;
using Npgsql;

namespace Interline.Storage.Books;

/// <summary>The months of <c>interline_call</c> in PostgreSQL, each a table of its own. SQLite has one table.</summary>
internal sealed class CallPartitions(Database database)
{
    private const string Prefix = "interline_call_";

    // Two nodes that make one at once would meet in the catalogue's own unique index.
    private const long AdvisoryLock = 0x696e7465726c02;

    private readonly HashSet<long> _there = [];

    /// <summary>Makes the months that some calls began in, and those a little ahead of them.</summary>
    public async Task EnsureAsync(JournalBatch batch, CancellationToken cancel)
    {
        if (database.Dialect == SqlDialect.Postgres && Missing(batch) is { Count: > 0 } missing)
        {
            await database.WriteAsync((session, token) => MakeAsync(session, missing, token), cancel);
            _there.UnionWith(missing);
        }
    }

    /// <summary>The months that end before a time, with their ends in seconds.</summary>
    public static async Task<List<(string Table, long Start, long End)>> EndedAsync(SqlSession session, long second, CancellationToken cancel)
    {
        List<string> tables = await session.ListAsync(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'interline_call'::regclass order by c.relname",
            static x => x.GetString(0),
            cancel);
        List<(string, long, long)> ended = [];
        foreach (string table in tables)
        {
            if (DateTimeOffset.TryParseExact(table.AsSpan(Prefix.Length), "yyyyMM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset month)
                && End(month.ToUnixTimeSeconds()) <= second)
            {
                ended.Add((table, month.ToUnixTimeSeconds(), End(month.ToUnixTimeSeconds())));
            }
        }

        return ended;
    }

    /// <summary>Drops a month.</summary>
    /// <param name="session">In a transaction.</param>
    /// <param name="table">Its name, from <see cref="EndedAsync"/>.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task DropAsync(SqlSession session, string table, CancellationToken cancel)
    {
        // Whoever reads the calls for long holds this back; it is tried again later rather than have all others wait behind it.
        await session.ExecuteAsync("set local lock_timeout = '2s'", cancel);
        await StatementAsync(session, $"drop table {table}", cancel);
    }

    /// <summary>Forgets what it knows to be there.</summary>
    public void Forget() => _there.Clear();

    private List<long> Missing(JournalBatch batch)
    {
        List<long> missing = [];
        long last = long.MinValue;
        foreach (ref readonly JournaledCall call in batch.Calls)
        {
            long month = Periods.Start(UsagePeriod.Month, call.Record.StartedAt.ToUnixTimeSeconds());
            if (month == last)
            {
                continue;
            }

            last = month;
            foreach (long near in (ReadOnlySpan<long>)[month, End(month)])
            {
                if (!_there.Contains(near) && !missing.Contains(near))
                {
                    missing.Add(near);
                }
            }
        }

        return missing;
    }

    private static async Task MakeAsync(SqlSession session, List<long> months, CancellationToken cancel)
    {
        await session.ExecuteAsync("select pg_advisory_xact_lock($1)", cancel, AdvisoryLock);
        foreach (long month in months.Order())
        {
            string name = Prefix + DateTimeOffset.FromUnixTimeSeconds(month).ToString("yyyyMM", CultureInfo.InvariantCulture);
            if (!await session.FirstAsync("select to_regclass($1) is not null", static x => x.GetBoolean(0), cancel, name))
            {
                await StatementAsync(session, string.Create(CultureInfo.InvariantCulture, $"create table {name} partition of interline_call for values from ({month * 1_000_000}) to ({End(month) * 1_000_000})"), cancel);
            }
        }
    }

    private static async Task StatementAsync(SqlSession session, string sql, CancellationToken cancel)
    {
        // Names and bounds of tables cannot be parameters; these are made of a year and a month.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, (NpgsqlConnection)session.Connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static long End(long month) => DateTimeOffset.FromUnixTimeSeconds(month).AddMonths(1).ToUnixTimeSeconds();
}
