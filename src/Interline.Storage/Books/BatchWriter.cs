using System.Data.Common;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Interline.Storage.Books;

/// <summary>
/// Writes a batch of the journal in one transaction: calls, sums, chain, and the journal's checkpoint. Whatever happens, either all of it is there and the checkpoint has
/// moved, or nothing is; so a batch that is written again doubles nothing. Calls are unique besides. Not thread-safe.
/// </summary>
internal sealed class BatchWriter(Database database, ulong run, BookOptions options, TimeProvider time) : IDisposable
{
    private readonly NameBook _names = new(database, time);
    private readonly CallPartitions _partitions = new(database);
    private readonly LedgerChain _chain = new(options.ChainKey);
    private readonly List<(int Place, int Mark)> _chosen = [];
    private readonly Dictionary<ulong, JournalPosition?> _checkpoints = [];

    /// <summary>Called between any two steps of a write, with the name of the next; a test's way to fail there.</summary>
    internal Action<string> Between { get; set; } = static _ => { };

    /// <summary>Calls that were found in the books although the checkpoint lay before them.</summary>
    public long Known { get; private set; }

    /// <summary>Reads up to where the books have the journals of some processes, and closes the chains of those that have ended.</summary>
    public async Task<Dictionary<ulong, JournalPosition>> LoadAsync(IReadOnlyCollection<ulong> ended, CancellationToken cancel)
    {
        _checkpoints.Clear();

        // Another node may have dropped a month that was thought to be there.
        _partitions.Forget();
        Dictionary<ulong, JournalPosition> found = [];
        await database.WriteAsync(
            async (session, token) =>
            {
                foreach (ulong writer in (IEnumerable<ulong>)[.. ended, run])
                {
                    JournalPosition position = await session.FirstAsync("select segment, byte from interline_journal where run = $1", static x => new JournalPosition(x.GetInt64(0), x.GetInt64(1)), token, (long)writer);
                    if (position != default)
                    {
                        found[writer] = position;
                    }

                    if (writer != run)
                    {
                        await session.ExecuteAsync("update interline_segment set closed_at = $2 where run = $1 and closed_at is null", token, (long)writer, time.GetUtcNow().ToUnixTimeSeconds());
                    }
                }
            },
            cancel);
        foreach (ulong writer in (IEnumerable<ulong>)[.. ended, run])
        {
            _checkpoints[writer] = found.TryGetValue(writer, out JournalPosition position) ? position : null;
        }

        return found;
    }

    public void Dispose() => _chain.Dispose();

    /// <summary>Writes a batch.</summary>
    /// <exception cref="CheckpointMovedException">The books were written from elsewhere: <see cref="LoadAsync"/> again.</exception>
    public async Task WriteAsync(JournalBatch batch, CancellationToken cancel)
    {
        Between("names");
        IReadOnlyList<CallNames> names = await _names.EnterAsync(batch, cancel);
        Between("partitions");
        await _partitions.EnsureAsync(batch, cancel);
        Between("transaction");
        try
        {
            await WriteAsync(batch, names, onlyUnknown: false, cancel);
        }
        catch (DbException e) when (IsConflict(e))
        {
            await WriteAsync(batch, names, onlyUnknown: true, cancel);
        }

        _checkpoints[batch.Writer] = batch.To;
        Between("done");
    }

    private Task WriteAsync(JournalBatch batch, IReadOnlyList<CallNames> names, bool onlyUnknown, CancellationToken cancel) => database.WriteAsync(
        async (session, token) =>
        {
            await MoveCheckpointAsync(session, batch, token);
            Between("choose");
            int known = await ChooseAsync(session, batch, onlyUnknown, token);
            if (_chosen.Count > 0)
            {
                ChainSegment segment = await SegmentAsync(session, token);
                ChainSegment extended = Extend(segment, batch);
                Between("calls");
                CallRows.Write(session, batch, _chosen, names, segment.Id, (int)segment.Rows);
                Between("sums");
                await UsageRows.AddAsync(session, Sums(batch, names), token);
                Between("chain");
                await extended.SaveAsync(session, token);
            }

            Between("commit");
            Known += known;
        },
        cancel);

    private async Task MoveCheckpointAsync(SqlSession session, JournalBatch batch, CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        int moved = _checkpoints.GetValueOrDefault(batch.Writer) is { } from
            ? await session.ExecuteAsync(
                "update interline_journal set segment = $2, byte = $3, written_at = $4 where run = $1 and segment = $5 and byte = $6",
                cancel,
                (long)batch.Writer,
                batch.To.Segment,
                batch.To.Offset,
                now,
                from.Segment,
                from.Offset)
            : await session.ExecuteAsync(
                "insert into interline_journal (run, segment, byte, written_at) values ($1, $2, $3, $4) on conflict (run) do nothing",
                cancel,
                (long)batch.Writer,
                batch.To.Segment,
                batch.To.Offset,
                now);
        if (moved != 1)
        {
            throw new CheckpointMovedException();
        }
    }

    /// <summary>Chooses the calls to write: all, or those that are not in the books yet and not twice in the batch.</summary>
    private async Task<int> ChooseAsync(SqlSession session, JournalBatch batch, bool onlyUnknown, CancellationToken cancel)
    {
        _chosen.Clear();
        HashSet<(ulong, long)>? seen = onlyUnknown ? [] : null;
        for (int i = 0; i < batch.Count; i++)
        {
            (ulong of, long number) = (batch.Calls[i].Run, batch.Calls[i].Record.Number);
            if (seen is null
                || (seen.Add((of, number)) && !await session.FirstAsync("select 1 from interline_call where run = $1 and number = $2", static _ => true, cancel, (long)of, number)))
            {
                _chosen.Add((i, 0));
            }
        }

        return batch.Count - _chosen.Count;
    }

    private async Task<ChainSegment> SegmentAsync(SqlSession session, CancellationToken cancel)
    {
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        ChainSegment? newest = await ChainSegment.NewestAsync(session, run, cancel);
        bool useful = newest is { ClosedAt: null, Form: RecordForm.Version } && newest.Rows < options.SegmentCalls && now - newest.OpenedAt < 86400 && newest.Keyed == _chain.IsKeyed;
        return useful ? newest! : await ChainSegment.BeginAsync(session, run, newest, _chain.IsKeyed, now, cancel);
    }

    private List<UsageSum> Sums(JournalBatch batch, IReadOnlyList<CallNames> names)
    {
        var sums = new UsageSums();
        foreach ((int i, _) in _chosen)
        {
            sums.Add(in batch.Calls[i].Record, names[i]);
        }

        return sums.Sorted();
    }

    private ChainSegment Extend(ChainSegment segment, JournalBatch batch)
    {
        _chain.Link = segment.Root;
        (long first, long last) = (segment.FirstStarted, segment.LastStarted);
        for (int i = 0; i < _chosen.Count; i++)
        {
            ref readonly JournaledCall call = ref batch.Calls[_chosen[i].Place];
            _chain.Add(call.Run, call.Record.Number, batch.Form(in call));
            _chosen[i] = (_chosen[i].Place, _chain.Mark);
            long started = CallRow.Micros(call.Record.StartedAt);
            first = Math.Min(first, started);
            last = Math.Max(last, started);
        }

        return segment with { Rows = segment.Rows + _chosen.Count, FirstStarted = first, LastStarted = last, Root = _chain.Link };
    }

    private static bool IsConflict(DbException e) => e is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } or SqliteException { SqliteErrorCode: 19 };
}

/// <summary>The checkpoint is not where this process left it.</summary>
internal sealed class CheckpointMovedException() : Exception("The journal's checkpoint in the database was moved by another process, or by a write whose end was not seen. It is read again.");
