using System.Globalization;
using System.Runtime.CompilerServices;
using Interline.Books;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>Reads the books. Lists are read page by page from where the last page ended, each in a moment of its own, so that a long export holds nothing open.</summary>
/// <param name="database">The database.</param>
public sealed class UsageReader(Database database) : IUsageReader
{
    private const int Page = 500;

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel) => await database.ReadAsync((session, token) => UsageQuestion.AskAsync(session, query, token), cancel);

    /// <inheritdoc />
    public async ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel)
    {
        if (!TryParse(id, out ulong run, out long number))
        {
            return null;
        }

        return await database.ReadAsync(
            async (session, token) =>
            {
                List<StoredCalls.Row> rows = await session.ListAsync($"select {CallRow.Columns} from interline_call where run = $1 and number = $2", StoredCalls.Read, token, (long)run, number);
                return (await new StoredCalls().WithTextsAsync(session, rows, token)).FirstOrDefault();
            },
            cancel);
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        var texts = new StoredCalls();
        int left = query.Most ?? int.MaxValue;
        if (await database.ReadAsync((session, token) => CallQuestion.PrepareAsync(session, query, token), cancel) is not { } question)
        {
            yield break;
        }

        while (left > 0)
        {
            int most = Math.Min(Page, left);
            (List<StoredCall> calls, bool more) = await database.ReadAsync((session, token) => question.NextAsync(session, texts, most, token), cancel);
            foreach (StoredCall call in calls)
            {
                yield return call;
            }

            left -= calls.Count;
            if (!more)
            {
                yield break;
            }
        }
    }

    /// <summary>The parts of a call's id.</summary>
    internal static bool TryParse(string id, out ulong run, out long number)
    {
        (run, number) = (0, 0);
        return id.Length == 32
            && ulong.TryParse(id.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out run)
            && long.TryParse(id.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }
}
