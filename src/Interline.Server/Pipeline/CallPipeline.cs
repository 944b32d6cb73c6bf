using Interline.Accounts;
using Interline.Attempts;
using Interline.Calls;
using Interline.Contents;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Server.Auth;
using Interline.Server.Errors;
using Interline.Server.Hosting;
using Interline.Server.Telemetry;

namespace Interline.Server.Pipeline;

/// <summary>
/// A call to a model, top to bottom: read the body, peek, resolve the model, admit, attempt, settle, log.
/// The key was checked before, for every endpoint alike. Each stage is a file of its own; this one shows their order.
/// </summary>
internal sealed class CallPipeline(Gateway gateway, AccountBook book, CallLog log, UnexpectedFailure failure, TimeProvider time, Drain drain, ContentLog? contents = null)
{
    /// <summary>Carries a call; never throws.</summary>
    /// <param name="http">The request.</param>
    /// <param name="lane">Wire format or operation.</param>
    /// <param name="pathModel">The model in the path; null if it is in the body.</param>
    /// <param name="caller">Who calls.</param>
    public async Task RunAsync(HttpContext http, Lane lane, string? pathModel, Principal caller)
    {
        if (!drain.TryEnter())
        {
            await RefuseAtEndAsync(http, lane);
            return;
        }

        PooledBody? body = null;
        try
        {
            long start = time.GetTimestamp();
            ActiveSnapshot snapshot = gateway.Current;
            (PooledBody? read, ApiError? error) = await RequestBody.ReadAsync(http, snapshot.Snapshot.General.MaxRequestBytes);
            if (error is not null)
            {
                await RefuseAsync(http, lane, error);
                return;
            }

            body = read!;
            lane = lane.For(http.Request.QueryString.Value);
            error = lane.Peek(body.Span, http.Request.ContentType, out RequestFacts facts);
            CallerOptions options = CallerOptions.None;
            error ??= CallerOptionsReader.Take(CallerRequest.Headers(http), lane, ref body, ref facts, out options);
            CallableGroup? group = error is null ? Resolve(snapshot, body, facts, pathModel, caller, out error) : null;
            CallerFacts who = default;
            error ??= ModelAccess.CheckFallbacks(caller, options, snapshot) ?? CallerRequest.Facts(http, lane, body, facts, options, group!.Plan, caller, out who) ?? CheckCustomer(who);
            if (error is not null)
            {
                await RefuseAsync(http, lane, error);
                return;
            }

            Call call = gateway.Begin(lane, body, facts, facts.ModelIsJson ? null : http.Request.ContentType, snapshot, group!, start, who);
            var sink = new HttpSink(http, time, snapshot.Snapshot.Router.WriteTimeout, gateway.Stopping);
            CapturedSink? captured = contents is null || CallerRequest.KeepsContentOut(http) ? null : contents.Watch(call, sink);
            try
            {
                error = await gateway.AdmitAsync(call, http.RequestAborted) ?? await gateway.SendAsync(call, captured ?? (IAnswerSink)sink, http.RequestAborted);
                if (error is not null)
                {
                    await GiveErrorAsync(http, call, error);
                }
                else if (call.Error is not null && !call.Streamed)
                {
                    // Sound that breaks off has no way to say so but a connection that does.
                    http.Abort();
                }
            }
            catch when (Failed(call, http.RequestAborted.IsCancellationRequested))
            {
                throw;
            }
            finally
            {
                log.Write(gateway.Settle(call), call.Id);
                if (captured is not null)
                {
                    contents!.Keep(call, captured);
                }
            }
        }
        catch (Exception e)
        {
            await failure.AnswerAsync(http, e);
        }
        finally
        {
            body?.Dispose();
            drain.Leave();
        }
    }

    /// <summary>Notes a bug of ours, or a client that left, in the call, so that its record does not say it went well. Never catches.</summary>
    private static bool Failed(Call call, bool clientLeft)
    {
        call.Error ??= clientLeft ? new(ErrorKind.ClientGone, 499, "The client closed the connection.") : new(ErrorKind.Server, 500, "Interline failed on this request.");
        call.Status = call.Status == 0 ? call.Error.Status : call.Status;
        return false;
    }

    private Task GiveErrorAsync(HttpContext http, Call call, ApiError error)
    {
        call.Error = error;
        call.Status = error.Status;
        if (error.Kind == ErrorKind.ClientGone)
        {
            return Task.CompletedTask;
        }

        CallHeaders.Write(http.Response.Headers, call, time);
        if (error.Limit is { } limit)
        {
            LimitHeaders.Write(http.Response.Headers, limit, time.GetUtcNow());
        }

        return ErrorResponse.WriteAsync(http, error, error.Raw.Length > 0 ? error.Raw.ToArray() : call.Lane.WriteError(error));
    }

    /// <summary>The group of the model in the path, else of the one in the body, if the caller may ask for it.</summary>
    private CallableGroup? Resolve(ActiveSnapshot snapshot, PooledBody body, in RequestFacts facts, string? pathModel, Principal caller, out ApiError? error)
    {
        if (pathModel is not null)
        {
            return Resolve(snapshot, pathModel, caller, out error);
        }

        Span<char> name = stackalloc char[RequestFacts.MaxModelBytes];
        int length = facts.CopyModel(body.Span, name);
        if (length == 0)
        {
            error = new(ErrorKind.BadRequest, 400, "`model` is missing. GET /v1/models lists what can be asked for.") { Param = "model" };
            return null;
        }

        return Resolve(snapshot, name[..length], caller, out error);
    }

    private CallableGroup? Resolve(ActiveSnapshot snapshot, ReadOnlySpan<char> name, Principal caller, out ApiError? error)
    {
        error = null;
        if (caller.Aliases.Count > 0 && caller.Aliases.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out string? target))
        {
            // What the alias means is what has to be allowed; its own name says nothing, since whoever makes a key chooses it.
            name = target;
        }

        CallableGroup? group = snapshot.Resolve(name);
        error = caller.Models is null ? null : ModelAccess.Check(caller.Models, name.ToString(), group?.Group.Name);
        return error is not null ? null : group ?? Unknown(name.ToString(), out error);
    }

    private ApiError? CheckCustomer(in CallerFacts who) => who.Customer is { } customer ? book.FindCustomer(customer).Refusal : null;

    private CallableGroup? Unknown(string name, out ApiError? error)
    {
        error = gateway.UnknownModel(name);
        return null;
    }

    /// <summary>The server is ending. The connection goes with it, so that the next try finds another server.</summary>
    private async Task RefuseAtEndAsync(HttpContext http, Lane lane)
    {
        try
        {
            http.Response.Headers.Connection = "close";
            await RefuseAsync(http, lane, GatewayEnds.Error with { Message = "Interline is being shut down and takes no more calls. Try again." });
        }
        catch (Exception e)
        {
            await failure.AnswerAsync(http, e);
        }
    }

    private Task RefuseAsync(HttpContext http, Lane lane, ApiError error)
    {
        CallHeaders.WriteId(http.Response.Headers, lane, gateway.NextId());
        return ErrorResponse.WriteAsync(http, error, lane.WriteError(error));
    }
}
