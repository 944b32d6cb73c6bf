using System.Collections.Immutable;
using System.Globalization;

namespace Interline.Storage.Databases;

/// <summary>
/// Brings a database to the schema of this program: all missing steps in one transaction, or none. Nodes that start at once wait for each other, and those that come
/// second find nothing to do.
/// </summary>
public sealed class Migrator
{
    // Any number nobody else uses with this database: "interline" cut short.
    private const long AdvisoryLock = 0x696e7465726c01;

    private readonly Database _database;
    private readonly ImmutableArray<Migration> _migrations;
    private readonly TimeProvider _time;

    /// <summary>Over a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="time">The clock.</param>
    public Migrator(Database database, TimeProvider time)
        : this(database, time, Migration.Embedded(database.Dialect))
    {
    }

    internal Migrator(Database database, TimeProvider time, ImmutableArray<Migration> migrations) => (_database, _time, _migrations) = (database, time, migrations);

    /// <summary>Applies what is missing.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Steps applied now, such as <c>0001-accounts</c>.</returns>
    /// <exception cref="DatabaseException">An applied step was changed, or the database is of a newer program.</exception>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public Task<IReadOnlyList<string>> ApplyAsync(CancellationToken cancel) => _database.WriteAsync(ApplyAsync, cancel);

    /// <summary>What <see cref="ApplyAsync(CancellationToken)"/> would apply; nothing is changed.</summary>
    /// <param name="cancel">Gives up.</param>
    public Task<IReadOnlyList<string>> PendingAsync(CancellationToken cancel) => _database.ReadAsync<IReadOnlyList<string>>(
        async (session, token) =>
        {
            string exists = session.Dialect == SqlDialect.Postgres
                ? "select 1 from pg_tables where tablename = 'interline_migration' and schemaname = any(current_schemas(false))"
                : "select 1 from sqlite_master where type = 'table' and name = 'interline_migration'";
            return await session.FirstAsync(exists, static _ => true, token) ? Names(await MissingAsync(session, token)) : Names(_migrations);
        },
        cancel);

    private async Task<IReadOnlyList<string>> ApplyAsync(SqlSession session, CancellationToken cancel)
    {
        session.Timeout = 0;
        if (session.Dialect == SqlDialect.Postgres)
        {
            await session.ExecuteAsync("select pg_advisory_xact_lock($1)", cancel, AdvisoryLock);
        }

        await session.ExecuteAsync(
            "create table if not exists interline_migration (number integer primary key, name text not null, checksum text not null, applied_at bigint not null)",
            cancel);
        ImmutableArray<Migration> missing = await MissingAsync(session, cancel);
        foreach (Migration migration in missing)
        {
            await RunAsync(session, migration, cancel);
            await session.ExecuteAsync(
                "insert into interline_migration (number, name, checksum, applied_at) values ($1, $2, $3, $4)",
                cancel,
                migration.Number,
                migration.Name,
                migration.Checksum,
                _time.GetUtcNow().ToUnixTimeSeconds());
        }

        return Names(missing);
    }

    private static async Task RunAsync(SqlSession session, Migration migration, CancellationToken cancel)
    {
        try
        {
            await session.ExecuteAsync(migration.Sql, cancel);
        }
        catch (System.Data.Common.DbException e) when (!PostgresDatabase.IsOutage(e))
        {
            throw new DatabaseException($"Step {NameOf(migration)} of the schema failed, and nothing was changed: {e.Message}", e);
        }
    }

    private async Task<ImmutableArray<Migration>> MissingAsync(SqlSession session, CancellationToken cancel)
    {
        Dictionary<int, (string Name, string Checksum)> applied = (await session.ListAsync(
            "select number, name, checksum from interline_migration",
            static x => (Number: x.GetInt32(0), Name: x.GetString(1), Checksum: x.GetString(2)),
            cancel)).ToDictionary(static x => x.Number, static x => (x.Name, x.Checksum));
        foreach ((int number, (string name, string checksum)) in applied.OrderBy(static x => x.Key))
        {
            Migration? known = _migrations.FirstOrDefault(x => x.Number == number)
                ?? throw new DatabaseException($"The database {_database.Shown} has step {NameOf(number, name)} of the schema, which this program does not know: it was used by a newer version. Run that version or a newer one.");
            if (known.Checksum != checksum)
            {
                throw new DatabaseException($"Step {NameOf(known)} of the schema is not what was applied to {_database.Shown}. Applied steps are never changed: run the version the database was used by.");
            }
        }

        return [.. _migrations.Where(x => !applied.ContainsKey(x.Number))];
    }

    private static string[] Names(ImmutableArray<Migration> migrations) => [.. migrations.Select(NameOf)];

    private static string NameOf(Migration migration) => NameOf(migration.Number, migration.Name);

    private static string NameOf(int number, string name) => string.Create(CultureInfo.InvariantCulture, $"{number:0000}-{name}");
}
