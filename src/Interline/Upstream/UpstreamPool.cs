using System.Net;

namespace Interline.Upstream;

/// <summary>Connections to one upstream: one pool per scheme, host and port, never shared, so that a slow one cannot starve another.</summary>
public sealed class UpstreamPool : IDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly bool _isSockets;

    /// <summary>A pool over any handler.</summary>
    /// <param name="handler">The handler; owned by the pool.</param>
    public UpstreamPool(HttpMessageHandler handler)
    {
        _invoker = new HttpMessageInvoker(handler);
        _isSockets = handler is SocketsHttpHandler;
    }

    /// <summary>A pool over sockets.</summary>
    /// <param name="connectTimeout">Limit for making a connection.</param>
    /// <param name="options">The engine's options.</param>
    public static UpstreamPool OverSockets(TimeSpan connectTimeout, UpstreamOptions options)
    {
        // NOTE: it may seem wise to use HttpClient here. It buffers, adds headers and links tokens of its own; the invoker sends what it is given.
        return new UpstreamPool(new SocketsHttpHandler
        {
            ConnectTimeout = connectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
            UseProxy = options.UseProxy,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = true,
            MaxResponseDrainSize = 256 << 10,

            // What may follow the end of a stream is the end of its body, in the same packet or the next. Who goes on talking costs its provider and us a connection.
            ResponseDrainTimeout = TimeSpan.FromMilliseconds(250),
            PlaintextStreamFilter = static (context, _) =>
            {
                if (context.InitialRequestMessage.Content is UpstreamBody body)
                {
                    body.OnNewConnection = true;
                }

                return ValueTask.FromResult(context.PlaintextStream);
            },
        });
    }

    /// <summary>Sends a request; the answer's body is not read yet.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancel">Cancels it at any stage.</param>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        if (!_isSockets && request.Content is UpstreamBody body)
        {
            // Whether another way keeps connections is not known; what is lost on it counts as the provider's.
            body.OnNewConnection = true;
        }

        return _invoker.SendAsync(request, cancel);
    }

    /// <inheritdoc />
    public void Dispose() => _invoker.Dispose();
}

/// <summary>How upstreams are reached.</summary>
public sealed record UpstreamOptions
{
    /// <summary>Whether the proxy of the environment (<c>HTTPS_PROXY</c>, …) is used. Off unless one is set: asking costs on every request.</summary>
    public bool UseProxy { get; init; }

    /// <summary>Makes what carries requests to an address instead of sockets, once for each; null for sockets. A program that uses the engine as a library may have ways of its own.</summary>
    public Func<Uri, HttpMessageHandler>? Handler { get; init; }
}
