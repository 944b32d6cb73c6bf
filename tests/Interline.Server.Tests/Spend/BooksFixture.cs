using System.Text.Json;
using Interline.Accounts;
using Interline.Books;
using Interline.Ledger;
using Interline.Protocols;
using Interline.Protocols.Errors;
using Interline.Server.Tests.Running;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Spend;

/// <summary>
/// A gateway whose books hold eight calls of two days. Who asks stands in the header <c>x-test-who</c>, such as <c>team:t1</c>; without it an admin does.
/// </summary>
public sealed class BooksFixture : IAsyncLifetime
{
    private const string Yaml = """
        model_list:
          - {model_name: gpt, litellm_params: {model: openai/gpt-x, api_key: sk-provider-0123456789, input_cost_per_token: 0.000002, output_cost_per_token: 0.000008, cache_read_input_token_cost: 0.000001}}
          - {model_name: sold, litellm_params: {model: groq/sold, api_key: sk-provider-0123456789, input_cost_per_token: 0.000002, output_cost_per_token: 0.000008}}
          - {model_name: searching, litellm_params: {model: anthropic/searching, api_key: sk-provider-0123456789, input_cost_per_token: 0.000002, output_cost_per_token: 0.000008, search_context_cost_per_query: {search_context_size_medium: 0.01}}}
          - {model_name: free-form, litellm_params: {model: openai/nobody-knows-its-price, api_key: sk-provider-0123456789}}
        litellm_settings: {cost_discount_config: {groq: 0.5}, cost_margin_config: {groq: {percentage: 0.1, fixed_amount: 0.001}}}
        router_settings:
          provider_budget_config: {openai: {budget_limit: 5, time_period: 36500d}, groq: {budget_limit: 0.5, time_period: 7s}, mistral: {budget_limit: 1, time_period: 7d}, cohere: {budget_limit: 1, time_period: 30d}}
        """;

    private RunningGateway? _gateway;

    internal RunningGateway Gateway => _gateway!;

    public async ValueTask InitializeAsync()
    {
        _gateway = await RunningGateway.StartAsync(Yaml, change: options => options with
        {
            Who = Who,
            KeyId = key => key == "sk-known" ? "k1" : null,
            NameOf = (dimension, id) => (dimension, id) switch { (UsageDimension.Key, "k1") => "alias of k1", (UsageDimension.Team, "t1") => "Team One", _ => null },
        });
        DateTimeOffset first = new(2026, 11, 20, 10, 0, 0, TimeSpan.Zero);
        DateTimeOffset second = first.AddDays(1);
        CallRecord[] calls =
        [
            Call(1, first, 0.1m, "gpt", "openai", key: "k1", team: "t1", user: "u1", customer: "c1", tags: ["a", "b"]),
            Call(2, first.AddMinutes(1), 0.02m, "gpt", "openai", key: "k2", team: "t1", user: "u2", customer: "c2", tags: ["b"]),
            Call(3, first.AddMinutes(2), 0.003m, "claude", "anthropic", key: "k3", team: "t2", user: "u1"),
            Call(4, first.AddMinutes(3), null, "gpt", "openai", key: "k1", team: "t1", user: "u1", error: ErrorKind.Server),
            Call(5, second, 0.0004m, "gpt", "openai", key: "k1", team: "t1", user: "u1", tags: ["b"]),
            Call(6, second.AddMinutes(1), 0.00005m, "claude", "anthropic"),
            Call(7, second.AddMinutes(2), 0.000006m, "gpt", "groq", key: "k2", team: "t1", user: "u2", customer: "=c3"),
            Call(8, second.AddHours(5), 0.0000007m, "gpt", "groq", key: "k1", team: "t1", user: "u1", customer: "c1"),
        ];
        foreach (CallRecord call in calls)
        {
            _gateway.Gateway.Ledger.Settle(call);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    /// <summary>An answer to somebody.</summary>
    internal async Task<HttpResponseMessage> GetAsync(string path, string? who = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new("Bearer", RunningGateway.Key);
        if (who is not null)
        {
            request.Headers.Add("x-test-who", who);
        }

        return await Gateway.Http.SendAsync(request);
    }

    /// <summary>An answer that went well.</summary>
    internal async Task<JsonElement> JsonAsync(string path, string? who = null)
    {
        using HttpResponseMessage response = await GetAsync(path, who);
        string text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).ShouldBe(200, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Id of a call by its number.</summary>
    internal string Id(long number) => Gateway.Gateway.CallId(number);

    /// <summary>Number of a call by its id.</summary>
    internal static long Number(string id) => Convert.ToInt64(id[16..], 16);

    private static Principal Who(HttpContext http) => http.Request.Headers["x-test-who"].ToString().Split(':') switch
    {
        ["viewer"] => new() { Role = Role.Viewer },
        ["team", var id] => new() { Role = Role.TeamAdmin, TeamId = id, KeyId = "k9", AdminOf = [id] },
        ["teams", var ids] => new() { Role = Role.TeamAdmin, KeyId = "k9", AdminOf = [.. ids.Split('+')] },
        ["guest", var id] => new() { Role = Role.TeamAdmin, TeamId = "t1", KeyId = "k9", AdminOf = [id] },
        ["limited", var model] => new() { Role = Role.Caller, KeyId = "k9", Models = ModelGrants.Of(ModelList.Of("key", [model], inTeam: false), null, null) },
        ["user", var id] => new() { Role = Role.User, UserId = id, KeyId = "k9" },
        ["key", var id] => new() { Role = Role.Caller, KeyId = id, TeamId = "t1", UserId = "u1" },
        ["nobody"] => new() { Role = Role.Caller },
        _ => Principal.Master,
    };

    private static CallRecord Call(long number, DateTimeOffset at, decimal? cost, string group, string provider, string? key = null, string? team = null, string? user = null, string? customer = null, string[]? tags = null, ErrorKind? error = null) => new()
    {
        Number = number,
        StartedAt = at,
        Operation = "openai.chat",
        Group = group,
        Provider = provider,
        UpstreamModel = group + "-2026",
        DeploymentId = "d-" + provider,
        Status = error is null ? 200 : 500,
        Error = error,
        Usage = error is null ? new Usage { Input = 100, CacheRead = 10, Output = 5, Reasoning = 2 } : null,
        Cost = cost,
        ListPrice = cost,
        BilledPrice = cost * 2,
        KeyId = key,
        TeamId = team,
        UserId = user,
        Customer = customer,
        Tags = [.. tags ?? []],
        Attempts = 1,
        Duration = TimeSpan.FromMilliseconds(250),
        FirstByte = TimeSpan.FromMilliseconds(50),
        SnapshotVersion = "v1",
        Seed = 5,
    };
}
