using System.Net;
using Interline.Accounts;
using Interline.Books;
using Interline.Contents;
using Interline.Ledger;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Credentials;
using Interline.Server.Endpoints;
using Interline.Server.Health;
using Interline.Server.Pipeline;
using Interline.Server.Spend;
using Interline.Server.Telemetry;
using Interline.Storage;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Interline.Server.Hosting;

/// <summary>Where and how the server listens.</summary>
public sealed record ServerOptions
{
    /// <summary>Address to bind; loopback unless said otherwise.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Port to bind; 0 takes a free one.</summary>
    public int Port { get; init; } = 4000;

    /// <summary>Where the log line of each call goes.</summary>
    public required Stream LogOutput { get; init; }

    /// <summary>What the gateway keeps; null keeps the newest calls in memory.</summary>
    public Installation? Installation { get; init; }

    /// <summary>The books that usage and the call log are read from; null takes those of the installation, else the newest calls in memory.</summary>
    public IUsageReader? Usage { get; init; }

    /// <summary>Keeps the content of calls; null keeps none. Owned by whoever made it.</summary>
    public ContentLog? Contents { get; init; }

    /// <summary>How the server ends.</summary>
    public Drain Drain { get; init; } = new();

    /// <summary>Who a request comes from; null takes everybody whose key was good for an admin.</summary>
    public Func<HttpContext, Principal>? Who { get; init; }

    /// <summary>The id of a key that a script names by the key itself; null knows none.</summary>
    public Func<string, string?>? KeyId { get; init; }

    /// <summary>A name for people of an id in a dimension; null knows none.</summary>
    public Func<UsageDimension, string, string?>? NameOf { get; init; }
}

/// <summary>The gateway on Kestrel.</summary>
public static class GatewayServer
{
    /// <summary>Builds the server; it is not started yet.</summary>
    /// <param name="gateway">The engine.</param>
    /// <param name="key">The key callers need.</param>
    /// <param name="options">Where it listens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="accounts">Keys, teams, users; null keeps those that are made in memory, until the end of the program.</param>
    public static WebApplication Build(Gateway gateway, MasterKey key, ServerOptions options, TimeProvider time, AccountServices? accounts = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, options));

        // Measured (bench/): with the sockets' inline completions, which the program sets before its first socket, this takes a third to a half off the cost of a stream's event.
        // The price: a handler must never block, for it holds an I/O thread.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.Logging.AddSimpleConsole(console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning);

        // A start that fails is thrown to whoever starts; the host would print its stack besides.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // Who changed which account is told, though it is no warning.
        builder.Logging.AddFilter(typeof(AuditLog).FullName, LogLevel.Information);

        // With any provider listening there, hosting makes an Activity and a logging scope for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSingleton(_ => new CallLog(options.LogOutput, time));

        WebApplication app = builder.Build();
        CallLog log = app.Services.GetRequiredService<CallLog>();
        AccountServices known = accounts ?? AccountServices.InMemory(time);
        var audit = new AuditLog(app.Services.GetRequiredService<ILogger<AuditLog>>(), time);
        known.Book.Zone = gateway.Current.Snapshot.General.Budgets.Zone;
        gateway.Admission.Book.OnSoftLimitPassed(new SoftLimitLog(app.Services.GetRequiredService<ILogger<SoftLimitLog>>()).Write);
        BookAccess books = Books(gateway, options, known.Book, time);
        EndpointTable table = GatewayEndpoints.Build(
            new ModelEndpoints(gateway),
            new CallEndpoints(gateway, books),
            new HealthEndpoints(gateway, options.Installation, time, options.Drain),
            new MetricsEndpoint(gateway, options.Installation, log, options.Contents, time),
            SpendEndpoints.Rows(books),
            AccountEndpoints.Rows(gateway, known, audit, time),
            CredentialEndpoints.Rows(known, audit));
        var failure = new UnexpectedFailure(gateway, app.Services.GetRequiredService<ILogger<UnexpectedFailure>>());
        var handler = new GatewayHandler(table, new Authenticator(key, known.Book), new CallPipeline(gateway, known.Book, log, failure, time, options.Drain, options.Contents), failure, gateway);
        app.Run(handler.HandleAsync);
        return app;
    }

    private static BookAccess Books(Gateway gateway, ServerOptions options, AccountBook accounts, TimeProvider time)
    {
        // A ledger that keeps its calls elsewhere comes with a reader of its own; without one there is nothing to read.
        IUsageReader reader = options.Usage ?? options.Installation?.Usage ?? new InMemoryUsageReader(gateway.Ledger as InMemoryLedger ?? new InMemoryLedger(1), gateway.CallId);
        return new BookAccess(gateway, reader, time)
        {
            Contents = options.Contents?.Store,
            Who = options.Who ?? (static http => http.Principal()),
            KeyId = options.KeyId ?? (key => accounts.FindKeyByText(key)?.Id),
            NameOf = options.NameOf ?? new AccountNames(accounts).Of,
        };
    }

    private static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowSynchronousIO = false;

        // The body's limit is the configuration's, checked where it is read; a slow reader is held back, not cut off.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinResponseDataRate = null;

        // A body is read only for a caller whose key was good, so a slow one is no stranger's attack; timing it costs several locks a request.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Listen(options.Address, options.Port, listen => listen.Use(next => connection =>
        {
            connection.Features.Set(new LastKey());
            return next(connection);
        }));
    }
}
