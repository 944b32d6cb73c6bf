using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Storage.Databases;
using Interline.Storage.Nodes;

namespace Interline.Storage.Tests.Nodes;

/// <summary>One node of several in one process: connections, registry and leases of its own.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    private TestNode(string url, string name, string start, Spending spending)
    {
        Database = Database.Open(url, TimeProvider.System, connections: 5);
        Notices = new NodeNotices(Database, name + "#" + start, TimeProvider.System);
        Registry = new NodeRegistry(Database, name, start, "1.0", spending, TimeProvider.System);
        Leases = new PostgresLeases(Database, Registry, Notices, spending, TimeProvider.System);
    }

    public Database Database { get; }

    public NodeNotices Notices { get; }

    public NodeRegistry Registry { get; }

    public PostgresLeases Leases { get; }

    public static async Task<TestNode> StartAsync(string url, string name, Spending? spending = null, string start = "1")
    {
        var node = new TestNode(url, name, start, spending ?? new Spending());
        node.Notices.Start();
        await node.Registry.StartAsync(CancellationToken.None);
        return node;
    }

    /// <summary>As if it had said nothing for a long time.</summary>
    public Task SilenceAsync() => Database.WriteAsync(
        (session, token) => session.ExecuteAsync("update interline_node set seen_at = seen_at - interval '1 hour' where id = $1", token, Registry.Id),
        CancellationToken.None);

    /// <summary>As often as it takes to judge others.</summary>
    public async Task BeatAsync(int times = 4)
    {
        for (int i = 0; i < times; i++)
        {
            await Registry.BeatAsync(CancellationToken.None);
        }
    }

    public async Task<LeaseGrant> TakeAsync(MeterId meter, decimal limit, decimal needed, decimal wished) =>
        await Leases.TakeAsync(meter, limit, needed, wished, CancellationToken.None);

    /// <summary>Gone without a word: nothing is returned or written any more, but the connections close.</summary>
    public async ValueTask DieAsync()
    {
        await Notices.DisposeAsync();
        await Database.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Leases.DisposeAsync();
        await Registry.DisposeAsync();
        await Notices.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>What was spent, as the test says.</summary>
internal sealed class Spending : ISpendHistory, INodeSpend
{
    public decimal Before { get; set; }

    public Dictionary<string, decimal?> ByNode { get; } = [];

    public ValueTask<decimal> SpentAsync(Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => ValueTask.FromResult(Before);

    public ValueTask<decimal?> SpentAsync(string node, Scope scope, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) => ValueTask.FromResult(ByNode.GetValueOrDefault(node));
}

/// <summary>Meters of the tests.</summary>
internal static class Meters
{
    public static MeterId Dollars { get; } = new(new Scope(ScopeKind.Key, "key'1", "gpt/x"), MeterUnit.Usd, 0, long.MaxValue);

    public static MeterId Slots { get; } = new(new Scope(ScopeKind.Team, "team"), MeterUnit.Slots, 0, long.MaxValue);

    public static MeterId Minute(long from) => new(new Scope(ScopeKind.Everything, ""), MeterUnit.Requests, from, from + 60);
}
