using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Interline.Core.Configuration;
using Interline.Server.Errors;
using Microsoft.Extensions.Primitives;

namespace Interline.Server.Auth;

/// <summary>Checks the key of a request: <c>Authorization: Bearer</c>, <c>x-api-key</c>, <c>api-key</c>, <c>x-goog-api-key</c> or <c>x-litellm-api-key</c>, whichever the caller's SDK sends; on the Gemini API's paths also its <c>?key=</c>.</summary>
public sealed class MasterKey
{
    private const string Bearer = "Bearer ";

    private static readonly string[] OtherHeaders = ["x-api-key", "api-key", "x-goog-api-key", "x-litellm-api-key"];

    private Secret _key;

    /// <summary>Over a key.</summary>
    /// <param name="key">The key.</param>
    public MasterKey(Secret key) => _key = key;

    /// <summary>Takes another key from now on.</summary>
    /// <param name="key">The key.</param>
    public void Use(Secret key) => Volatile.Write(ref _key, key);

    /// <summary>Whether a request brings a key at all, right or wrong.</summary>
    /// <param name="request">The request.</param>
    public static bool IsGiven(HttpRequest request) => IsGiven(request.Headers) || QueryKey(request).Count > 0;

    /// <summary>Whether a request may pass. A key in a header decides alone.</summary>
    /// <param name="request">The request.</param>
    public bool Admits(HttpRequest request) =>
        Admits(request.Headers) || (!IsGiven(request.Headers) && QueryKey(request) is { Count: 1 } key && Matches(key[0]));

    private static bool IsGiven(IHeaderDictionary headers) => headers.Authorization.Count > 0 || OtherHeaders.Any(headers.ContainsKey);

    /// <summary>A key in a query is taken only where some clients have no other way: whatever keeps addresses (proxies, histories) keeps it.</summary>
    private static StringValues QueryKey(HttpRequest request) =>
        Dialects.Of(request.Path.Value ?? "/") == Dialect.Gemini ? request.Query["key"] : StringValues.Empty;

    private bool Admits(IHeaderDictionary headers)
    {
        StringValues authorization = headers.Authorization;
        if (authorization.Count == 1)
        {
            string text = authorization[0]!;
            return text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) && Matches(text.AsSpan(Bearer.Length).Trim());
        }

        foreach (string name in OtherHeaders)
        {
            if (headers.TryGetValue(name, out StringValues value) && value.Count == 1)
            {
                return Matches(value[0]);
            }
        }

        return false;
    }

    private bool Matches(ReadOnlySpan<char> given) =>
        CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(given), MemoryMarshal.AsBytes(Volatile.Read(ref _key).Reveal().AsSpan()));
}
