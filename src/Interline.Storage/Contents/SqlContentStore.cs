using Interline.Contents;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Storage.Contents;

/// <summary>
/// Contents in the database, beside the books. Bounded: before it would have too much the oldest go, whatever their age. Several nodes may write to one database; what
/// another one has written since is seen once this one has written a twentieth of the bound, so with N nodes there may be up to N - 1 twentieths more.
/// Reading and pruning are thread-safe; writing is for one at a time, which <see cref="ContentLog"/> is.
/// </summary>
public sealed class SqlContentStore : IContentStore
{
    // One node at a time drops rows; the others have nothing to do then.
    private const long AdvisoryLock = 0x696e7465726c04;
    private const int Part = 20;

    private readonly Database _database;
    private readonly long _most;
    private readonly int _slice;
    private long? _total;
    private long _since;

    /// <summary>Over a migrated database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="mostBytes">Most bytes of text kept, with 200 counted for each call besides; from 1.</param>
    /// <param name="slice">Most rows deleted in one transaction, from 1.</param>
    public SqlContentStore(Database database, long mostBytes, int slice = 500)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(slice, 1);
        (_database, _most, _slice) = (database, mostBytes, slice);
    }

    /// <inheritdoc />
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; nothing of the batch was kept, unless that came while it was committed.</exception>
    public async ValueTask WriteAsync(IReadOnlyList<StoredContent> batch, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ContentRow[] rows = [.. batch.Select(static x => new ContentRow(x))];
        long size = rows.Sum(static x => x.Size);
        await MakeRoomAsync(size, cancel);
        await _database.WriteAsync((session, token) => ContentRow.WriteAsync(session, rows, token), cancel);
        _total += size;
        _since += size;
    }

    /// <inheritdoc />
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public async ValueTask<StoredContent?> FindAsync(string id, CancellationToken cancel) => await _database.ReadAsync(
        (session, token) => session.FirstAsync($"select {ContentRow.Columns} from interline_content where id = $1", ContentRow.Read, token, ContentRow.Storable(id)),
        cancel);

    /// <inheritdoc />
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; the rest is for the next time.</exception>
    public async ValueTask PruneAsync(DateTimeOffset before, CancellationToken cancel)
    {
        while (await AloneAsync(
            async Task<long> (session, token) => await session.ExecuteAsync(
                "delete from interline_content where id in (select id from interline_content where started < $1 order by started limit $2)",
                token,
                CallRow.Micros(before),
                _slice),
            cancel) == _slice)
        {
            // The next slice.
        }
    }

    /// <summary>Lets the oldest go where a batch would be too much, and a twentieth more than it needs, so that the next does not have to.</summary>
    private async Task MakeRoomAsync(long size, CancellationToken cancel)
    {
        if (_total + size <= _most && _since <= _most / Part)
        {
            return;
        }

        // Counted, and not only added up: other nodes write too, and what is too old goes.
        long total = await _database.ReadAsync((session, token) => session.FirstAsync("select cast(coalesce(sum(size), 0) as bigint) from interline_content", static x => x.GetInt64(0), token), cancel);
        long room = total + size <= _most ? total : Math.Max(0, _most - (_most / Part) - size);
        while (total > room)
        {
            long excess = total - room;
            long gone = await AloneAsync((session, token) => DropOldestAsync(session, excess, token), cancel);
            if (gone == 0)
            {
                // Another node is at it.
                break;
            }

            total -= gone;
        }

        (_total, _since) = (total, 0);
    }

    /// <summary>Drops the oldest until so many bytes are gone, or a slice is through.</summary>
    /// <returns>Bytes that are gone.</returns>
    private async Task<long> DropOldestAsync(SqlSession session, long excess, CancellationToken cancel) =>
        (await session.ListAsync(
            """
            delete from interline_content where id in (
                select id from (
                    select id, sum(size) over (order by started, id) - size as older from (
                        select id, started, size from interline_content order by started, id limit $2) as oldest) as counted
                where older < $1)
            returning size
            """,
            static x => x.GetInt64(0),
            cancel,
            excess,
            _slice)).Sum();

    /// <summary>Does something unless another node does; then 0.</summary>
    private Task<long> AloneAsync(Func<SqlSession, CancellationToken, Task<long>> work, CancellationToken cancel) => _database.WriteAsync(
        async (session, token) =>
            session.Dialect == SqlDialect.Sqlite || await session.FirstAsync("select pg_try_advisory_xact_lock($1)", static x => x.GetBoolean(0), token, AdvisoryLock) ? await work(session, token) : 0,
        cancel);
}
