using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests;

/// <summary>An empty database of a test's own, gone with it.</summary>
internal sealed class TestDatabase : IAsyncDisposable
{
    private readonly string? _folder;

    private TestDatabase(string url, string? folder)
    {
        Url = url;
        _folder = folder;
        Database = Database.Open(url, TimeProvider.System);
    }

    public string Url { get; }

    public Database Database { get; }

    /// <summary>Both kinds, for a theory.</summary>
    public static TheoryData<SqlDialect> Both => [SqlDialect.Sqlite, SqlDialect.Postgres];

    public static TestDatabase Empty(SqlDialect dialect)
    {
        if (dialect == SqlDialect.Postgres)
        {
            return new TestDatabase(PostgresServer.Shared.CreateDatabase(), null);
        }

        string folder = Directory.CreateTempSubdirectory("interline-db-").FullName;
        return new TestDatabase("sqlite://" + Path.Combine(folder, "sub", "ledger.db"), folder);
    }

    public static async Task<TestDatabase> MigratedAsync(SqlDialect dialect)
    {
        TestDatabase made = Empty(dialect);
        await new Migrator(made.Database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        if (_folder is not null)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
