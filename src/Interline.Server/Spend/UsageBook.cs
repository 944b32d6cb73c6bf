using Interline.Books;

namespace Interline.Server.Spend;

/// <summary>
/// Sums for calls that match a filter: from the roll-ups where they know it, else by adding up the calls. The roll-ups are kept by one owner at a time, so
/// "the keys of this user" is in none of them.
/// </summary>
internal sealed class UsageBook(IUsageReader reader)
{
    /// <summary>Most calls that are added up one by one; who has more should ask for less.</summary>
    public const int MostCalls = 200_000;

    /// <summary>Sums.</summary>
    /// <param name="query">What to sum.</param>
    /// <param name="filter">Of which calls; its times do not count.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>Null if more calls than <see cref="MostCalls"/> would have to be added up.</returns>
    public async ValueTask<IReadOnlyList<UsageRow>?> SumAsync(UsageQuery query, CallQuery filter, CancellationToken cancel)
    {
        if (filter.Model is { } model && query.Models?.Contains(model, StringComparer.Ordinal) != false)
        {
            (query, filter) = (query with { Models = [model] }, filter with { Model = null });
        }

        if (filter.Model is not null || query.Models is { Count: 0 } || query.Ids is { Count: 0 })
        {
            return [];
        }

        return RollUps(query, filter) is { } rolled ? await reader.SumAsync(rolled, cancel) : await AddUpAsync(query, filter, cancel);
    }

    private static UsageQuery? RollUps(UsageQuery query, CallQuery filter)
    {
        if (filter.Provider is not null || filter.Failed is not null)
        {
            return null;
        }

        (UsageDimension Dimension, string? Id)[] owners =
        [
            (UsageDimension.Key, filter.KeyId), (UsageDimension.Team, filter.TeamId), (UsageDimension.User, filter.UserId),
            (UsageDimension.Customer, filter.Customer), (UsageDimension.Tag, filter.Tag),
        ];
        owners = [.. owners.Where(x => x.Id is not null)];
        if (filter.TeamIds is { } teams)
        {
            return owners.Length > 0 ? null : OfTeams(query, teams);
        }

        return owners switch
        {
            [] => query,
            [var (dimension, id)] when query.Dimension == UsageDimension.Everything => query with { Dimension = dimension, Ids = [id!], ById = false },
            [var (dimension, id)] when query.Dimension == dimension && query.Ids?.Contains(id!, StringComparer.Ordinal) != false => query with { Ids = [id!] },
            _ => null,
        };
    }

    /// <summary>A call has one team at most, so the sums of several add up.</summary>
    private static UsageQuery? OfTeams(UsageQuery query, IReadOnlyList<string> teams) => query.Dimension switch
    {
        UsageDimension.Everything => query with { Dimension = UsageDimension.Team, Ids = teams, ById = false },
        UsageDimension.Team => query with { Ids = query.Ids is { } ids ? [.. ids.Where(x => teams.Contains(x, StringComparer.Ordinal))] : teams },
        _ => null,
    };

    private async ValueTask<IReadOnlyList<UsageRow>?> AddUpAsync(UsageQuery query, CallQuery filter, CancellationToken cancel)
    {
        var sums = new UsageSums(query);
        int count = 0;
        CallQuery calls = filter with { From = UsagePeriods.Start(query.Period, query.From), To = UsagePeriods.End(query.Period, query.To), Most = MostCalls + 1 };
        await foreach (StoredCall call in reader.CallsAsync(calls, cancel))
        {
            if (++count > MostCalls)
            {
                return null;
            }

            sums.Add(call.Record);
        }

        return sums.Rows();
    }
}
