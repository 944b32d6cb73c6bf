using System.Runtime.CompilerServices;
using Interline.Ledger;

namespace Interline.Books;

/// <summary>
/// Answers from the newest calls in memory: what a program without a database knows. Whoever shows an answer should say that it is about these alone. Thread-safe.
/// </summary>
public sealed class InMemoryUsageReader : IUsageReader
{
    private readonly InMemoryLedger _ledger;
    private readonly Func<long, string> _id;

    /// <summary>Over a ledger.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="id">Makes a call's id of its number: <see cref="Gateway.CallId"/>.</param>
    public InMemoryUsageReader(InMemoryLedger ledger, Func<long, string> id)
    {
        _ledger = ledger;
        _id = id;
    }

    /// <summary>How many calls are kept at most.</summary>
    public int Capacity => _ledger.Capacity;

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel)
    {
        var sums = new UsageSums(query);
        foreach (CallRecord call in _ledger.Newest())
        {
            sums.Add(call);
        }

        return ValueTask.FromResult<IReadOnlyList<UsageRow>>(sums.Rows());
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await ValueTask.CompletedTask;
        int left = query.Most ?? int.MaxValue;
        bool begun = query.Before is null;
        foreach (CallRecord call in _ledger.Newest())
        {
            cancel.ThrowIfCancellationRequested();
            if (begun && Matches(query, call))
            {
                yield return new(_id(call.Number), call);
                if (--left == 0)
                {
                    yield break;
                }
            }

            begun |= query.Before is { } before && string.Equals(_id(call.Number), before, StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <inheritdoc />
    public ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel)
    {
        foreach (CallRecord call in _ledger.Newest())
        {
            if (_id(call.Number) == id)
            {
                return ValueTask.FromResult<StoredCall?>(new(id, call));
            }
        }

        return ValueTask.FromResult<StoredCall?>(null);
    }

    private static bool Matches(CallQuery query, in CallRecord call) =>
        (query.From is not { } from || call.StartedAt >= from)
        && (query.To is not { } to || call.StartedAt < to)
        && Same(query.KeyId, call.KeyId)
        && Same(query.TeamId, call.TeamId)
        && (query.TeamIds is not { } teams || (call.TeamId is { } team && teams.Contains(team, StringComparer.Ordinal)))
        && Same(query.UserId, call.UserId)
        && Same(query.Customer, call.Customer)
        && Same(query.Model, call.Group)
        && Same(query.Provider, call.Provider)
        && (query.Tag is null || call.Tags.Contains(query.Tag))
        && (query.Failed is not { } failed || failed == call.Error is not null);

    private static bool Same(string? asked, string? own) => asked is null || asked == own;
}
