using Interline.Protocols.Errors;

namespace Interline.Calls;

/// <summary>Failures that can be pretended, by LiteLLM's names of its exceptions.</summary>
internal static class MockErrors
{
    private const string Prefix = "litellm.";

    private static readonly (string Name, ErrorKind Kind, int Status)[] Known =
    [
        ("BadRequestError", ErrorKind.BadRequest, 400),
        ("ContextWindowExceededError", ErrorKind.ContextLength, 400),
        ("ContentPolicyViolationError", ErrorKind.ContentPolicy, 400),
        ("AuthenticationError", ErrorKind.Authentication, 401),
        ("PermissionDeniedError", ErrorKind.Permission, 403),
        ("Timeout", ErrorKind.Timeout, 408),
        ("RateLimitError", ErrorKind.RateLimit, 429),
        ("InternalServerError", ErrorKind.Server, 500),
        ("APIConnectionError", ErrorKind.Network, 500),
        ("BadGatewayError", ErrorKind.Server, 502),
        ("ServiceUnavailableError", ErrorKind.Overloaded, 503),
    ];

    public static string Names { get; } = string.Join(", ", Known.Select(x => Prefix + x.Name));

    public static bool IsName(string text) => text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExceptInRange('A', 'z') < 0;

    public static ApiError? Named(string text)
    {
        foreach ((string name, ErrorKind kind, int status) in Known)
        {
            if (text.AsSpan(Prefix.Length).SequenceEqual(name))
            {
                return Of(kind, status, "mock_response");
            }
        }

        return null;
    }

    public static ApiError Server(string field) => Of(ErrorKind.Server, 500, field);

    public static ApiError Window(string field) => Of(ErrorKind.ContextLength, 400, field);

    public static ApiError Policy(string field) => Of(ErrorKind.ContentPolicy, 400, field);

    public static ApiError RateLimit(string field) => Of(ErrorKind.RateLimit, 429, field);

    public static ApiError Timeout(string field) => Of(ErrorKind.Timeout, 408, field);

    private static ApiError Of(ErrorKind kind, int status, string field) => new(kind, status, $"Pretended, as `{field}` asks for: no provider was called.");
}
