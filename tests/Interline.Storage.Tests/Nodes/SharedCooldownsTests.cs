using Interline.Core.Routing;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage.Tests.Nodes;

public sealed class SharedCooldownsTests
{
    [Fact]
    public async Task What_cools_on_one_node_cools_on_the_others()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        await using TestNode a = await TestNode.StartAsync(test.Url, "a");
        await using TestNode b = await TestNode.StartAsync(test.Url, "b");
        await Until.TrueAsync(() => a.Notices.IsListening && b.Notices.IsListening);
        using Gateway here = Calls.Gateway();
        using Gateway there = Calls.Gateway();
        await using var ours = new SharedCooldowns(a.Database, a.Notices, here, TimeProvider.System);
        await using var theirs = new SharedCooldowns(b.Database, b.Notices, there, TimeProvider.System);
        State(there).IsAvailable.ShouldBeTrue();

        await FailAsync(here);
        await Until.TrueAsync(() => !State(there).IsAvailable);
        State(there).CoolingFor.ShouldBeLessThanOrEqualTo(State(here).CoolingFor + TimeSpan.FromSeconds(1));
    }

    private static HealthReading State(Gateway gateway) => gateway.Current.Deployments.First(x => x.Deployment.Id == "d one").Health.Read(TimeProvider.System);

    /// <summary>A call to an address nobody listens at.</summary>
    private static async Task FailAsync(Gateway gateway)
    {
        var health = gateway.Current.Deployments.First(x => x.Deployment.Id == "d one").Health;
        for (int i = 0; i < 50 && health.Read(TimeProvider.System).IsAvailable; i++)
        {
            await Calls.SendAsync(gateway);
        }

        health.Read(TimeProvider.System).IsAvailable.ShouldBeFalse();
    }
}
