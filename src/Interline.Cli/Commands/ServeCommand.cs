using System.CommandLine;
using System.Net;
using System.Security.Cryptography;
using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Accounts;
using Interline.Budgets;
using Interline.Contents;
using Interline.Core.Routing;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Hosting;
using Interline.Storage;
using Interline.Storage.Contents;
using Interline.Upstream;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Interline.Cli.Commands;

/// <summary><c>serve</c>, also what is done without a command: reads the configuration, finds the key, listens.</summary>
internal static class ServeCommand
{
    /// <summary>Scopes whose spend is read at start.</summary>
    private const int MostPreloaded = 10_000;

    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

    private static readonly Option<FileInfo?> Config = new("--config", "-c") { Description = "Configuration file, YAML in LiteLLM's format. Without one, every provider whose key is in the environment is served." };
    private static readonly Option<int> Port = new("--port", "-p") { Description = "Port to listen on.", DefaultValueFactory = _ => 4000 };
    private static readonly Option<FileInfo?> PriceMap = new("--price-map") { Description = "LiteLLM's price map (model_prices_and_context_window.json), laid over the catalogue." };
    private static readonly Option<string?> Host = new("--host") { Description = "Address to listen on. Default: 127.0.0.1; in a container 0.0.0.0." };

    public static Command Create()
    {
        var command = new TaughtCommand(
            "serve",
            "Start the gateway; also what is done without a command.",
            """
              interline                              every provider whose key is in the environment, else a demo
              interline --config config.yaml         what a LiteLLM-style file lists, and nothing else

            A changed file is taken into use by itself within two seconds, or at once on SIGHUP; calls under way go on. Ctrl-C or SIGTERM lets them finish.
            Exit status: 0 ended, 2 could not start.
            """);
        AddTo(command);
        return command;
    }

    public static void AddTo(Command command)
    {
        command.Options.Add(Config);
        command.Options.Add(Port);
        command.Options.Add(Host);
        command.Options.Add(PriceMap);
        command.SetAction((result, cancel) => RunAsync(result.GetValue(Config), result.GetValue(Port), result.GetValue(Host), result.GetValue(PriceMap), cancel));
    }

    private static async Task<int> RunAsync(FileInfo? config, int port, string? host, FileInfo? priceMap, CancellationToken cancel)
    {
        if (port is < 0 or > 65535)
        {
            return Fail($"--port {port} is not a port: give 0 to 65535 (0 takes a free one).");
        }

        bool inContainer = Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1";
        if (!TryAddress(host, inContainer, out IPAddress address))
        {
            return Fail($"--host {host} is not an address of this machine: give one such as 127.0.0.1, 0.0.0.0 or ::.");
        }

        ICatalog? catalog = Configuration.Catalog(priceMap);
        if (catalog is null)
        {
            return 2;
        }

        ConfigResult? file = config is null ? null : Configuration.Load(config, catalog);
        if (config is not null && file is null)
        {
            return 2;
        }

        Snapshot snapshot = file?.Snapshot ?? Configuration.WithoutFile(catalog);

        KeySource? key;
        try
        {
            key = KeySource.Find(snapshot.General.MasterKey, inContainer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail($"Cannot keep a key in {DataFolder.Path}: {e.Message} Set INTERLINE_DATA to a folder that can be written, or INTERLINE_MASTER_KEY.");
        }

        if (key is null)
        {
            return Fail("A container needs its key from outside: set INTERLINE_MASTER_KEY, LITELLM_MASTER_KEY or general_settings.master_key. (One made up inside would be lost with the container.)");
        }

        TimeProvider time = TimeProvider.System;
        ulong randomness = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8));
        (Installation? opened, string? problem) = await OpenedInstallation.OpenAsync(snapshot.General, randomness, time, cancel);
        if (problem is not null)
        {
            return Fail(problem);
        }

        await using Installation? installation = opened;
        using var gateway = new Gateway(snapshot, new UpstreamOptions { UseProxy = HasProxy() }, time, randomness, installation?.Ledger, catalog, Admission(installation));
        installation?.ShareCooldowns(gateway, time);
        AccountServices? accounts = Accounts(installation, gateway, snapshot, catalog, time);
        var masterKey = new MasterKey(key.Key);
        await using ContentLog? contents = snapshot.General.ContentLog is { } kept ? new ContentLog(ContentStore(installation, kept), kept, time) : null;
        var options = new ServerOptions { Address = address, Port = port, LogOutput = Console.OpenStandardOutput(), Installation = installation, Contents = contents };
        await using WebApplication app = GatewayServer.Build(gateway, masterKey, options, time, accounts);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            return Fail($"Cannot listen on {address}:{port}: {e.InnerException?.Message ?? e.Message} Give another --port, or stop what listens there.");
        }

        _ = PreloadAsync(installation, cancel);
        Banner.Write(Console.Error, app.Urls.First(), key, gateway, config);
        using ConfigWatch? watch = file is null ? null : Watch(config!, file, catalog, UseFile, masterKey, inContainer);
        watch?.Start(time);
        await EndAsync(app, options.Drain, gateway, time, cancel);
        return 0;

        void UseFile(Snapshot changed)
        {
            if (accounts is not null)
            {
                accounts.Book.Zone = changed.General.Budgets.Zone;
            }

            UseCustomerBudget(installation, changed);
            (accounts?.Models is { } models ? models.UseFile : (Action<Snapshot>)gateway.Use)(changed);
        }
    }

    /// <summary>Waits until the program is to end, lets the calls under way end, and stops the server.</summary>
    private static async Task EndAsync(WebApplication app, Drain drain, Gateway gateway, TimeProvider time, CancellationToken cancel)
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration byHost = app.Lifetime.ApplicationStopping.UnsafeRegister(static told => ((TaskCompletionSource)told!).TrySetResult(), told);
        using CancellationTokenRegistration byCommand = cancel.UnsafeRegister(static told => ((TaskCompletionSource)told!).TrySetResult(), told);
        await told.Task;
        TimeSpan limit = gateway.Current.Snapshot.General.DrainTimeout;
        if (drain.Running > 0)
        {
            Console.Error.WriteLine($"interline: ending; {drain.Running} calls under way have {limit.TotalSeconds:0.###} s (drain_timeout)");
        }

        int broken = await drain.RunAsync(gateway, limit, time);
        if (broken > 0)
        {
            Console.Error.WriteLine($"interline: {broken} calls were broken off");
        }

        // What is left are connections without a call.
        using var hurry = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        await app.StopAsync(hurry.Token);
    }

    /// <summary>Reads what budgets have spent before the first calls ask for it. Nothing waits for that; what fails is counted, and read by the first call.</summary>
    private static Task PreloadAsync(Installation? installation, CancellationToken cancel) =>
        installation is null ? Task.CompletedTask : Task.Run(() => installation.Meters.PreloadAsync(installation.Accounts.BudgetedScopes().Take(MostPreloaded)), cancel);

    /// <summary>Gives customers without a budget of their own the one the configuration names.</summary>
    private static void UseCustomerBudget(Installation? installation, Snapshot snapshot)
    {
        if (installation is null || installation.Accounts.DefaultCustomerBudget == snapshot.General.Budgets.CustomerBudgetId)
        {
            return;
        }

        string? id = installation.Accounts.DefaultCustomerBudget = snapshot.General.Budgets.CustomerBudgetId;
        if (id is not null && installation.Accounts.Find(AccountKinds.Budget, id) is null)
        {
            Console.Error.WriteLine($"interline: litellm_settings.max_end_user_budget_id names the budget '{id}', which does not exist: until it is made by /budget/new, customers without a budget of their own have none");
        }
    }

    private static Admission? Admission(Installation? installation) => installation is null ? null : new Admission(installation.Meters, installation.Accounts.TermsOf);

    private static IContentStore ContentStore(Installation? installation, ContentLogSettings settings) =>
        installation is null ? new InMemoryContentStore() : new SqlContentStore(installation.Database, settings.StoredBytes);

    /// <summary>The accounts of the installation, with the deployments that were added at run time already in use.</summary>
    private static AccountServices? Accounts(Installation? installation, Gateway gateway, Snapshot snapshot, ICatalog catalog, TimeProvider time)
    {
        if (installation is null)
        {
            return null;
        }

        UseCustomerBudget(installation, snapshot);
        var models = new RuntimeModels(installation.Accounts, installation.Sealer, catalog, snapshot, gateway.Use, static problem => Console.Error.WriteLine("interline: " + problem));
        models.Refresh();
        return new AccountServices { Book = installation.Accounts, Spend = new SpendView(installation.History, installation.Meters, time), Models = models, Sealer = installation.Sealer };
    }

    private static ConfigWatch Watch(FileInfo config, ConfigResult read, ICatalog catalog, Action<Snapshot> use, MasterKey masterKey, bool inContainer)
    {
        Secret? configured = read.Snapshot!.General.MasterKey;
        return new ConfigWatch(config.ToString(), read, catalog, Use, Console.Error);

        void Use(Snapshot snapshot)
        {
            use(snapshot);
            if (Equals(snapshot.General.MasterKey, configured))
            {
                return;
            }

            configured = snapshot.General.MasterKey;
            if (KeySource.Find(configured, inContainer) is { } found)
            {
                masterKey.Use(found.Key);
                Console.Error.WriteLine($"interline: the key callers send is now the one of {found.Origin}");
            }
            else
            {
                Console.Error.WriteLine("interline: general_settings.master_key is gone and nothing stands in for it: the key in use stays until the next start, which will fail");
            }
        }
    }

    private static bool TryAddress(string? host, bool inContainer, out IPAddress address)
    {
        address = inContainer ? IPAddress.Any : IPAddress.Loopback;
        return host switch
        {
            null => true,
            "localhost" => (address = IPAddress.Loopback) is not null,
            _ => IPAddress.TryParse(host, out address!),
        };
    }

    /// <summary>Whether the environment names a proxy.</summary>
    public static bool HasProxy() =>
        ProxyVariables.Any(x => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(x)) || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(x.ToLowerInvariant())));

    private static int Fail(string message)
    {
        Console.Error.WriteLine("interline: " + message);
        return 2;
    }
}
