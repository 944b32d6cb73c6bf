using Interline.Accounts.Documents;
using Interline.Credentials;

namespace Interline.Accounts;

/// <summary>How the book follows its store.</summary>
public sealed partial class AccountBook
{
    private const int PageSize = 1000;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan UnknownKeyInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan UnknownKeyWait = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly ITimer _timer;
    private Task _again = Task.CompletedTask;
    private DateTimeOffset _askedAgain = DateTimeOffset.MinValue;
    private Dictionary<string, List<(string Team, bool Admin)>>? _members;
    private long _revision;
    private long _lastSync;
    private volatile bool _behind = true;
    private int _inBackground;

    /// <summary>When the store was last read to its end; null never.</summary>
    public DateTimeOffset? LastSync => Volatile.Read(ref _lastSync) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Whether the store could not be read when it was last asked: what is known may be old.</summary>
    public bool IsBehind => _behind;

    /// <summary>Reads everything, and follows from then on. A store that fails is not waited for: <see cref="IsBehind"/> tells.</summary>
    /// <param name="cancel">Gives up.</param>
    public async Task StartAsync(CancellationToken cancel)
    {
        await SyncAsync(cancel);
        _store.OnChanged(SyncInBackground);
        _timer.Change(Interval, Interval);
    }

    /// <summary>Reads what is new. Never throws but for <paramref name="cancel"/>.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Whether it could be read.</returns>
    public async Task<bool> SyncAsync(CancellationToken cancel)
    {
        await _reading.WaitAsync(cancel);
        try
        {
            IReadOnlyList<AccountRow> rows;
            do
            {
                rows = await _store.ReadAsync(_revision, PageSize, cancel);
                Apply(rows);

                // Only reading moves it: a row written here may have a higher revision than one of another node that is still to be read.
                _revision = rows.Count > 0 ? rows[^1].Revision : _revision;
            }
            while (rows.Count == PageSize);

            Volatile.Write(ref _lastSync, _time.GetUtcNow().UtcTicks);
            _behind = false;
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            _behind = true;
            return false;
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Looks a key up that was unknown, after reading what is new. However many ask, the store is read at most five times a second; each waits a second at most.</summary>
    /// <param name="key">The key as it was sent.</param>
    public async ValueTask<KeyFinding> FindAgainAsync(string key)
    {
        Task again;
        lock (_lock)
        {
            if (_again.IsCompleted)
            {
                TimeSpan since = _time.GetUtcNow() - _askedAgain;
                _again = ReadAgainAsync(since < UnknownKeyInterval && since >= TimeSpan.Zero ? UnknownKeyInterval - since : TimeSpan.Zero);
            }

            again = _again;
        }

        try
        {
            await again.WaitAsync(UnknownKeyWait, _time);
        }
        catch (TimeoutException)
        {
            // The store is slow; what is known decides.
        }

        return Find(key);
    }

    /// <summary>Makes changes, all or none, and knows them at once.</summary>
    /// <param name="changes">The changes.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The rows as they are now; null if one of them was changed by somebody else meanwhile.</returns>
    /// <exception cref="Exception">Whatever the store throws: nothing is known to be changed then.</exception>
    public async ValueTask<IReadOnlyList<AccountRow>?> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel)
    {
        IReadOnlyList<AccountRow>? rows = await _store.WriteAsync(changes, cancel);
        if (rows is null)
        {
            await SyncAsync(cancel);
            return null;
        }

        Apply(rows);
        return rows;
    }

    private Dictionary<string, List<(string Team, bool Admin)>> Members
    {
        get
        {
            if (Volatile.Read(ref _members) is { } known)
            {
                return known;
            }

            lock (_lock)
            {
                var members = new Dictionary<string, List<(string Team, bool Admin)>>(StringComparer.Ordinal);
                foreach (AccountRow row in All(AccountKinds.Team))
                {
                    foreach (TeamMember member in PrincipalReader.Document(row, AccountJson.Default.TeamDocument)?.MembersWithRoles ?? [])
                    {
                        if (member.UserId is { } user)
                        {
                            (members.TryGetValue(user, out var teams) ? teams : members[user] = []).Add((row.Id, member.IsAdmin()));
                        }
                    }
                }

                return _members = members;
            }
        }
    }

    private async Task ReadAgainAsync(TimeSpan wait)
    {
        await Task.Yield();
        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, _time);
        }

        lock (_lock)
        {
            _askedAgain = _time.GetUtcNow();
        }

        await SyncAsync(CancellationToken.None);
    }

    private void SyncInBackground()
    {
        // One under way and one that waits behind it: more would read the same.
        if (Interlocked.Increment(ref _inBackground) > 2)
        {
            Interlocked.Decrement(ref _inBackground);
            return;
        }

        _ = Task.Run(async () =>
        {
            await SyncAsync(CancellationToken.None);
            Interlocked.Decrement(ref _inBackground);
        });
    }

    private void Apply(IReadOnlyList<AccountRow> rows)
    {
        bool others = false;
        bool shared = false;
        bool models = false;
        lock (_lock)
        {
            foreach (AccountRow row in rows)
            {
                if (row.Kind == AccountKinds.Key)
                {
                    ApplyKey(row);
                }
                else if (!_rows.TryGetValue((row.Kind, row.Id), out AccountRow? known) || known.Revision < row.Revision)
                {
                    // A deleted row stays, without its document: an older state of it that comes late must not bring it back.
                    _rows[(row.Kind, row.Id)] = row;
                    others = true;
                    shared |= row.Kind is AccountKinds.Team or AccountKinds.User or AccountKinds.Budget;
                    models |= row.Kind is AccountKinds.Model or CredentialBook.Kind;
                }
            }

            if (others)
            {
                Interlocked.Increment(ref _termsGeneration);
            }

            if (shared)
            {
                // Only these go into what keys stand for: a customer that is added must not make all keys anew.
                _members = null;
                Interlocked.Increment(ref _generation);
            }
        }

        if (models)
        {
            _modelsChanged?.Invoke();
        }
    }

    private void ApplyKey(AccountRow row)
    {
        if (_keys.TryGetValue(row.Id, out KeyEntry? known) && known.Row.Revision >= row.Revision)
        {
            return;
        }

        var entry = new KeyEntry(row);
        foreach ((KeyDigest digest, DateTimeOffset until) in entry.Digests)
        {
            _digests[digest] = new KeySlot(entry, until.UtcTicks);
        }

        foreach ((KeyDigest digest, _) in known?.Digests ?? [])
        {
            if (_digests.TryGetValue(digest, out KeySlot slot) && slot.Entry == known)
            {
                _digests.TryRemove(digest, out _);
            }
        }

        _keys[row.Id] = entry;
    }
}
