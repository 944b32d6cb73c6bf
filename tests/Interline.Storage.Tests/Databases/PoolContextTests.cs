using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests.Databases;

public sealed class PoolContextTests
{
    [Fact]
    public async Task What_follows_a_statement_runs_on_the_pool_and_never_on_the_thread_that_reads_the_sockets()
    {
        await using Database database = Database.Open(PostgresServer.Shared.CreateDatabase(), TimeProvider.System);
        (bool Before, bool After, SynchronizationContext? Context) seen = await database.WriteAsync(
            static async (session, token) =>
            {
                bool before = Thread.CurrentThread.IsThreadPoolThread;
                await session.ExecuteAsync("select 1", token);
                return (before, Thread.CurrentThread.IsThreadPoolThread, SynchronizationContext.Current);
            },
            CancellationToken.None);

        seen.Before.ShouldBeTrue();
        seen.After.ShouldBeTrue();
        seen.Context.ShouldBeOfType<PoolContext>();
    }
}
