namespace Interline.Core.Configuration;

/// <summary>Where and for how long the server keeps its books. From <c>general_settings</c>; read once, at the start.</summary>
public sealed record StorageSettings
{
    /// <summary>Whether calls and accounts are kept at all; false keeps the newest calls in memory and knows no key but the master key. From <c>keep_books</c>.</summary>
    public bool KeepBooks { get; init; } = true;

    /// <summary>The database, <c>postgresql://…</c> or the path of a SQLite file; null takes <c>DATABASE_URL</c>, else a file in the data folder. A secret, for it may hold a password. From <c>database_url</c>.</summary>
    public Secret? DatabaseUrl { get; init; }

    /// <summary>Most connections of this node to PostgreSQL, from 2. From <c>database_connection_pool_limit</c>.</summary>
    public int Connections { get; init; } = 10;

    /// <summary>How long single calls are kept; their sums stay. From <c>maximum_spend_logs_retention_period</c>.</summary>
    public TimeSpan CallRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Most bytes that may wait in the journal for the database; beyond it calls are refused rather than lost. From <c>journal_max_mb</c>.</summary>
    public long JournalBytes { get; init; } = 1L << 30;

    /// <summary>How often the journal is forced to the disk, against a loss of power; null leaves it to the system. A killed process loses nothing either way. From <c>journal_sync_ms</c>.</summary>
    public TimeSpan? JournalSync { get; init; }
}
