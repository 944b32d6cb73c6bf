using System.Net;
using System.Text.Json;
using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Server.Accounts;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;
using Microsoft.Extensions.Logging;

namespace Interline.Server.Tests.Budgets;

/// <summary>Soft limits that were passed: a line in the log, and a place in /health for whoever may see all.</summary>
public sealed class SoftLimitTests
{
    private static readonly DateTimeOffset End = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ScopeKind.Key, "0123456789abcdef", null, "Warning: soft limit passed: Key …cdef, model all: 1.5 USD of 1.25 spent, window ends 12/01/2026 00:00:00 +00:00")]
    [InlineData(ScopeKind.Key, "abc", null, "Warning: soft limit passed: Key abc, model all: ")]
    [InlineData(ScopeKind.Team, "a-long-name", "gpt", "Warning: soft limit passed: Team a-long-name, model gpt: ")]
    public void A_line_says_whose_and_how_much_and_no_more_of_a_key_than_its_end(ScopeKind kind, string id, string? model, string line)
    {
        using var lines = new MemoryLogger();
        using ILoggerFactory factory = LoggerFactory.Create(x => x.AddProvider(lines));
        new SoftLimitLog(factory.CreateLogger<SoftLimitLog>()).Write(new SoftLimitPassed(new Scope(kind, id, model), 1.25m, 1.5m, End.AddDays(-3), End));
        lines.Text.ShouldStartWith(line);
        lines.Text.ShouldNotContain("0123456789abcdef");
    }

    [Fact]
    public async Task A_soft_limit_that_is_passed_refuses_nothing_is_told_once_and_stands_in_health()
    {
        await using FakeProvider provider = await FakeProvider.StartAsync();
        await using RunningGateway gateway = await RunningGateway.StartAsync(Yaml(provider, ""));
        string key = await KeyAsync(gateway, """{"soft_budget":0.000001,"budget_duration":"1d"}""");
        string other = await KeyAsync(gateway, """{"soft_budget":1000}""");
        (await LimitsAsync(gateway)).GetProperty("soft_limits_passed").GetArrayLength().ShouldBe(0);
        for (int i = 0; i < 3; i++)
        {
            (await CallAsync(gateway, key)).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await CallAsync(gateway, other)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        // Calls are settled behind their answers, and before their lines.
        await Waiting.UntilAsync(() => gateway.LogLines().Length == 6, "the calls' lines");
        string id = gateway.Accounts.Book.FindKeyByText(key)!.Id;
        Told(gateway, id).ShouldBe(1);
        JsonElement passed = (await LimitsAsync(gateway)).GetProperty("soft_limits_passed").EnumerateArray().Single();
        passed.GetProperty("scope").GetString().ShouldBe("key");
        passed.GetProperty("scope_id").GetString().ShouldBe(id);
        passed.GetProperty("limit").GetDecimal().ShouldBe(0.000001m);
        passed.GetProperty("spent").GetDecimal().ShouldBeGreaterThan(0.000001m);
        passed.GetProperty("resets_at").GetDateTimeOffset().ShouldBeGreaterThan(passed.GetProperty("passed_at").GetDateTimeOffset());
        passed.TryGetProperty("model", out _).ShouldBeFalse();

        // It names keys: their owners may not see it.
        using HttpResponseMessage owner = await gateway.AskAsync("GET", "/health", key);
        owner.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        gateway.ServerLog.Text.ShouldNotContain(key);
    }

    [Fact]
    public async Task Days_of_accounts_are_those_of_the_configurations_zone_from_the_start()
    {
        await using FakeProvider provider = await FakeProvider.StartAsync();
        await using RunningGateway gateway = await RunningGateway.StartAsync(Yaml(provider, "litellm_settings: {timezone: Asia/Kolkata}"));
        gateway.Accounts.Book.Zone!.Id.ShouldBe("Asia/Kolkata");
        string key = await KeyAsync(gateway, """{"max_budget":0,"budget_duration":"1d"}""");
        using HttpResponseMessage refused = await CallAsync(gateway, key);
        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);

        // Midnight there, half past five hours ahead of UTC all year.
        (await refused.JsonAsync()).GetProperty("error").GetProperty("resets_at").GetString()!.ShouldEndWith("T18:30:00Z");
    }

    [Fact]
    public async Task Without_a_zone_days_are_those_of_UTC()
    {
        await using FakeProvider provider = await FakeProvider.StartAsync();
        await using RunningGateway gateway = await RunningGateway.StartAsync(Yaml(provider, ""));
        string key = await KeyAsync(gateway, """{"max_budget":0,"budget_duration":"1d"}""");
        using HttpResponseMessage refused = await CallAsync(gateway, key);
        (await refused.JsonAsync()).GetProperty("error").GetProperty("resets_at").GetString()!.ShouldEndWith("T00:00:00Z");
    }

    private static string Yaml(FakeProvider provider, string more) => $$$"""
        model_list:
          - {model_name: ok, litellm_params: {model: openai/ok, api_base: "{{{provider.BaseUrl}}}", api_key: k, input_cost_per_token: 0.000001, output_cost_per_token: 0.000001}}
        {{{more}}}
        """;

    private static int Told(RunningGateway gateway, string id) =>
        gateway.ServerLog.Text.Split('\n').Count(x => x.StartsWith($"Warning: soft limit passed: Key …{id[^4..]}, model all: ", StringComparison.Ordinal));

    private static async Task<string> KeyAsync(RunningGateway gateway, string terms)
    {
        using HttpResponseMessage made = await gateway.PostAsync("/key/generate", terms);
        return (await made.JsonAsync()).GetProperty("key").GetString()!;
    }

    private static Task<HttpResponseMessage> CallAsync(RunningGateway gateway, string key) => gateway.AskAsync("POST", "/v1/chat/completions", key, RunningGateway.Chat("ok", more: ",\"max_tokens\":10"));

    private static async Task<JsonElement> LimitsAsync(RunningGateway gateway) => JsonDocument.Parse(await gateway.GetTextAsync("/health")).RootElement.GetProperty("limits");
}
