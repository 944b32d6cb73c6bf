using System.Text.Json;
using Interline.Books;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/global/spend/report</c>: by day and owner, with what each model cost; by key without days.</summary>
internal sealed class SpendReport(BookAccess books)
{
    public async Task GetAsync(HttpContext http)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days: 30);
        var filter = new CallQuery
        {
            KeyId = KeyParameter.Read(query, "api_key", books.KeyId),
            UserId = query.Text("internal_user_id"),
            TeamId = query.Text("team_id"),
            Customer = query.Text("customer_id"),
        };
        string group = query.Word("group_by", filter.KeyId is null ? "team" : "api_key", "team", "customer", "internal_user", "api_key");
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        UsageDimension dimension = group switch
        {
            "team" => UsageDimension.Team,
            "customer" => UsageDimension.Customer,
            "internal_user" => UsageDimension.User,
            _ => UsageDimension.Key,
        };
        bool days = dimension != UsageDimension.Key;
        if (await books.SumAsync(http, (days ? window.Daily(dimension) : window.Query(dimension)) with { ByPeriod = days, ByModel = true }, filter) is not { } rows)
        {
            return;
        }

        await (days
            ? SpendJson.ListAsync(http, rows.GroupBy(x => x.Period), (json, day) => Day(json, day, dimension, group))
            : SpendJson.ListAsync(http, rows.GroupBy(x => x.Id, StringComparer.Ordinal), static (json, key) => Key(json, key)));
    }

    private void Day(Utf8JsonWriter json, IGrouping<DateTimeOffset?, UsageRow> day, UsageDimension dimension, string group)
    {
        json.WriteString("group_by_day"u8, SpendJson.Day(day.Key));
        json.WritePropertyName(group + "s");
        SpendJson.List(json, day.GroupBy(x => x.Id!, StringComparer.Ordinal).OrderByDescending(x => x.Sum(row => row.BilledPrice)), (json, owner) =>
        {
            json.WriteString(group == "team" ? "team_name" : group, books.NameOf(dimension, owner.Key) ?? owner.Key);
            json.WriteString("id"u8, owner.Key);
            json.WriteUsd("total_spend", owner.Sum(x => x.BilledPrice));
            json.WritePropertyName("metadata"u8);
            SpendJson.List(json, owner, static (json, row) =>
            {
                json.WriteString("model"u8, row.Model);
                json.WriteUsd("spend", row.BilledPrice);
                json.WriteNumber("total_tokens"u8, row.Tokens.Total);
            });
        });
    }

    private static void Key(Utf8JsonWriter json, IGrouping<string?, UsageRow> key)
    {
        json.WriteString("api_key"u8, key.Key);
        Costs(json, key);
        json.WritePropertyName("model_details"u8);
        SpendJson.List(json, key.GroupBy(x => x.Model, StringComparer.Ordinal), static (json, model) =>
        {
            json.WriteString("model"u8, model.Key);
            Costs(json, model);
        });
    }

    private static void Costs(Utf8JsonWriter json, IEnumerable<UsageRow> rows)
    {
        json.WriteUsd("total_cost", rows.Sum(x => x.BilledPrice));
        json.WriteNumber("total_input_tokens"u8, rows.Sum(x => x.Tokens.TotalInput));
        json.WriteNumber("total_output_tokens"u8, rows.Sum(x => x.Tokens.TotalOutput));
    }
}
