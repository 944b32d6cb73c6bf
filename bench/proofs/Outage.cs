using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Interline.Proofs;

/// <summary>Stops the database under load: calls of known keys go on as if nothing had happened, and afterwards all of them are in the books.</summary>
internal static class Outage
{
    public static async Task<bool> RunAsync(TimeSpan length)
    {
        await using Upstream upstream = await Upstream.StartAsync();
        using var setting = new Setting("postgres", upstream);
        using var gateway = new GatewayProcess(setting.Config, setting.Data(0));
        await gateway.StartAsync();
        string key = await Setting.KeyAsync(gateway, "\"max_budget\":1000,\"rpm_limit\":100000000");
        var outcomes = new ConcurrentBag<Outcome>();
        using var stop = new CancellationTokenSource();
        Task[] callers = [.. Enumerable.Range(0, 8).Select(LoadAsync)];
        await Task.Delay(TimeSpan.FromSeconds(3));
        var watch = Stopwatch.StartNew();
        setting.Postgres!.Stop();
        await Task.Delay(length / 2);
        string state = (await gateway.AdminAsync(HttpMethod.Get, "/health")).GetProperty("ledger").ToString();
        await Task.Delay(length - (length / 2));
        setting.Postgres.Start();
        TimeSpan stopped = watch.Elapsed;
        await Task.Delay(TimeSpan.FromSeconds(3));
        await stop.CancelAsync();
        await Task.WhenAll(callers);
        await Setting.WrittenAsync(gateway);
        var booked = new Dictionary<string, int>(StringComparer.Ordinal);
        await foreach (JsonElement call in gateway.LinesAsync("/v1/calls?format=jsonl"))
        {
            string name = call.GetProperty("customer").GetString()!;
            booked[name] = booked.GetValueOrDefault(name) + 1;
        }

        int failed = outcomes.Count(x => !x.Whole);
        int lost = outcomes.Count(x => x.Whole && !booked.ContainsKey(x.Name));
        int doubled = booked.Values.Count(x => x > 1);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"database stopped for {stopped.TotalSeconds:0} s under load: {outcomes.Count} calls, failed {failed}, lost {lost}, doubled {doubled}"));
        Console.WriteLine($"/health in the middle of it: {state}");
        return failed + lost + doubled == 0;

        async Task LoadAsync(int caller)
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                // Not with the token: a call that has begun is let go to its end.
                outcomes.Add(await Caller.CallAsync(gateway.Http, key, string.Create(CultureInfo.InvariantCulture, $"o{caller}n{i}"), stream: i % 2 == 1, maxTokens: 50));
            }
        }
    }
}
