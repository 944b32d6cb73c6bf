using System.Collections.Concurrent;
using Interline.Core.Budgets;
using Interline.Storage.Databases;

namespace Interline.Storage.Nodes;

/// <summary>Writes what was returned, many meters at once, a moment after the first of them; while the database is away it waits.</summary>
internal sealed class LeaseReturns : IAsyncDisposable
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(1);

    private const string WriteRows = """
        insert into interline_lease (meter, node, granted)
            select m.id, $1, x.granted
            from unnest($2, $3, $4, $5, $6, $7, $8) as x (kind, scope, model, unit, begins, ends, granted)
            join interline_meter m on m.kind = x.kind and m.scope = x.scope and m.model = x.model and m.unit = x.unit and m.begins = x.begins and m.ends = x.ends
            order by m.id
        on conflict (meter, node) do update set granted = excluded.granted
        """;

    private readonly PostgresDatabase _database;
    private readonly string _node;
    private readonly ConcurrentDictionary<MeterId, Holding> _holdings;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public LeaseReturns(PostgresDatabase database, string node, ConcurrentDictionary<MeterId, Holding> holdings, TimeProvider time)
    {
        (_database, _node, _holdings, _time) = (database, node, holdings, time);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Something is to be written. Never blocks.</summary>
    public void Signal()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // It was told already.
        }
    }

    /// <summary>Writes all that is to be written.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        await _flushing.WaitAsync(cancel);
        try
        {
            foreach (KeyValuePair<MeterId, Holding>[] part in _holdings.Where(static x => x.Value.IsDirty).Chunk(MostAtOnce))
            {
                await WriteAsync(part, cancel);
            }
        }
        finally
        {
            _flushing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        try
        {
            await FlushAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // The others find out by this node's silence.
        }

        _stop.Dispose();
        _signal.Dispose();
        _flushing.Dispose();
    }

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                await _signal.WaitAsync(_stop.Token);
                await Task.Delay(Gather, _time, _stop.Token);
                while (!await TryFlushAsync())
                {
                    await Task.Delay(TryAgain, _time, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    private async Task<bool> TryFlushAsync()
    {
        try
        {
            await FlushAsync(_stop.Token);
            return true;
        }
        catch (Exception) when (!_stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task WriteAsync(KeyValuePair<MeterId, Holding>[] part, CancellationToken cancel)
    {
        // All of them are held until they are written. Takes hold one each and wait for none, so this ends.
        List<(MeterId Meter, Holding Holding, decimal Amount)> rows = [];
        try
        {
            foreach ((MeterId meter, Holding holding) in part)
            {
                await holding.Writing.WaitAsync(cancel);
                rows.Add((meter, holding, holding.BeginWrite(out _)));
            }

            await _database.UrgentAsync(
                (session, token) => session.ExecuteAsync(
                    WriteRows,
                    token,
                    _node,
                    rows.Select(static x => (long)x.Meter.Scope.Kind).ToArray(),
                    rows.Select(static x => x.Meter.Scope.Id).ToArray(),
                    rows.Select(static x => x.Meter.Scope.Model ?? "").ToArray(),
                    rows.Select(static x => (long)x.Meter.Unit).ToArray(),
                    rows.Select(static x => x.Meter.From).ToArray(),
                    rows.Select(static x => x.Meter.To).ToArray(),
                    rows.Select(static x => x.Amount).ToArray()),
                cancel);
        }
        catch (Exception)
        {
            rows.ForEach(static x => x.Holding.Mark());
            throw;
        }
        finally
        {
            rows.ForEach(static x => x.Holding.Writing.Release());
        }
    }
}
