using System.Text.Json;
using Interline.Books;
using Interline.Books.Export;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary><c>GET /v1/usage</c>: sums by hour, day or month.</summary>
internal sealed class UsageEndpoint(BookAccess books)
{
    private static readonly string[] Periods = ["hour", "day", "month"];
    private static readonly string[] Dimensions = ["everything", "key", "team", "user", "customer", "tag"];
    private static readonly string[] Groupings = ["period", "id", "model", "provider"];

    public async Task GetAsync(HttpContext http)
    {
        var query = new QueryReader(http.Request.Query);
        string format = query.Word("format", "json", "json", "csv", "jsonl");
        UsageQuery usage = Read(query);
        query.RefuseUnknown();
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        if (await books.SumAsync(http, usage, new CallQuery()) is not { } rows)
        {
            return;
        }

        await (RowStream.IsRows(format)
            ? RowStream.WriteAsync(http, format, "usage", UsageColumns.All, RowStream.Of(rows))
            : JsonResponse.WriteAsync(http, json => Write(json, usage, rows)));
    }

    private UsageQuery Read(QueryReader query)
    {
        var period = (UsagePeriod)Array.IndexOf(Periods, query.Word("period", "day", Periods));
        var dimension = (UsageDimension)Array.IndexOf(Dimensions, query.Word("dimension", "everything", Dimensions));
        DateTimeOffset now = books.Time.GetUtcNow();
        DateTimeOffset to = query.Moment("to") ?? now;
        DateTimeOffset from = query.Moment("from") ?? period switch
        {
            UsagePeriod.Hour => to.AddDays(-1),
            UsagePeriod.Day => to.AddDays(-30),
            _ => to.AddMonths(-12),
        };
        query.Ordered("from", from, "to", to);
        IReadOnlyList<string>? ids = query.List("ids");
        if (ids is not null && dimension == UsageDimension.Everything)
        {
            query.Refuse("ids", null, "needs a dimension the ids are of: dimension=key, team, user, customer or tag");
        }

        IReadOnlyList<string> groups = query.List("group_by") ?? ["period", "id"];
        foreach (string group in groups.Where(x => !Groupings.Contains(x, StringComparer.Ordinal)))
        {
            query.Refuse("group_by", group, $"is not one of {string.Join(", ", Groupings)}, or several of them with commas between");
        }

        return new UsageQuery
        {
            From = from,
            To = to,
            Period = period,
            Dimension = dimension,
            Ids = ids,
            Models = query.List("models"),
            ByPeriod = groups.Contains("period", StringComparer.Ordinal),
            ById = groups.Contains("id", StringComparer.Ordinal),
            ByModel = groups.Contains("model", StringComparer.Ordinal),
            ByProvider = groups.Contains("provider", StringComparer.Ordinal),
        };
    }

    private void Write(Utf8JsonWriter json, UsageQuery usage, IReadOnlyList<UsageRow> rows)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteString("source"u8, SpendEndpoints.Source(books));
        json.WriteString("period"u8, Periods[(int)usage.Period]);
        json.WriteString("dimension"u8, Dimensions[(int)usage.Dimension]);

        // What was summed, not what was asked: the ends are those of periods.
        json.WriteString("from"u8, UsagePeriods.Start(usage.Period, usage.From).UtcDateTime);
        json.WriteString("to"u8, UsagePeriods.End(usage.Period, usage.To).UtcDateTime);
        json.WriteStartArray("data"u8);
        foreach (UsageRow row in rows)
        {
            JsonRows.Write(json, UsageColumns.All, row);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
