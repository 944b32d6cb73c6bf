using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Core.Retry;

/// <summary>What to do after an attempt has failed and nothing has gone to the client yet, or what has can be carried on.</summary>
public enum NextMove
{
    /// <summary>Another deployment of the group, at once.</summary>
    NextDeployment,

    /// <summary>The same deployment again, after a wait.</summary>
    SameDeployment,

    /// <summary>The next fallback group.</summary>
    NextGroup,

    /// <summary>Give the error to the caller.</summary>
    Stop,
}

/// <summary>Where a call stands when an attempt has failed.</summary>
public readonly record struct RetryState
{
    /// <summary>Attempts made on this group, the failed one included, those with refused credentials left out; at least 1.</summary>
    public required int Attempts { get; init; }

    /// <summary>Attempts on this group that were refused for their credentials, the failed one included.</summary>
    public int Refused { get; init; }

    /// <summary>Retries allowed on this group.</summary>
    public required int NumRetries { get; init; }

    /// <summary>Whether <see cref="NumRetries"/> was said of this very class of error, by a retry policy.</summary>
    public bool ByPolicy { get; init; }

    /// <summary>Whether a deployment of the group that was not yet tried is available.</summary>
    public required bool HasUntried { get; init; }

    /// <summary>Whether one of these has a higher <c>order</c> than all that were tried.</summary>
    public bool HasNextOrder { get; init; }

    /// <summary>Whether one of these is known to have a larger context window than the one that has just failed.</summary>
    public bool HasLarger { get; init; }

    /// <summary>Whether another group stands behind this one for an error of this kind.</summary>
    public required bool HasNextGroup { get; init; }

    /// <summary>Whether the failed attempt's answer had begun to go to the client, so that whoever is asked next carries it on.</summary>
    public bool Begun { get; init; }

    /// <summary>Shortest wait from the settings.</summary>
    public TimeSpan MinimumWait { get; init; }

    /// <summary>A number of the call's seed, for jitter.</summary>
    public ulong Seed { get; init; }
}

/// <summary>
/// Retry and fallback as one pure rule. The classes follow LiteLLM: 408, 409, 429 and 5xx are retried, other 4xx only where a retry policy names their class;
/// a refused credential is never used twice in a call; a silent deployment is asked again only if there is nobody else. Which group comes next, if any, is the
/// business of <see cref="FallbackChain"/>. The table of docs/routing.md is generated from this.
/// </summary>
public static class RetryRules
{
    /// <summary>Longest <c>Retry-After</c> that is waited for; beyond it somebody else is asked, or the caller is told.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(8);

    /// <summary>Decides.</summary>
    /// <param name="error">How the attempt failed.</param>
    /// <param name="state">Where the call stands.</param>
    /// <returns>The move, and for <see cref="NextMove.SameDeployment"/> the wait before it.</returns>
    public static (NextMove Move, TimeSpan Wait) After(ApiError error, in RetryState state)
    {
        NextMove elsewhere = state.HasNextGroup ? NextMove.NextGroup : NextMove.Stop;
        bool retryLeft = state.Attempts <= state.NumRetries;
        switch (error.Kind)
        {
            case ErrorKind.ClientGone:
                return (NextMove.Stop, default);

            case ErrorKind.BadRequest or ErrorKind.ContentPolicy:
                if (!state.ByPolicy || !retryLeft)
                {
                    // The same request fails everywhere: no other group is asked, whatever the fallbacks are. A refusal by policy has groups of its own.
                    return (error.Kind == ErrorKind.BadRequest ? NextMove.Stop : elsewhere, default);
                }

                break;

            case ErrorKind.ContextLength:
                return (state.HasLarger ? NextMove.NextDeployment : elsewhere, default);

            case ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted or ErrorKind.Unsupported or ErrorKind.NotFound:
                // Not counted against the retries: these attempts cost nothing, and the next deployment has a key and a model of its own.
                return (state.HasUntried && (!state.ByPolicy || state.Refused <= state.NumRetries) ? NextMove.NextDeployment : elsewhere, default);
        }

        if (!retryLeft)
        {
            return (state.HasNextOrder ? NextMove.NextDeployment : elsewhere, default);
        }

        if (state.HasUntried)
        {
            return (NextMove.NextDeployment, default);
        }

        // Who has broken off an answer is likely to do so again: with the text so far, or at the same place.
        if ((error.Kind == ErrorKind.Timeout || state.Begun) && state.HasNextGroup && !state.ByPolicy)
        {
            return (NextMove.NextGroup, default);
        }

        if (error.RetryAfter is { } asked)
        {
            return asked > LongestRetryAfter ? (elsewhere, default) : (NextMove.SameDeployment, asked > state.MinimumWait ? asked : state.MinimumWait);
        }

        return (NextMove.SameDeployment, Backoff(state));
    }

    /// <summary>Half a second, doubled each time, at most eight, less up to a quarter so that callers spread.</summary>
    private static TimeSpan Backoff(in RetryState state)
    {
        TimeSpan wait = FirstWait * Math.Pow(2, Math.Min(state.Attempts - 1, 10));
        wait = wait > LongestWait ? LongestWait : wait;
        wait *= 1 - (0.25 * new Seeded(state.Seed + (ulong)state.Attempts).NextUnit());
        return wait > state.MinimumWait ? wait : state.MinimumWait;
    }
}
