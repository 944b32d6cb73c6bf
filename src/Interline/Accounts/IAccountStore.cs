namespace Interline.Accounts;

/// <summary>
/// Where accounts are kept: keys, teams, users, customers, budgets, models and credentials added at run time. A row is a document of its kind; every change
/// draws the next revision of the whole store, so that a node follows by asking for what is newer than the newest it knows.
/// </summary>
public interface IAccountStore
{
    /// <summary>Reads what is newer than a revision, in the order of revisions; deleted rows too.</summary>
    /// <param name="after">Newest revision known; 0 reads all.</param>
    /// <param name="most">Most rows to read, from 1.</param>
    /// <param name="cancel">Gives up.</param>
    ValueTask<IReadOnlyList<AccountRow>> ReadAsync(long after, int most, CancellationToken cancel);

    /// <summary>Makes changes, all or none.</summary>
    /// <param name="changes">The changes, at least one, each of another row.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The rows as they are now, in the order of the changes; null if a row is no longer at the revision its change was made from, then nothing was changed.</returns>
    ValueTask<IReadOnlyList<AccountRow>?> WriteAsync(IReadOnlyList<AccountChange> changes, CancellationToken cancel);

    /// <summary>Asks to be called back, on any thread and for as long as the store lives, when another node may have changed something.</summary>
    /// <param name="changed">What to call; must not block.</param>
    void OnChanged(Action changed);
}

/// <summary>One account as it is kept.</summary>
/// <param name="Kind">Kind: <c>key</c>, <c>team</c>, <c>user</c>, <c>customer</c>, <c>budget</c>, <c>tag</c>, <c>model</c>, <c>credential</c>.</param>
/// <param name="Id">Id within its kind, up to 256 characters.</param>
/// <param name="Document">JSON object; null if it was deleted.</param>
/// <param name="Revision">Revision it was written at; from 1.</param>
public sealed record AccountRow(string Kind, string Id, string? Document, long Revision);

/// <summary>One change.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Id">Id.</param>
/// <param name="Document">The new document; null deletes.</param>
/// <param name="From">Revision the change was made from; 0 if there must be none (or a deleted one); null overwrites whatever is there.</param>
public sealed record AccountChange(string Kind, string Id, string? Document, long? From);
