using System.Security.Cryptography;
using System.Text;
using Interline.Accounts;
using Interline.Books;
using Interline.Budgets;
using Interline.Core.Configuration;
using Interline.Credentials;
using Interline.Ledger.Journal;
using Interline.Storage.Accounts;
using Interline.Storage.Books;
using Interline.Storage.Credentials;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage;

/// <summary>What an <see cref="Installation"/> is made of.</summary>
public sealed record InstallationOptions
{
    /// <summary>URL of the database, or path of a SQLite file.</summary>
    public required Secret DatabaseUrl { get; init; }

    /// <summary>Folder of this node alone: its journal, and its name.</summary>
    public required string Folder { get; init; }

    /// <summary>The installation's secret: keys are hashed and credentials sealed under it. The same on all nodes; at least 16 characters.</summary>
    public required Secret Salt { get; init; }

    /// <summary>Secrets that also open what was sealed, and find the keys kept under them: the one before, while it is being changed.</summary>
    public IReadOnlyList<Secret> OtherSalts { get; init; } = [];

    /// <summary>How the books are kept.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>How long contents of calls are kept, also those that were kept before contents were turned off.</summary>
    public TimeSpan ContentRetention { get; init; } = new ContentLogSettings().Retention;

    /// <summary>64 random bits of this process, the same as <see cref="Gateway"/> gets.</summary>
    public required ulong Run { get; init; }
}

/// <summary>
/// Everything that a gateway keeps, opened in the order it has to be: the database and its migrations, the journal and what an earlier process left in it, the books,
/// the other nodes, the accounts, the meters. On PostgreSQL several nodes share it; on SQLite a node is alone.
/// </summary>
public sealed class Installation : IAsyncDisposable
{
    private readonly NodeNotices _notices;
    private SharedCooldowns? _cooldowns;
    private bool _disposed;

    private Installation(InstallationOptions options, TimeProvider time, Func<double> chance)
    {
        string run = options.Run.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        ChainKey = ChainKeyOf(options.Salt);
        Sealer = new Sealer(options.Salt, options.OtherSalts);
        Database = Database.Open(options.DatabaseUrl.Reveal(), time, options.Storage.Connections);
        bool shared = Database.Dialect == SqlDialect.Postgres;
        string name = shared ? NodeName.ReadOrMake(options.Folder, run) : run;
        _notices = new NodeNotices(Database, name + "#" + run, time);
        Ledger = new JournaledLedger(new JournalOptions(Path.Combine(options.Folder, "journal")) { MaxBytes = options.Storage.JournalBytes, SyncEvery = options.Storage.JournalSync }, options.Run, time);
        Books = new BookKeeper(Database, Ledger.Queue, options.Run, BooksOf(options), time, chance);
        Usage = new UsageReader(Database);
        var history = new SpendHistory(Database, Books);
        History = history;
        if (shared)
        {
            Nodes = new NodeRegistry(Database, name, run, Gateway.Version, history, time);
            Leases = new PostgresLeases(Database, Nodes, _notices, history, time);
        }

        Accounts = new AccountBook(new SqlAccountStore(Database, _notices, time), options.Salt, time, options.OtherSalts);
        Meters = new MeterBook(time, Leases ?? (ILeaseSource)new LocalLeases(), history);
    }

    /// <summary>The database.</summary>
    public Database Database { get; }

    /// <summary>Where calls are opened and settled.</summary>
    public JournaledLedger Ledger { get; }

    /// <summary>What carries them into the database.</summary>
    public BookKeeper Books { get; }

    /// <summary>What is asked of the books.</summary>
    public IUsageReader Usage { get; }

    /// <summary>What was spent.</summary>
    public ISpendHistory History { get; }

    /// <summary>Keys, teams, users, customers.</summary>
    public AccountBook Accounts { get; }

    /// <summary>Budgets and limits on this node.</summary>
    public MeterBook Meters { get; }

    /// <summary>Seals credentials.</summary>
    public Sealer Sealer { get; }

    /// <summary>The nodes that share the database; null where there is one only.</summary>
    public NodeRegistry? Nodes { get; }

    /// <summary>This node's leases; null where it is alone.</summary>
    public PostgresLeases? Leases { get; }

    /// <summary>Key of the hash chain.</summary>
    public Secret ChainKey { get; }

    /// <summary>Opens everything.</summary>
    /// <param name="options">What it is made of.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Draws from 0 to 1.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseException">The database cannot be used as it is; the message says why and what to do.</exception>
    /// <exception cref="DatabaseUnavailableException">It does not answer; the message says which, without its password.</exception>
    /// <exception cref="IOException">The journal's folder is in use or cannot be written.</exception>
    public static async Task<Installation> OpenAsync(InstallationOptions options, TimeProvider time, Func<double> chance, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        var installation = new Installation(options, time, chance);
        try
        {
            await installation.StartAsync(time, cancel);
            return installation;
        }
        catch (DatabaseUnavailableException e)
        {
            string shown = installation.Database.Shown;
            await installation.DisposeAsync();
            throw new DatabaseUnavailableException($"{e.Message} ({shown}).", e);
        }
        catch
        {
            await installation.DisposeAsync();
            throw;
        }
    }

    /// <summary>The key of the hash chain that a salt stands for: whoever checks the books needs it.</summary>
    /// <param name="salt">The installation's secret.</param>
    public static Secret ChainKeyOf(Secret salt)
    {
        ArgumentNullException.ThrowIfNull(salt);
        return new(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(salt.Reveal()), "interline ledger chain"u8)));
    }

    /// <summary>Tells the other nodes what cools on this one, and hears it from them.</summary>
    /// <param name="gateway">The gateway of this node.</param>
    /// <param name="time">The clock.</param>
    public void ShareCooldowns(Gateway gateway, TimeProvider time)
    {
        if (Nodes is not null)
        {
            _cooldowns ??= new SharedCooldowns(Database, _notices, gateway, time);
        }
    }

    /// <summary>Writes what is left, gives leases back, and closes everything.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_cooldowns is not null)
        {
            await _cooldowns.DisposeAsync();
        }

        Meters.Dispose();
        await Books.DisposeAsync();
        if (Leases is not null)
        {
            await Leases.DisposeAsync();
        }

        if (Nodes is not null)
        {
            await Nodes.DisposeAsync();
        }

        Accounts.Dispose();
        await _notices.DisposeAsync();
        Ledger.Dispose();
        await Database.DisposeAsync();
    }

    private BookOptions BooksOf(InstallationOptions options) => new() { CallRetention = options.Storage.CallRetention, ContentRetention = options.ContentRetention, ChainKey = ChainKey };

    private async Task StartAsync(TimeProvider time, CancellationToken cancel)
    {
        await new Migrator(Database, time).ApplyAsync(cancel);
        await new SealCheck(Database, Sealer).VerifyAsync(cancel);

        // Before anything is leased: what an earlier process of this node has spent must be known.
        await Books.CatchUpAsync(cancel);
        Books.Start();
        _notices.Start();
        if (Nodes is not null)
        {
            await Nodes.StartAsync(cancel);
        }

        await Accounts.StartAsync(cancel);
    }
}
