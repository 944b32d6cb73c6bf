// How long a routing decision takes, and what it allocates: `dotnet run -c Release --project bench/decisions`. Readings are given; taking them is the engine's.
using System.Collections.Frozen;
using System.Diagnostics;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Routing;

const int Many = 1000;
var health = new HealthReading[Many];
for (int i = 0; i < Many; i++)
{
    health[i] = new HealthReading
    {
        InFlight = i % 7,
        MinuteTokens = i * 37 % 1000,
        PerToken = TimeSpan.FromMilliseconds(5 + (i * 31 % 100)),
        FirstEvent = TimeSpan.FromMilliseconds(100 + (i * 17 % 400)),
    };
}

Console.WriteLine($"{"decision",-58} {"median",10} {"p99",10} {"bytes",6}");
foreach (RoutingStrategy strategy in Enum.GetValues<RoutingStrategy>())
{
    OneGroup($"{strategy}, {Many} in one group", new() { Strategy = strategy }, new RouteRequest(), equal: true);
}

OneGroup($"SimpleShuffle by weight, {Many} in one group", new(), new RouteRequest(), equal: false);
OneGroup($"SimpleShuffle, half of {Many} cool", new(), new RouteRequest(), equal: true, cooling: true);
OneGroup($"price limit, region and pin, {Many} in one group", new(), new RouteRequest { Options = new() { MaxInputPrice = 3, Region = "eu", Only = ["p"] } }, equal: true);
OneGroup($"tags, {Many} in one group", new() { EnableTagFiltering = true }, new RouteRequest { Options = new() { Tags = ["paid"] } }, equal: true);
ManyGroups();

void OneGroup(string name, RouterSettings settings, RouteRequest request, bool equal, bool cooling = false)
{
    HealthReading[] readings = [.. health.Select((x, i) => cooling && i % 2 == 0 ? x with { CoolingFor = TimeSpan.FromSeconds(1) } : x)];
    var plan = new RoutePlan(new ModelGroup("g", [.. Enumerable.Range(0, Many).Select(i => Deployment(i, equal))]), settings);
    var walk = new RouteWalk();
    Measure(name, seed =>
    {
        walk.Enter(plan, readings, request, seed, 0);
        return walk.First().Index;
    });
}

void ManyGroups()
{
    var snapshot = new Snapshot
    {
        Version = "v",
        Groups = Enumerable.Range(0, Many).ToFrozenDictionary(i => $"group-{i}", i => new ModelGroup($"group-{i}", [Deployment(i, true), Deployment(i + 1, true)])),
        Router = new(),
        General = new(),
    };
    FrozenDictionary<string, RoutePlan> plans = snapshot.Groups.ToFrozenDictionary(x => x.Key, x => new RoutePlan(x.Value, snapshot.Router));
    string[] names = [.. snapshot.Groups.Keys];
    var readings = new HealthReading[2];
    var walk = new RouteWalk();
    Measure($"group by name and one of two, {Many} groups", seed =>
    {
        ModelGroup group = snapshot.Resolve(names[(int)(seed % Many)])!;
        walk.Enter(plans[group.Name], readings, new RouteRequest(), seed, 0);
        return walk.First().Index;
    });
}

static Deployment Deployment(int number, bool equal) => new()
{
    Id = $"d{number}",
    Group = "g",
    Provider = new ProviderInfo { Id = "p", DisplayName = "P", Wire = "openai", ModelsFrom = "p" },
    UpstreamModel = $"m{number}",
    BaseUrl = new Uri("https://p.example.com/v1"),
    Weight = equal ? 1 : 1 + (number % 5),
    RegionName = "eu-west-1",
    Tags = number % 2 == 0 ? ["paid"] : ["free"],
    Price = new Price { Input = number % 10, Output = number % 20 },
};

static void Measure(string name, Func<ulong, int> decide)
{
    const int PerBatch = 100;
    ulong seed = 1;
    long sum = 0;
    var warm = Stopwatch.StartNew();
    while (warm.ElapsedMilliseconds < 400)
    {
        sum += decide(seed++);
    }

    var batches = new double[1000];
    long before = GC.GetAllocatedBytesForCurrentThread();
    for (int batch = 0; batch < batches.Length; batch++)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < PerBatch; i++)
        {
            sum += decide(seed++);
        }

        batches[batch] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / PerBatch;
    }

    long bytes = (GC.GetAllocatedBytesForCurrentThread() - before) / (batches.Length * PerBatch);
    Array.Sort(batches);
    Console.WriteLine($"{name,-58} {batches[500] / 1000,7:0.00} µs {batches[990] / 1000,7:0.00} µs {bytes,6}{(sum == long.MinValue ? "!" : "")}");
}
