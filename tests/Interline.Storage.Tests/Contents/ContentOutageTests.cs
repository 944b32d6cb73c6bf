using System.Text;
using Interline.Calls;
using Interline.Contents;
using Interline.Core.Configuration;
using Interline.Storage.Contents;
using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests.Contents;

/// <summary>A content log whose database is away: contents are dropped and counted, nothing waits, and it goes on when the database is back.</summary>
public sealed class ContentOutageTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task A_server_that_is_gone_costs_the_contents_of_that_time_and_nothing_else()
    {
        using var server = new PostgresServer();
        await using Database database = Database.Open(server.CreateDatabase(), TimeProvider.System);
        await new Migrator(database, TimeProvider.System).ApplyAsync(None);
        await OutageAsync(
            database,
            server.Stop,
            () =>
            {
                server.Start();
                return Task.CompletedTask;
            });
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_costs_the_contents_of_that_time_and_nothing_else()
    {
        string folder = Directory.CreateTempSubdirectory("interline-content-").FullName;
        try
        {
            string file = Path.Combine(folder, "ledger.db");
            await using Database database = Database.Open(file, TimeProvider.System);

            // A folder in the file's place, until there is none.
            Directory.CreateDirectory(file);
            await OutageAsync(
                database,
                static () => { },
                () =>
                {
                    Directory.Delete(file);
                    return MigrateAsync(file);
                },
                wasThere: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MigrateAsync(string file)
    {
        await using Database other = Database.Open(file, TimeProvider.System);
        await new Migrator(other, TimeProvider.System).ApplyAsync(None);
    }

    private static async Task OutageAsync(Database database, Action stop, Func<Task> start, bool wasThere = true)
    {
        using Gateway gateway = Nodes.Calls.Gateway();
        await using var log = new ContentLog(new SqlContentStore(database, 1 << 20), new ContentLogSettings { QueueBytes = 100_000 }, TimeProvider.System);
        if (wasThere)
        {
            string before = Keep(log, gateway);
            await Until.TrueAsync(async () => await log.Store.FindAsync(before, None) is not null);
        }

        stop();
        const int Lost = 200;
        for (int i = 0; i < Lost; i++)
        {
            Keep(log, gateway);
            log.Waiting.ShouldBeLessThanOrEqualTo(100_000);
        }

        await Until.TrueAsync(() => log.Waiting == 0);
        log.Shed.ShouldBe(Lost);
        await Should.ThrowAsync<DatabaseUnavailableException>(() => log.Store.FindAsync("x", None).AsTask());

        await start();
        await Until.TrueAsync(() => database.Reachability.IsReachable);
        string after = Keep(log, gateway);
        await Until.TrueAsync(async () => await log.Store.FindAsync(after, None) is not null);
        StoredContent content = (await log.Store.FindAsync(after, None))!;
        content.Request.ShouldContain("\"content\":\"x\"");
        content.Answer.ShouldBe("{\"key\":\"***\"}");
        log.Shed.ShouldBe(Lost);
    }

    /// <summary>Keeps a call with its answer, as the pipeline does; gives its id.</summary>
    private static string Keep(ContentLog log, Gateway gateway)
    {
        Call call = Nodes.Calls.Begin(gateway);
        CapturedSink sink = log.Watch(call, new Nodes.Calls.NoSink())!;
        int length = Encoding.UTF8.GetBytes("{\"key\":\"sk-abcdef0123456789\"}", sink.Body.GetSpan(100));
        sink.Body.Advance(length);
        log.Keep(call, sink);
        gateway.Settle(call);
        return call.Id;
    }
}
