using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Storage.Databases;

namespace Interline.Cli.Books;

/// <summary>The database that a configuration names, opened without a gateway.</summary>
internal static class BooksDatabase
{
    /// <summary>Opens it.</summary>
    /// <param name="config">Configuration file; null takes the environment's database, else the data folder's.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The database, or why it cannot be opened, for people.</returns>
    public static async ValueTask<(Database? Database, string? Problem)> OpenAsync(FileInfo? config, CancellationToken cancel)
    {
        StorageSettings settings = new();
        if (config is not null)
        {
            if (ConfigFiles.Read(config.ToString(), ShippedCatalog.BuiltIn, out string? error) is not { Snapshot: { } snapshot })
            {
                return (null, error ?? $"{config} cannot be used; `interline check {config}` says why");
            }

            settings = snapshot.General.Storage;
        }

        string url = OpenedInstallation.Url(settings).Reveal();
        if (!url.Contains("://", StringComparison.Ordinal) && !File.Exists(url))
        {
            return (null, $"there are no books at {url}: a gateway that has run once makes them");
        }

        try
        {
            Database database = Database.Open(url, TimeProvider.System);
            IReadOnlyList<string> pending = await new Migrator(database, TimeProvider.System).PendingAsync(cancel);
            if (pending.Count == 0)
            {
                return (database, null);
            }

            await database.DisposeAsync();
            return (null, $"the books are of an earlier version: start the gateway once, it brings them up to date ({pending.Count} steps)");
        }
        catch (Exception e) when (e is DatabaseException or DatabaseUnavailableException or IOException)
        {
            return (null, e.Message);
        }
    }
}
