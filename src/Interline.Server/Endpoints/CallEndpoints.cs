using Interline.Accounts;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Errors;
using Interline.Server.Telemetry;

namespace Interline.Server.Endpoints;

/// <summary>Settled calls.</summary>
internal sealed class CallEndpoints(Gateway gateway)
{
    /// <summary>How a settled call was routed, expanded from the kept inputs of its decisions.</summary>
    public Task DecisionAsync(HttpContext http, string? id) =>
        MayAsk(http, id!) && gateway.FindDecision(id!) is { } report
            ? JsonResponse.WriteAsync(http, report.Write)
            : ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, "No settled call has this id, or what it was decided from is no longer kept (the newest are, as long as their configuration is one of the last nine). A call is settled when its answer has ended.") { Code = "decision_not_found", Param = "call" });

    public Task GetAsync(HttpContext http, string? id) =>
        MayAsk(http, id!) && gateway.FindCall(id!) is { } record
            ? JsonResponse.WriteAsync(http, json => CallJson.Write(json, record, id!, whole: true))
            : ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, $"No settled call has this id, or it is no longer kept (the newest {InMemoryLedger.DefaultCapacity:N0} are). A call is settled when its answer has ended.") { Code = "call_not_found", Param = "id" });

    /// <summary>Whether a call is the caller's own, its user's, or of a team it is an admin of. Of others not even that they exist is told.</summary>
    private bool MayAsk(HttpContext http, string id)
    {
        Principal caller = http.Principal();
        return caller.Role >= Role.Viewer || (gateway.FindCall(id) is { } record && Ownership.Owns(caller, record.KeyId, record.UserId, record.TeamId));
    }
}
