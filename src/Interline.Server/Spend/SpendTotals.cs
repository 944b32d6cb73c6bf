using Interline.Books;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/spend/keys</c>, <c>/spend/users</c> and <c>/spend/tags</c>.</summary>
internal sealed class SpendTotals(BookAccess books)
{
    public async Task KeysAsync(HttpContext http)
    {
        if (await TotalsAsync(http, UsageDimension.Key, static _ => null, days: null) is { } keys)
        {
            await SpendJson.ListAsync(http, keys, (json, row) =>
            {
                json.WriteString("token"u8, row.Id);
                json.WriteString("key_alias"u8, books.NameOf(UsageDimension.Key, row.Id!));
                json.WriteUsd("spend", row.BilledPrice);
            });
        }
    }

    public async Task UsersAsync(HttpContext http)
    {
        if (await TotalsAsync(http, UsageDimension.User, static query => query.List("user_id"), days: null) is { } users)
        {
            await SpendJson.ListAsync(http, users, (json, row) =>
            {
                json.WriteString("user_id"u8, row.Id);
                json.WriteString("user_alias"u8, books.NameOf(UsageDimension.User, row.Id!));
                json.WriteUsd("spend", row.BilledPrice);
            });
        }
    }

    public async Task TagsAsync(HttpContext http)
    {
        if (await TotalsAsync(http, UsageDimension.Tag, static _ => null, days: 30) is { } tags)
        {
            await SpendJson.ListAsync(http, tags, (json, row) =>
            {
                json.WriteString("individual_request_tag"u8, row.Id);
                json.WriteNumber("log_count"u8, row.Calls);
                json.WriteUsd("total_spend", row.BilledPrice);
            });
        }
    }

    /// <summary>Sums by id, most spent first; null if the request was answered with an error.</summary>
    private async Task<IEnumerable<UsageRow>?> TotalsAsync(HttpContext http, UsageDimension dimension, Func<QueryReader, IReadOnlyList<string>?> ids, int? days)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days);
        UsageQuery usage = window.Query(dimension) with { ByPeriod = false, Ids = ids(query) };
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return null;
        }

        return (await books.SumAsync(http, usage, new CallQuery()))?.OrderByDescending(x => x.BilledPrice);
    }
}
