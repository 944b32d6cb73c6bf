using System.Data.Common;
using Interline.Accounts;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage.Accounts;

/// <summary>
/// Accounts in a database. Changes are made one after another, over all nodes: each holds the one row the revisions are drawn from until it is committed, so that whoever
/// has seen a revision has seen all before it.
/// </summary>
public sealed class SqlAccountStore : IAccountStore
{
    /// <summary>How long it is kept that a row was deleted, for nodes that were away.</summary>
    public static readonly TimeSpan DeletedKept = TimeSpan.FromDays(30);

    private const string LockRevision = "select newest from interline_account_revision";

    private readonly Database _database;
    private readonly NodeNotices? _notices;
    private readonly TimeProvider _time;

    /// <summary>Over a migrated database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="notices">How other nodes are told; null if there are none.</param>
    /// <param name="time">The clock.</param>
    public SqlAccountStore(Database database, NodeNotices? notices, TimeProvider time) => (_database, _notices, _time) = (database, notices, time);

    /// <inheritdoc />
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    /// <exception cref="DatabaseException">So long was nothing read that rows deleted since then are forgotten: it has to be begun again from 0, with nothing known.</exception>
    public async ValueTask<IReadOnlyList<AccountRow>> ReadAsync(long after, int most, CancellationToken cancel) => await _database.ReadAsync(
        async (session, token) =>
        {
            List<AccountRow> rows = await session.ListAsync(
                "select kind, id, document, revision from interline_account where revision > $1 order by revision limit $2",
                static x => new AccountRow(x.GetString(0), x.GetString(1), Text(x, 2), x.GetInt64(3)),
                token,
                after,
                most);

            // Behind the rows: what is forgotten while they are read is noticed too.
            if (after > 0)
            {
                await RefuseForgottenAsync(session, after, token);
            }

            return (IReadOnlyList<AccountRow>)rows;
        },
        cancel);

    /// <inheritdoc />
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; whether the changes were made can be seen by reading.</exception>
    public async ValueTask<IReadOnlyList<AccountRow>?> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel) => await _database.WriteAsync(
        async Task<IReadOnlyList<AccountRow>?> (session, token) =>
        {
            long revision = await session.FirstAsync(session.Dialect == SqlDialect.Postgres ? LockRevision + " for update" : LockRevision, static x => x.GetInt64(0), token);
            foreach (AccountChange change in changes)
            {
                if (change.From is { } from && from != await RevisionAsync(session, change, token))
                {
                    return null;
                }
            }

            long now = _time.GetUtcNow().ToUnixTimeSeconds();
            var written = new List<AccountRow>(changes.Count);
            foreach (AccountChange change in changes)
            {
                written.Add(await WriteAsync(session, change, ++revision, now, token));
            }

            await session.ExecuteAsync("update interline_account_revision set newest = $1", token, revision);
            await ForgetAsync(session, now, token);
            if (_notices is not null && session.Dialect == SqlDialect.Postgres)
            {
                await session.ExecuteAsync(NodeNotices.Send, token, _notices.Payload(NodeNotices.Accounts, ""));
            }

            return written;
        },
        cancel);

    /// <inheritdoc />
    public void OnChanged(Action changed)
    {
        _notices?.On(NodeNotices.Accounts, _ => changed());
        _notices?.OnBack(changed);
    }

    private static async Task<long> RevisionAsync(SqlSession session, AccountChange change, CancellationToken cancel) => await session.FirstAsync(
        "select revision from interline_account where kind = $1 and id = $2 and document is not null",
        static x => x.GetInt64(0),
        cancel,
        change.Kind,
        change.Id);

    private static async Task<AccountRow> WriteAsync(SqlSession session, AccountChange change, long revision, long now, CancellationToken cancel)
    {
        await session.ExecuteAsync(
            """
            insert into interline_account (kind, id, document, revision, written_at) values ($1, $2, $3, $4, $5)
            on conflict (kind, id) do update set document = excluded.document, revision = excluded.revision, written_at = excluded.written_at
            """,
            cancel,
            change.Kind,
            change.Id,
            change.Document,
            revision,
            now);
        return new AccountRow(change.Kind, change.Id, change.Document, revision);
    }

    // With each change a few, so that there is never a long delete and nobody has to think of it.
    private static async Task ForgetAsync(SqlSession session, long now, CancellationToken cancel)
    {
        List<long> gone = await session.ListAsync(
            """
            delete from interline_account where revision in
                (select revision from interline_account where document is null and written_at < $1 order by written_at limit 100)
            returning revision
            """,
            static x => x.GetInt64(0),
            cancel,
            now - (long)DeletedKept.TotalSeconds);
        if (gone.Count > 0)
        {
            await session.ExecuteAsync("update interline_account_revision set gone = $1 where gone < $1", cancel, gone.Max());
        }
    }

    private static async Task RefuseForgottenAsync(SqlSession session, long after, CancellationToken cancel)
    {
        if (await session.FirstAsync("select gone from interline_account_revision", static x => x.GetInt64(0), cancel) > after)
        {
            throw new DatabaseException("This node has not followed the accounts for so long that what was deleted since is forgotten. Restart it, so that it reads them all.");
        }
    }

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
