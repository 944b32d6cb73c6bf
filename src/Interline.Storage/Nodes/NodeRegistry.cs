using Interline.Storage.Databases;

namespace Interline.Storage.Nodes;

/// <summary>
/// Which nodes live. Each says so every few seconds, by the database's clock, so that clocks of nodes need not agree. One that was silent for long is gone, and what its
/// leases hold unused is given free by those that live. Thread-safe.
/// </summary>
public sealed class NodeRegistry : IAsyncDisposable
{
    /// <summary>How often a node says that it lives.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);

    /// <summary>After how long a silence it is gone.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    // After an outage all others look silent until they have said something again; so nobody is judged until this node could speak for a while.
    private const int BeatsBeforeJudging = 3;

    private readonly Lock _lock = new();
    private readonly PostgresDatabase _database;
    private readonly string _version;
    private readonly GoneNodes _gone;
    private readonly ITimer _timer;
    private readonly SemaphoreSlim _beating = new(1);
    private List<Action> _registered = [];
    private List<Action> _beats = [];
    private int _goodBeats;
    private int _stopped;
    private bool _settledEarlier;

    /// <summary>Of this node; call <see cref="StartAsync"/>.</summary>
    /// <param name="database">The migrated database, PostgreSQL.</param>
    /// <param name="name">Name of this node, the same over its restarts and unlike that of every other that runs.</param>
    /// <param name="start">What tells this start from others of the same name, such as the time or a random number.</param>
    /// <param name="version">Version of the program.</param>
    /// <param name="spend">What calls of a node cost.</param>
    /// <param name="time">The clock.</param>
    public NodeRegistry(Database database, string name, string start, string version, INodeSpend spend, TimeProvider time)
    {
        _database = database as PostgresDatabase ?? throw new ArgumentException("Nodes share a PostgreSQL.", nameof(database));
        Name = name;
        Id = name + "#" + start;
        _version = version;
        _gone = new GoneNodes(_database, spend, time);
        _timer = time.CreateTimer(static x => _ = ((NodeRegistry)x!).TryBeatAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _database.Reachability.OnBack(() => _ = TryBeatAsync());
    }

    /// <summary>Name of this node.</summary>
    public string Name { get; }

    /// <summary>Id of this start of this node.</summary>
    public string Id { get; }

    /// <summary>Nodes that live, this one included; what was last known while the database cannot be reached.</summary>
    public int Nodes { get; private set; } = 1;

    /// <summary>Why what nodes that are gone left behind could last not be settled; null if it could.</summary>
    public string? LastError { get; private set; }

    /// <summary>Version of the configuration this node runs, for the others to see.</summary>
    public string ConfigurationVersion { get; set; } = "";

    /// <summary>
    /// Registers this node and what its earlier starts left behind. What they had in their journals should be booked before: their leases are settled by what is booked.
    /// </summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; it goes on by itself when it can.</exception>
    public async Task StartAsync(CancellationToken cancel)
    {
        _timer.Change(Beat, Beat);
        await BeatAsync(cancel);
    }

    /// <summary>Reads the nodes that live.</summary>
    /// <param name="cancel">Gives up.</param>
    public async Task<IReadOnlyList<NodeState>> ListAsync(CancellationToken cancel) => await _database.ReadAsync(
        (session, token) => session.ListAsync(
            """
            select id, name, version, configuration, (extract(epoch from started_at) * 1000)::bigint, (extract(epoch from clock_timestamp() - seen_at) * 1000)::bigint
            from interline_node where gone_at is null and seen_at > clock_timestamp() - $1 * interval '1 second' order by id
            """,
            static x => new NodeState(x.GetString(0), x.GetString(1), x.GetString(2), x.GetString(3), DateTimeOffset.FromUnixTimeMilliseconds(x.GetInt64(4)), TimeSpan.FromMilliseconds(x.GetInt64(5))),
            token,
            (long)Silence.TotalSeconds),
        cancel);

    /// <summary>Says that it lives, counts the others, and settles those that are gone. By itself that comes every few seconds.</summary>
    /// <param name="cancel">Gives up.</param>
    public async Task BeatAsync(CancellationToken cancel)
    {
        await _beating.WaitAsync(cancel);
        try
        {
            await SpeakAsync(cancel);
            await SettleAsync(cancel);
        }
        finally
        {
            _beating.Release();
        }
    }

    private async Task SpeakAsync(CancellationToken cancel)
    {
        try
        {
            (bool known, int nodes) = await _database.UrgentAsync(SayAsync, cancel);
            int good = ++_goodBeats;
            Nodes = good < BeatsBeforeJudging ? Math.Max(Nodes, nodes) : nodes;
            if (!known)
            {
                Call(_registered);
            }

            Call(_beats);
        }
        catch (Exception)
        {
            _goodBeats = 0;
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _timer.DisposeAsync();
        await _beating.WaitAsync();
        try
        {
            // Who leaves in order need not be waited for. What is unused of its leases it has returned; the rest is spent.
            await _gone.LeaveAsync(Id, CancellationToken.None);
        }
        catch (Exception)
        {
            // The others find out by its silence.
        }
    }

    /// <summary>Asks to be called when the node had to be registered (again): others may have taken it for gone.</summary>
    internal void OnRegistered(Action registered)
    {
        lock (_lock)
        {
            _registered = [.. _registered, registered];
        }
    }

    /// <summary>Asks to be called with each beat.</summary>
    internal void OnBeat(Action beat)
    {
        lock (_lock)
        {
            _beats = [.. _beats, beat];
        }
    }

    // What fails here is tried again with the next beat; that this node lives was said.
    private async Task SettleAsync(CancellationToken cancel)
    {
        try
        {
            if (!_settledEarlier)
            {
                await _gone.SettleEarlierAsync(Name, Id, cancel);
                _settledEarlier = true;
            }

            if (_goodBeats >= BeatsBeforeJudging)
            {
                await _gone.SettleAsync(Silence, cancel);
            }

            LastError = null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LastError = e.Message;
        }
    }

    private async Task<(bool Known, int Nodes)> SayAsync(SqlSession session, CancellationToken cancel)
    {
        session.Timeout = 5;
        bool known = await session.FirstAsync(
            "update interline_node set seen_at = clock_timestamp(), configuration = $2 where id = $1 and gone_at is null returning true",
            static x => x.GetBoolean(0),
            cancel,
            Id,
            ConfigurationVersion);
        if (!known)
        {
            await session.ExecuteAsync(
                """
                insert into interline_node (id, name, version, configuration) values ($1, $2, $3, $4)
                on conflict (id) do update set gone_at = null, seen_at = clock_timestamp()
                """,
                cancel,
                Id,
                Name,
                _version,
                ConfigurationVersion);
        }

        long nodes = await session.FirstAsync(
            "select count(*) from interline_node where gone_at is null and seen_at > clock_timestamp() - $1 * interval '1 second'",
            static x => x.GetInt64(0),
            cancel,
            (long)Silence.TotalSeconds);
        return (known, (int)Math.Max(1, nodes));
    }

    private async Task TryBeatAsync()
    {
        if (Volatile.Read(ref _stopped) != 0 || _beating.CurrentCount == 0)
        {
            return;
        }

        try
        {
            await BeatAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // Seen in the database's Reachability; the next beat tries again.
        }
    }

    private static void Call(List<Action> all)
    {
        foreach (Action one in all)
        {
            one();
        }
    }
}

/// <summary>A node that lives.</summary>
/// <param name="Id">Id of this start of it.</param>
/// <param name="Name">Name.</param>
/// <param name="Version">Version of its program.</param>
/// <param name="Configuration">Version of its configuration.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="Seen">How long ago it said something.</param>
public sealed record NodeState(string Id, string Name, string Version, string Configuration, DateTimeOffset StartedAt, TimeSpan Seen);
