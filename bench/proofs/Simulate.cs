using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Interline.Simulation;

namespace Interline.Proofs;

/// <summary>Thousands of schedules of faults on virtual clocks. A seed that breaks a promise is printed; alone (<c>--schedules 1</c>) its story is told.</summary>
internal static class Simulate
{
    private const int MostShown = 20;

    public static bool Run(int schedules, int seed, int threads)
    {
        var watch = Stopwatch.StartNew();
        using var buffers = new BufferWatch();
        var results = new ConcurrentQueue<ScheduleResult>();
        int next = -1;
        Thread[] workers = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Work))];
        foreach (Thread worker in workers)
        {
            worker.Start();
        }

        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        ScheduleResult[] broken = [.. results.Where(x => !x.Problems.IsEmpty).OrderBy(x => x.Seed)];
        foreach (ScheduleResult result in broken.Take(MostShown))
        {
            Console.WriteLine($"seed {result.Seed.ToString(CultureInfo.InvariantCulture)}: {string.Join("; ", result.Problems)}");
        }

        if (schedules == 1)
        {
            Console.WriteLine(results.Single().Story);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            schedules          {schedules}   (seeds {seed} to {seed + schedules - 1}; one alone: bench/prove simulate --schedules 1 --seed S)
            calls              {results.Sum(x => x.Whole + x.Errors + x.Left)}
            attempts           {results.Sum(x => x.Attempts)}
            answered whole     {results.Sum(x => x.Whole)}
            honest errors      {results.Sum(x => x.Errors)}
            caller left        {results.Sum(x => x.Left)}
            broken schedules   {broken.Length}
            took               {watch.Elapsed.TotalSeconds:0.0} s
            """));
        return broken.Length == 0;

        void Work()
        {
            while (Interlocked.Increment(ref next) is var at && at < schedules)
            {
                ScheduleResult result = ScheduleRun.Of(new Schedule(seed + at), buffers);

                // The story of one that went well is of no use, and thousands of them are of some size.
                results.Enqueue(result.Problems.IsEmpty && schedules > 1 ? result with { Story = "" } : result);
            }
        }
    }
}
