namespace Interline.Protocols.Errors;

/// <summary>What went wrong with a call, in one vocabulary for all wire formats. Retry, fallback and cooldown are decided on it alone.</summary>
public enum ErrorKind
{
    /// <summary>The request itself is wrong (400, 404, 405, 413, 415, 422): the same request fails everywhere.</summary>
    BadRequest,

    /// <summary>The provider does not have the model or the deployment asked for: another may.</summary>
    NotFound,

    /// <summary>The prompt and the answer asked for do not fit the model's context window.</summary>
    ContextLength,

    /// <summary>The provider's content policy refused the prompt.</summary>
    ContentPolicy,

    /// <summary>The provider did not accept the credentials (401).</summary>
    Authentication,

    /// <summary>The credentials are good and may not do this (403).</summary>
    Permission,

    /// <summary>The account's money or quota is spent (402, <c>insufficient_quota</c>): waiting does not help.</summary>
    QuotaExhausted,

    /// <summary>Too many requests or tokens for now (429).</summary>
    RateLimit,

    /// <summary>The provider has no capacity for now (503, 529).</summary>
    Overloaded,

    /// <summary>Any other failure inside the provider (5xx), also a transient 408 or 409.</summary>
    Server,

    /// <summary>The connection could not be made, or was cut before the answer was whole.</summary>
    Network,

    /// <summary>One of the four timers ran out.</summary>
    Timeout,

    /// <summary>The provider answered with something that is not of its wire format.</summary>
    Malformed,

    /// <summary>The gateway itself cannot serve the request through this deployment; another may.</summary>
    Unsupported,

    /// <summary>The caller went away.</summary>
    ClientGone,
}
