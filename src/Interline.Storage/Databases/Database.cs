namespace Interline.Storage.Databases;

/// <summary>
/// A database and its few connections. Work is lent one of them; it waits for its turn, never on a thread that serves calls. While the database cannot be reached, work
/// fails at once with <see cref="DatabaseUnavailableException"/>. Thread-safe.
/// </summary>
public abstract class Database : IAsyncDisposable
{
    private protected Database(SqlDialect dialect, string shown) => (Dialect, Shown) = (dialect, shown);

    /// <summary>Which database.</summary>
    public SqlDialect Dialect { get; }

    /// <summary>Where it is, without its password.</summary>
    public string Shown { get; }

    /// <summary>Whether it answers.</summary>
    public abstract Reachability Reachability { get; }

    /// <summary>Makes one. Nothing is connected to yet; a SQLite file and its folder are made when first used.</summary>
    /// <param name="url">Its URL, or the path of a SQLite file.</param>
    /// <param name="time">The clock.</param>
    /// <param name="connections">Most connections to a server, from 4; LiteLLM's <c>database_connection_pool_limit</c>.</param>
    /// <exception cref="DatabaseException">The URL is wrong.</exception>
    public static Database Open(string url, TimeProvider time, int connections = 10)
    {
        var parsed = DatabaseUrl.Parse(url);
        return parsed.Dialect == SqlDialect.Postgres ? new PostgresDatabase(parsed, time, connections) : new SqliteDatabase(parsed, time);
    }

    /// <summary>Reads. On SQLite what it awaits besides the session delays other reads.</summary>
    /// <param name="work">What to do; the session is its own until it ends.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public abstract Task<T> ReadAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel);

    /// <summary>Changes something in one transaction: all of it when the work ends, nothing of it when it throws. On SQLite one at a time.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; if that came while it was committed, it may have been.</exception>
    public abstract Task<T> WriteAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel);

    /// <summary>Changes something in one transaction.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="cancel">Gives up.</param>
    public Task WriteAsync(Func<SqlSession, CancellationToken, Task> work, CancellationToken cancel) => WriteAsync<int>(
        async (session, token) =>
        {
            await work(session, token);
            return 0;
        },
        cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private protected abstract ValueTask CloseAsync();
}
