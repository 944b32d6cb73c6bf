using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Cooldown;

/// <summary>How a deployment has done in the current minute, the outcome just seen included.</summary>
/// <param name="Successes">Calls that went well.</param>
/// <param name="Failures">Calls that failed in a way that counts.</param>
public readonly record struct MinuteCount(int Successes, int Failures);

/// <summary>
/// When a deployment is left alone for a while. With <c>allowed_fails</c>: when it has failed more often than that in a minute.
/// Without: at once on a rate limit or refused credentials, else when more than half of at least five calls in a minute failed;
/// never the only deployment of its group, which would turn a bad minute into an outage.
/// Source of the numbers: LiteLLM's cooldown handler (default rule, 5 calls, 50 %).
/// </summary>
public static class CooldownRules
{
    private const int LeastCalls = 5;

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

        bool cools = settings.AllowedFails is { } allowed
            ? minute.Failures > allowed
            : !isOnlyOne && (
                error.Kind is ErrorKind.RateLimit or ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted
                || (minute.Successes + minute.Failures >= LeastCalls && minute.Failures > minute.Successes));
        if (!cools)
        {
            return null;
        }

        return error.RetryAfter is { } asked && asked > time && asked <= Retry.RetryRules.LongestRetryAfter ? asked : time;
    }
}
