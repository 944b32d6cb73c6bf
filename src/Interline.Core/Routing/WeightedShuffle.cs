namespace Interline.Core.Routing;

/// <summary>
/// The order in which the deployments of a group are tried: those that cool are left out, a lower <c>order</c> comes first,
/// and among equals each draws its place by weight, without replacement.
/// </summary>
public static class WeightedShuffle
{
    /// <summary>Computes the order.</summary>
    /// <param name="deployments">The group.</param>
    /// <param name="health">One reading for each deployment.</param>
    /// <param name="seed">The call's seed.</param>
    /// <param name="order">Receives indices into <paramref name="deployments"/>, at least as long.</param>
    /// <returns>How many deployments are available.</returns>
    public static int Order(ReadOnlySpan<Deployment> deployments, ReadOnlySpan<HealthReading> health, ulong seed, Span<int> order)
    {
        if (deployments.Length == 1)
        {
            order[0] = 0;
            return health[0].IsAvailable ? 1 : 0;
        }

        var seeded = new Seeded(seed);
        Span<double> keys = deployments.Length <= 64 ? stackalloc double[deployments.Length] : new double[deployments.Length];
        int count = 0;
        for (int i = 0; i < deployments.Length; i++)
        {
            // Drawn for every deployment, available or not, so that one that cools does not change the others' numbers.
            double unit = seeded.NextUnit();
            if (!health[i].IsAvailable)
            {
                continue;
            }

            // Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006: the largest u^(1/w) first draws without replacement by weight.
            double key = Math.Log(1 - unit) / deployments[i].Weight;
            int at = count++;
            while (at > 0 && Before(deployments[i], key, deployments[order[at - 1]], keys[at - 1]))
            {
                order[at] = order[at - 1];
                keys[at] = keys[at - 1];
                at--;
            }

            order[at] = i;
            keys[at] = key;
        }

        return count;
    }

    private static bool Before(Deployment a, double aKey, Deployment b, double bKey)
    {
        int aOrder = a.Order ?? int.MaxValue;
        int bOrder = b.Order ?? int.MaxValue;
        return aOrder != bOrder ? aOrder < bOrder : aKey > bKey;
    }
}
