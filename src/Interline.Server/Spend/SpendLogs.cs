using System.Text.Json;
using Interline.Books;
using Interline.Ledger;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary>LiteLLM's <c>/spend/logs</c>: calls with its fields.</summary>
internal sealed class SpendLogs(BookAccess books)
{
    private const int MostRows = 1000;

    /// <summary>Deepest row a numbered page reaches: the rows before it are read and thrown away.</summary>
    private const int DeepestRow = 100_000;

    /// <summary>Calls; with both dates and unless <c>summarize=false</c>, sums by day.</summary>
    public async Task GetAsync(HttpContext http)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days: null);
        string? id = query.Text("request_id");
        var filter = new CallQuery { KeyId = KeyParameter.Read(query, "api_key", books.KeyId), UserId = query.Text("user_id"), From = window.From, To = window.To, Most = MostRows };
        bool dates = query.Text("start_date") is not null && query.Text("end_date") is not null;
        bool sums = query.Flag("summarize", usual: true) && dates && id is null;
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
        }
        else if (sums)
        {
            await SumsAsync(http, window, filter);
        }
        else if (id is not null)
        {
            StoredCall? call = await FindAsync(id, http.RequestAborted);
            await WriteAsync(http, call is not null && books.SightOf(http).Sees(call.Record) ? [call] : []);
        }
        else
        {
            await WriteAsync(http, await RowsAsync(http, filter, 0, MostRows));
        }
    }

    /// <summary>A numbered page of calls.</summary>
    public async Task GetPageAsync(HttpContext http)
    {
        var query = new QueryReader(http.Request.Query);
        SpendWindow window = SpendWindow.Read(query, books.Time, days: 30);
        int page = query.Whole("page", 1, DeepestRow);
        int size = query.Whole("page_size", 50, MostRows);
        var filter = new CallQuery
        {
            From = window.From,
            To = window.To,
            KeyId = KeyParameter.Read(query, "api_key", books.KeyId),
            TeamId = query.Text("team_id"),
            UserId = query.Text("user_id"),
            Customer = query.Text("end_user"),
            Model = query.Text("model"),
            Failed = query.Word("status_filter", "any", "any", "success", "failure") switch { "success" => false, "failure" => true, _ => null },
        };
        long skip = (long)(page - 1) * size;
        if (skip + size > DeepestRow)
        {
            query.Refuse("page", page.ToString(System.Globalization.CultureInfo.InvariantCulture), $"lies more than {DeepestRow:N0} rows deep; ask for a shorter time, or follow `next` at GET /v1/calls");
        }

        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        (List<StoredCall> rows, int total) = await PageAsync(http, filter, (int)skip, size);
        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("data"u8);
            rows.ForEach(call => Write(json, call));
            json.WriteEndArray();
            json.WriteNumber("total"u8, total);
            json.WriteNumber("page"u8, page);
            json.WriteNumber("page_size"u8, size);
            json.WriteNumber("total_pages"u8, (total + size - 1) / size);

            // Counting on would read the whole log for the sake of a number.
            json.WriteBoolean("total_is_least"u8, total == DeepestRow);
            json.WriteEndObject();
        });
    }

    private async ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel) =>
        books.Gateway.FindCall(id) is { } record ? new(id, record) : await books.Reader.FindAsync(id, cancel);

    private async Task<List<StoredCall>> RowsAsync(HttpContext http, CallQuery filter, int skip, int size) => (await PageAsync(http, filter with { Most = skip + size }, skip, size)).Rows;

    private async Task<(List<StoredCall> Rows, int Total)> PageAsync(HttpContext http, CallQuery filter, int skip, int size)
    {
        var rows = new List<StoredCall>();
        int total = 0;
        if (books.SightOf(http).Narrow(filter) is { } visible)
        {
            await foreach (StoredCall call in books.Reader.CallsAsync(visible with { Most = visible.Most ?? DeepestRow }, http.RequestAborted))
            {
                if (total >= skip && rows.Count < size)
                {
                    rows.Add(call);
                }

                total++;
            }
        }

        return (rows, total);
    }

    private async Task SumsAsync(HttpContext http, SpendWindow window, CallQuery filter)
    {
        if (await books.SumAsync(http, window.Daily(UsageDimension.Everything) with { ByModel = true }, filter) is not { } models
            || await books.SumAsync(http, window.Daily(UsageDimension.User), filter) is not { } users)
        {
            return;
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartArray();
            foreach (IGrouping<DateTimeOffset?, UsageRow> day in models.GroupBy(x => x.Period))
            {
                json.WriteStartObject();
                json.WriteString("startTime"u8, SpendJson.Day(day.Key));
                json.WriteUsd("spend", day.Sum(x => x.BilledPrice));
                SpendJson.Amounts(json, "users", users.Where(x => x.Period == day.Key), x => x.Id!);
                SpendJson.Amounts(json, "models", day, x => x.Model!);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
    }

    private static Task WriteAsync(HttpContext http, List<StoredCall> calls) => JsonResponse.WriteAsync(http, json =>
    {
        json.WriteStartArray();
        calls.ForEach(call => Write(json, call));
        json.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter json, StoredCall call)
    {
        CallRecord record = call.Record;
        json.WriteStartObject();
        json.WriteString("request_id"u8, call.Id);
        json.WriteString("call_type"u8, record.Operation);
        json.WriteString("api_key"u8, record.KeyId ?? "");
        json.WriteUsd("spend", record.BilledPrice ?? 0);
        json.WriteNumber("total_tokens"u8, record.Usage?.Total ?? 0);
        json.WriteNumber("prompt_tokens"u8, record.Usage?.TotalInput ?? 0);
        json.WriteNumber("completion_tokens"u8, record.Usage?.TotalOutput ?? 0);
        json.WriteString("startTime"u8, record.StartedAt.UtcDateTime);
        json.WriteString("endTime"u8, (record.StartedAt + record.Duration).UtcDateTime);
        if (record.FirstByte is { } first)
        {
            json.WriteString("completionStartTime"u8, (record.StartedAt + first).UtcDateTime);
        }
        else
        {
            json.WriteNull("completionStartTime"u8);
        }

        json.WriteNumber("request_duration_ms"u8, (long)record.Duration.TotalMilliseconds);
        json.WriteString("model"u8, record.UpstreamModel ?? record.Group);
        json.WriteString("model_group"u8, record.Group);
        json.WriteString("model_id"u8, record.DeploymentId);
        json.WriteString("custom_llm_provider"u8, record.Provider);
        json.WriteString("user"u8, record.UserId ?? "");
        json.WriteString("team_id"u8, record.TeamId);
        json.WriteString("end_user"u8, record.Customer);
        json.WriteStartArray("request_tags"u8);
        foreach (string tag in record.Tags)
        {
            json.WriteStringValue(tag);
        }

        json.WriteEndArray();
        json.WriteString("status"u8, record.Error is null ? "success" : "failure");
        json.WriteStartObject("metadata"u8);
        json.WriteNumber("status_code"u8, record.Status);
        json.WriteString("error_class"u8, record.Error is { } kind ? JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()) : null);
        json.WriteString("price_source"u8, record.PriceSource);
        json.WriteBoolean("spend_is_known"u8, record.BilledPrice is not null);
        json.WriteBoolean("usage_is_estimated"u8, record.Estimated);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
