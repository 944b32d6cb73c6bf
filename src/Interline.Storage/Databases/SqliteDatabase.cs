using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Interline.Storage.Databases;

/// <summary>
/// A SQLite file. SQLite blocks the thread it works on, so it has threads of its own: one that writes, a few that read. Its log of changes (WAL) lets both go on at once.
/// </summary>
internal sealed class SqliteDatabase : Database
{
    private const int Readers = 3;

    // synchronous=NORMAL: in WAL mode a crash of the program loses nothing, a crash of the machine may lose the last commits but never the file; the journal has those.
    private const string Setup = "pragma journal_mode=wal; pragma synchronous=normal; pragma foreign_keys=on; pragma busy_timeout=10000; pragma temp_store=memory; pragma cache_size=-16000;";

    private readonly string _file;
    private readonly DedicatedThreads _threads = new("sqlite", Readers + 1);
    private readonly SemaphoreSlim _write = new(1);
    private readonly SemaphoreSlim _read = new(Readers);
    private readonly Stack<SqlSession> _idle = new();
    private SqlSession? _writer;

    static SqliteDatabase() => Batteries_V2.Init();

    public SqliteDatabase(DatabaseUrl url, TimeProvider time)
        : base(SqlDialect.Sqlite, url.Shown)
    {
        _file = Path.GetFullPath(url.File);
        Reachability = new Reachability(time, () => ReadCoreAsync(static (session, token) => session.ExecuteAsync("select 1", token), CancellationToken.None));
    }

    public override Reachability Reachability { get; }

    public override Task<T> ReadAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        Reachability.Check();
        return ReadCoreAsync(work, cancel);
    }

    public override async Task<T> WriteAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        Reachability.Check();
        await _write.WaitAsync(cancel);
        try
        {
            return await _threads.RunAsync(() => TranslateAsync(() => WriteCoreAsync(work, cancel)));
        }
        finally
        {
            _write.Release();
        }
    }

    private protected override async ValueTask CloseAsync()
    {
        Reachability.Dispose();
        await _write.WaitAsync();
        for (int i = 0; i < Readers; i++)
        {
            await _read.WaitAsync();
        }

        foreach (SqlSession session in _idle)
        {
            Close(session);
        }

        // Last, so that it folds the log into the file.
        if (_writer is { } writer)
        {
            Close(writer);
        }

        _threads.Dispose();
        _write.Dispose();
        _read.Dispose();
    }

    private async Task<T> ReadCoreAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        await _read.WaitAsync(cancel);
        try
        {
            return await _threads.RunAsync(() => TranslateAsync(() => LendAsync(work, cancel)));
        }
        finally
        {
            _read.Release();
        }
    }

    private async Task<T> LendAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        SqlSession? session;
        lock (_idle)
        {
            _idle.TryPop(out session);
        }

        session ??= Connect(readOnly: true);
        try
        {
            T result = await work(session, cancel);
            session.Timeout = null;
            lock (_idle)
            {
                _idle.Push(session);
            }

            return result;
        }
        catch (Exception)
        {
            Close(session);
            throw;
        }
    }

    private async Task<T> WriteCoreAsync<T>(Func<SqlSession, CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        SqlSession session = _writer ??= Connect(readOnly: false);
        try
        {
            // Not deferred: a transaction that begins by reading and then wants to write could not wait for another process.
            await using SqliteTransaction transaction = ((SqliteConnection)session.Connection).BeginTransaction(deferred: false);
            session.Transaction = transaction;
            T result = await work(session, cancel);
            transaction.Commit();
            session.Transaction = null;
            session.Timeout = null;
            return result;
        }
        catch (Exception)
        {
            _writer = null;
            Close(session);
            throw;
        }
    }

    private SqlSession Connect(bool readOnly)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            ExactNumbers.Teach(connection.Handle!);
            var session = new SqlSession(connection, SqlDialect.Sqlite);
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = Setup;
            command.ExecuteNonQuery();
            if (readOnly)
            {
                command.CommandText = "pragma query_only=on";
                command.ExecuteNonQuery();
            }

            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private async Task<T> TranslateAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (IsOutage(e))
        {
            Reachability.Lost(e.Message);
            throw new DatabaseUnavailableException("The database cannot be used: " + e.Message, e);
        }
    }

    // Full disk, failing disk, a file that cannot be opened, written or is no database; another process that holds it for longer than the wait.
    private static bool IsOutage(Exception e) => e is SqliteException { SqliteErrorCode: 5 or 8 or 10 or 11 or 13 or 14 or 26 } or IOException or UnauthorizedAccessException;

    private static void Close(SqlSession session)
    {
        session.Close();
        session.Connection.Dispose();
    }
}
