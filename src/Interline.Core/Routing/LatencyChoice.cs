using Interline.Core.Configuration;

namespace Interline.Core.Routing;

/// <summary>
/// <c>latency-based-routing</c>: what was not measured lately is asked first, by one call at a time; then the fastest, or one drawn from those within
/// <c>lowest_latency_buffer</c> of it; a share of the calls (<c>exploration</c>) goes to any, so that one that has become faster is found before its measurement is old.
/// Streams go by the time to the first event, others by the time per output token.
/// </summary>
internal static class LatencyChoice
{
    public static int Pick(in OpenCandidates open, bool stream, ref Seeded chance)
    {
        long fastest = long.MaxValue;
        int all = 0;
        int fresh = 0;
        for (int i = 0; i < open.Length; i++)
        {
            if (open[i])
            {
                long own = Of(open.Health[i], stream);
                all++;
                fresh += IsFresh(open.Health[i], own) ? 1 : 0;
                fastest = own > 0 && own < fastest ? own : fastest;
            }
        }

        RoutingStrategyArguments arguments = open.Plan.Settings.StrategyArguments;
        if (fresh > 0)
        {
            return Nth(open, stream, Range.Fresh, 0, StrategyChoice.NextBelow(fresh, ref chance));
        }

        if (fastest == long.MaxValue || (arguments.Exploration is { } share && share > 0 && chance.NextUnit() < share))
        {
            return open.Nth(StrategyChoice.NextBelow(all, ref chance));
        }

        double most = fastest * (1 + arguments.LowestLatencyBuffer);
        long limit = most >= long.MaxValue ? long.MaxValue : (long)most;
        int near = 0;
        for (int i = 0; i < open.Length; i++)
        {
            near += open[i] && Of(open.Health[i], stream) is > 0 and var own && own <= limit ? 1 : 0;
        }

        return Nth(open, stream, Range.Near, limit, StrategyChoice.NextBelow(near, ref chance));
    }

    private enum Range
    {
        Fresh,
        Near,
    }

    private static long Of(in HealthReading reading, bool stream) => stream ? reading.FirstEvent.Ticks : reading.PerToken.Ticks;

    /// <summary>Not measured, not being measured, and not known to fail.</summary>
    private static bool IsFresh(in HealthReading reading, long latency) => latency <= 0 && reading is { InFlight: 0, MinuteFailures: 0 };

    private static int Nth(in OpenCandidates open, bool stream, Range range, long limit, int skip)
    {
        for (int i = 0; ; i++)
        {
            if (!open[i])
            {
                continue;
            }

            long own = Of(open.Health[i], stream);
            bool counts = range == Range.Fresh ? IsFresh(open.Health[i], own) : own > 0 && own <= limit;
            if (counts && skip-- == 0)
            {
                return i;
            }
        }
    }
}
