using Interline.Books;

namespace Interline.Cli.Books;

/// <summary>The books of a database, opened without a gateway.</summary>
internal interface ILedgerAccess : IAsyncDisposable
{
    /// <summary>Reads the books.</summary>
    IUsageReader Reader { get; }

    /// <summary>Checks the hash chain, segment by segment, in the order they were written.</summary>
    /// <param name="cancel">Gives up.</param>
    IAsyncEnumerable<CheckedSegment> VerifyAsync(CancellationToken cancel);
}

/// <summary>What a check found of one segment.</summary>
/// <param name="Name">Which one, such as <c>process/number</c>.</param>
/// <param name="Calls">Calls in it.</param>
/// <param name="State">Such as <c>whole</c>, <c>pruned</c>, <c>broken</c>, <c>unchecked</c>.</param>
/// <param name="IsBroken">Whether something was changed, added or taken away.</param>
/// <param name="IsChecked">Whether it could be checked.</param>
/// <param name="Problem">What is wrong, and at which call; null if nothing is.</param>
internal readonly record struct CheckedSegment(string Name, long Calls, string State, bool IsBroken, bool IsChecked, string? Problem);

/// <summary>Opens the books that a configuration names.</summary>
/// <param name="config">Configuration file; null takes the environment's database, else the data folder's.</param>
/// <param name="cancel">Gives up.</param>
/// <returns>The books, or why they cannot be opened, for people.</returns>
internal delegate ValueTask<(ILedgerAccess? Books, string? Problem)> OpenLedger(FileInfo? config, CancellationToken cancel);
