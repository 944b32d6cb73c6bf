namespace Interline.Core.Budgets;

/// <summary>
/// The most that can be spent of a budget, although calls may cost more than was set aside for them.
/// <para>
/// A call is admitted only if what was spent, what is set aside for the calls under way, and what is set aside for it fit the limit together. So at the last
/// admission of a window they did; after it only the calls then under way can add more than was set aside for them. With r the amount set aside for a call and a its cost:
/// spend ≤ limit + Σ max(0, a − r) over the calls under way at that moment ≤ limit + C · e, where C is the most calls under way at once and e the largest a − r.
/// C is at most ⌊limit / least r⌋, and at most the parallel limit where there is one.
/// </para>
/// <para>
/// Where e is 0 (max_tokens given, text, known price) spend never passes the limit. Several nodes add no term: each admits within its leases as above, and the leases add up
/// to at most the limit, hence so do the calls' reservations. A node that dies adds none either: what it held stays taken until its journal was replayed, or for the window.
/// </para>
/// <para>The bound is at most twice what the worst case spends: C calls set aside more than half the limit, C · r &gt; limit / 2, and cost C · (r + e).</para>
/// </summary>
public static class OvershootBound
{
    /// <summary>Most calls under way at once.</summary>
    /// <param name="limit">The budget, from 0.</param>
    /// <param name="leastReserved">The least that is set aside for a call; 0 if a call may set nothing aside.</param>
    /// <param name="parallel">Calls at once that are allowed over all nodes; null is no limit.</param>
    /// <returns>How many; <see cref="long.MaxValue"/> if nothing bounds them.</returns>
    public static long MostAtOnce(decimal limit, decimal leastReserved, long? parallel)
    {
        long most = parallel ?? long.MaxValue;
        if (leastReserved <= 0)
        {
            return most;
        }

        // Compared before it is divided: the quotient of a large limit and a tiny amount fits no decimal.
        return leastReserved <= limit / long.MaxValue ? most : Math.Min(most, (long)Math.Min(long.MaxValue, decimal.Floor(limit / leastReserved)));
    }

    /// <summary>Most that can be spent in a window.</summary>
    /// <param name="limit">The budget, from 0.</param>
    /// <param name="leastReserved">The least that is set aside for a call, above 0.</param>
    /// <param name="error">The most a call can cost above what was set aside for it, from 0.</param>
    /// <param name="parallel">Calls at once that are allowed over all nodes; null is no limit.</param>
    public static decimal Of(decimal limit, decimal leastReserved, decimal error, long? parallel = null) =>
        error <= 0 ? limit : limit + (MostAtOnce(limit, leastReserved, parallel) * error);
}
