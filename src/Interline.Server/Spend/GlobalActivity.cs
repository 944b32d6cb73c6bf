using System.Globalization;
using System.Text.Json;
using Interline.Books;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/global/activity</c>: calls and tokens each day.</summary>
internal sealed class GlobalActivity(BookAccess books)
{
    public async Task AllAsync(HttpContext http)
    {
        if (await RowsAsync(http, byModel: false) is { } rows)
        {
            await JsonResponse.WriteAsync(http, json =>
            {
                json.WriteStartObject();
                Activity(json, rows);
                json.WriteEndObject();
            });
        }
    }

    public async Task ModelsAsync(HttpContext http)
    {
        if (await RowsAsync(http, byModel: true) is { } rows)
        {
            await SpendJson.ListAsync(http, rows.GroupBy(x => x.Model, StringComparer.Ordinal).OrderByDescending(x => x.Sum(row => row.Calls)), static (json, model) =>
            {
                json.WriteString("model"u8, model.Key);
                Activity(json, [.. model]);
            });
        }
    }

    private static void Activity(Utf8JsonWriter json, IReadOnlyList<UsageRow> days)
    {
        json.WritePropertyName("daily_data"u8);
        SpendJson.List(json, days, static (json, day) =>
        {
            json.WriteString("date"u8, day.Period!.Value.ToString("MMM dd", CultureInfo.InvariantCulture));
            json.WriteNumber("api_requests"u8, day.Calls);
            json.WriteNumber("total_tokens"u8, day.Tokens.Total);
        });
        json.WriteNumber("sum_api_requests"u8, days.Sum(x => x.Calls));
        json.WriteNumber("sum_total_tokens"u8, days.Sum(x => x.Tokens.Total));
    }

    private async Task<IReadOnlyList<UsageRow>?> RowsAsync(HttpContext http, bool byModel)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days: 30);
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return null;
        }

        return await books.SumAsync(http, window.Daily(UsageDimension.Everything) with { ByModel = byModel }, new CallQuery());
    }
}
