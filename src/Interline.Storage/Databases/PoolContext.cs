namespace Interline.Storage.Databases;

/// <summary>
/// Goes on with database work on threads of the pool. The server completes socket operations inline (ADR 2): without this, what follows an awaited statement would run on
/// the thread that reads all sockets, hold up every call while it computes, and wait for itself for ever if it did anything synchronous, as a binary COPY does.
/// </summary>
internal sealed class PoolContext : SynchronizationContext
{
    private static readonly PoolContext Instance = new();

    /// <summary>Begins work under this context, on a thread of the pool.</summary>
    /// <param name="work">The work; must not use ConfigureAwait(false), or it leaves the pool.</param>
    public static Task<T> RunAsync<T>(Func<Task<T>> work) => Task.Run(() =>
    {
        SetSynchronizationContext(Instance);
        try
        {
            return work();
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    });

    /// <inheritdoc />
    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(
        static x =>
        {
            SetSynchronizationContext(Instance);
            try
            {
                x.Callback(x.State);
            }
            finally
            {
                SetSynchronizationContext(null);
            }
        },
        (Callback: d, State: state),
        preferLocal: false);

    /// <inheritdoc />
    public override SynchronizationContext CreateCopy() => this;
}
