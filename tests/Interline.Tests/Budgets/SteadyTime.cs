namespace Interline.Tests.Budgets;

/// <summary>
/// Timers and timestamps twenty times as fast as real ones, over a calendar that begins with a minute and is moved by the test: no test waits long, and none runs across a
/// minute's end by chance.
/// </summary>
internal sealed class SteadyTime : TimeProvider
{
    private const int Faster = 20;

    private readonly long _start = System.GetTimestamp();
    private DateTimeOffset _zero = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _zero + (System.GetElapsedTime(_start) / 100);

    public override long GetTimestamp() => System.GetTimestamp() * Faster;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new FastTimer(System.CreateTimer(callback, state, Fast(dueTime), Fast(period)));

    public void Jump(TimeSpan by) => _zero += by;

    private static TimeSpan Fast(TimeSpan time) => time > TimeSpan.Zero ? time / Faster : time;

    private sealed class FastTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Fast(dueTime), Fast(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
