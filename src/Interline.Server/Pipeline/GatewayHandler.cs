using Interline.Accounts;
using Interline.Protocols.Errors;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Pipeline;

/// <summary>Every request enters here: find its row in the endpoint table, check the key, hand it on. Whatever fails is answered in the caller's own format.</summary>
internal sealed class GatewayHandler(EndpointTable table, Authenticator keys, CallPipeline calls, UnexpectedFailure failure, Gateway gateway)
{
    /// <summary>Answers a request. No state machine of its own: on the way of every call one more costs as much as checking the key.</summary>
    /// <param name="http">The request.</param>
    public Task HandleAsync(HttpContext http)
    {
        try
        {
            if (CrossOrigin.Answers(http))
            {
                return Task.CompletedTask;
            }

            string path = http.Request.Path.Value ?? "/";
            Endpoint? endpoint = table.Find(http.Request.Method, path, out string? parameter, out string? allowed);

            if (endpoint?.Role == Role.Anonymous)
            {
                return GuardAsync(http, endpoint.Handle!(http, parameter));
            }

            // Before the path is looked at, so that a caller without a key cannot tell a deployment's name that exists from one that does not.
            KeyFinding found = keys.Find(http.Request);
            return found.IsUnknown ? GuardAsync(http, AgainAsync(http, endpoint, parameter, allowed)) : Go(http, endpoint, parameter, allowed, found);
        }
        catch (Exception e)
        {
            return failure.AnswerAsync(http, e);
        }
    }

    private async Task AgainAsync(HttpContext http, Endpoint? endpoint, string? parameter, string? allowed) =>
        await Go(http, endpoint, parameter, allowed, await keys.FindAgainAsync(http.Request));

    private Task Go(HttpContext http, Endpoint? endpoint, string? parameter, string? allowed, KeyFinding found)
    {
        if (found.Principal is not { } caller)
        {
            return GuardAsync(http, RefuseAsync(http, found.Refusal!));
        }

        if (endpoint is null)
        {
            return GuardAsync(http, RefuseAsync(http, NotFound(http, http.Request.Path.Value ?? "/", allowed)));
        }

        if (Authorization.Check(endpoint, caller) is { } refusal)
        {
            return GuardAsync(http, RefuseAsync(http, refusal));
        }

        if (endpoint.Lane is { } lane)
        {
            return calls.RunAsync(http, lane, parameter, caller);
        }

        http.Features.Set(new PrincipalFeature(caller));
        return GuardAsync(http, endpoint.Handle!(http, parameter));
    }

    private async Task GuardAsync(HttpContext http, Task work)
    {
        try
        {
            await work;
        }
        catch (Exception e)
        {
            await failure.AnswerAsync(http, e);
        }
    }

    /// <summary>An error of the gateway's own, with an id like every answer.</summary>
    private Task RefuseAsync(HttpContext http, ApiError error)
    {
        CallHeaders.WriteId(http.Response.Headers, Dialects.Of(http.Request), gateway.NextId());
        return ErrorResponse.WriteAsync(http, error);
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
}
