using Interline.Core.Budgets;
using Interline.Storage.Databases;

namespace Interline.Storage.Nodes;

/// <summary>
/// What nodes that are gone left behind. Slots are free at once. Dollars stay taken until the node has started again and its journal is in the books, or for a day: a node
/// that was killed has spent more than the books know. Then what its calls are known to have spent stays taken and the rest is free again; if that is not known whole, all
/// of it stays taken. Requests and tokens of a minute run out with it. Rows of windows that are over are deleted in slices.
/// </summary>
internal sealed class GoneNodes(PostgresDatabase database, INodeSpend spend, TimeProvider time)
{
    // Journals that come back later than this are booked, but no longer change a lease.
    private static readonly TimeSpan Folded = TimeSpan.FromDays(2);

    // For so long a journal is waited for before what is not in the books counts as not spent.
    private static readonly TimeSpan Mourned = TimeSpan.FromDays(1);
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    private const string EndedMeters = """
        delete from interline_meter where id in (select id from interline_meter where ends < $1 order by ends limit 2000 for update skip locked)
        """;

    // Into the meter's base, so that lifetimes of budgets do not gather a row for each start of each node. Not so windows that roll: there it stays until all of it has
    // rolled out for certain, and is gone then.
    private const string Fold = """
        with old as (
            select id from interline_node n where gone_at < clock_timestamp() - $1 * interval '1 second' and not exists (
                select from interline_lease l join interline_meter m on m.id = l.meter
                where l.node = n.id and m.begins < 0 and n.gone_at > clock_timestamp() + m.begins * interval '1 second')
            order by gone_at limit 10 for update skip locked
        ), gone as (
            delete from interline_lease where node in (select id from old) returning meter, granted
        ), node as (
            delete from interline_node where id in (select id from old)
        )
        update interline_meter m set base = m.base + x.granted from (select meter, sum(granted) as granted from gone group by meter) x where x.meter = m.id and m.begins >= 0
        """;

    /// <summary>Takes nodes that were silent for long for gone, settles those that did not come back for a day, and deletes what is over.</summary>
    public async Task SettleAsync(TimeSpan silence, CancellationToken cancel)
    {
        List<string> silent = await database.ReadAsync(
            (session, token) => session.ListAsync(
                "select id from interline_node where gone_at is null and seen_at < clock_timestamp() - $1 * interval '1 second' order by id limit 20",
                static x => x.GetString(0),
                token,
                (long)silence.TotalSeconds),
            cancel);
        foreach (string node in silent)
        {
            await FreeSlotsAsync(node, (long)silence.TotalSeconds, cancel);
        }

        // Each once: one that was settled, or left in order, has the time of that for when it was last seen.
        List<string> lost = await database.ReadAsync(
            (session, token) => session.ListAsync(
                "select id from interline_node where gone_at < clock_timestamp() - $1 * interval '1 second' and seen_at < gone_at order by id limit 20",
                static x => x.GetString(0),
                token,
                (long)Mourned.TotalSeconds),
            cancel);
        foreach (string node in lost)
        {
            await SettleAsync(node, earlier: false, cancel);
        }

        await database.WriteAsync(
            async (session, token) =>
            {
                await session.ExecuteAsync(EndedMeters, token, (time.GetUtcNow() - Grace).ToUnixTimeSeconds());
                await session.ExecuteAsync(Fold, token, (long)Folded.TotalSeconds);
            },
            cancel);
    }

    /// <summary>Settles earlier starts of a node, also those that were settled before: more may have been booked since.</summary>
    public async Task SettleEarlierAsync(string name, string current, CancellationToken cancel)
    {
        List<string> earlier = await database.ReadAsync(
            (session, token) => session.ListAsync("select id from interline_node where name = $1 and id <> $2 order by id", static x => x.GetString(0), token, name, current),
            cancel);
        foreach (string node in earlier)
        {
            await SettleAsync(node, earlier: true, cancel);
        }
    }

    /// <summary>A node leaves in order: what its leases say is spent, but for its slots.</summary>
    public Task LeaveAsync(string node, CancellationToken cancel) => database.WriteAsync(
        async (session, token) =>
        {
            await session.ExecuteAsync("update interline_node set gone_at = now(), seen_at = now() where id = $1", token, node);
            await FreeSlotsAsync(session, node, token);
        },
        cancel);

    private async Task SettleAsync(string node, bool earlier, CancellationToken cancel)
    {
        List<(long Meter, decimal? Spent)> spent = [];
        foreach ((long id, MeterId meter) in await DollarsAsync(node, cancel))
        {
            DateTimeOffset from = meter.IsRolling ? time.GetUtcNow().AddSeconds(meter.From) : Moments.Of(meter.From);
            spent.Add((id, await spend.SpentAsync(node, meter.Scope, from, Moments.Of(meter.To), cancel)));
        }

        (long Meter, decimal Spent)[] known = [.. spent.Where(static x => x.Spent is not null).Select(static x => (x.Meter, x.Spent!.Value))];
        await database.WriteAsync(
            async (session, token) =>
            {
                // One that has spoken in the meantime is not gone; its row is held, so it cannot speak until this is done.
                bool gone = await session.FirstAsync(
                    "update interline_node set gone_at = coalesce(gone_at, clock_timestamp()), seen_at = clock_timestamp() where id = $1 and ($2 or gone_at is not null) returning true",
                    static x => x.GetBoolean(0),
                    token,
                    node,
                    earlier);
                if (gone)
                {
                    await FreeAsync(session, node, known, token);
                }
            },
            cancel);
    }

    private Task FreeSlotsAsync(string node, long silence, CancellationToken cancel) => database.WriteAsync(
        async (session, token) =>
        {
            // One that has spoken in the meantime is not gone; its row is held, so it cannot speak until this is done.
            bool gone = await session.FirstAsync(
                "update interline_node set gone_at = clock_timestamp() where id = $1 and gone_at is null and seen_at < clock_timestamp() - $2 * interval '1 second' returning true",
                static x => x.GetBoolean(0),
                token,
                node,
                silence);
            if (gone)
            {
                await FreeSlotsAsync(session, node, token);
            }
        },
        cancel);

    private Task<List<(long Id, MeterId Meter)>> DollarsAsync(string node, CancellationToken cancel) => database.ReadAsync(
        (session, token) => session.ListAsync(
            "select m.id, m.kind, m.scope, m.model, m.begins, m.ends from interline_lease l join interline_meter m on m.id = l.meter where l.node = $1 and m.unit = $2 order by m.id",
            static x => (x.GetInt64(0), new MeterId(new Scope((ScopeKind)x.GetInt32(1), x.GetString(2), x.GetString(3) is { Length: > 0 } model ? model : null), MeterUnit.Usd, x.GetInt64(4), x.GetInt64(5))),
            token,
            node,
            (int)MeterUnit.Usd),
        cancel);

    private static async Task FreeAsync(SqlSession session, string node, (long Meter, decimal Spent)[] known, CancellationToken cancel)
    {
        await session.ExecuteAsync(
            "update interline_lease l set granted = x.spent from unnest($2, $3) as x (meter, spent) where l.node = $1 and l.meter = x.meter",
            cancel,
            node,
            known.Select(static x => x.Meter).ToArray(),
            known.Select(static x => x.Spent).ToArray());
        await FreeSlotsAsync(session, node, cancel);
    }

    private static Task<int> FreeSlotsAsync(SqlSession session, string node, CancellationToken cancel) =>
        session.ExecuteAsync(
            "delete from interline_lease l using interline_meter m where m.id = l.meter and l.node = $1 and m.unit = $2",
            cancel,
            node,
            (int)MeterUnit.Slots);
}
