using Interline.Server.Errors;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Auth;

/// <summary>
/// The key a request brings: <c>Authorization: Bearer</c>, <c>x-api-key</c>, <c>api-key</c>, <c>x-goog-api-key</c> or <c>x-litellm-api-key</c>, whichever the caller's SDK
/// sends; on the Gemini API's paths also its <c>?key=</c>.
/// </summary>
internal static class PresentedKey
{
    private const string Bearer = "Bearer ";

    private static readonly string[] OtherHeaders = ["x-api-key", "api-key", "x-goog-api-key", "x-litellm-api-key"];

    /// <summary>Whether a request brings a key at all, usable or not.</summary>
    public static bool IsGiven(HttpRequest request) => IsGiven(request.Headers) || QueryKey(request).Count > 0;

    /// <summary>The key; empty if there is none that can be used. A key in a header decides alone. Does not allocate.</summary>
    public static ReadOnlySpan<char> Read(HttpRequest request)
    {
        IHeaderDictionary headers = request.Headers;
        StringValues authorization = headers.Authorization;
        if (authorization.Count == 1)
        {
            string text = authorization[0]!;
            return text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? text.AsSpan(Bearer.Length).Trim() : default;
        }

        foreach (string name in OtherHeaders)
        {
            if (headers.TryGetValue(name, out StringValues value) && value.Count == 1)
            {
                return value[0];
            }
        }

        return !IsGiven(headers) && QueryKey(request) is { Count: 1 } key ? key[0] : default(ReadOnlySpan<char>);
    }

    private static bool IsGiven(IHeaderDictionary headers) => headers.Authorization.Count > 0 || OtherHeaders.Any(headers.ContainsKey);

    /// <summary>A key in a query is taken only where some clients have no other way: whatever keeps addresses (proxies, histories) keeps it.</summary>
    private static StringValues QueryKey(HttpRequest request) =>
        Dialects.Of(request.Path.Value ?? "/") == Dialect.Gemini ? request.Query["key"] : StringValues.Empty;
}
