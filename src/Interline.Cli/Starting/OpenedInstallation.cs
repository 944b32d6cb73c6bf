using Interline.Core.Configuration;
using Interline.Storage;
using Interline.Storage.Databases;

namespace Interline.Cli.Starting;

/// <summary>Opens what the gateway keeps: the configured database, else <c>DATABASE_URL</c>, else a SQLite file in the data folder.</summary>
internal static class OpenedInstallation
{
    /// <summary>Where the books are.</summary>
    /// <param name="settings">What the configuration says.</param>
    public static Secret Url(StorageSettings settings) =>
        settings.DatabaseUrl
        ?? (Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } url ? new Secret(url) : new Secret(Path.Combine(DataFolder.Path, "interline.db")));

    /// <summary>Opens it.</summary>
    /// <param name="general">What the configuration says.</param>
    /// <param name="run">64 random bits of this process.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null and no problem where nothing is to be kept; null and a problem, for people, where it cannot be.</returns>
    public static async Task<(Installation? Installation, string? Problem)> OpenAsync(GeneralSettings general, ulong run, TimeProvider time, CancellationToken cancel)
    {
        StorageSettings settings = general.Storage;
        if (!settings.KeepBooks)
        {
            return default;
        }

        try
        {
            DataFolder.Create(DataFolder.Path);
            var options = new InstallationOptions
            {
                DatabaseUrl = Url(settings),
                Folder = DataFolder.Path,
                Salt = SaltSource.Find(),
                OtherSalts = SaltSource.Others(),
                Storage = settings,
                ContentRetention = (general.ContentLog ?? new ContentLogSettings()).Retention,
                Run = run,
            };
            return (await Installation.OpenAsync(options, time, Random.Shared.NextDouble, cancel), null);
        }
        catch (DatabaseException e)
        {
            return (null, e.Message);
        }
        catch (DatabaseUnavailableException e)
        {
            string from = settings.DatabaseUrl is not null ? "`general_settings.database_url` names it" : Environment.GetEnvironmentVariable("DATABASE_URL") is { Length: > 0 } ? "DATABASE_URL names it" : "`general_settings.database_url` or DATABASE_URL names another";
            return (null, $"{e.Message} A gateway that runs goes on without it; one that starts has to read its keys and budgets there. Start the database, or correct what is wrong: {from}. `general_settings.keep_books: false` starts without one: only the master key is known then, and nothing is kept.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return (null, $"{e.Message} The data folder is {DataFolder.Path}; INTERLINE_DATA names another. `general_settings.keep_books: false` keeps nothing.");
        }
        catch (ArgumentException e)
        {
            return (null, $"The installation's secret cannot be used: {e.Message}");
        }
    }
}
