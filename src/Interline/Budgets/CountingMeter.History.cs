using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>What was spent before this node knew of a meter, and how the nodes that share it are told.</summary>
internal sealed partial class CountingMeter<T>
{
    private bool _unread;
    private Task<bool>? _learning;
    private long _historyLostUntil;
    private (long Piece, T Spent)[]? _seed;

    public override void GiveUpLearning()
    {
        lock (Gate)
        {
            if (_learning is not null)
            {
                _historyLostUntil = long.MaxValue;
                _sources.Counters.CountHistoryLost();
            }
        }
    }

    public override Task<bool> LearnAsync()
    {
        TaskCompletionSource<bool> mine;
        lock (Gate)
        {
            if (!_unread)
            {
                return Task.FromResult(true);
            }

            if (_learning is not null)
            {
                return _learning;
            }

            mine = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            _learning = mine.Task;
        }

        _ = LearnAsync(mine);
        return mine.Task;
    }

    private async Task LearnAsync(TaskCompletionSource<bool> done)
    {
        (long from, DateTimeOffset now) = (Volatile.Read(ref _from), _sources.Time.GetUtcNow());
        (long Piece, T Spent)[]? spent = null;
        try
        {
            using var patience = new CancellationTokenSource(MeterSources.Patience, _sources.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _sources.Ended);
            spent = await SpentAsync(now, either.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever the books' failure is, budgets go on as configured, and it is counted.
            _sources.Counters.CountHistoryLost();
        }

        lock (Gate)
        {
            _learning = null;
            if (spent is null)
            {
                _historyLostUntil = _sources.After(MeterSources.Pause);
            }
            else if (_unread && from == _from)
            {
                (_unread, _historyLostUntil) = (false, 0);
                if (_isHard && _sources.IsShared)
                {
                    _seed = spent;
                }
                else
                {
                    Book(spent);
                }
            }
        }

        done.SetResult(spent is not null);
    }

    /// <summary>What was spent before, by pieces of the window; a fixed window is one piece.</summary>
    private async Task<(long Piece, T Spent)[]> SpentAsync(DateTimeOffset now, CancellationToken cancel)
    {
        if (_rolling is null)
        {
            WindowSpan span = _window?.At(now) ?? new WindowSpan(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
            return [(0, T.CreateChecked(await _sources.History.SpentAsync(Scope, span.From, span.To, cancel).ConfigureAwait(false)))];
        }

        // Five pieces at a time, counted in the newest of them: later out of the window than it was spent, on the safe side.
        long seconds = _window!.BucketSeconds;
        long newest = now.ToUnixTimeSeconds() / seconds;
        var pieces = new List<(long, T)>();
        for (long piece = newest - BudgetWindow.Buckets + 4; piece < newest + 5; piece += 5)
        {
            DateTimeOffset from = DateTimeOffset.FromUnixTimeSeconds((piece - 4) * seconds);
            decimal spent = await _sources.History.SpentAsync(Scope, from, from.AddSeconds(5 * seconds), cancel).ConfigureAwait(false);
            pieces.Add((Math.Min(piece, newest), T.CreateChecked(spent)));
        }

        return [.. pieces];
    }

    private void Book((long Piece, T Spent)[] spent)
    {
        foreach ((long piece, T amount) in spent)
        {
            _used += amount;
            _rolling?.Add(piece, amount);
        }
    }

    /// <summary>Tells what was spent before anybody leased; false if it could not be told. A rolling window that was told here also forgets it here.</summary>
    private async Task<bool> SeedAsync()
    {
        (long, T Spent)[]? seed;
        MeterId id;
        lock (Gate)
        {
            (seed, id) = (_seed, Id);
        }

        if (seed is null)
        {
            return true;
        }

        T sum = T.Zero;
        foreach ((_, T spent) in seed)
        {
            sum += spent;
        }

        bool? counted = sum == T.Zero ? false : await TellAsync(id, sum).ConfigureAwait(false);
        lock (Gate)
        {
            if (counted is null || id != Id || _seed is null)
            {
                return counted is not null;
            }

            _seed = null;
            if (counted.Value)
            {
                Book(seed);
                _held += sum;
            }
        }

        return true;
    }

    private async Task<bool?> TellAsync(MeterId id, T sum)
    {
        (bool? Counted, bool) told = await GuardAsync<(bool?, bool)>(async cancel => (await _sources.Leases.SeedAsync(id, decimal.CreateChecked(sum), cancel).ConfigureAwait(false), true)).ConfigureAwait(false) ?? default;
        return told.Counted;
    }
}
