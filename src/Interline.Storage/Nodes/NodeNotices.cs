using Interline.Storage.Databases;
using Npgsql;

namespace Interline.Storage.Nodes;

/// <summary>
/// What nodes tell each other through PostgreSQL, over one connection that listens. Notices are hints and may be missed while it is away: whoever depends on them also
/// asks to be called when it is back. On SQLite, a file of one node, nothing is ever told.
/// </summary>
public sealed class NodeNotices : IAsyncDisposable
{
    /// <summary>Subject of changed accounts.</summary>
    public const string Accounts = "accounts";

    internal const string Wanted = "wanted";
    internal const string Cooldown = "cooldown";

    // One statement for all that is sent: "subject, node, text", cut at line ends.
    internal const string Send = "select pg_notify('interline', $1)";

    /// <summary>Longest text that is sent, in bytes; PostgreSQL takes 8,000 with subject and node.</summary>
    internal const int MostBytes = 7000;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly PostgresDatabase? _database;
    private readonly string _node;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private List<(string Subject, Action<string> Handle)> _handlers = [];
    private List<Action> _back = [];
    private Task _listening = Task.CompletedTask;

    /// <summary>Over a database; call <see cref="Start"/>.</summary>
    /// <param name="database">The database.</param>
    /// <param name="node">Id of this node.</param>
    /// <param name="time">The clock.</param>
    public NodeNotices(Database database, string node, TimeProvider time)
    {
        _database = database as PostgresDatabase;
        _node = node;
        _time = time;
    }

    /// <summary>Whether it listens now.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Begins to listen, and goes on until disposed.</summary>
    public void Start()
    {
        if (_database is not null)
        {
            _listening = Task.Run(() => ListenAsync(_database));
        }
    }

    /// <summary>Asks for what other nodes say about a subject.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="handle">What to call with the text; must not block.</param>
    public void On(string subject, Action<string> handle)
    {
        lock (_lock)
        {
            _handlers = [.. _handlers, (subject, handle)];
        }
    }

    /// <summary>Asks to be called whenever it begins to listen, so also when something may have been missed, and about every 30 s when nothing is said.</summary>
    /// <param name="back">What to call; must not block.</param>
    public void OnBack(Action back)
    {
        lock (_lock)
        {
            _back = [.. _back, back];
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listening;
        _stop.Dispose();
    }

    internal string Payload(string subject, string text) => $"{subject}\n{_node}\n{text}";

    private async Task ListenAsync(PostgresDatabase database)
    {
        TimeSpan wait = TimeSpan.FromMilliseconds(100);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await using NpgsqlConnection connection = await database.ListenerAsync(_stop.Token);
                connection.Notification += (_, x) => Handle(x.Payload);
                await using (var listen = new NpgsqlCommand("listen interline", connection))
                {
                    await listen.ExecuteNonQueryAsync(_stop.Token);
                }

                wait = TimeSpan.FromMilliseconds(100);
                IsListening = true;
                await WaitAsync(connection);
            }
            catch (Exception) when (!_stop.IsCancellationRequested)
            {
                // Why is in the database's Reachability as soon as anybody asks for anything; here it is only tried again.
                IsListening = false;
                await DelayAsync(wait);
                wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
            }
            catch (Exception)
            {
                IsListening = false;
            }
        }
    }

    private async Task WaitAsync(NpgsqlConnection connection)
    {
        while (true)
        {
            foreach (Action one in _back)
            {
                one();
            }

            // Wakes for a notice, and then there is nothing to ask; after a quiet time it is looked whether the connection still lives.
            while (await connection.WaitAsync(Quiet, _stop.Token))
            {
            }

            await using var alive = new NpgsqlCommand("select 1", connection) { CommandTimeout = 5 };
            await alive.ExecuteScalarAsync(_stop.Token);
        }
    }

    private void Handle(string payload)
    {
        string[] parts = payload.Split('\n', 3);
        if (parts.Length < 3 || parts[1] == _node)
        {
            return;
        }

        foreach ((string subject, Action<string> handle) in _handlers)
        {
            if (subject == parts[0])
            {
                handle(parts[2]);
            }
        }
    }

    private async Task DelayAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped; the loop sees it.
        }
    }
}
