using Interline.Protocols.Errors;

namespace Interline.Attempts;

/// <summary>What becomes of a call that is under way when the gateway has to end and can wait no longer.</summary>
public static class GatewayEnds
{
    /// <summary>What its caller is told, in the answer itself where that has begun.</summary>
    public static ApiError Error { get; } = new(ErrorKind.Overloaded, 503, "Interline is being shut down and could not wait for the end of this answer. Try again.")
    {
        Code = "shutting_down",
        RetryAfter = TimeSpan.FromSeconds(1),
    };
}
