using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Server.Errors;
using Interline.Server.Spend;
using Interline.Server.Telemetry;

namespace Interline.Server.Endpoints;

/// <summary>Settled calls.</summary>
internal sealed class CallEndpoints(Gateway gateway, BookAccess books)
{
    /// <summary>How a settled call was routed, expanded from the kept inputs of its decisions.</summary>
    public async Task DecisionAsync(HttpContext http, string? id)
    {
        // One answer for a call that is not there and one of somebody else's: who asks must not learn which ids exist.
        bool seen = await FindAsync(http, id!) is not null;
        await (seen && gateway.FindDecision(id!) is { } report
            ? JsonResponse.WriteAsync(http, report.Write)
            : ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, "No settled call has this id, or what it was decided from is no longer kept (the newest are, as long as their configuration is one of the last nine). A call is settled when its answer has ended.") { Code = "decision_not_found", Param = "call" }));
    }

    /// <summary>A call, from memory or from the books.</summary>
    public async Task GetAsync(HttpContext http, string? id)
    {
        string kept = books.InMemory ? $" (the newest {InMemoryLedger.DefaultCapacity:N0} are)" : "";
        await (await FindAsync(http, id!) is { } record
            ? JsonResponse.WriteAsync(http, json => CallJson.Write(json, record, id!, whole: true))
            : ErrorResponse.WriteAsync(http, new ApiError(ErrorKind.BadRequest, 404, $"No settled call has this id, or it is no longer kept{kept}. A call is settled when its answer has ended.") { Code = "call_not_found", Param = "id" }));
    }

    private async ValueTask<CallRecord?> FindAsync(HttpContext http, string id)
    {
        CallRecord? found = gateway.FindCall(id) ?? (IsId(id) ? await books.Reader.FindAsync(id, http.RequestAborted) : null)?.Record;
        return found is { } record && books.SightOf(http).Sees(record) ? record : null;
    }

    private static bool IsId(string id) => id.Length == 32 && id.All(char.IsAsciiHexDigit);
}
