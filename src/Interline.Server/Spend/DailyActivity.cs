using System.Text.Json;
using Interline.Books;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/user/daily/activity</c> and its kin: a page of days, newest first, each with its totals by model, provider, key and owner.</summary>
internal sealed class DailyActivity(BookAccess books)
{
    private const int MostDays = 1000;

    /// <summary>Answers.</summary>
    /// <param name="http">The request.</param>
    /// <param name="dimension">Whose activity.</param>
    /// <param name="ids">Parameter that names whose.</param>
    public async Task GetAsync(HttpContext http, UsageDimension dimension, string ids)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days: 30);
        int page = query.Whole("page", 1, 1_000_000);
        int size = query.Whole("page_size", 50, MostDays);
        IReadOnlyList<string>? owners = query.List(ids);
        var filter = new CallQuery { KeyId = KeyParameter.Read(query, "api_key", books.KeyId), Model = query.Text("model") };
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        // All users together are all calls; also those with the master key, which have no user.
        bool everybody = dimension == UsageDimension.User && owners is null;
        UsageQuery all = window.Daily(everybody ? UsageDimension.Everything : dimension) with { Ids = owners, ByModel = true, ByProvider = true };
        CallQuery keyed = owners is not [var only] ? filter : Owned(filter, dimension, only);
        bool keys = everybody || owners is [_];
        if (await books.SumAsync(http, all, filter) is not { } rows
            || (keys ? await books.SumAsync(http, window.Daily(UsageDimension.Key), keyed) : []) is not { } perKey)
        {
            return;
        }

        await JsonResponse.WriteAsync(http, json => Write(json, rows, perKey, dimension, page, size));
    }

    private static CallQuery Owned(CallQuery filter, UsageDimension dimension, string id) => dimension switch
    {
        UsageDimension.User => filter with { UserId = id },
        UsageDimension.Team => filter with { TeamId = id },
        UsageDimension.Customer => filter with { Customer = id },
        _ => filter with { Tag = id },
    };

    private void Write(Utf8JsonWriter json, IReadOnlyList<UsageRow> rows, IReadOnlyList<UsageRow> keys, UsageDimension dimension, int page, int size)
    {
        var days = rows.GroupBy(x => x.Period).OrderByDescending(x => x.Key).ToList();
        var shown = days.Skip((int)Math.Min((long)(page - 1) * size, int.MaxValue)).Take(size).ToList();
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        foreach (IGrouping<DateTimeOffset?, UsageRow> day in shown)
        {
            json.WriteStartObject();
            json.WriteString("date"u8, SpendJson.Day(day.Key));
            Metrics(json, [.. day]);
            json.WriteStartObject("breakdown"u8);
            Breakdown(json, "models", day, static x => x.Model);
            Breakdown(json, "model_groups", day, static x => x.Model);
            Breakdown(json, "providers", day, static x => x.Provider);
            Breakdown(json, "api_keys", keys.Where(x => x.Period == day.Key), static x => x.Id, id => books.NameOf(UsageDimension.Key, id), "key_alias");
            Breakdown(json, "entities", day, static x => x.Id, id => books.NameOf(dimension, id), "alias");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Metadata(json, [.. shown.SelectMany(x => x)], page, (days.Count + size - 1) / size);
        json.WriteEndObject();
    }

    private static void Breakdown(Utf8JsonWriter json, string name, IEnumerable<UsageRow> rows, Func<UsageRow, string?> key, Func<string, string?>? nameOf = null, string alias = "alias")
    {
        json.WriteStartObject(name);
        foreach (IGrouping<string, UsageRow> group in rows.Where(x => key(x) is not null).GroupBy(x => key(x)!, StringComparer.Ordinal))
        {
            json.WriteStartObject(group.Key);
            Metrics(json, [.. group]);
            json.WriteStartObject("metadata"u8);
            if (nameOf?.Invoke(group.Key) is { } known)
            {
                json.WriteString(alias, known);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Metrics(Utf8JsonWriter json, IReadOnlyList<UsageRow> rows)
    {
        json.WriteStartObject("metrics"u8);
        Numbers(json, rows, "");
        json.WriteEndObject();
    }

    /// <summary>Totals of this page alone, as LiteLLM's are: scripts add up pages.</summary>
    private static void Metadata(Utf8JsonWriter json, IReadOnlyList<UsageRow> rows, int page, int pages)
    {
        json.WriteStartObject("metadata"u8);
        Numbers(json, rows, "total_");
        json.WriteNumber("page"u8, page);
        json.WriteNumber("total_pages"u8, pages);
        json.WriteBoolean("has_more"u8, page < pages);
        json.WriteEndObject();
    }

    private static void Numbers(Utf8JsonWriter json, IReadOnlyList<UsageRow> rows, string prefix)
    {
        json.WriteUsd(prefix + "spend", rows.Sum(x => x.BilledPrice));
        json.WriteNumber(prefix + "prompt_tokens", rows.Sum(x => x.Tokens.TotalInput));
        json.WriteNumber(prefix + "completion_tokens", rows.Sum(x => x.Tokens.TotalOutput));
        json.WriteNumber(prefix + "cache_read_input_tokens", rows.Sum(x => x.Tokens.CacheRead));
        json.WriteNumber(prefix + "cache_creation_input_tokens", rows.Sum(x => x.Tokens.CacheWrite + x.Tokens.CacheWrite1h));
        json.WriteNumber("total_tokens"u8, rows.Sum(x => x.Tokens.Total));
        json.WriteNumber(prefix + "successful_requests", rows.Sum(x => x.Calls - x.Failed));
        json.WriteNumber(prefix + "failed_requests", rows.Sum(x => x.Failed));
        json.WriteNumber(prefix + "api_requests", rows.Sum(x => x.Calls));
    }
}
