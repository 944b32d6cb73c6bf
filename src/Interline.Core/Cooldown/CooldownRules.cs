using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Cooldown;

/// <summary>How a deployment has done in the current minute, the outcome just seen included.</summary>
/// <param name="Successes">Calls that went well.</param>
/// <param name="Failures">Calls that failed in a way that counts.</param>
public readonly record struct MinuteCount(int Successes, int Failures);

/// <summary>
/// When a deployment is left alone for a while. With <c>allowed_fails</c>, or a policy that names the class of the error: when it has failed more often than that in
/// a minute; the deployment's own number or policy wins over the router's, a policy over a number.
/// Without: at once on a rate limit or refused credentials, else when more than half of at least five calls in a minute failed. The only deployment of its group, which
/// such a rule would turn from a bad minute into an outage, cools without a number only when all of at least a thousand calls in a minute failed.
/// Source of the numbers: LiteLLM's cooldown handler (default rule, 5 calls, 50 %, 1000 calls).
/// </summary>
public static class CooldownRules
{
    private const int LeastCalls = 5;
    private const int LeastCallsOfTheOnlyOne = 1000;

    /// <summary>Whether a failure counts at all. A request that is wrong, or a caller who left, says nothing about the deployment.</summary>
    /// <param name="kind">How the attempt failed.</param>
    public static bool Counts(ErrorKind kind) =>
        kind is not (ErrorKind.BadRequest or ErrorKind.ContextLength or ErrorKind.ContentPolicy or ErrorKind.Unsupported or ErrorKind.ClientGone);

    /// <summary>Judges a deployment after a failure that counts.</summary>
    /// <param name="error">How the attempt failed.</param>
    /// <param name="minute">Its minute so far.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="isOnlyOne">Whether its group has no other.</param>
    /// <param name="settings">The router's settings.</param>
    /// <returns>How long it cools from now; null not at all.</returns>
    public static TimeSpan? After(ApiError error, MinuteCount minute, Deployment deployment, bool isOnlyOne, RouterSettings settings)
    {
        TimeSpan time = deployment.CooldownTime ?? settings.CooldownTime;
        if (settings.DisableCooldowns || time <= TimeSpan.Zero)
        {
            return null;
        }

        bool cools = Allowed(error, deployment, settings) is { } allowed ? minute.Failures > allowed
            : isOnlyOne ? minute.Successes == 0 && minute.Failures >= LeastCallsOfTheOnlyOne
            : error.Kind is ErrorKind.RateLimit or ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted
                || (minute.Successes + minute.Failures >= LeastCalls && minute.Failures > minute.Successes);
        if (!cools)
        {
            return null;
        }

        return error.RetryAfter is { } asked && asked > time && asked <= Retry.RetryRules.LongestRetryAfter ? asked : time;
    }

    /// <summary>Failures in a minute that are allowed; null applies the default rule.</summary>
    private static int? Allowed(ApiError error, Deployment deployment, RouterSettings settings) =>
        Of(error, deployment.AllowedFailsPolicy) ?? deployment.AllowedFails ?? Of(error, settings.AllowedFailsPolicy) ?? settings.AllowedFails;

    private static int? Of(ApiError error, AllowedFailsPolicy? policy) => policy is null ? null : error.Kind switch
    {
        ErrorKind.Authentication or ErrorKind.Permission => policy.Authentication,
        ErrorKind.Timeout => policy.Timeout,
        ErrorKind.RateLimit => policy.RateLimit,
        ErrorKind.Overloaded => policy.ServiceUnavailable ?? policy.InternalServer,
        ErrorKind.Network or ErrorKind.Malformed => policy.BadGateway ?? policy.InternalServer,
        ErrorKind.Server => error.Status == 502 ? policy.BadGateway ?? policy.InternalServer : policy.InternalServer,
        _ => null,
    };
}
