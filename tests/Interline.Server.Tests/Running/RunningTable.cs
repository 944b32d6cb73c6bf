using Interline.Books;
using Interline.Ledger;
using Interline.Server.Accounts;
using Interline.Server.Credentials;
using Interline.Server.Endpoints;
using Interline.Server.Health;
using Interline.Server.Hosting;
using Interline.Server.Spend;
using Interline.Server.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Interline.Server.Tests.Running;

/// <summary>The endpoint table as a running gateway has it.</summary>
internal static class RunningTable
{
    public static EndpointTable Of(RunningGateway running)
    {
        Gateway gateway = running.Gateway;
        var books = new BookAccess(gateway, new InMemoryUsageReader((InMemoryLedger)gateway.Ledger, gateway.CallId), TimeProvider.System);
        var audit = new AuditLog(NullLogger<AuditLog>.Instance, TimeProvider.System);
        return GatewayEndpoints.Build(
            new ModelEndpoints(gateway),
            new CallEndpoints(gateway, books),
            new HealthEndpoints(gateway, null, TimeProvider.System, new Drain()),
            new MetricsEndpoint(gateway, null, new CallLog(Stream.Null, TimeProvider.System), null, TimeProvider.System),
            SpendEndpoints.Rows(books),
            AccountEndpoints.Rows(gateway, running.Accounts, audit, TimeProvider.System),
            CredentialEndpoints.Rows(running.Accounts, audit));
    }
}
