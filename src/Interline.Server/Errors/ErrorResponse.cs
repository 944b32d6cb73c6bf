using System.Globalization;
using Interline.Protocols.Errors;

namespace Interline.Server.Errors;

/// <summary>Answers a request with an error.</summary>
internal static class ErrorResponse
{
    /// <summary>Writes the whole answer. The provider's own body goes through as it is where it is of the caller's format.</summary>
    public static async Task WriteAsync(HttpContext http, ApiError error, byte[] body)
    {
        HttpResponse response = http.Response;
        response.StatusCode = error.Status;
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        if (error.RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (error.Status == 401 && !response.HasStarted)
        {
            response.Headers.WWWAuthenticate = "Bearer";
        }

        await response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    /// <summary>Writes an error of the gateway's own.</summary>
    public static Task WriteAsync(HttpContext http, ApiError error) =>
        WriteAsync(http, error, Dialects.Of(http.Request).Write(error));
}
