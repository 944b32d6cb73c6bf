using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Interline.Proofs;

/// <summary>
/// Kills the gateway at a random moment under load, again and again, over the same books. In the end: every call whose caller saw the end of its answer is in the
/// books once, at its price; every call that reached the provider is there once; nothing is there twice; the sums agree with the calls; no reservation is left.
/// </summary>
internal static class Crash
{
    private const int Callers = 16;

    public static async Task<bool> RunAsync(string database, int runs, int seed)
    {
        await using Upstream upstream = await Upstream.StartAsync();
        using var setting = new Setting(database, upstream);
        using var gateway = new GatewayProcess(setting.Config, setting.Data(0));
        var seen = new ConcurrentDictionary<string, Outcome>(StringComparer.Ordinal);
        var random = new Random(seed);
        string? key = null;
        var watch = Stopwatch.StartNew();
        for (int run = 0; run < runs; run++)
        {
            await gateway.StartAsync();
            key ??= await Setting.KeyAsync(gateway, "\"max_budget\":1000000,\"rpm_limit\":100000000");
            TimeSpan life = TimeSpan.FromMilliseconds(random.Next(5, 400));
            using var stop = new CancellationTokenSource();
            Task[] callers = [.. Enumerable.Range(0, Callers).Select(i => LoadAsync(run, i))];
            await Task.Delay(life);
            gateway.Kill();
            await stop.CancelAsync();
            await Task.WhenAll(callers);
            if ((run + 1) % 50 == 0 || run + 1 == runs)
            {
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {run + 1} of {runs} kills, {seen.Count} calls, {watch.Elapsed.TotalSeconds:0} s"));
            }

            async Task LoadAsync(int number, int caller)
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    string name = string.Create(CultureInfo.InvariantCulture, $"r{number}c{caller}n{i}");
                    Outcome outcome = await Caller.CallAsync(gateway.Http, key, name, stream: i % 2 == 1, maxTokens: 50, stop.Token);
                    seen[name] = outcome;
                    if (outcome.Status == 0)
                    {
                        // Killed.
                        return;
                    }
                }
            }
        }

        await gateway.StartAsync();
        await Setting.WrittenAsync(gateway);
        return await CheckAsync(gateway, upstream, seen, key!, runs);
    }

    private static async Task<bool> CheckAsync(GatewayProcess gateway, Upstream upstream, ConcurrentDictionary<string, Outcome> seen, string key, int runs)
    {
        var booked = new Dictionary<string, List<JsonElement>>(StringComparer.Ordinal);
        decimal sum = 0;
        int interrupted = 0;
        await foreach (JsonElement call in gateway.LinesAsync("/v1/calls?format=jsonl"))
        {
            string name = call.GetProperty("customer").GetString()!;
            (booked.TryGetValue(name, out List<JsonElement>? calls) ? calls : booked[name] = []).Add(call);
            sum += Setting.Money(call, "billed_price_usd");
            interrupted += call.GetProperty("price_source").GetString() == "interrupted" ? 1 : 0;
        }

        Outcome[] whole = [.. seen.Values.Where(x => x.Whole)];
        int lost = whole.Count(x => !booked.ContainsKey(x.Name));
        int unheard = upstream.Asked.Keys.Count(x => !booked.ContainsKey(x));
        int doubled = booked.Values.Count(x => x.Count > 1);
        int wrong = whole.Count(x => booked.TryGetValue(x.Name, out List<JsonElement>? calls) && Setting.Money(calls[0], "upstream_cost_usd") != Setting.Cost(upstream.Usage(x.Name, 50)));
        int refused = seen.Values.Count(x => x.Status is not 0 and not 200);
        JsonElement info = (await gateway.AdminAsync(HttpMethod.Get, "/key/info?key=" + Uri.EscapeDataString(key))).GetProperty("info");
        decimal spend = info.GetProperty("spend").GetDecimal();
        decimal reserved = info.TryGetProperty("reserved", out JsonElement left) ? left.GetDecimal() : -1;
        decimal rolled = 0;
        foreach (JsonElement row in (await gateway.AdminAsync(HttpMethod.Get, "/v1/usage?period=month&from=2020-01-01&to=2100-01-01")).GetProperty("data").EnumerateArray())
        {
            rolled += Setting.Money(row, "billed_price_usd");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            kills                                         {runs}
            calls sent                                    {seen.Count}
            calls that reached the provider               {upstream.Asked.Count}
            calls whose caller saw the end                {whole.Length}
            calls in the books                            {booked.Values.Sum(x => x.Count)}   (of these interrupted by a kill: {interrupted})
            lost: end seen, not in the books              {lost}
            lost: reached the provider, not in the books  {unheard}
            doubled                                       {doubled}
            wrong cost                                    {wrong}
            calls refused                                 {refused}
            sum of the calls                              {sum}
            sum of the roll-ups                           {rolled}
            spend of the key                              {spend}
            reserved and not released                     {reserved}
            """));
        return lost + unheard + doubled + wrong + refused == 0 && sum == rolled && sum == spend && reserved == 0;
    }
}
