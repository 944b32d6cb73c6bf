using System.Collections.Immutable;
using Interline.Books;
using Interline.Books.Export;
using Interline.Server.Endpoints;
using Interline.Server.Errors;

namespace Interline.Server.Spend;

/// <summary><c>GET /v1/calls</c>: the call log, by pages or as a whole.</summary>
internal sealed class CallLogEndpoint(BookAccess books)
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    public async Task GetAsync(HttpContext http)
    {
        var query = new QueryReader(http.Request.Query);
        string format = query.Word("format", "json", "json", "csv", "jsonl");
        CallQuery calls = Read(query, RowStream.IsRows(format));
        query.RefuseUnknown();
        if (query.Error is { } error)
        {
            await ErrorResponse.WriteAsync(http, error);
            return;
        }

        CallQuery? visible = books.SightOf(http).Narrow(calls);
        if (RowStream.IsRows(format))
        {
            await RowStream.WriteAsync(http, format, "calls", CallColumns.All, visible is null ? RowStream.Of<StoredCall>([]) : books.Reader.CallsAsync(visible, http.RequestAborted));
            return;
        }

        await PageAsync(http, visible, calls.Most ?? UsualPage);
    }

    private CallQuery Read(QueryReader query, bool whole)
    {
        DateTimeOffset? from = query.Moment("from");
        DateTimeOffset? to = query.Moment("to");
        if (from is { } start && to is { } end)
        {
            query.Ordered("from", start, "to", end);
        }

        string? before = query.Text("before");
        if (before is not null && (before.Length != 32 || !before.All(char.IsAsciiHexDigit)))
        {
            query.Refuse("before", before, "is not the id of a call: give the `next` of the page before");
        }

        return new CallQuery
        {
            From = from,
            To = to,
            KeyId = KeyParameter.Read(query, "key", books.KeyId),
            TeamId = query.Text("team"),
            UserId = query.Text("user"),
            Customer = query.Text("customer"),
            Model = query.Text("model"),
            Provider = query.Text("provider"),
            Tag = query.Text("tag"),
            Failed = query.Word("status", "any", "any", "ok", "failed") switch { "ok" => false, "failed" => true, _ => null },
            Before = before?.ToLowerInvariant(),
            Most = whole && query.Text("limit") is null ? null : query.Whole("limit", UsualPage, whole ? int.MaxValue : LargestPage),
        };
    }

    private async Task PageAsync(HttpContext http, CallQuery? visible, int size)
    {
        var page = ImmutableArray.CreateBuilder<StoredCall>();
        bool more = false;
        if (visible is not null)
        {
            await foreach (StoredCall call in books.Reader.CallsAsync(visible with { Most = size + 1 }, http.RequestAborted))
            {
                more = page.Count == size;
                if (more)
                {
                    break;
                }

                page.Add(call);
            }
        }

        await JsonResponse.WriteAsync(http, json =>
        {
            json.WriteStartObject();
            json.WriteString("object"u8, "list"u8);
            json.WriteString("source"u8, SpendEndpoints.Source(books));
            json.WriteStartArray("data"u8);
            foreach (StoredCall call in page)
            {
                JsonRows.Write(json, CallColumns.All, call);
            }

            json.WriteEndArray();
            json.WriteBoolean("has_more"u8, more);
            json.WriteString("next"u8, more ? page[^1].Id : null);
            json.WriteEndObject();
        });
    }
}
