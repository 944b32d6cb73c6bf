using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Security.Authentication;
using Interline.Core.Routing;
using Interline.Upstream;

namespace Interline.Cli.Doctor;

/// <summary>A server and a key, as one or more deployments have them.</summary>
/// <param name="Deployment">One of these deployments.</param>
/// <param name="Groups">Names of their groups.</param>
internal sealed record Upstream(Deployment Deployment, ImmutableArray<string> Groups)
{
    /// <summary>Provider and host, for people.</summary>
    public string Name => $"{Deployment.Provider.Id} at {Deployment.BaseUrl.Host}";

    /// <summary>Each server with each of its keys once, in the order of the configuration.</summary>
    public static ImmutableArray<Upstream> Of(Snapshot snapshot) =>
    [
        .. snapshot.Groups.Values.Concat(snapshot.Wildcards)
            .OrderBy(group => snapshot.Names.IndexOf(group.Name))
            .SelectMany(static group => group.Deployments)
            .Where(static deployment => deployment.Missing is null)
            .GroupBy(static deployment => (deployment.Provider.Wire, deployment.BaseUrl, deployment.ApiKey))
            .Select(static same => new Upstream(same.First(), [.. same.Select(static deployment => deployment.Group).Distinct(StringComparer.Ordinal)])),
    ];
}

/// <summary>Asks a server for its list of models with its key: costs nothing, and needs both to be right.</summary>
/// <param name="options">How upstreams are reached.</param>
/// <param name="time">The clock.</param>
/// <param name="limit">Limit of one question.</param>
internal sealed class UpstreamProbe(UpstreamOptions options, TimeProvider time, TimeSpan limit)
{
    /// <summary>Asks one.</summary>
    /// <param name="upstream">The server.</param>
    /// <param name="cancel">Cancels it.</param>
    /// <returns>What was found, and how far its clock is ahead of ours, where it says the time.</returns>
    public async Task<(Finding Finding, TimeSpan? Ahead)> AskAsync(Upstream upstream, CancellationToken cancel)
    {
        Deployment deployment = upstream.Deployment;
        if (Path(deployment) is not { } path)
        {
            return (new(Wellness.Unsure, upstream.Name, $"not asked: the wire format `{deployment.Provider.Wire}` is not called by this version"), null);
        }

        using UpstreamPool pool = UpstreamPool.OverSockets(limit, options);
        using HttpRequestMessage request = Request(deployment, path);
        using var watch = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, cancel);
        DateTimeOffset asked = time.GetUtcNow();
        try
        {
            using HttpResponseMessage answer = await pool.SendAsync(request, either.Token).ConfigureAwait(false);
            DateTimeOffset middle = asked + ((time.GetUtcNow() - asked) / 2);
            return (Judge(upstream, answer.StatusCode), answer.Headers.Date - middle);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return (Unreachable(upstream, string.Create(CultureInfo.InvariantCulture, $"no answer within {limit.TotalSeconds} s")), null);
        }
        catch (HttpRequestException e)
        {
            return (Unreachable(upstream, Why(e)), null);
        }
    }

    private static string? Path(Deployment deployment) => deployment.Provider.Wire switch
    {
        "openai" or "gemini" => "/models",
        "anthropic" => "/v1/models",
        _ => null,
    };

    private static HttpRequestMessage Request(Deployment deployment, string path)
    {
        string left = deployment.BaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(left + path + deployment.BaseUrl.Query));
        if (deployment.ApiKey is { } key)
        {
            bool bearer = string.Equals(deployment.Provider.KeyHeader, "Authorization", StringComparison.OrdinalIgnoreCase);
            request.Headers.TryAddWithoutValidation(deployment.Provider.KeyHeader, bearer ? "Bearer " + key.Reveal() : key.Reveal());
        }

        if (deployment.Provider.Wire == "anthropic")
        {
            request.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        }

        foreach ((string name, Core.Configuration.Secret value) in deployment.ExtraHeaders)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value.Reveal());
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "interline/" + Gateway.Version);
        return request;
    }

    private static Finding Judge(Upstream upstream, HttpStatusCode status)
    {
        string said = string.Create(CultureInfo.InvariantCulture, $"{(int)status}");
        string key = upstream.Deployment.ApiKey is null ? "no key" : "this key";
        return status switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(Wellness.Ill, upstream.Name, $"answers {said}: it does not take {key}", $"Give a good one: {Keys(upstream.Deployment)}. Groups: {Shown(upstream)}."),
            HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented => new(
                Wellness.Unsure, upstream.Name, $"reached, but it has no list of models ({said}); neither key nor path were tried", "If calls fail too, look at the path of api_base: most need a /v1."),
            HttpStatusCode.TooManyRequests => new(Wellness.Unsure, upstream.Name, "reached, and limits this key at the moment (429)"),
            _ when (int)status is >= 200 and < 300 => new(Wellness.Well, upstream.Name, upstream.Deployment.ApiKey is null ? "reached, needs no key" : "reached, takes the key"),
            _ when (int)status is >= 300 and < 400 => new(Wellness.Ill, upstream.Name, $"answers {said}: it redirects, and redirects are not followed", "Give the address it redirects to as api_base."),
            _ when (int)status >= 500 => new(Wellness.Unsure, upstream.Name, $"reached, and in trouble itself ({said})"),
            _ => new(Wellness.Unsure, upstream.Name, $"reached, and answers {said} to the question for its models"),
        };
    }

    private static Finding Unreachable(Upstream upstream, string why) => new(
        Wellness.Ill, upstream.Name, $"cannot be reached: {why}", $"Look at api_base, the network, and HTTPS_PROXY if one is needed. Groups: {Shown(upstream)}.");

    private static string Keys(Deployment deployment) =>
        deployment.Provider.KeyVariables.IsEmpty ? "api_key" : $"api_key, or {string.Join(" or ", deployment.Provider.KeyVariables)}";

    private static string Shown(Upstream upstream) =>
        string.Join(", ", upstream.Groups.Take(5)) + (upstream.Groups.Length > 5 ? $" and {upstream.Groups.Length - 5} more" : "");

    private static string Why(HttpRequestException e) => e.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "its name is not known",
        HttpRequestError.SecureConnectionError => e.InnerException is AuthenticationException inner ? "no secure connection: " + inner.Message : "no secure connection",
        HttpRequestError.ConnectionError => "no connection" + (e.InnerException is System.Net.Sockets.SocketException socket ? $" ({socket.SocketErrorCode})" : ""),
        HttpRequestError.ProxyTunnelError => "the proxy does not let it through",
        _ => e.HttpRequestError.ToString(),
    };
}
