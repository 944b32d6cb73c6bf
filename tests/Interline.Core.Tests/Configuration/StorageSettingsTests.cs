using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

public class StorageSettingsTests
{
    [Fact]
    public void Where_and_for_how_long_books_are_kept_is_read()
    {
        ConfigResult result = Reading.Read("general_settings: {database_url: 'postgresql://u:p@h/d', database_connection_pool_limit: 4, maximum_spend_logs_retention_period: 30d, journal_max_mb: 64, journal_sync_ms: 50, keep_books: yes}");

        result.Problems.ShouldNotContain(x => x.Path.StartsWith("general_settings", StringComparison.Ordinal));
        StorageSettings storage = result.Snapshot!.General.Storage;
        storage.DatabaseUrl!.Reveal().ShouldBe("postgresql://u:p@h/d");
        storage.ToString().ShouldNotContain("u:p");
        storage.ShouldBe(new StorageSettings { DatabaseUrl = storage.DatabaseUrl, Connections = 4, CallRetention = TimeSpan.FromDays(30), JournalBytes = 64L << 20, JournalSync = TimeSpan.FromMilliseconds(50) });
    }

    [Theory]
    [InlineData("journal_max_mb: 1")]
    [InlineData("database_connection_pool_limit: 1")]
    [InlineData("maximum_spend_logs_retention_period: soon")]
    [InlineData("journal_sync_ms: 0")]
    public void What_cannot_be_is_refused_where_it_stands(string setting)
    {
        string path = "general_settings." + setting.Split(':')[0];
        Reading.Read($"general_settings: {{{setting}}}").Problems.ShouldContain(x => x.Path == path && x.Severity == ConfigSeverity.Error);
    }
}
