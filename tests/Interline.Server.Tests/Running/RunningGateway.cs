using System.Net.Http.Headers;
using System.Text;
using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Hosting;
using Interline.Server.Telemetry;
using Interline.Upstream;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Interline.Server.Tests.Running;

/// <summary>The gateway on Kestrel on a free port, as the program builds it, and an HTTP client for it.</summary>
internal sealed class RunningGateway : IAsyncDisposable
{
    public const string Key = "sk-gateway-0123456789abcdef";

    private readonly WebApplication _app;

    private RunningGateway(WebApplication app, Gateway gateway, MemoryLog log, AccountServices accounts)
    {
        Accounts = accounts;
        _app = app;
        Gateway = gateway;
        Log = log;
        Address = new Uri(app.Urls.First());
        Http = NewClient();
    }

    public Gateway Gateway { get; }

    public AccountServices Accounts { get; }

    public MemoryLog Log { get; }

    /// <summary>What the server itself logs, beside the calls.</summary>
    public required MemoryLogger ServerLog { get; init; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>Starts on a configuration file's text.</summary>
    public static Task<RunningGateway> StartAsync(string yaml, AccountServices? accounts = null, ISealer? sealer = null, Func<ServerOptions, ServerOptions>? change = null)
    {
        ConfigResult result = ConfigReader.Read(yaml, "test.yaml", static _ => null, ShippedCatalog.BuiltIn);
        result.Problems.Where(x => x.Severity == ConfigSeverity.Error).ShouldBeEmpty();
        return StartAsync(result.Snapshot!, accounts, sealer, change);
    }

    /// <summary>Starts on a snapshot, with other options than the usual ones if wanted.</summary>
    public static async Task<RunningGateway> StartAsync(Snapshot snapshot, AccountServices? accounts = null, ISealer? sealer = null, Func<ServerOptions, ServerOptions>? change = null)
    {
        var gateway = new Gateway(snapshot, new UpstreamOptions(), TimeProvider.System, randomness: 0x1234_5678_9abc_def0);
        var log = new MemoryLog();
        accounts ??= AccountServices.InMemory(TimeProvider.System);
        await accounts.Book.StartAsync(CancellationToken.None);
        if (sealer is not null)
        {
            var models = new RuntimeModels(accounts.Book, sealer, ShippedCatalog.BuiltIn, snapshot, gateway.Use);
            accounts = accounts with { Sealer = sealer, Models = models };
        }

        var options = new ServerOptions { Port = 0, LogOutput = log };
        WebApplication app = GatewayServer.Build(gateway, new MasterKey(new Secret(Key)), change?.Invoke(options) ?? options, TimeProvider.System, accounts);
        var logger = new MemoryLogger();
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(logger);
        await app.StartAsync();
        return new RunningGateway(app, gateway, log, accounts) { ServerLog = logger };
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Address, Timeout = Waiting.Limit };

    /// <summary>A POST with the gateway's key.</summary>
    public HttpRequestMessage Post(string path, string json) => Post(path, new StringContent(json, Encoding.UTF8, "application/json"));

    public HttpRequestMessage Post(string path, HttpContent content)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return request;
    }

    public Task<HttpResponseMessage> PostAsync(string path, string json) => Http.SendAsync(Post(path, json));

    public Task<HttpResponseMessage> ChatAsync(string model, bool stream = false, string more = "") => PostAsync("/v1/chat/completions", Chat(model, stream, more));

    public static string Chat(string model, bool stream = false, string more = "") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"a private question"}]{{(stream ? ",\"stream\":true" : "")}}{{more}}}""";

    /// <summary>A request with any key, or none.</summary>
    public async Task<HttpResponseMessage> AskAsync(string method, string path, string? key, string? json = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return await Http.SendAsync(request);
    }

    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        return await Http.SendAsync(request);
    }

    public async Task<string> GetTextAsync(string path)
    {
        using HttpResponseMessage response = await GetAsync(path);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>What the call log has said so far.</summary>
    public string[] LogLines()
    {
        _app.Services.GetRequiredService<CallLog>().Flush();
        return Log.Lines;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        using var hurry = new CancellationTokenSource();
        await hurry.CancelAsync();
        await _app.StopAsync(hurry.Token);
        await _app.DisposeAsync();
        Accounts.Book.Dispose();
        Gateway.Dispose();
    }
}
