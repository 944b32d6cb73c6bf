using Interline.Protocols.Errors;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Pipeline;

/// <summary>Every request enters here: find its row in the endpoint table, check the key, hand it on. Whatever fails is answered in the caller's own format.</summary>
internal sealed partial class GatewayHandler(EndpointTable table, MasterKey key, CallPipeline calls, Gateway gateway, ILogger<GatewayHandler> logger)
{
    public async Task HandleAsync(HttpContext http)
    {
        try
        {
            if (CrossOrigin.Answers(http))
            {
                return;
            }

            string path = http.Request.Path.Value ?? "/";
            Endpoint? endpoint = table.Find(http.Request.Method, path, out string? parameter, out string? allowed);

            // Before the path is looked at, so that a caller without a key cannot tell a deployment's name that exists from one that does not.
            if (endpoint?.Role != Role.Anonymous && !key.Admits(http.Request))
            {
                await RefuseAsync(http, Unauthorized(http.Request));
                return;
            }

            if (endpoint is null)
            {
                await RefuseAsync(http, NotFound(http, path, allowed));
                return;
            }

            if (endpoint.Lane is { } lane)
            {
                await calls.RunAsync(http, lane, parameter);
            }
            else
            {
                await endpoint.Handle!(http, parameter);
            }
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested || e is OperationCanceledException or Microsoft.AspNetCore.Connections.ConnectionResetException)
        {
            // The client has gone; there is nobody to tell.
            http.Abort();
        }
        catch (Exception e)
        {
            // The last line of defence: a bug of ours. The caller learns that it was, the log learns where.
            Log.Unexpected(logger, http.Request.Method, http.Request.Path.Value ?? "/", e);
            if (http.Response.HasStarted)
            {
                http.Abort();
                return;
            }

            http.Response.Clear();
            await RefuseAsync(http, new ApiError(ErrorKind.Server, 500, "Interline failed on this request. It is a fault of the gateway, not of your request; its log has the details."));
        }
    }

    /// <summary>An error of the gateway's own, with an id like every answer.</summary>
    private Task RefuseAsync(HttpContext http, ApiError error)
    {
        http.Response.Headers["x-request-id"] = gateway.NextId();
        return ErrorResponse.WriteAsync(http, error);
    }

    private static ApiError Unauthorized(HttpRequest request)
    {
        return new(ErrorKind.Authentication, 401, MasterKey.IsGiven(request)
            ? "The API key is not valid here. Send the gateway's key, not a provider's, as `Authorization: Bearer …`, `x-api-key` or `api-key`."
            : "No API key was sent. Send the gateway's key as `Authorization: Bearer …`, `x-api-key` or `api-key`.");
    }

    private static ApiError NotFound(HttpContext http, string path, string? allowed)
    {
        if (allowed is not null)
        {
            http.Response.Headers.Allow = allowed;
            return new(ErrorKind.BadRequest, 405, $"{http.Request.Method} is not a method of {path}; {allowed} is.") { Code = "method_not_allowed" };
        }

        string shown = path.Length > 200 ? path[..200] + "…" : path;
        return new(ErrorKind.BadRequest, 404, $"There is nothing at {shown}. GET /openapi/v1.json lists every path.") { Code = "not_found" };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Unexpected failure on {Method} {Path}")]
        public static partial void Unexpected(ILogger logger, string method, string path, Exception e);
    }
}
