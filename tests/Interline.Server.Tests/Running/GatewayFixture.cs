using System.Text;
using Interline.Server.Tests.Fakes;

namespace Interline.Server.Tests.Running;

/// <summary>
/// A gateway in front of one fake provider, shared by the tests of a class. Every behaviour of the fake is a group of its own with one deployment,
/// and <c>pair-BEHAVIOUR</c> is a group whose first deployment behaves so and whose second is well.
/// </summary>
public sealed class GatewayFixture : IAsyncLifetime
{
    public const string UpstreamKey = "sk-upstream-fedcba9876543210";
    public const decimal InputPrice = 0.000001m;
    public const decimal OutputPrice = 0.000003m;

    private static readonly string[] Behaviours =
    [
        "ok", "tools", "parallel", "structured", "vision", "embed", "e400", "e401", "e429", "e500", "html", "hang", "silent", "cut", "broken", "malformed", "endless", "gated", "latin", "half",
        "ok-big", "ok-headers", "ok-path", "ok-log", "ok-metrics", "hang-aborted", "endless-aborted", "endless-sdk", "broken-sdk", "broken-wire",
    ];

    private static readonly string[] Failing = ["hang", "silent", "e500", "cut", "e401", "malformed", "e429", "html", "halfname"];

    private FakeProvider? _provider;
    private RunningGateway? _gateway;

    internal FakeProvider Provider => _provider!;

    internal RunningGateway Gateway => _gateway!;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        _gateway = await RunningGateway.StartAsync(Yaml(_provider.BaseUrl));
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

    private static string Yaml(string baseUrl)
    {
        var yaml = new StringBuilder("model_list:\n");
        void Add(string group, string upstream, string more) => yaml.Append(
            $"  - {{model_name: \"{group}\", litellm_params: {{model: \"openai/{upstream}\", api_base: \"{baseUrl}\", api_key: {UpstreamKey}, organization: org-configured, input_cost_per_token: {InputPrice}, output_cost_per_token: {OutputPrice}, {more}}}}}\n");
        foreach (string behaviour in Behaviours)
        {
            Add(behaviour, behaviour, "num_retries: 0");
        }

        foreach (string behaviour in Failing)
        {
            // A key that was refused is not tried again on the same host, so the second deployment has one of its own.
            Add($"pair-{behaviour}", $"{behaviour}-first", "order: 1, timeout: 0.2, stream_timeout: 0.2, extra_headers: {x-place: first}");
            yaml.Append($"  - {{model_name: \"pair-{behaviour}\", litellm_params: {{model: \"openai/ok-second\", api_base: \"{baseUrl}\", api_key: {UpstreamKey}-second, order: 2}}}}\n");
        }

        Add("meta/ok/with-slash", "ok-slash", "num_retries: 0");
        Add("häns", "ok-umlaut", "num_retries: 0");
        Add("any/*", "ok-*", "num_retries: 0");
        yaml.Append("router_settings: {disable_cooldowns: true, num_retries: 2, timeout: 30}\n");
        yaml.Append("general_settings: {max_request_size_mb: 24}\n");
        return yaml.ToString();
    }
}
