using Interline.Protocols.Anthropic;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAI;

namespace Interline.Server.Errors;

/// <summary>The API a caller speaks, as far as its errors and lists go, by the path it called: also callers of a path that is not served get an error they can read.</summary>
public enum Dialect
{
    /// <summary>OpenAI's; the default.</summary>
    OpenAI,

    /// <summary>Anthropic's, on its paths.</summary>
    Anthropic,

    /// <summary>Google's, on the Gemini API's paths.</summary>
    Gemini,
}

/// <summary>Chooses dialects and writes their error envelopes.</summary>
public static class Dialects
{
    /// <summary>Its SDKs also call <c>/v1/models/MODEL:METHOD</c>, under the path where OpenAI lists models.</summary>
    private static readonly string[] GeminiMethods = [":generateContent", ":streamGenerateContent", ":countTokens"];

    /// <summary>The dialect of a path.</summary>
    /// <param name="path">Request path.</param>
    public static Dialect Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Under(path, "/v1/messages") || Under(path, "/anthropic") ? Dialect.Anthropic
            : Under(path, "/v1beta") || GeminiMethods.Any(method => path.EndsWith(method, StringComparison.Ordinal)) ? Dialect.Gemini
            : Dialect.OpenAI;
    }

    /// <summary>The dialect of a request. OpenAI and Anthropic list models at one path: there the header that every Anthropic client sends decides.</summary>
    /// <param name="request">The request.</param>
    public static Dialect Of(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string path = request.Path.Value ?? "/";
        bool both = Under(path, "/v1/models") || Under(path, "/models");
        return both && request.Headers.ContainsKey("anthropic-version") ? Dialect.Anthropic : Of(path);
    }

    /// <summary>Writes an error body.</summary>
    /// <param name="dialect">Dialect.</param>
    /// <param name="error">The error.</param>
    public static byte[] Write(this Dialect dialect, ApiError error) => dialect switch
    {
        Dialect.Anthropic => AnthropicErrors.Write(error),
        Dialect.Gemini => GeminiErrors.Write(error),
        _ => ErrorBody.Write(error),
    };

    private static bool Under(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
}
