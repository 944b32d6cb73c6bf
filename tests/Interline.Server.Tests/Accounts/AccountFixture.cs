using System.Text.Json;
using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Server.Accounts;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Accounts;

/// <summary>A gateway with accounts in memory, two models in front of a fake provider, and a key of each role.</summary>
public sealed class AccountFixture : IAsyncLifetime
{
    public const string UpstreamKey = "sk-upstream-0011223344556677";
    public const string InstallationSecret = "installation-secret-8899aabbccddeeff";

    private FakeProvider? _provider;
    private RunningGateway? _gateway;

    internal FakeProvider Provider => _provider!;

    internal RunningGateway Gateway => _gateway!;

    /// <summary>Keys by role, and <c>master</c>.</summary>
    internal Dictionary<string, string> Keys { get; } = new(StringComparer.Ordinal) { ["master"] = RunningGateway.Key };

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        var services = new AccountServices
        {
            Book = new AccountBook(new InMemoryAccountStore(), new Secret(InstallationSecret), TimeProvider.System),
            Spend = new FakeSpend(),
        };
        _gateway = await RunningGateway.StartAsync(Yaml(_provider.BaseUrl), services, new FakeSealer());
        await MakeAsync("/team/new", """{"team_id":"red","team_alias":"Red","members_with_roles":[{"user_id":"head","role":"admin"},{"user_id":"worker","role":"user"}]}""");
        await MakeAsync("/team/new", """{"team_id":"blue","members_with_roles":[{"user_id":"other-head","role":"admin"}]}""");
        foreach ((string role, string user) in ((string, string)[])[("internal_user", "worker"), ("internal_user_viewer", "watcher"), ("internal_user", "head"), ("internal_user", "other-head"), ("proxy_admin_viewer", "auditor"), ("proxy_admin", "boss")])
        {
            await MakeAsync("/user/new", $$"""{"user_id":"{{user}}","user_role":"{{role}}","auto_create_key":false}""");
            Keys[user] = await KeyAsync($$"""{"user_id":"{{user}}"}""");
        }

        await MakeAsync("/user/new", """{"user_id":"spender","user_role":"internal_user","auto_create_key":false,"max_budget":1000}""");
        Keys["spender"] = await KeyAsync("""{"user_id":"spender"}""");
        Keys["caller"] = await KeyAsync("{}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        if (_provider is not null)
        {
            await _provider.DisposeAsync();
        }
    }

    /// <summary>A POST with the master key that has to succeed.</summary>
    internal Task<JsonElement> MakeAsync(string path, string json) => MakeAsync("master", path, json);

    /// <summary>A POST that has to succeed.</summary>
    internal async Task<JsonElement> MakeAsync(string who, string path, string json)
    {
        (int status, JsonElement answer) = await AskAsync(who, "POST", path, json);
        status.ShouldBe(200, $"{path} {json}: {answer}");
        return answer;
    }

    internal async Task<JsonElement> GetAsync(string who, string path)
    {
        (int status, JsonElement answer) = await AskAsync(who, "GET", path);
        status.ShouldBe(200, $"{path}: {answer}");
        return answer;
    }

    /// <summary>A POST that has to fail; gives the error.</summary>
    internal async Task<JsonElement> RefusedAsync(string who, int status, string path, string json)
    {
        (int got, JsonElement answer) = await AskAsync(who, "POST", path, json);
        got.ShouldBe(status, $"{path} {json}: {answer}");
        return answer.GetProperty("error");
    }

    /// <summary>A new key, made with the master key.</summary>
    internal async Task<string> KeyAsync(string json) => (await MakeAsync("/key/generate", json)).GetProperty("key").GetString()!;

    /// <summary>A call to a model with a key.</summary>
    internal async Task<(int Status, JsonElement Answer)> CallAsync(string key, string model = "ok", string more = "") =>
        await AskAsync(key, "POST", "/v1/chat/completions", RunningGateway.Chat(model, more: more));

    /// <summary>A request of somebody named in <see cref="Keys"/>, or with a key.</summary>
    internal async Task<(int Status, JsonElement Answer)> AskAsync(string who, string method, string path, string? json = null)
    {
        using HttpResponseMessage response = await Gateway.AskAsync(method, path, Keys.GetValueOrDefault(who, who), json);
        return ((int)response.StatusCode, await response.JsonAsync());
    }

    private static string Yaml(string baseUrl) => $$"""
        model_list:
          - {model_name: ok, litellm_params: {model: openai/ok, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, api_base: "{{baseUrl}}", api_key: {{UpstreamKey}}, num_retries: 0} }
          - {model_name: tools, litellm_params: {model: openai/tools, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002, api_base: "{{baseUrl}}", api_key: {{UpstreamKey}}, num_retries: 0} }
          - {model_name: e500, litellm_params: {model: openai/e500, api_base: "{{baseUrl}}", api_key: {{UpstreamKey}}, num_retries: 0} }
          - {model_name: "any/*", litellm_params: {model: "openai/ok-*", api_base: "{{baseUrl}}", api_key: {{UpstreamKey}}, num_retries: 0} }
        router_settings: {disable_cooldowns: true, num_retries: 0}
        """;

    private sealed class FakeSpend : ISpendView
    {
        public ValueTask<SpendReading> ReadAsync(Core.Budgets.Scope scope, Core.Budgets.BudgetWindow? window, CancellationToken cancel) => new(new SpendReading(1.25m, null));
    }

    /// <summary>Seals so that tests can see whether something was sealed, and for what.</summary>
    private sealed class FakeSealer : ISealer
    {
        public string Seal(string plaintext, string boundTo) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(boundTo + "\n" + plaintext));

        public string? Unseal(string sealedText, string boundTo)
        {
            string[] parts = System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(sealedText)).Split('\n', 2);
            return parts[0] == boundTo ? parts[1] : null;
        }
    }
}
