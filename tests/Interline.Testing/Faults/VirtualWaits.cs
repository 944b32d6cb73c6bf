namespace Interline.Testing.Faults;

/// <summary>
/// Waits of peers on a virtual clock. A wait ends inline on the thread that moves the clock or cancels, and is no longer counted before its waiter goes on. The
/// runtime's own delay lets a cancelled waiter go on elsewhere: then the clock could run away from it.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class VirtualWaits(TimeProvider time)
{
    private int _count;

    /// <summary>Waits under way.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Waits.</summary>
    /// <param name="wait">How long; infinite until it is cancelled.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask ForAsync(TimeSpan wait, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (wait == TimeSpan.Zero)
        {
            return;
        }

        // Not with asynchronous continuations: that is the point.
        var ended = new TaskCompletionSource();
        int over = 0;
        Interlocked.Increment(ref _count);
        ITimer timer = time.CreateTimer(_ => End(() => ended.TrySetResult()), null, wait, Timeout.InfiniteTimeSpan);
        CancellationTokenRegistration registration = cancel.UnsafeRegister(_ => End(() => ended.TrySetCanceled(cancel)), null);
        try
        {
            await ended.Task.ConfigureAwait(false);
        }
        finally
        {
            registration.Unregister();
            await timer.DisposeAsync().ConfigureAwait(false);
        }

        void End(Action how)
        {
            if (Interlocked.Exchange(ref over, 1) == 0)
            {
                Interlocked.Decrement(ref _count);
                how();
            }
        }
    }
}
