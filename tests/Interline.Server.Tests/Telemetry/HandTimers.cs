namespace Interline.Server.Tests.Telemetry;

/// <summary>A clock whose timers fire when a test says so.</summary>
internal sealed class HandTimers : TimeProvider
{
    private readonly List<HandTimer> _timers = [];

    /// <summary>Fires every timer, each on a thread of its own as the runtime may, and gives the threads' tasks.</summary>
    public Task[] Fire() => [.. _timers.Select(x => Task.Factory.StartNew(x.Fire, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new HandTimer(callback, state);
        _timers.Add(timer);
        return timer;
    }

    private sealed class HandTimer(TimerCallback callback, object? state) : ITimer
    {
        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => default;
    }
}
