using System.Globalization;
using System.Text.Json;

namespace Interline.Proofs;

/// <summary>Several gateways over one PostgreSQL: a budget, requests and tokens a minute and calls at once hold for all of them together.</summary>
internal static class Nodes
{
    private const decimal Budget = 1.00m;

    public static async Task<bool> RunAsync(int nodes, int calls)
    {
        await using Upstream upstream = await Upstream.StartAsync();
        using var setting = new Setting("postgres", upstream);
        GatewayProcess[] gateways = [.. Enumerable.Range(0, nodes).Select(i => new GatewayProcess(setting.Config, setting.Data(i)))];
        try
        {
            await Task.WhenAll(gateways.Select(x => x.StartAsync()));
            bool good = await BudgetAsync("budget, answers as long as allowed or shorter", allowed: 700, excess: 0);
            good &= await BudgetAsync("budget, answers longer than allowed", allowed: 250, excess: 300);
            good &= await LimitAsync("rpm", "\"rpm_limit\":40", most: 40, maxTokens: 10);
            good &= await LimitAsync("tpm", "\"tpm_limit\":4000", most: null, maxTokens: 10);
            good &= await SlotsAsync();
            return good;
        }
        finally
        {
            foreach (GatewayProcess gateway in gateways)
            {
                gateway.Dispose();
            }
        }

        async Task<Outcome[]> StormAsync(string key, string prefix, int count, int maxTokens) => await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
            Caller.CallAsync(gateways[i % nodes].Http, key, string.Create(CultureInfo.InvariantCulture, $"{prefix}{i}"), stream: i % 2 == 1, maxTokens)));

        // What is set aside for a call is its body's bytes as input and all that it allows as output: together far more than the budget.
        async Task<bool> BudgetAsync(string what, int allowed, int excess)
        {
            upstream.Excess = excess;
            string key = await Setting.KeyAsync(gateways[0], string.Create(CultureInfo.InvariantCulture, $"\"max_budget\":{Budget}"));
            Outcome[] outcomes = await StormAsync(key, $"b{excess}x", calls, allowed);
            foreach (GatewayProcess gateway in gateways)
            {
                await Setting.WrittenAsync(gateway);
            }

            decimal spent = (await gateways[0].AdminAsync(HttpMethod.Get, "/key/info?key=" + Uri.EscapeDataString(key))).GetProperty("info").GetProperty("spend").GetDecimal();
            int answered = outcomes.Count(x => x.Whole);
            int refused = outcomes.Count(x => x.Text.Contains("budget_exceeded", StringComparison.Ordinal));
            decimal bound = Budget + outcomes.Select((x, i) => x.Whole ? Math.Max(0, Setting.Cost(upstream.Usage(x.Name, allowed)) - Setting.Cost((Caller.Body(x.Name, i % 2 == 1, allowed).Length, allowed))) : 0).Sum();
            Report(what, string.Create(CultureInfo.InvariantCulture, $"answered {answered}, refused for the budget {refused}, otherwise {outcomes.Length - answered - refused}; spent {spent:0.000000} of {Budget}, bound by the formula {bound:0.000000}"));
            return spent <= bound && answered + refused == outcomes.Length;
        }

        async Task<bool> LimitAsync(string what, string terms, int? most, int maxTokens)
        {
            upstream.Excess = 0;
            string key = await Setting.KeyAsync(gateways[0], terms);
            Outcome[] outcomes = await StormAsync(key, what + "x", calls, maxTokens);
            int answered = outcomes.Count(x => x.Whole);
            int limited = outcomes.Count(x => x.Status == 429);
            Report(what, $"answered {answered}, refused with 429 {limited}, otherwise {outcomes.Length - answered - limited}");
            return (most is null || answered <= 2 * most) && answered + limited == outcomes.Length;
        }

        async Task<bool> SlotsAsync()
        {
            upstream.Excess = 0;
            upstream.Delay = (200, 300);
            upstream.MostAtOnce = 0;
            string key = await Setting.KeyAsync(gateways[0], "\"max_parallel_requests\":8");
            Outcome[] outcomes = await StormAsync(key, "slots", calls, 10);
            int answered = outcomes.Count(x => x.Whole);
            Report("8 calls at once", $"answered {answered}, refused with 429 {outcomes.Count(x => x.Status == 429)}; most at once at the provider {upstream.MostAtOnce}");
            upstream.Delay = (0, 10);
            return answered > 0 && upstream.MostAtOnce <= 8;
        }

        static void Report(string what, string figures) => Console.WriteLine($"{what}: {figures}");
    }
}
