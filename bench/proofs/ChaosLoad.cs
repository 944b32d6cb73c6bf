using System.Collections.Concurrent;
using System.Diagnostics;
using Interline.Testing.Faults;

namespace Interline.Proofs;

/// <summary>The calls of the chaos: who asks what, and how each ended.</summary>
internal sealed class ChaosLoad(GatewayProcess gateway, string key, int seed, TimeSpan limit)
{
    private readonly Random _random = new(seed);
    private readonly ConcurrentDictionary<int, Task> _running = new();
    private readonly ConcurrentDictionary<string, int> _lies = new(StringComparer.Ordinal);
    private readonly int[] _ends = new int[Enum.GetValues<ChaosEnd>().Length];
    private int _begun;
    private int _refused;
    private long _longest;

    public int Begun => Volatile.Read(ref _begun);

    public int Running => _running.Count;

    /// <summary>Errors given before an answer.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Longest time of a call.</summary>
    public TimeSpan Longest => TimeSpan.FromTicks(Volatile.Read(ref _longest));

    /// <summary>What was false, and how often.</summary>
    public IEnumerable<KeyValuePair<string, int>> Lies => _lies.OrderByDescending(x => x.Value).Take(20);

    public int Of(ChaosEnd end) => Volatile.Read(ref _ends[(int)end]);

    /// <summary>Begins a call and does not wait for it.</summary>
    public void Begin()
    {
        int number = ++_begun;
        Dialect caller = Dialect.All[_random.Next(Dialect.All.Length)];
        string model = "m-" + Dialect.All[_random.Next(Dialect.All.Length)].Wire;
        bool stream = _random.Next(10) < 6;
        TimeSpan? stays = _random.Next(10) == 0 ? TimeSpan.FromMilliseconds(_random.Next(1, 600)) : null;
        Task call = Task.Run(() => CallAsync(caller, stream, model, number, stays));
        _running[number] = call;
        _ = call.ContinueWith(_ => _running.TryRemove(number, out Task? _), TaskScheduler.Default);
    }

    /// <summary>Waits for all calls.</summary>
    public async Task EndAsync()
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Values);
            await Task.Delay(10);
        }
    }

    private async Task CallAsync(Dialect caller, bool stream, string model, int number, TimeSpan? stays)
    {
        var watch = Stopwatch.StartNew();
        (ChaosEnd end, string? why) = await ChaosCaller.CallAsync(gateway.Http, key, caller, stream, model, number, stays, limit);
        Interlocked.Increment(ref _ends[(int)end]);
        if (end == ChaosEnd.Error && !why!.StartsWith("200", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _refused);
        }

        if (end is ChaosEnd.Lie or ChaosEnd.Hang)
        {
            _lies.AddOrUpdate($"{caller} {(stream ? "stream" : "plain")} of {model}: {why ?? "no end"}", 1, static (_, n) => n + 1);
        }

        for (long longest = Volatile.Read(ref _longest); watch.Elapsed.Ticks > longest && Interlocked.CompareExchange(ref _longest, watch.Elapsed.Ticks, longest) != longest;)
        {
            longest = Volatile.Read(ref _longest);
        }
    }
}
