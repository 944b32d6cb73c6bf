using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Interline.Testing.Faults;

namespace Interline.Proofs;

/// <summary>
/// A gateway before providers that misbehave in every way of the catalogue, asked at a constant rate by strict callers of every format, some of whom leave. In the
/// end: no false success, no hang, nothing left under way or set aside, every call in the books, no exception that nobody saw, memory where it was.
/// </summary>
internal static class Chaos
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>Longer loads than this are long enough for memory to have settled at a tenth of them; then it may grow by no more than this.</summary>
    private static readonly TimeSpan LongEnough = TimeSpan.FromMinutes(10);
    private const double MostGrowth = 64;

    /// <summary>What nothing is promised about, and what a socket cannot do.</summary>
    private static IEnumerable<Fault> Faults => FaultCatalogue.All.Where(x => !FaultCatalogue.Gaps.Contains(x.Name));

    public static async Task<bool> RunAsync(TimeSpan length, int rate, int seed)
    {
        await using var provider = new ChaosProvider(seed, Faults);
        string folder = Directory.CreateTempSubdirectory("interline-chaos-").FullName;
        try
        {
            string config = Path.Combine(folder, "config.yaml");
            await File.WriteAllTextAsync(config, Config(provider.Url));
            using var gateway = new GatewayProcess(config, folder);
            await gateway.StartAsync();
            string key = await Setting.KeyAsync(gateway, "\"max_budget\":1000000,\"rpm_limit\":100000000,\"tpm_limit\":100000000000");
            var load = new ChaosLoad(gateway, key, seed, Limit);
            Memory memory = await DriveAsync(load, provider, gateway, length, rate);
            return await ReportAsync(load, provider, gateway, key, memory, length);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Memory> DriveAsync(ChaosLoad load, ChaosProvider provider, GatewayProcess gateway, TimeSpan length, int rate)
    {
        var memory = new Memory { Start = gateway.ResidentMegabytes };
        var watch = Stopwatch.StartNew();
        int minute = 0;
        while (watch.Elapsed < length)
        {
            for (int due = (int)(watch.Elapsed.TotalSeconds * rate) - load.Begun; due > 0; due--)
            {
                load.Begin();
            }

            double now = gateway.ResidentMegabytes;
            memory.Peak = Math.Max(memory.Peak, now);
            memory.Early = memory.Early == 0 && watch.Elapsed > length / 10 ? now : memory.Early;
            memory.Late = now;
            if ((int)watch.Elapsed.TotalMinutes > minute)
            {
                minute = (int)watch.Elapsed.TotalMinutes;
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  minute {minute}: {load.Begun} calls, {load.Running} under way, {load.Of(ChaosEnd.Whole)} whole, {load.Of(ChaosEnd.Error)} errors, {load.Of(ChaosEnd.Lie)} false, {load.Of(ChaosEnd.Hang)} hung, {provider.Faulty} of {provider.Asked} attempts faulty, {now:0} MB"));
            }

            await Task.Delay(20);
        }

        await load.EndAsync();
        return memory;
    }

    private static async Task<bool> ReportAsync(ChaosLoad load, ChaosProvider provider, GatewayProcess gateway, string key, Memory memory, TimeSpan length)
    {
        int open = await OpenAsync(gateway);
        await Setting.WrittenAsync(gateway);
        var booked = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (JsonElement call in gateway.LinesAsync("/v1/calls?format=jsonl"))
        {
            string id = call.GetProperty("id").GetString()!;
            booked[id] = booked.GetValueOrDefault(id) + 1;
        }

        // A call whose caller left at once may never have been read.
        int stayed = load.Begun - load.Of(ChaosEnd.Left);
        int lost = Math.Max(0, stayed - booked.Count);
        int doubled = booked.Values.Count(x => x > 1) + Math.Max(0, booked.Count - load.Begun);
        JsonElement info = (await gateway.AdminAsync(HttpMethod.Get, "/key/info?key=" + Uri.EscapeDataString(key))).GetProperty("info");
        decimal reserved = info.TryGetProperty("reserved", out JsonElement left) ? left.GetDecimal() : -1;
        string[] log = gateway.Errors.Split('\n');
        int unobserved = log.Count(x => x.Contains("unobserved exception", StringComparison.Ordinal));
        int unexpected = log.Count(x => x.Contains("Unexpected failure", StringComparison.Ordinal) || x.StartsWith("crit", StringComparison.Ordinal) || x.StartsWith("fail", StringComparison.Ordinal));
        await Task.Delay(TimeSpan.FromSeconds(20));
        double after = gateway.ResidentMegabytes;
        bool grown = length >= LongEnough && memory.Late - memory.Early > MostGrowth;
        foreach ((string why, int times) in load.Lies)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  false: {times} x {why}"));
        }

        foreach (string line in log.Where(x => x.Contains("unobserved", StringComparison.Ordinal) || x.Contains("Unexpected", StringComparison.Ordinal)).Take(10))
        {
            Console.WriteLine("  log: " + line);
        }

        double judged = Math.Max(1, stayed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            calls                              {load.Begun}   (callers that left: {load.Of(ChaosEnd.Left)})
            attempts that reached a provider   {provider.Asked}   (misbehaved at: {provider.Faulty})
            answered whole                     {load.Of(ChaosEnd.Whole)}   ({100 * load.Of(ChaosEnd.Whole) / judged:0.00} % of those that stayed)
            honest errors                      {load.Of(ChaosEnd.Error)}   (before the answer: {load.Refused}, in the stream: {load.Of(ChaosEnd.Error) - load.Refused})
            false successes                    {load.Of(ChaosEnd.Lie)}
            hangs, over {Limit.TotalSeconds:0} s                 {load.Of(ChaosEnd.Hang)}
            longest call                       {load.Longest.TotalSeconds:0.0} s
            attempts left under way            {open}
            reserved and not released          {reserved}
            calls in the books                 {booked.Count}   (lost: {lost}, doubled: {doubled})
            unobserved exceptions              {unobserved}
            unexpected failures in the log     {unexpected}
            memory, MB                         start {memory.Start:0}, after a tenth {memory.Early:0}, at the end of the load {memory.Late:0}, peak {memory.Peak:0}, after calming down {after:0}
            """));
        return load.Of(ChaosEnd.Lie) + load.Of(ChaosEnd.Hang) + open + lost + doubled + unobserved + unexpected == 0 && reserved == 0 && !grown;
    }

    /// <summary>Attempts under way, once those whose callers have left had a moment to end.</summary>
    private static async Task<int> OpenAsync(GatewayProcess gateway)
    {
        int open = 0;
        for (int i = 0; i < 50; i++)
        {
            JsonElement health = await gateway.AdminAsync(HttpMethod.Get, "/health");
            open = health.GetProperty("deployments").EnumerateArray().Sum(x => x.GetProperty("in_flight").GetInt32());
            if (open == 0)
            {
                break;
            }

            await Task.Delay(100);
        }

        return open;
    }

    /// <summary>One group for each provider's format, of two deployments that misbehave, and behind it one of another format that mostly does not.</summary>
    private static string Config(string url)
    {
        string[] wires = [.. Dialect.All.Select(x => x.Wire)];
        IEnumerable<string> models = Dialect.All.SelectMany(x => (string[])
        [
            Model($"m-{x.Wire}", x, $"bad-{x.Wire}-1", url), Model($"m-{x.Wire}", x, $"bad-{x.Wire}-2", url), Model($"spare-{x.Wire}", x, $"good-{x.Wire}", url),
        ]);
        IEnumerable<string> fallbacks = wires.Select((x, i) => $"    - m-{x}: [\"spare-{wires[(i + 1) % wires.Length]}\"]\n");
        return $"""
            model_list:
            {string.Concat(models)}router_settings:
              num_retries: 2
              timeout: 5
              stream_timeout: 3
              stream_total_timeout: 60
              fallbacks:
            {string.Concat(fallbacks)}general_settings:
              proxy_config_reload_interval_seconds: 0
            """;
    }

    private static string Model(string name, Dialect dialect, string upstream, string url) => $"""
          - model_name: {name}
            litellm_params:
              model: {dialect.Wire}/{upstream}
              api_base: {url}{dialect.BasePath}
              api_key: sk-upstream-{upstream}
              input_cost_per_token: {Setting.InputPrice.ToString(CultureInfo.InvariantCulture)}
              output_cost_per_token: {Setting.OutputPrice.ToString(CultureInfo.InvariantCulture)}

        """;

    private sealed class Memory
    {
        public double Start { get; init; }

        public double Early { get; set; }

        public double Late { get; set; }

        public double Peak { get; set; }
    }
}
