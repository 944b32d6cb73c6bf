using System.Diagnostics;

namespace Interline.Server.Tests;

/// <summary>Waits for what will come. The limit only ends a test that would hang for ever; no test measures by it.</summary>
internal static class Waiting
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something is so.</summary>
    public static async Task UntilAsync(Func<bool> isSo, string what)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        long start = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            (Stopwatch.GetElapsedTime(start) < Limit).ShouldBeTrue(what);
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
