using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
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
    /// <returns>Null, or a 400.</returns>
    public static ApiError? Facts(HttpContext http, Lane lane, PooledBody body, in RequestFacts facts, CallerOptions options, RoutePlan plan, Principal principal, out CallerFacts caller)
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

        string? customer = Customer(http.Request.Headers, body, facts);
        caller = new CallerFacts
        {
            PassedHeaders = passed ?? (IReadOnlyList<KeyValuePair<string, string>>)[],
            Options = options,
            Principal = principal,
            Tenant = principal.KeyId ?? "",
            Customer = customer,
            Tags = Tags(options.Tags, principal.Tags),
        };

        // Cut off, two customers could become one; left out, a customer's budget could be got around.
        return customer?.Length > AccountKinds.LongestId
            ? new(ErrorKind.BadRequest, 400, $"The customer (`user`, `safety_identifier`, `metadata.user_id` or a header) is longer than {AccountKinds.LongestId} characters.") { Param = "user" }
            : null;
    }

    private static string? Customer(IHeaderDictionary headers, PooledBody body, in RequestFacts facts)
    {
        string? named = Text(headers, "x-litellm-end-user-id") ?? Text(headers, "x-litellm-customer-id");
        return !string.IsNullOrEmpty(named) ? named : facts.ReadCustomer(body.Span);
    }

    /// <summary>Those of the key come first: the books keep only so many, and a caller must not push out what its calls are charged to. None counts twice.</summary>
    internal static ImmutableArray<string> Tags(ImmutableArray<string> asked, ImmutableArray<string> own) =>
        asked.IsDefaultOrEmpty ? own : own.IsEmpty && asked.Length == 1 ? asked : [.. own.Concat(asked).Distinct(StringComparer.Ordinal)];

    /// <summary>Whether the caller asks that nothing of this call's content is kept.</summary>
    public static bool KeepsContentOut(HttpContext http) => string.Equals(Text(http.Request.Headers, "x-litellm-enable-message-redaction"), "true", StringComparison.OrdinalIgnoreCase);

    private static string? Text(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out StringValues value) ? value.ToString() : null;
}
