using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Pipeline;

/// <summary>What of a request's headers a call needs.</summary>
internal static class CallerRequest
{
    /// <summary>What the caller asks of the router there.</summary>
    public static CallerHeaders Headers(HttpContext http)
    {
        IHeaderDictionary headers = http.Request.Headers;
        return new(Text(headers, "x-litellm-num-retries"), Text(headers, "x-litellm-timeout"), Text(headers, "x-litellm-stream-timeout"), Text(headers, "x-litellm-tags"));
    }

    /// <summary>Who calls and what it asks for, with what goes on should the provider speak the same format.</summary>
    public static CallerFacts Facts(HttpContext http, Lane lane, CallerOptions options, RoutePlan plan)
    {
        if (plan.ReadsUserAgent)
        {
            options = options with { UserAgent = http.Request.Headers.UserAgent.ToString() };
        }

        List<KeyValuePair<string, string>>? passed = null;
        foreach (string name in lane.RequestHeaders)
        {
            if (Text(http.Request.Headers, name) is { } value && CallHeaders.IsPlain(value))
            {
                (passed ??= []).Add(new(name, value));
            }
        }

        return new CallerFacts { PassedHeaders = passed ?? (IReadOnlyList<KeyValuePair<string, string>>)[], Options = options };
    }

    /// <summary>Whether the caller asks that nothing of this call's content is kept.</summary>
    public static bool KeepsContentOut(HttpContext http) => string.Equals(Text(http.Request.Headers, "x-litellm-enable-message-redaction"), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out StringValues value) ? value.ToString() : null;
}
