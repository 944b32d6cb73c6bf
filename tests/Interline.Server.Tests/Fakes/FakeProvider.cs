using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Fakes;

/// <summary>
/// A provider of OpenAI's format on a real socket. The model's name says how it behaves, up to a <c>-</c> (<c>hang-1</c> hangs), so that one of it serves a whole class of tests.
/// </summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    public const int PromptTokens = 11;
    public const int CompletionTokens = 7;
    public static readonly float[] Vector = [0.25f, -0.5f, 1f];

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<ReceivedRequest>> _received = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _aborted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    private FakeProvider(WebApplication app) => _app = app;

    public Uri Address => new(_app.Urls.First());

    public string BaseUrl => Address.ToString().TrimEnd('/') + "/v1";

    public static async Task<FakeProvider> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.ResponseHeaderEncodingSelector = _ => System.Text.Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        FakeProvider? self = null;
        WebApplication app = builder.Build();
        self = new FakeProvider(app);
        app.Run(self.HandleAsync);
        await app.StartAsync();
        return self;
    }

    /// <summary>Requests for a model, in the order they came.</summary>
    public IReadOnlyCollection<ReceivedRequest> Received(string model) => _received.TryGetValue(model, out ConcurrentQueue<ReceivedRequest>? all) ? all : [];

    /// <summary>Done when the gateway has broken off a request for this model.</summary>
    public Task AbortedAsync(string model) => Source(_aborted, model).Task.WaitAsync(Waiting.Limit);

    /// <summary>Lets a stream of a <c>gated</c> model go on to its end.</summary>
    public void Open(string model) => Source(_gates, model).TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> all, string model) =>
        all.GetOrAdd(model, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task HandleAsync(HttpContext http)
    {
        using var copy = new MemoryStream();
        await http.Request.Body.CopyToAsync(copy);
        byte[] body = copy.ToArray();
        JsonElement json = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1000 }).RootElement;
        string model = json.GetProperty("model").GetString()!;
        _received.GetOrAdd(model, static _ => new()).Enqueue(new(
            http.Request.Path.Value!,
            http.Request.QueryString.Value ?? "",
            http.Request.Headers.ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body));
        var answer = new FakeAnswer(http, json, model, Source(_gates, model));
        try
        {
            await answer.WriteAsync();
        }
        catch (OperationCanceledException)
        {
            Source(_aborted, model).TrySetResult();
        }
    }
}
