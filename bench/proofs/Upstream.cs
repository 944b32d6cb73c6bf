using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Interline.Proofs;

/// <summary>
/// A provider that knows what it was asked: every request names itself in <c>user</c>, and what it uses follows from that name, so that the bill can be checked
/// without asking the gateway.
/// </summary>
internal sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);

    private Upstream(WebApplication app) => _app = app;

    /// <summary>How often each name was asked for.</summary>
    public IReadOnlyDictionary<string, int> Asked => _asked;

    /// <summary>Most requests that were here at once.</summary>
    public int MostAtOnce { get; set; }

    /// <summary>Tokens that an answer uses beyond what its caller allowed.</summary>
    public int Excess { get; set; }

    /// <summary>How long an answer takes, at least and at most, in milliseconds.</summary>
    public (int From, int To) Delay { get; set; } = (0, 10);

    public string Url { get; private set; } = "";

    private int _here;

    public static async Task<Upstream> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(x => x.Listen(IPAddress.Loopback, 0));
        builder.Logging.SetMinimumLevel(LogLevel.None);
        WebApplication app = builder.Build();
        var upstream = new Upstream(app);
        app.Run(upstream.AnswerAsync);
        await app.StartAsync();
        upstream.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return upstream;
    }

    /// <summary>What the request of a name uses.</summary>
    public (int Input, int Output) Usage(string name, int allowed)
    {
        int hash = 0;
        foreach (char c in name)
        {
            hash = ((hash * 31) + c) & 0xFFFF;
        }

        return (20 + (hash % 11), Math.Min(allowed, 10 + (hash % 7)) + Excess);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using JsonDocument request = await JsonDocument.ParseAsync(http.Request.Body);
        string name = request.RootElement.GetProperty("user").GetString()!;
        bool stream = request.RootElement.TryGetProperty("stream", out JsonElement s) && s.GetBoolean();
        int allowed = request.RootElement.TryGetProperty("max_tokens", out JsonElement m) ? m.GetInt32() : 1000;
        _asked.AddOrUpdate(name, 1, (_, n) => n + 1);
        int here = Interlocked.Increment(ref _here);
        MostAtOnce = Math.Max(MostAtOnce, here);
        try
        {
            await Task.Delay(Random.Shared.Next(Delay.From, Delay.To + 1), http.RequestAborted);
            (int input, int output) = Usage(name, allowed);
            string usage = string.Create(CultureInfo.InvariantCulture, $$"""{"prompt_tokens":{{input}},"completion_tokens":{{output}},"total_tokens":{{input + output}}}""");
            if (!stream)
            {
                http.Response.ContentType = "application/json";
                await http.Response.WriteAsync($$"""{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hello"},"finish_reason":"stop"}],"usage":{{usage}}}""");
                return;
            }

            http.Response.ContentType = "text/event-stream";
            await http.Response.WriteAsync("""data: {"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"hello"},"finish_reason":null}]}""" + "\n\n");
            await Task.Delay(Random.Shared.Next(0, 5), http.RequestAborted);
            await http.Response.WriteAsync("""data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n");
            await http.Response.WriteAsync($$"""data: {"id":"c","choices":[],"usage":{{usage}}}""" + "\n\ndata: [DONE]\n\n");
        }
        catch (OperationCanceledException)
        {
            // The gateway was killed.
        }
        finally
        {
            Interlocked.Decrement(ref _here);
        }
    }
}
