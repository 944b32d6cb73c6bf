namespace Interline.Server.Hosting;

/// <summary>
/// The end of a server: no call begins any more, those under way may end, and what is left after a limit is broken off with an error in the answer. All the while the server
/// answers, so that whoever asks for its health learns that it is ending. Thread-safe.
/// </summary>
public sealed class Drain
{
    /// <summary>How long calls that were broken off have to tell their clients so.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _running;
    private bool _draining;

    /// <summary>Whether the server is ending: calls are refused.</summary>
    public bool IsDraining => Volatile.Read(ref _draining);

    /// <summary>Calls under way.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Drains; once.</summary>
    /// <param name="gateway">Whose calls are broken off after the limit.</param>
    /// <param name="limit">How long calls under way have to end; zero breaks them off at once.</param>
    /// <param name="time">The clock.</param>
    /// <returns>How many calls were broken off.</returns>
    public async Task<int> RunAsync(Gateway gateway, TimeSpan limit, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        Volatile.Write(ref _draining, true);

        // A call that has just looked is counted by now or will be refused.
        Interlocked.MemoryBarrier();
        if (Running == 0 || await EndedAsync(limit, time))
        {
            return 0;
        }

        int left = Running;
        gateway.BreakOff();
        await EndedAsync(LastWords, time);
        return left;
    }

    /// <summary>A call wants to begin.</summary>
    /// <returns>False if it must not; then it was not counted.</returns>
    internal bool TryEnter()
    {
        Interlocked.Increment(ref _running);
        if (!IsDraining)
        {
            return true;
        }

        Leave();
        return false;
    }

    /// <summary>A call has ended.</summary>
    internal void Leave()
    {
        if (Interlocked.Decrement(ref _running) == 0 && IsDraining)
        {
            _idle.TrySetResult();
        }
    }

    private async Task<bool> EndedAsync(TimeSpan limit, TimeProvider time)
    {
        try
        {
            await _idle.Task.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
