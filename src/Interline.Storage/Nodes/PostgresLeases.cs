using System.Collections.Concurrent;
using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Storage.Databases;

namespace Interline.Storage.Nodes;

/// <summary>
/// Leases by PostgreSQL. One row for each meter and node says what the node was granted of it in all; a grant is made while the meter's row is held, so that all rows
/// together, with what was spent before the first of them, are never more than the limit. When the database does not answer within the limit of time, a lease is
/// unavailable, at once for all that ask after. Thread-safe.
/// </summary>
public sealed class PostgresLeases : ILeaseSource, IAsyncDisposable
{
    /// <summary>How long is waited for a lease.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(2);

    private readonly ConcurrentDictionary<MeterId, Holding> _holdings = new();
    private readonly PostgresDatabase _database;
    private readonly NodeRegistry _registry;
    private readonly ISpendHistory _history;
    private readonly TimeProvider _time;
    private readonly LeaseReturns _returns;
    private readonly NodeNotices _notices;
    private long _answeredAt;

    /// <summary>Over a migrated database.</summary>
    /// <param name="database">The database, PostgreSQL.</param>
    /// <param name="registry">This node and how many others there are.</param>
    /// <param name="notices">How nodes tell each other that they want more.</param>
    /// <param name="history">What was spent before there were leases.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="ArgumentException">The database is not PostgreSQL; a node that is alone uses <see cref="LocalLeases"/>.</exception>
    public PostgresLeases(Database database, NodeRegistry registry, NodeNotices notices, ISpendHistory history, TimeProvider time)
    {
        _database = database as PostgresDatabase ?? throw new ArgumentException("Leases are made by PostgreSQL.", nameof(database));
        _registry = registry;
        _notices = notices;
        _history = history;
        _time = time;
        _answeredAt = time.GetTimestamp();
        _returns = new LeaseReturns(_database, registry.Id, _holdings, time);
        registry.OnRegistered(WriteAllAgain);
        registry.OnBeat(Forget);
    }

    /// <inheritdoc />
    public bool IsShared => true;

    /// <inheritdoc />
    public int Nodes => _registry.Nodes;

    /// <summary>Why a lease could last not be had; null if that never was.</summary>
    public string? LastError { get; private set; }

    /// <inheritdoc />
    public async ValueTask<bool?> SeedAsync(MeterId meter, decimal spent, CancellationToken cancel)
    {
        // What stands on the calendar finds its own base with the first lease. What rolls must be held by somebody who lets go of it piece by piece.
        if (!meter.IsRolling)
        {
            return false;
        }

        if (!_database.Reachability.IsReachable)
        {
            return null;
        }

        Holding holding = await HoldAsync(meter);
        try
        {
            bool counted = await _database.UrgentAsync(
                (session, token) => session.FirstAsync(
                    "select interline_seed($1, $2, $3, $4, $5, $6, $7, $8)",
                    static x => x.GetBoolean(0),
                    token,
                    (int)meter.Scope.Kind,
                    meter.Scope.Id,
                    meter.Scope.Model ?? "",
                    (int)meter.Unit,
                    meter.From,
                    meter.To,
                    _registry.Id,
                    spent),
                cancel);
            if (counted)
            {
                holding.Add(spent);
            }

            return counted;
        }
        catch (Exception e) when (e is DatabaseUnavailableException or DatabaseException or OperationCanceledException)
        {
            LastError = e.Message;
            return null;
        }
        finally
        {
            holding.Writing.Release();
        }
    }

    /// <inheritdoc />
    public async ValueTask<LeaseGrant> TakeAsync(MeterId meter, decimal limit, decimal needed, decimal wished, CancellationToken cancel)
    {
        if (!_database.Reachability.IsReachable)
        {
            return default(LeaseGrant) with { Outcome = LeaseOutcome.Unavailable };
        }

        long begun = _time.GetTimestamp();
        Task<LeaseGrant> asking = AskAsync(meter, limit, needed, wished);
        try
        {
            return await asking.WaitAsync(Limit, _time, cancel);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = ReturnLateAsync(meter, asking);
            if (e is OperationCanceledException)
            {
                throw;
            }

            // Slow because many ask is one thing; nothing answered at all while this one waited is a server that is gone without a word.
            if (Volatile.Read(ref _answeredAt) <= begun)
            {
                _database.Reachability.Lost($"no answer in {Limit.TotalSeconds:0} s");
            }

            return default(LeaseGrant) with { Outcome = LeaseOutcome.Unavailable };
        }
    }

    /// <inheritdoc />
    public void Return(MeterId meter, decimal amount)
    {
        if (_holdings.TryGetValue(meter, out Holding? holding) && holding.Take(amount))
        {
            _returns.Signal();
        }
    }

    /// <inheritdoc />
    public void OnWanted(Action<MeterId> wanted) => _notices.On(
        NodeNotices.Wanted,
        text =>
        {
            if (MeterKey.Read(text) is { } meter)
            {
                wanted(meter);
            }
        });

    /// <summary>Writes what was returned and not yet written; by itself that comes soon.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached; it is written when it is.</exception>
    public Task FlushAsync(CancellationToken cancel) => _returns.FlushAsync(cancel);

    /// <inheritdoc />
    public async ValueTask DisposeAsync() => await _returns.DisposeAsync();

    private async Task<LeaseGrant> AskAsync(MeterId meter, decimal limit, decimal needed, decimal wished)
    {
        Holding holding = await HoldAsync(meter);
        try
        {
            LeaseGrant? grant = await AskAsync(holding, meter, limit, needed, wished, null);
            if (grant is null)
            {
                // The first lease of a window: what was spent in it before counts too. Two nodes that find this at once give the same base, and the first counts.
                decimal spent = meter.IsRolling ? 0 : await _history.SpentAsync(meter.Scope, Moments.Of(meter.From), Moments.Of(meter.To), CancellationToken.None);
                grant = await AskAsync(holding, meter, limit, needed, wished, spent);
            }

            return grant!.Value;
        }
        catch (Exception e)
        {
            // Whatever it was, the call is not to blame: how it goes on without a lease is configured.
            LastError = e.Message;
            return default(LeaseGrant) with { Outcome = LeaseOutcome.Unavailable };
        }
        finally
        {
            holding.Writing.Release();
        }
    }

    private async Task<Holding> HoldAsync(MeterId meter)
    {
        while (true)
        {
            Holding holding = _holdings.GetOrAdd(meter, static _ => new Holding());
            await holding.Writing.WaitAsync();
            if (!holding.IsForgotten)
            {
                return holding;
            }

            holding.Writing.Release();
        }
    }

    private async Task<LeaseGrant?> AskAsync(Holding holding, MeterId meter, decimal limit, decimal needed, decimal wished, decimal? spent)
    {
        string? tell = _time.GetElapsedTime(holding.ToldAt) >= TellEvery || holding.ToldAt == 0 ? MeterKey.Write(meter) : null;
        decimal mine = holding.BeginWrite(out bool wasDirty);
        try
        {
            (int outcome, decimal amount, decimal taken) = await _database.UrgentAsync(
                (session, token) =>
                {
                    session.Timeout = 3;
                    return session.FirstAsync(
                        "select outcome, amount, taken from interline_take($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
                        static x => (x.GetInt32(0), x.GetDecimal(1), x.GetDecimal(2)),
                        token,
                        (int)meter.Scope.Kind,
                        meter.Scope.Id,
                        meter.Scope.Model ?? "",
                        (int)meter.Unit,
                        meter.From,
                        meter.To,
                        spent,
                        _registry.Id,
                        mine,
                        limit,
                        needed,
                        wished,
                        Nodes > 1 ? 2 : 1,
                        tell is null ? null : _notices.Payload(NodeNotices.Wanted, tell));
                },
                CancellationToken.None);
            Volatile.Write(ref _answeredAt, _time.GetTimestamp());
            return Result(holding, (LeaseOutcome)outcome, amount, taken, tell is not null, wasDirty);
        }
        catch (Exception)
        {
            // It may have been granted and the answer lost: what this node believes has to be written once more.
            Mark(holding);
            throw;
        }
    }

    private LeaseGrant? Result(Holding holding, LeaseOutcome outcome, decimal amount, decimal taken, bool told, bool wasDirty)
    {
        if (outcome == LeaseOutcome.Granted)
        {
            holding.Add(amount);
            return new LeaseGrant(LeaseOutcome.Granted, amount, taken);
        }

        // Nothing was written, so what was returned before still waits.
        if (wasDirty)
        {
            Mark(holding);
        }

        if (outcome != LeaseOutcome.Exhausted)
        {
            return null;
        }

        holding.ToldAt = told ? Math.Max(1, _time.GetTimestamp()) : holding.ToldAt;
        return new LeaseGrant(LeaseOutcome.Exhausted, 0, taken);
    }

    private async Task ReturnLateAsync(MeterId meter, Task<LeaseGrant> asking)
    {
        try
        {
            LeaseGrant late = await asking;
            if (late.Outcome == LeaseOutcome.Granted)
            {
                Return(meter, late.Amount);
            }
        }
        catch (Exception)
        {
            // Nothing came of it, and who asked has long been answered.
        }
    }

    private void Mark(Holding holding)
    {
        if (holding.Mark())
        {
            _returns.Signal();
        }
    }

    private void WriteAllAgain()
    {
        foreach (Holding holding in _holdings.Values)
        {
            holding.Mark();
        }

        _returns.Signal();
    }

    // Windows that are over, with some grace for those that still return; and meters nothing is held of.
    private void Forget()
    {
        long over = _time.GetUtcNow().ToUnixTimeSeconds() - (long)Kept.TotalSeconds;
        foreach ((MeterId meter, Holding holding) in _holdings)
        {
            if (meter.To >= over && (holding.Mine != 0 || holding.IsDirty))
            {
                continue;
            }

            // Only while nobody writes it: who took it meanwhile would be granted something that this node then does not know of.
            if (holding.Writing.Wait(0))
            {
                if (meter.To < over || (holding.Mine == 0 && !holding.IsDirty))
                {
                    holding.IsForgotten = true;
                    _holdings.TryRemove(KeyValuePair.Create(meter, holding));
                }

                holding.Writing.Release();
            }
        }
    }
}
