namespace Interline.Core.Configuration;

/// <summary>Tries after the first by class of error. Null leaves a class to the other rules.</summary>
public sealed record RetryPolicy
{
    /// <summary>From <c>AuthenticationErrorRetries</c>.</summary>
    public int? Authentication { get; init; }

    /// <summary>From <c>TimeoutErrorRetries</c>.</summary>
    public int? Timeout { get; init; }

    /// <summary>From <c>RateLimitErrorRetries</c>.</summary>
    public int? RateLimit { get; init; }

    /// <summary>From <c>ContentPolicyViolationErrorRetries</c>.</summary>
    public int? ContentPolicy { get; init; }

    /// <summary>From <c>BadRequestErrorRetries</c>.</summary>
    public int? BadRequest { get; init; }

    /// <summary>From <c>InternalServerErrorRetries</c>: every status from 500 on.</summary>
    public int? InternalServer { get; init; }
}

/// <summary>Failures in a minute before a deployment cools, by class of error. Null leaves a class to <c>allowed_fails</c>.</summary>
public sealed record AllowedFailsPolicy
{
    /// <summary>From <c>AuthenticationErrorAllowedFails</c>.</summary>
    public int? Authentication { get; init; }

    /// <summary>From <c>TimeoutErrorAllowedFails</c>.</summary>
    public int? Timeout { get; init; }

    /// <summary>From <c>RateLimitErrorAllowedFails</c>.</summary>
    public int? RateLimit { get; init; }

    /// <summary>From <c>ContentPolicyViolationErrorAllowedFails</c>.</summary>
    public int? ContentPolicy { get; init; }

    /// <summary>From <c>BadRequestErrorAllowedFails</c>.</summary>
    public int? BadRequest { get; init; }

    /// <summary>From <c>InternalServerErrorAllowedFails</c>.</summary>
    public int? InternalServer { get; init; }

    /// <summary>From <c>ServiceUnavailableErrorAllowedFails</c>; null takes <see cref="InternalServer"/>.</summary>
    public int? ServiceUnavailable { get; init; }

    /// <summary>From <c>BadGatewayErrorAllowedFails</c>; null takes <see cref="InternalServer"/>.</summary>
    public int? BadGateway { get; init; }

    /// <summary>From <c>NotFoundErrorAllowedFails</c>.</summary>
    public int? NotFound { get; init; }
}

/// <summary>An amount that may be spent in a window of time.</summary>
/// <param name="Limit">USD, from 0 on.</param>
/// <param name="Period">Length of the window, above 0.</param>
/// <param name="Rolling">Whether the window always reaches back from now, instead of standing on the calendar.</param>
public sealed record Budget(decimal Limit, TimeSpan Period, bool Rolling = false);
