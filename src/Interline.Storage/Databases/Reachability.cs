namespace Interline.Storage.Databases;

/// <summary>
/// Whether the database answers. After an outage was seen, work fails at once instead of waiting, each call for itself, for a server that is gone; one probe asks again,
/// soon at first and then every few seconds, until it answers. Thread-safe.
/// </summary>
public sealed class Reachability : IDisposable
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly Func<Task> _probe;
    private readonly ITimer _timer;
    private List<Action> _back = [];
    private TimeSpan _wait;
    private bool _stopped;

    internal Reachability(TimeProvider time, Func<Task> probe)
    {
        _time = time;
        _probe = probe;
        _timer = time.CreateTimer(static x => _ = ((Reachability)x!).ProbeAsync(), this, System.Threading.Timeout.InfiniteTimeSpan, System.Threading.Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether it answered when last asked; also true before it was ever asked.</summary>
    public bool IsReachable => LostAt is null;

    /// <summary>Since when it does not answer; null while it does.</summary>
    public DateTimeOffset? LostAt { get; private set; }

    /// <summary>What was wrong last, without a password; it stays when the database is back.</summary>
    public string? LastError { get; private set; }

    /// <summary>Asks to be called, on any thread and for as long as the database lives, when it answers again.</summary>
    /// <param name="back">What to call; must not block.</param>
    public void OnBack(Action back)
    {
        lock (_lock)
        {
            _back = [.. _back, back];
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        lock (_lock)
        {
            _stopped = true;
        }

        _timer.Dispose();
    }

    internal void Lost(string error)
    {
        lock (_lock)
        {
            LastError = error;
            if (LostAt is not null || _stopped)
            {
                return;
            }

            LostAt = _time.GetUtcNow();
            _wait = Shortest;
            _timer.Change(_wait, System.Threading.Timeout.InfiniteTimeSpan);
        }
    }

    internal void Check()
    {
        if (!IsReachable)
        {
            throw new DatabaseUnavailableException("The database cannot be reached: " + LastError);
        }
    }

    private async Task ProbeAsync()
    {
        try
        {
            await _probe();
        }
        catch (Exception e)
        {
            lock (_lock)
            {
                LastError = e.Message;
                _wait = TimeSpan.FromTicks(Math.Min(_wait.Ticks * 2, Longest.Ticks));
                if (!_stopped)
                {
                    _timer.Change(_wait, System.Threading.Timeout.InfiniteTimeSpan);
                }
            }

            return;
        }

        List<Action> back;
        lock (_lock)
        {
            LostAt = null;
            back = _back;
        }

        foreach (Action one in back)
        {
            one();
        }
    }
}
