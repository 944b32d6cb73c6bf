using Interline.Testing;
using Npgsql;

namespace Interline.Storage.Tests;

/// <summary>The tests' own server, so that a failure here says what the others would only suffer from.</summary>
public sealed class PostgresServerTests
{
    [Fact]
    public async Task It_starts_makes_databases_stops_and_starts_again()
    {
        using var server = new PostgresServer();
        var url = new Uri(server.CreateDatabase());
        string connection = $"Host={url.Host};Port={url.Port};Username=interline;Database={url.AbsolutePath[1..]};Pooling=false";
        (await ReadAsync(connection)).ShouldBe(1);
        server.Stop();
        await Should.ThrowAsync<NpgsqlException>(() => ReadAsync(connection));
        server.Start();
        (await ReadAsync(connection)).ShouldBe(1);
    }

    private static async Task<object?> ReadAsync(string connection)
    {
        await using NpgsqlDataSource source = new NpgsqlSlimDataSourceBuilder(connection).Build();
        await using NpgsqlCommand command = source.CreateCommand("select 1");
        return await command.ExecuteScalarAsync();
    }
}
