using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>
/// Carries settled calls from the journal into the database, and drops there what is too old. While the database is away the calls wait in the journal; nothing is lost and
/// nothing is written twice, whenever what dies. Thread-safe.
/// </summary>
public sealed class BookKeeper : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(10);

    private readonly JournalReader _journal;
    private readonly BookOptions _options;
    private readonly TimeProvider _time;
    private readonly Func<double> _chance;
    private readonly BatchWriter _writer;
    private readonly BookRetention _retention;
    private readonly JournalBatch _batch = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task? _running;
    private bool _loaded;
    private int _failures;
    private DateTimeOffset _pruned;

    /// <summary>Makes one; it begins with <see cref="Start"/>.</summary>
    /// <param name="database">The database, migrated.</param>
    /// <param name="journal">The journal: <see cref="JournaledLedger.Queue"/>.</param>
    /// <param name="run">Random part of this process's call ids, as the ledger has it.</param>
    /// <param name="options">How the books are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="chance">Draws from 0 to 1, so that nodes do not all come back at the same moment.</param>
    public BookKeeper(Database database, JournalReader journal, ulong run, BookOptions options, TimeProvider time, Func<double> chance)
    {
        (_journal, _options, _time, _chance) = (journal, options, time, chance);
        _writer = new BatchWriter(database, run, options, time);
        _retention = new BookRetention(database, options, time);
    }

    /// <summary>Calls written by this process.</summary>
    public long Written { get; private set; }

    /// <summary>When something was last written; null if never.</summary>
    public DateTimeOffset? LastWrite { get; private set; }

    /// <summary>What went wrong the last time; null if it went well. Without secrets.</summary>
    public string? LastError { get; private set; }

    /// <summary>Tries to write that failed, since start.</summary>
    public long Failures { get; private set; }

    /// <summary>Since when nothing can be written; null while it can.</summary>
    public DateTimeOffset? FailingSince { get; private set; }

    /// <summary>Settled calls that wait in the journal.</summary>
    public long Waiting => _journal.Waiting;

    /// <summary>Bytes that wait in the journal.</summary>
    public long WaitingBytes => _journal.WaitingBytes;

    /// <summary>Calls that were found in the books already when they were to be written.</summary>
    public long Known => _writer.Known;

    internal BatchWriter Writer => _writer;

    /// <summary>Begins to write, away from the caller.</summary>
    public void Start() => _running ??= Task.Run(RunAsync);

    /// <summary>Writes all that has been settled until now. What reads the books then sees this process's own calls.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="DatabaseUnavailableException">The database cannot be reached.</exception>
    public async Task CatchUpAsync(CancellationToken cancel)
    {
        JournalPosition tail = _journal.Tail;
        while (_journal.Position < tail)
        {
            await _turn.WaitAsync(cancel);
            try
            {
                if (!await WriteNextAsync(cancel))
                {
                    return;
                }
            }
            finally
            {
                _turn.Release();
            }
        }
    }

    /// <summary>Drops what is too old now.</summary>
    /// <param name="cancel">Gives up.</param>
    public async Task PruneAsync(CancellationToken cancel)
    {
        await _retention.PruneAsync(cancel);

        // What was known to be there may be gone: a month's table.
        _loaded = false;
    }

    /// <summary>Stops, after a last try to write what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        if (_running is { } running)
        {
            await running;
        }

        using var limit = new CancellationTokenSource(LastTry, _time);
        try
        {
            await CatchUpAsync(limit.Token);
        }
        catch (Exception e)
        {
            // It stays in the journal; the next process writes it.
            Failed(e);
        }

        _writer.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await CatchUpAsync(_stop.Token);
                Succeeded();
                if (_time.GetUtcNow() - _pruned >= _options.PruneEvery)
                {
                    await PruneAsync(_stop.Token);
                    _pruned = _time.GetUtcNow();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it is, the calls wait in the journal and the next try may go well; ending here would fill the journal in silence.
                Failed(e);
            }

            try
            {
                await Task.Delay(Wait(), _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> WriteNextAsync(CancellationToken cancel)
    {
        try
        {
            if (!_loaded)
            {
                foreach ((ulong writer, JournalPosition to) in await _writer.LoadAsync(_journal.Writers, cancel))
                {
                    _journal.Written(writer, to);
                }

                _loaded = true;
            }

            if (!_journal.Read(_options.BatchCalls, _batch))
            {
                return false;
            }

            await _writer.WriteAsync(_batch, cancel);
        }
        catch
        {
            // Perhaps it was committed and the answer was lost: only the database knows.
            _loaded = false;
            throw;
        }

        _journal.Advance(_batch.To);
        Written += _batch.Count;
        LastWrite = _time.GetUtcNow();
        return true;
    }

    private void Succeeded() => (_failures, LastError, FailingSince) = (0, null, null);

    private void Failed(Exception e)
    {
        _failures++;
        Failures++;
        FailingSince ??= _time.GetUtcNow();
        LastError = e.Message.Length > 300 ? e.Message[..300] : e.Message;
    }

    private TimeSpan Wait()
    {
        if (_failures == 0)
        {
            return _options.Every;
        }

        double most = Math.Min(LongestWait.TotalMilliseconds, _options.Every.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 10)));
        return TimeSpan.FromMilliseconds(most * (0.5 + (_chance() / 2)));
    }
}
