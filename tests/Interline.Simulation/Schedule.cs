using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Interline.Core.Configuration;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>A call of a schedule.</summary>
/// <param name="Caller">Its caller's format.</param>
/// <param name="Streamed">Whether it asks for a stream.</param>
/// <param name="StartsAt">When it is made.</param>
/// <param name="Stays">How long its caller stays; null for as long as it takes.</param>
/// <param name="Slowness">Longest time its caller takes to read what it is sent.</param>
/// <param name="Words">What it is to be answered.</param>
public sealed record PlannedCall(Dialect Caller, bool Streamed, TimeSpan StartsAt, TimeSpan? Stays, TimeSpan Slowness, ImmutableArray<string> Words)
{
    public string Text => string.Concat(Words);
}

/// <summary>A router, its deployments and what will be asked of them, all drawn from one seed.</summary>
public sealed class Schedule
{
    private readonly Dictionary<string, double> _faultiness = new(StringComparer.Ordinal);

    /// <summary>Draws it.</summary>
    /// <param name="seed">The seed.</param>
    public Schedule(int seed)
    {
        Seed = seed;
        var random = new Random(seed);
        var deployments = ImmutableArray.CreateBuilder<VirtualDeployment>();
        string[] groups = ["gpt", .. Enumerable.Range(1, random.Next(4)).Select(x => string.Create(CultureInfo.InvariantCulture, $"spare{x}"))];
        foreach (string group in groups)
        {
            for (int i = random.Next(group == "gpt" ? 4 : 2); i >= 0; i--)
            {
                string id = string.Create(CultureInfo.InvariantCulture, $"d{deployments.Count + 1}");
                int? parallel = Chance(random, 0.2) ? random.Next(1, 3) : null;
                deployments.Add(new(id, group, Pick(random, Dialect.All), x => x with { MaxParallelRequests = parallel }));
                _faultiness[id] = Pick(random, [0, 0.3, 0.7, 0.95, 1]);
            }
        }

        Deployments = deployments.ToImmutable();
        Router = DrawRouter(random, [.. groups[1..]]);
        Calls = [.. Enumerable.Range(1, random.Next(1, 5)).Select(x => DrawCall(random, x))];
    }

    public int Seed { get; }

    public RouterSettings Router { get; }

    public ImmutableArray<VirtualDeployment> Deployments { get; }

    public ImmutableArray<PlannedCall> Calls { get; }

    /// <summary>What a provider does with a request.</summary>
    /// <param name="deployment">The deployment that was asked.</param>
    /// <param name="number">The request's number in the schedule.</param>
    /// <param name="answer">What it should say.</param>
    public (Fault Fault, Reply Reply) Answer(VirtualDeployment deployment, int number, FaultyAnswer answer)
    {
        var random = new Random(HashOf(Seed, number));
        Fault fault = FaultCatalogue.Healthy;
        if (Chance(random, _faultiness[deployment.Id]))
        {
            do
            {
                fault = Pick(random, FaultCatalogue.All);
            }
            while (FaultCatalogue.Gaps.Contains(fault.Name) || (answer.Streamed ? !fault.Streamed : !fault.Plain));
        }

        Reply reply = fault.Make(answer);
        if (Chance(random, 0.3))
        {
            reply = reply with { Wait = reply.Wait + Seconds(random, 4) };
        }

        if (Chance(random, 0.6) && reply.Pieces.Sum(x => (long)x.Bytes.Length) < 100_000)
        {
            int most = Pick(random, [3, 40, 2000]);
            double waiting = random.NextDouble() * 20 / Math.Max(20, reply.Pieces.Sum(x => x.Bytes.Length) / most);
            reply = reply.Rechunked(() => random.Next(1, most), () => Chance(random, waiting) ? Seconds(random, 3) : default);
        }

        return (fault, reply);
    }

    private static RouterSettings DrawRouter(Random random, ImmutableArray<string> fallbacks) => new()
    {
        NumRetries = random.Next(4),
        Timeout = TimeSpan.FromSeconds(random.Next(5, 40)),
        StreamTimeout = Chance(random, 0.7) ? TimeSpan.FromSeconds(random.Next(2, 20)) : null,
        StreamTotalTimeout = Chance(random, 0.3) ? TimeSpan.FromSeconds(random.Next(10, 120)) : null,
        RetryAfter = Chance(random, 0.2) ? Seconds(random, 3) : default,
        AllowedFails = Chance(random, 0.4) ? random.Next(3) : null,
        CooldownTime = TimeSpan.FromSeconds(random.Next(1, 30)),
        DisableCooldowns = Chance(random, 0.3),
        DefaultMaxParallelRequests = Chance(random, 0.2) ? random.Next(1, 3) : null,
        Strategy = Pick(random, [RoutingStrategy.SimpleShuffle, RoutingStrategy.LeastBusy, RoutingStrategy.LatencyBased]),
        Fallbacks = fallbacks.IsEmpty ? FrozenDictionary<string, ImmutableArray<string>>.Empty : new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal) { ["gpt"] = fallbacks }.ToFrozenDictionary(StringComparer.Ordinal),
        ContentPolicyFallbacks = fallbacks.IsEmpty || !Chance(random, 0.3) ? FrozenDictionary<string, ImmutableArray<string>>.Empty : new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal) { ["*"] = fallbacks }.ToFrozenDictionary(StringComparer.Ordinal),
    };

    private static PlannedCall DrawCall(Random random, int number) => new(
        Pick(random, Dialect.All),
        Chance(random, 0.7),
        Chance(random, 0.5) ? default : Seconds(random, 20),
        Chance(random, 0.2) ? Seconds(random, Chance(random, 0.5) ? 2 : 40) : null,
        Chance(random, 0.15) ? Seconds(random, 3) : default,

        // A word of its own, so that an answer that went to another call shows.
        [string.Create(CultureInfo.InvariantCulture, $"#{number} "), .. Dialect.Words.Take(random.Next(FaultCatalogue.Middle + 1, Dialect.Words.Length + 1))]);

    private static bool Chance(Random random, double probability) => random.NextDouble() < probability;

    private static TimeSpan Seconds(Random random, double most) => TimeSpan.FromMilliseconds(Math.Ceiling(random.NextDouble() * most * 1000));

    private static T Pick<T>(Random random, ImmutableArray<T> of) => of[random.Next(of.Length)];

    /// <summary>Mixes two numbers, the same on every machine.</summary>
    private static int HashOf(int seed, int number)
    {
        ulong x = ((ulong)(uint)seed << 32) | (uint)number;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (int)((x ^ (x >> 31)) & int.MaxValue);
    }
}
