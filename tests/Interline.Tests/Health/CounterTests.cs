using Interline.Health;

namespace Interline.Tests.Health;

public class CounterTests
{
    [Fact]
    public void A_minutes_count_is_exact_from_many_threads_and_gone_with_the_minute()
    {
        var box = new Counted();
        int taken = 0;
        Parallel.For(0, 1000, _ => Interlocked.Add(ref taken, box.TryAdd(7, 700) ? 1 : 0));
        taken.ShouldBe(700);
        box.Read(7).ShouldBe(700);
        box.Read(8).ShouldBe(0);
        box.TryAdd(8, 1).ShouldBeTrue();
        box.Read(8).ShouldBe(1);
        box.Read(7).ShouldBe(0);
    }

    [Fact]
    public void A_latency_is_the_mean_of_the_newest_measurements()
    {
        var window = new LatencyWindow();
        window.Mean(0).ShouldBe(TimeSpan.Zero);
        for (int i = 1; i <= 5; i++)
        {
            window.Add(TimeSpan.FromSeconds(i), keep: 3, now: i);
        }

        window.Mean(since: 5).ShouldBe(TimeSpan.FromSeconds(4));
        window.Mean(since: 6).ShouldBe(TimeSpan.Zero);
    }

    private sealed class Counted
    {
        private MinuteCounter _counter;

        public bool TryAdd(long minute, long limit) => _counter.TryAdd(minute, 1, limit);

        public long Read(long minute) => _counter.Read(minute);
    }
}
