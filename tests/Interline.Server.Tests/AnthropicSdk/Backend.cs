using Anthropic;
using Anthropic.Core;
using Anthropic.Models.Messages;
using Interline.Server.Tests.Running;
using Interline.Testing;
using ScriptedProvider = Interline.Testing.FakeProvider;

namespace Interline.Server.Tests.AnthropicSdk;

/// <summary>The SDK as a user sets it up, the real server, and one provider of some wire format behind it.</summary>
internal sealed class Backend : IAsyncDisposable
{
    public const string UpstreamKey = "sk-upstream-0123456789";
    public const string Model = "the-model";
    public const string Beta = "some-beta-2026-01-01";

    private readonly List<IDisposable> _clients = [];

    private Backend(string wire, ScriptedProvider provider, RunningGateway gateway)
    {
        (Wire, Provider, Gateway) = (wire, provider, gateway);
        Client = NewClient(RunningGateway.Key);
    }

    public string Wire { get; }

    public ScriptedProvider Provider { get; }

    public RunningGateway Gateway { get; }

    public AnthropicClient Client { get; }

    public static async Task<Backend> StartAsync(string wire)
    {
        var provider = new ScriptedProvider();
        (string model, string path) = wire switch
        {
            "anthropic" => ("anthropic/claude-sonnet-4-5", ""),
            "openai" => ("openai/gpt-5", "/v1"),
            _ => ("gemini/gemini-2.5-flash", "/v1beta"),
        };
        RunningGateway gateway = await RunningGateway.StartAsync($$"""
            model_list:
              - {model_name: {{Model}}, litellm_params: {model: "{{model}}", api_base: "http://127.0.0.1:{{provider.Port}}{{path}}", api_key: {{UpstreamKey}}, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002} }
            router_settings: {disable_cooldowns: true, num_retries: 0}
            """);
        return new Backend(wire, provider, gateway);
    }

    /// <summary>A client without retries of its own, so that a test sees each answer.</summary>
    public AnthropicClient NewClient(string key)
    {
        var client = new AnthropicClient(new ClientOptions
        {
            ApiKey = key,
            BaseUrl = Gateway.Address.ToString().TrimEnd('/'),
            MaxRetries = 0,
            ExtraHeaders = new Dictionary<string, string> { ["anthropic-beta"] = Beta },
        });
        _clients.Add(client);
        return client;
    }

    /// <summary>The last request the provider got, held to what every request must have, and must not.</summary>
    public FakeRequest Asked(string? path = null)
    {
        FakeRequest request = Provider.Requests[^1];
        request.Path.ShouldBeOneOf(path is not null ? [path] : Wire switch
        {
            "anthropic" => ["/v1/messages"],
            "openai" => ["/v1/chat/completions"],
            _ => ["/v1beta/models/gemini-2.5-flash:generateContent", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"],
        });
        string[] keys = ["x-api-key", "authorization", "x-goog-api-key"];
        string own = Wire switch { "anthropic" => "x-api-key", "openai" => "authorization", _ => "x-goog-api-key" };
        keys.Where(request.Headers.ContainsKey).ShouldBe([own]);
        request.Headers[own].ShouldBe(Wire == "openai" ? "Bearer " + UpstreamKey : UpstreamKey);
        request.Headers.ContainsKey("anthropic-version").ShouldBe(Wire == "anthropic");
        request.Headers.GetValueOrDefault("anthropic-beta").ShouldBe(Wire == "anthropic" ? Beta : null);
        string all = string.Join('\n', request.Headers.Select(x => x.Key + x.Value)) + request.Text;
        all.ShouldNotContain(RunningGateway.Key);
        return request;
    }

    public static MessageCreateParams Ask(string text = "Hello") => new() { Model = Model, MaxTokens = 2000, Messages = [User(text)] };

    public static UserMessageParam User(string text) => new(text);

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in _clients)
        {
            client.Dispose();
        }

        await Gateway.DisposeAsync();
        await Provider.DisposeAsync();
    }
}
