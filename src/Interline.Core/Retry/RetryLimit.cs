using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Retry;

/// <summary>How often a group is tried again after a failure.</summary>
/// <param name="Retries">Tries after the first.</param>
/// <param name="ByPolicy">Whether a retry policy says so of this class of error.</param>
public readonly record struct RetryLimit(int Retries, bool ByPolicy)
{
    /// <summary>
    /// The limit that counts, the nearest first: the request's <c>num_retries</c>; the deployment's retry policy, then its <c>num_retries</c>; the group's policy;
    /// the router's policy; the router's <c>num_retries</c>, which the file's reader has taken from <c>litellm_settings</c> where the router has none.
    /// A request that says a number never makes an error retried that is not retried otherwise.
    /// </summary>
    /// <param name="kind">How the attempt failed.</param>
    /// <param name="deployment">The deployment that has failed.</param>
    /// <param name="group">Name of its group.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="options">What the caller asks for.</param>
    public static RetryLimit Of(ErrorKind kind, Deployment deployment, string group, RouterSettings settings, CallerOptions options)
    {
        if (options.NumRetries is { } asked)
        {
            return new(asked, ByPolicy: false);
        }

        if (Of(kind, deployment.RetryPolicy) is { } own)
        {
            return new(own, ByPolicy: true);
        }

        if (deployment.NumRetries is { } number)
        {
            return new(number, ByPolicy: false);
        }

        RetryPolicy? ofGroup = settings.GroupRetryPolicies.Count > 0 ? settings.GroupRetryPolicies.GetValueOrDefault(group) : null;
        return (Of(kind, ofGroup) ?? Of(kind, settings.RetryPolicy)) is { } policy ? new(policy, ByPolicy: true) : new(settings.NumRetries, ByPolicy: false);
    }

    /// <summary>What a policy says of a class of errors; null if nothing.</summary>
    private static int? Of(ErrorKind kind, RetryPolicy? policy) => policy is null ? null : kind switch
    {
        ErrorKind.Authentication or ErrorKind.Permission => policy.Authentication,
        ErrorKind.Timeout => policy.Timeout,
        ErrorKind.RateLimit => policy.RateLimit,
        ErrorKind.ContentPolicy => policy.ContentPolicy,
        ErrorKind.BadRequest => policy.BadRequest,
        ErrorKind.Server or ErrorKind.Overloaded or ErrorKind.Network or ErrorKind.Malformed => policy.InternalServer,
        _ => null,
    };
}
