using Interline.Protocols.Errors;
using Interline.Server.Errors;
using Interline.Storage.Databases;

namespace Interline.Server.Pipeline;

/// <summary>The last line of defence: what no stage has caught. The caller learns that it was our fault, the log learns where.</summary>
internal sealed partial class UnexpectedFailure(Gateway gateway, ILogger<UnexpectedFailure> logger)
{
    private static readonly ApiError Fault = new(ErrorKind.Server, 500, "Interline failed on this request. It is a fault of the gateway, not of your request; its log has the details.");
    private static readonly ApiError Unreachable = new(ErrorKind.Overloaded, 503, "The database cannot be reached: what is kept there cannot be read now. Calls with known keys go on. Try again later.")
    {
        Code = "database_unavailable",
        RetryAfter = TimeSpan.FromSeconds(5),
    };

    /// <summary>Ends a request that failed.</summary>
    /// <param name="http">The request.</param>
    /// <param name="e">What was thrown.</param>
    public Task AnswerAsync(HttpContext http, Exception e)
    {
        if (http.RequestAborted.IsCancellationRequested || e is OperationCanceledException or Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            // The client has gone; there is nobody to tell.
            http.Abort();
            return Task.CompletedTask;
        }

        if (e is DatabaseUnavailableException && !http.Response.HasStarted)
        {
            // Told in the log by what watches the database, once and not for each request.
            return ErrorAsync(http, Unreachable);
        }

        Log.Unexpected(logger, http.Request.Method, Shown(http.Request.Path.Value ?? "/"), e);
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        return ErrorAsync(http, Fault);
    }

    private Task ErrorAsync(HttpContext http, ApiError error)
    {
        http.Response.Clear();
        CallHeaders.WriteId(http.Response.Headers, Dialects.Of(http.Request), gateway.NextId());
        return ErrorResponse.WriteAsync(http, error);
    }

    /// <summary>LiteLLM has one path with a key in it.</summary>
    private static string Shown(string path) => path.StartsWith("/key/", StringComparison.Ordinal) && path.AsSpan("/key/".Length).Contains('/') ? "/key/{key}/…" : path;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Unexpected failure on {Method} {Path}")]
        public static partial void Unexpected(ILogger logger, string method, string path, Exception e);
    }
}
