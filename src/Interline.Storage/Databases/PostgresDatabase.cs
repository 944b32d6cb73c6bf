using System.Net.Sockets;
using Npgsql;

namespace Interline.Storage.Databases;

/// <summary>A PostgreSQL server. Of its connections one listens, two are kept for what cannot wait behind a report (leases), the others are for everybody.</summary>
internal sealed class PostgresDatabase : Database
{
    private const int Urgent = 2;
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(2);

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _common;
    private readonly SemaphoreSlim _urgent = new(Urgent);

    public PostgresDatabase(DatabaseUrl url, TimeProvider time, int connections)
        : base(SqlDialect.Postgres, url.Shown)
    {
        _source = PostgresConnection.Open(url, ref connections);
        _common = new SemaphoreSlim(connections - Urgent - 1);
        Reachability = new Reachability(time, ProbeAsync);
    }

    public override Reachability Reachability { get; }

    public override Task<T> ReadAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel) => RunAsync(_common, work, false, cancel);

    public override Task<T> WriteAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel) => RunAsync(_common, work, true, cancel);

    /// <summary>Does one statement that cannot wait behind others' work.</summary>
    public Task<T> UrgentAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel) => RunAsync(_urgent, work, false, cancel);

    /// <summary>The connection that listens, to be disposed by who asked; there may be one.</summary>
    public ValueTask<NpgsqlConnection> ListenerAsync(CancellationToken cancel) => _source.OpenConnectionAsync(cancel);

    /// <summary>Whether a failure is the server's being away, or its way to it, and not the statement's.</summary>
    public static bool IsOutage(Exception e) => e switch
    {
        // 08: connection, 57P: shut down, crashed, starting; 28: who we are is no longer known there; 53: out of connections or room.
        PostgresException x => x.SqlState.StartsWith("08", StringComparison.Ordinal) || x.SqlState.StartsWith("57P", StringComparison.Ordinal)
            || x.SqlState.StartsWith("28", StringComparison.Ordinal) || x.SqlState.StartsWith("53", StringComparison.Ordinal) || x.SqlState == "3D000",
        NpgsqlException or SocketException or IOException or TimeoutException or ObjectDisposedException => true,
        _ => false,
    };

    private protected override async ValueTask CloseAsync()
    {
        Reachability.Dispose();
        await _source.DisposeAsync();
        _common.Dispose();
        _urgent.Dispose();
    }

    private Task<T> RunAsync<T>(SemaphoreSlim turn, Func<SqlSession, CancellationToken, Task<T>> work, bool write, CancellationToken cancel)
    {
        try
        {
            // Before a thread is asked for: while the server is gone, whoever asks is told at once.
            Reachability.Check();
        }
        catch (DatabaseUnavailableException e)
        {
            return Task.FromException<T>(e);
        }

        return PoolContext.RunAsync(() => TakeTurnAsync(turn, work, write, cancel));
    }

    private async Task<T> TakeTurnAsync<T>(SemaphoreSlim turn, Func<SqlSession, CancellationToken, Task<T>> work, bool write, CancellationToken cancel)
    {
        Reachability.Check();
        await turn.WaitAsync(cancel);
        try
        {
            Reachability.Check();
            await using NpgsqlConnection connection = await _source.OpenConnectionAsync(cancel);
            var session = new SqlSession(connection, SqlDialect.Postgres);
            return write ? await InTransactionAsync(connection, session, work, cancel) : await work(session, cancel);
        }
        catch (Exception e) when (IsOutage(e))
        {
            Reachability.Lost(e.Message);

            // Connections that lie idle in the pool went the same way; each would fail once more.
            _source.Clear();
            throw new DatabaseUnavailableException("The database cannot be reached: " + e.Message, e);
        }
        finally
        {
            turn.Release();
        }
    }

    private static async Task<T> InTransactionAsync<T>(NpgsqlConnection connection, SqlSession session, Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        session.Transaction = transaction;
        T result = await work(session, cancel);
        await transaction.CommitAsync(cancel);
        return result;
    }

    private async Task ProbeAsync()
    {
        using var limit = new CancellationTokenSource(ProbeLimit);
        await using NpgsqlConnection connection = await _source.OpenConnectionAsync(limit.Token);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(limit.Token);
    }
}
