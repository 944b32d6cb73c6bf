using System.Text.Json;
using Interline.Books;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/global/spend</c> and what is under it.</summary>
internal sealed class GlobalSpend(BookAccess books)
{
    private const int UsualDays = 30;
    private const int MostRows = 10_000;

    public async Task AllAsync(HttpContext http)
    {
        UsageQuery all = SpendWindow.All(books.Time).Query(UsageDimension.Everything) with { ByPeriod = false };
        if (await books.SumAsync(http, all, new CallQuery()) is { } rows)
        {
            await JsonResponse.WriteAsync(http, json =>
            {
                json.WriteStartObject();
                json.WriteUsd("spend", rows.Sum(x => x.BilledPrice));
                json.WriteEndObject();
            });
        }
    }

    public Task LogsAsync(HttpContext http) => AnswerAsync(
        http,
        (query, window) => (window.Daily(UsageDimension.Everything), new CallQuery { KeyId = KeyParameter.Read(query, "api_key", books.KeyId) }),
        static (json, row) =>
        {
            json.WriteString("date"u8, SpendJson.Day(row.Period));
            json.WriteUsd("spend", row.BilledPrice);
        });

    public Task KeysAsync(HttpContext http) => TopAsync(http, UsageDimension.Key, byModel: false, (json, row) =>
    {
        json.WriteString("api_key"u8, row.Id);
        json.WriteString("key_alias"u8, books.NameOf(UsageDimension.Key, row.Id!));
        json.WriteUsd("total_spend", row.BilledPrice);
    });

    public Task ModelsAsync(HttpContext http) => TopAsync(http, UsageDimension.Everything, byModel: true, static (json, row) =>
    {
        json.WriteString("model"u8, row.Model);
        json.WriteUsd("total_spend", row.BilledPrice);
    });

    public async Task ProvidersAsync(HttpContext http)
    {
        if (await RowsAsync(http, static (_, window) => (window.Query(UsageDimension.Everything) with { ByPeriod = false, ByProvider = true }, new CallQuery())) is { } rows)
        {
            await SpendJson.ListAsync(http, rows.OrderByDescending(x => x.BilledPrice), static (json, row) =>
            {
                json.WriteString("provider"u8, row.Provider ?? "unknown");
                json.WriteUsd("spend", row.BilledPrice);
            });
        }
    }

    public async Task TagsAsync(HttpContext http)
    {
        if (await RowsAsync(http, static (query, window) => (window.Query(UsageDimension.Tag) with { ByPeriod = false, Ids = query.List("tags") }, new CallQuery())) is { } rows)
        {
            await JsonResponse.WriteAsync(http, json =>
            {
                json.WriteStartObject();
                json.WritePropertyName("spend_per_tag"u8);
                SpendJson.List(json, rows.OrderByDescending(x => x.BilledPrice), static (json, row) =>
                {
                    json.WriteString("name"u8, row.Id);
                    json.WriteUsd("spend", row.BilledPrice);
                    json.WriteNumber("log_count"u8, row.Calls);
                });
                json.WriteEndObject();
            });
        }
    }

    public async Task TeamsAsync(HttpContext http)
    {
        if (await RowsAsync(http, static (_, window) => (window.Daily(UsageDimension.Team), new CallQuery())) is { } rows)
        {
            await JsonResponse.WriteAsync(http, json => Teams(json, rows));
        }
    }

    /// <summary>By a body with <c>api_key</c>, <c>startTime</c> and <c>endTime</c>, each of which may be missing.</summary>
    public async Task CustomersAsync(HttpContext http)
    {
        (JsonElement body, Protocols.Errors.ApiError? wrong) = await JsonBody.ReadAsync(http);
        IQueryCollection fields = JsonBody.AsQuery(body, ("api_key", "api_key"), ("startTime", "start_date"), ("endTime", "end_date"));
        var query = new QueryReader(fields);
        SpendWindow window = SpendWindow.Read(query, books.Time, UsualDays);
        var filter = new CallQuery { KeyId = KeyParameter.Read(query, "api_key", books.KeyId) };
        if ((wrong ?? query.Error) is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
        }
        else if (await books.SumAsync(http, window.Query(UsageDimension.Customer) with { ByPeriod = false }, filter) is { } rows)
        {
            await SpendJson.ListAsync(http, rows.OrderByDescending(x => x.BilledPrice), static (json, row) =>
            {
                json.WriteString("end_user"u8, row.Id);
                json.WriteNumber("total_count"u8, row.Calls);
                json.WriteUsd("total_spend", row.BilledPrice);
            });
        }
    }

    private void Teams(Utf8JsonWriter json, IReadOnlyList<UsageRow> rows)
    {
        string Name(UsageRow row) => books.NameOf(UsageDimension.Team, row.Id!) ?? row.Id!;
        var totals = rows.GroupBy(Name, StringComparer.Ordinal).Select(x => (Name: x.Key, Spend: x.Sum(row => row.BilledPrice))).OrderByDescending(x => x.Spend).ToList();
        json.WriteStartObject();
        json.WriteStartArray("daily_spend"u8);
        foreach (IGrouping<DateTimeOffset?, UsageRow> day in rows.GroupBy(x => x.Period))
        {
            json.WriteStartObject();
            json.WriteString("date"u8, SpendJson.Day(day.Key));
            foreach (IGrouping<string, UsageRow> team in day.GroupBy(Name, StringComparer.Ordinal))
            {
                json.WriteUsd(team.Key, team.Sum(x => x.BilledPrice));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("teams"u8);
        totals.ForEach(x => json.WriteStringValue(x.Name));
        json.WriteEndArray();
        json.WritePropertyName("total_spend_per_team"u8);
        SpendJson.List(json, totals, static (json, team) =>
        {
            json.WriteString("team_id"u8, team.Name);
            json.WriteUsd("total_spend", team.Spend);
        });
        json.WriteEndObject();
    }

    private async Task TopAsync(HttpContext http, UsageDimension dimension, bool byModel, Action<Utf8JsonWriter, UsageRow> write)
    {
        int most = 0;
        if (await RowsAsync(http, (query, window) =>
        {
            most = query.Whole("limit", 10, MostRows);
            return (window.Query(dimension) with { ByPeriod = false, ByModel = byModel }, new CallQuery { KeyId = KeyParameter.Read(query, "api_key", books.KeyId) });
        }) is { } rows)
        {
            await SpendJson.ListAsync(http, rows.OrderByDescending(x => x.BilledPrice).Take(most), write);
        }
    }

    private async Task AnswerAsync(HttpContext http, Func<QueryReader, SpendWindow, (UsageQuery, CallQuery)> read, Action<Utf8JsonWriter, UsageRow> write)
    {
        if (await RowsAsync(http, read) is { } rows)
        {
            await SpendJson.ListAsync(http, rows, write);
        }
    }

    private async Task<IReadOnlyList<UsageRow>?> RowsAsync(HttpContext http, Func<QueryReader, SpendWindow, (UsageQuery, CallQuery)> read)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, UsualDays);
        (UsageQuery usage, CallQuery filter) = read(query, window);
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return null;
        }

        return await books.SumAsync(http, usage, filter);
    }
}
