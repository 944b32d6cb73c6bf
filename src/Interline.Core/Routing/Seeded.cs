namespace Interline.Core.Routing;

/// <summary>
/// Numbers from a seed, the same for the same seed on every machine, so that a decision can be replayed.
/// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
/// </summary>
public struct Seeded
{
    private ulong _state;

    /// <summary>Starts at a seed.</summary>
    /// <param name="seed">Any number.</param>
    public Seeded(ulong seed) => _state = seed;

    /// <summary>The next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The next number in [0, 1).</summary>
    public double NextUnit() => (Next() >> 11) * (1.0 / (1UL << 53));
}
