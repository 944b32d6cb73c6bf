namespace Interline.Accounts;

/// <summary>Accounts of a program that keeps nothing. Thread-safe.</summary>
public sealed class InMemoryAccountStore : IAccountStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Kind, string Id), AccountRow> _rows = [];
    private long _revision;

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AccountRow>> ReadAsync(long after, int most, CancellationToken cancel)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyList<AccountRow>>([.. _rows.Values.Where(x => x.Revision > after).OrderBy(x => x.Revision).Take(most)]);
        }
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AccountRow>?> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (changes.Any(x => x.From is { } from && from != RevisionOf(x)))
            {
                return ValueTask.FromResult<IReadOnlyList<AccountRow>?>(null);
            }

            AccountRow[] written = [.. changes.Select(x => new AccountRow(x.Kind, x.Id, x.Document, ++_revision))];
            foreach (AccountRow row in written)
            {
                _rows[(row.Kind, row.Id)] = row;
            }

            return ValueTask.FromResult<IReadOnlyList<AccountRow>?>(written);
        }
    }

    /// <inheritdoc />
    public void OnChanged(Action changed)
    {
        // Nobody else changes anything.
    }

    private long RevisionOf(AccountChange change) => _rows.TryGetValue((change.Kind, change.Id), out AccountRow? row) && row.Document is not null ? row.Revision : 0;
}
