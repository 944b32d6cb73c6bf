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
/// Source of the numbers: LiteLLM's cooldown handler (default rule, 5 calls, 50 %, 1000 calls). Ours: how long it is.
/// </summary>
public static class CooldownRules
{
    private const int LeastCalls = 5;
    private const int LeastCallsOfTheOnlyOne = 1000;

    /// <summary>How many times the usual time a deployment cools whose credentials were refused or have nothing left: that is not over in seconds.</summary>
    private const int RefusedTimes = 12;

    /// <summary>Longest cooldown that a provider can ask for.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    /// <summary>Longest that a cooldown grows to when who tries it fails: who is well again is found out about soon after.</summary>
    private static readonly TimeSpan LongestGrown = TimeSpan.FromSeconds(12);

    /// <summary>Whether a failure counts at all. A request that is wrong, or a caller who left, says nothing about the deployment.</summary>
    /// <param name="kind">How the attempt failed.</param>
    public static bool Counts(ErrorKind kind) =>
        kind is not (ErrorKind.BadRequest or ErrorKind.NotFound or ErrorKind.ContextLength or ErrorKind.ContentPolicy or ErrorKind.Unsupported or ErrorKind.ClientGone);

    /// <summary>Whether a failure that does not count is an answer of the provider all the same: it is there, and refuses this request.</summary>
    /// <param name="kind">How the attempt failed.</param>
    public static bool IsAnswer(ErrorKind kind) => kind is ErrorKind.BadRequest or ErrorKind.ContextLength or ErrorKind.ContentPolicy or ErrorKind.NotFound;

    /// <summary>Judges a deployment after a failure that counts.</summary>
    /// <param name="error">How the attempt failed.</param>
    /// <param name="minute">Its minute so far.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="isOnlyOne">Whether its group has no other.</param>
    /// <param name="settings">The router's settings.</param>
    /// <returns>How long it cools from now; null not at all.</returns>
    public static TimeSpan? After(ApiError error, MinuteCount minute, Deployment deployment, bool isOnlyOne, RouterSettings settings)
    {
        if (!Cools(deployment, settings))
        {
            return null;
        }

        bool cools = Allowed(error, deployment, settings) is { } allowed ? minute.Failures > allowed
            : isOnlyOne ? minute.Successes == 0 && minute.Failures >= LeastCallsOfTheOnlyOne
            : error.Kind is ErrorKind.RateLimit or ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted
                || (minute.Successes + minute.Failures >= LeastCalls && minute.Failures > minute.Successes);
        return cools ? Rest(error, deployment, settings, openings: 0) : null;
    }

    /// <summary>Judges a deployment after a call that tried it, its cooldown just over, has failed in a way that counts: it cools again, twice as long each time.</summary>
    /// <param name="error">How the attempt failed.</param>
    /// <param name="openings">How often it has begun to cool since it was last well.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="settings">The router's settings.</param>
    /// <returns>How long it cools from now; null not at all.</returns>
    public static TimeSpan? AfterProbe(ApiError error, int openings, Deployment deployment, RouterSettings settings) =>
        Cools(deployment, settings) ? Rest(error, deployment, settings, openings) : null;

    private static bool Cools(Deployment deployment, RouterSettings settings) => !settings.DisableCooldowns && (deployment.CooldownTime ?? settings.CooldownTime) > TimeSpan.Zero;

    /// <summary>As long as the provider asks; else the time of the settings, longer after a refused key, and grown after each failed probe.</summary>
    private static TimeSpan Rest(ApiError error, Deployment deployment, RouterSettings settings, int openings)
    {
        if (error.RetryAfter is { } asked && asked > TimeSpan.Zero)
        {
            return asked < LongestAsked ? asked : LongestAsked;
        }

        if (error.Kind is ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted)
        {
            return deployment.CooldownTime ?? settings.CooldownTime * RefusedTimes;
        }

        TimeSpan time = deployment.CooldownTime ?? settings.CooldownTime;
        TimeSpan grown = time * Math.Pow(2, Math.Min(openings, 8));
        return grown <= LongestGrown ? grown : time > LongestGrown ? time : LongestGrown;
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
