using System.Runtime.CompilerServices;
using Interline.Books;
using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Storage;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Cli.Books;

/// <summary>The books as a configuration names them.</summary>
internal sealed class LedgerAccess : ILedgerAccess
{
    private readonly Database _database;
    private readonly LedgerVerification _verification;

    private LedgerAccess(Database database, Secret chainKey, IReadOnlyList<Secret> earlier)
    {
        _database = database;
        _verification = new LedgerVerification(database, chainKey, earlier);
        Reader = new UsageReader(database);
    }

    /// <inheritdoc />
    public IUsageReader Reader { get; }

    /// <summary>Opens them.</summary>
    /// <param name="config">Configuration file; null takes the environment's database, else the data folder's.</param>
    /// <param name="cancel">Gives up.</param>
    public static async ValueTask<(ILedgerAccess? Books, string? Problem)> OpenAsync(FileInfo? config, CancellationToken cancel)
    {
        (Database? database, string? problem) = await BooksDatabase.OpenAsync(config, cancel);
        return database is null ? (null, problem) : (new LedgerAccess(database, Installation.ChainKeyOf(SaltSource.Find()), [.. SaltSource.Others().Select(Installation.ChainKeyOf)]), null);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<CheckedSegment> VerifyAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (SegmentReport segment in _verification.SegmentsAsync(cancel))
        {
            string problem = segment.FirstBadCall is { } call ? $"{segment.Problem} (call {call})" : segment.Problem ?? "";
            yield return new CheckedSegment(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{segment.Process}/{segment.Number}"),
                segment.Calls,
                segment.Verdict switch { SegmentVerdict.Whole => "whole", SegmentVerdict.Pruned => "pruned", SegmentVerdict.Broken => "broken", _ => "unchecked" },
                segment.Verdict == SegmentVerdict.Broken,
                segment.Verdict != SegmentVerdict.Unchecked,
                problem.Length == 0 ? null : problem);
        }

        foreach (SumDifference sum in await _verification.SumsAsync(cancel))
        {
            yield return new CheckedSegment(
                $"sum of {sum.Hour.UtcDateTime:yyyy-MM-ddTHH}Z by {sum.Dimension}",
                sum.Calls,
                "broken",
                IsBroken: true,
                IsChecked: true,
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the calls are {sum.Calls} for {sum.Billed} USD, the sum says {sum.SummedCalls} for {sum.SummedBilled} USD"));
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
