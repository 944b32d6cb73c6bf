namespace Interline.Core.Configuration;

/// <summary>Reads what <c>general_settings</c> says of the books.</summary>
internal static class StorageSettingsReader
{
    private const decimal LargestJournalMegabytes = 1 << 20;

    /// <summary>Reads the settings.</summary>
    public static StorageSettings Read(SectionReader general)
    {
        var defaults = new StorageSettings();
        return new StorageSettings
        {
            KeepBooks = general.Flag("keep_books") ?? defaults.KeepBooks,
            DatabaseUrl = general.Text("database_url") is { } url ? new Secret(url) : null,
            Connections = (int)Math.Min(general.Whole("database_connection_pool_limit", least: 2) ?? defaults.Connections, 1000),
            CallRetention = general.Duration("maximum_spend_logs_retention_period") ?? defaults.CallRetention,
            JournalBytes = JournalBytes(general) ?? defaults.JournalBytes,
            JournalSync = general.Whole("journal_sync_ms", least: 1) is { } milliseconds ? TimeSpan.FromMilliseconds(Math.Min(milliseconds, 60_000)) : null,
        };
    }

    private static long? JournalBytes(SectionReader general)
    {
        decimal? megabytes = general.Number("journal_max_mb");
        if (megabytes is < 64 or > LargestJournalMegabytes)
        {
            general.Refuse("journal_max_mb", $"expected megabytes from 64 up to {LargestJournalMegabytes}");
            return null;
        }

        return megabytes is { } size ? (long)(size * (1 << 20)) : null;
    }
}
