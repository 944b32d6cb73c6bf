using Interline.Books;
using Interline.Storage.Contents;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>
/// Drops what is too old, in slices, so that nobody waits for long: calls by whole stretches of the chain, whose roots stay; hours and days of the sums; texts nobody uses.
/// </summary>
internal sealed class BookRetention(Database database, BookOptions options, TimeProvider time)
{
    // One node at a time; the others have nothing to do then.
    private const long AdvisoryLock = 0x696e7465726c03;

    // Two days: a text that was used yesterday may still be in a writer's memory.
    private const int NameDays = 2;
    private const int MonthDays = 31;

    public async Task PruneAsync(CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        if (options.CallRetention is { } calls)
        {
            long before = now - (long)calls.TotalSeconds;
            if (database.Dialect == SqlDialect.Postgres)
            {
                await PruneMonthsAsync(before, now, cancel);
            }
            else
            {
                await PruneSegmentsAsync(before, now, cancel);
            }

            // A day's journal checkpoints are as old as its process; none is needed once the journal's own files are gone, which is long before.
            await AloneAsync((session, token) => session.ExecuteAsync("delete from interline_journal where written_at < $1", token, before - (NameDays * 86400)), cancel);
        }

        await PruneSumsAsync(UsagePeriod.Hour, options.HourRetention, now, cancel);
        await PruneSumsAsync(UsagePeriod.Day, options.DayRetention, now, cancel);
        if (options.ContentRetention is { } contents)
        {
            // Here and not only where contents are logged: when that was turned off, what was kept before goes all the same.
            await new SqlContentStore(database, long.MaxValue).PruneAsync(time.GetUtcNow() - contents, cancel);
        }

        if (options.CallRetention is { } kept)
        {
            await PruneNamesAsync((int)((now - (long)kept.TotalSeconds) / 86400) - NameDays - MonthDays, cancel);
        }
    }

    private async Task PruneSegmentsAsync(long before, long now, CancellationToken cancel)
    {
        while (true)
        {
            bool more = await database.WriteAsync(
                async (session, token) =>
                {
                    long id = await session.FirstAsync(
                        "select id from interline_segment where emptied_at is null and last_started < $1 and (closed_at is not null or opened_at < $2) and rows > 0 order by id limit 1",
                        static x => x.GetInt64(0),
                        token,
                        before * 1_000_000,
                        now - (2 * 86400));
                    if (id == 0)
                    {
                        return false;
                    }

                    // Told first: a stretch that has lost its first rows is pruned, not broken.
                    await session.ExecuteAsync("update interline_segment set pruned_at = coalesce(pruned_at, $2), closed_at = coalesce(closed_at, $2) where id = $1", token, id, now);
                    int gone = await session.ExecuteAsync(
                        "delete from interline_call where segment = $1 and seq < (select min(seq) + $2 from interline_call where segment = $1)",
                        token,
                        id,
                        options.PruneSlice);
                    if (gone < options.PruneSlice)
                    {
                        await session.ExecuteAsync("update interline_segment set emptied_at = $2 where id = $1", token, id, now);
                    }

                    return true;
                },
                cancel);
            if (!more)
            {
                return;
            }
        }
    }

    private async Task PruneMonthsAsync(long before, long now, CancellationToken cancel)
    {
        List<(string Table, long Start, long End)> ended = await database.ReadAsync((session, token) => CallPartitions.EndedAsync(session, before, token), cancel);
        foreach ((string table, long start, long end) in ended)
        {
            await AloneAsync(
                async Task<int> (session, token) =>
                {
                    if (await session.FirstAsync(
                        "select 1 from interline_segment where emptied_at is null and rows > 0 and first_started < $1 and last_started >= $2 limit 1",
                        static _ => true,
                        token,
                        end * 1_000_000,
                        before * 1_000_000))
                    {
                        // A stretch goes as a whole, and one of these has calls that are not old enough: next time.
                        return 0;
                    }

                    // Stretches that reach into the next month go as a whole too.
                    await session.ExecuteAsync(
                        """
                        update interline_segment set pruned_at = coalesce(pruned_at, $3), emptied_at = $3, closed_at = coalesce(closed_at, $3)
                        where emptied_at is null and rows > 0 and first_started < $2 and last_started >= $1
                        """,
                        token,
                        start * 1_000_000,
                        end * 1_000_000,
                        now);
                    await session.ExecuteAsync(
                        """
                        delete from interline_call where started >= $2 and started <= (select max(last_started) from interline_segment where pruned_at is not null and first_started < $2 and last_started >= $1)
                        and segment in (select id from interline_segment where pruned_at is not null and first_started < $2 and last_started >= $1)
                        """,
                        token,
                        start * 1_000_000,
                        end * 1_000_000);
                    await CallPartitions.DropAsync(session, table, token);
                    return 0;
                },
                cancel);
        }
    }

    private async Task PruneSumsAsync(UsagePeriod period, TimeSpan? retention, long now, CancellationToken cancel)
    {
        if (retention is not { } kept)
        {
            return;
        }

        foreach (UsageDimension dimension in Enum.GetValues<UsageDimension>())
        {
            while (await AloneAsync(
                (session, token) => session.ExecuteAsync(
                    """
                    delete from interline_usage where (period, dimension, start, id, model, provider) in
                    (select period, dimension, start, id, model, provider from interline_usage where period = $1 and dimension = $2 and start < $3 limit $4)
                    """,
                    token,
                    (int)period,
                    (int)dimension,
                    Periods.Start(period, now - (long)kept.TotalSeconds),
                    options.PruneSlice),
                cancel) == options.PruneSlice)
            {
                // The next slice.
            }
        }
    }

    private async Task PruneNamesAsync(int before, CancellationToken cancel)
    {
        List<int> unused = await database.ReadAsync(
            (session, token) => session.ListAsync(
                """
                select n.id from interline_name n where n.used < $1
                and n.id not in (select id from interline_usage union select model from interline_usage union select provider from interline_usage) limit $2
                """,
                static x => x.GetInt32(0),
                token,
                before,
                options.PruneSlice),
            cancel);
        if (unused.Count > 0)
        {
            await AloneAsync(
                async Task<int> (session, token) =>
                {
                    foreach (int id in unused)
                    {
                        // Asked again: it may have come into use a moment ago.
                        await session.ExecuteAsync("delete from interline_name where id = $1 and used < $2", token, id, before);
                    }

                    return unused.Count;
                },
                cancel);
        }
    }

    /// <summary>Does something unless another node does; then 0.</summary>
    private Task<int> AloneAsync(Func<SqlSession, CancellationToken, Task<int>> work, CancellationToken cancel) => database.WriteAsync(
        async (session, token) =>
            session.Dialect == SqlDialect.Sqlite || await session.FirstAsync("select pg_try_advisory_xact_lock($1)", static x => x.GetBoolean(0), token, AdvisoryLock) ? await work(session, token) : 0,
        cancel);
}
