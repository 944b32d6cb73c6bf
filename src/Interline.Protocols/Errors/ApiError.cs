namespace Interline.Protocols.Errors;

/// <summary>A failure as a value: read from a provider's error answer, or made by the gateway. Written by a wire format in the caller's own envelope.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Status">HTTP status to answer with, 400 to 599; for a provider's error the provider's own.</param>
/// <param name="Message">For a person: what was wrong, where, and what to do. Never holds a credential.</param>
public sealed record ApiError(ErrorKind Kind, int Status, string Message)
{
    /// <summary>The wire format's own error type, such as <c>invalid_request_error</c>; null lets the writer choose one from <see cref="Kind"/>.</summary>
    public string? Type { get; init; }

    /// <summary>The wire format's own error code, such as <c>model_not_found</c>.</summary>
    public string? Code { get; init; }

    /// <summary>The request field that is to blame, such as <c>messages[0].role</c>.</summary>
    public string? Param { get; init; }

    /// <summary>The provider's own body, where it is of the caller's format and goes to the caller as it is; holds no credential.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>The limit of the gateway's that refused the call; null for any other failure.</summary>
    public LimitDetails? Limit { get; init; }

    /// <summary>How long the provider asked to wait.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What became of the connection; <see cref="ConnectionFault.None"/> where one was made and held.</summary>
    public ConnectionFault Fault { get; init; }

    /// <summary>Whether no connection could be made at all: then it is its host that fails, and everything on it.</summary>
    public bool IsOfHost => Fault is ConnectionFault.Name or ConnectionFault.Refused or ConnectionFault.Secure or ConnectionFault.Slow;
}
