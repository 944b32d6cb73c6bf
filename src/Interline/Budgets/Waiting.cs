namespace Interline.Budgets;

/// <summary>Waits with a limit.</summary>
internal static class Waiting
{
    /// <summary>Whether something has ended in time; never throws for its being late or given up.</summary>
    public static async ValueTask<bool> InTimeAsync(Task work, TimeSpan limit, TimeProvider time, CancellationToken cancel)
    {
        if (work.IsCompleted)
        {
            return true;
        }

        try
        {
            await work.WaitAsync(limit > TimeSpan.Zero ? limit : TimeSpan.Zero, time, cancel).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}
