using System.Collections.Immutable;
using System.IO.Pipelines;
using Interline.Books.Export;

namespace Interline.Server.Spend;

/// <summary>Answers with rows as they come, one after the other: millions need no more memory than a few. Ends when the client leaves.</summary>
internal static class RowStream
{
    private const int FlushAt = 32 << 10;

    /// <summary>Whether a format is given row by row.</summary>
    public static bool IsRows(string format) => format is "csv" or "jsonl";

    /// <summary>Writes rows.</summary>
    /// <param name="http">The request.</param>
    /// <param name="format"><c>csv</c> or <c>jsonl</c>.</param>
    /// <param name="name">Name of the file, without an ending.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="rows">The rows.</param>
    public static async Task WriteAsync<T>(HttpContext http, string format, string name, ImmutableArray<Column<T>> columns, IAsyncEnumerable<T> rows)
    {
        bool csv = format == "csv";
        http.Response.ContentType = csv ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}.{format}\"";
        PipeWriter body = http.Response.BodyWriter;
        if (csv)
        {
            CsvRows.WriteHead(body, columns);
        }

        await foreach (T row in rows.WithCancellation(http.RequestAborted))
        {
            if (csv)
            {
                CsvRows.Write(body, columns, row);
            }
            else
            {
                JsonRows.WriteLine(body, columns, row);
            }

            // Waiting here is what holds the database back when the client reads slowly.
            if (body.UnflushedBytes >= FlushAt)
            {
                await body.FlushAsync(http.RequestAborted);
            }
        }

        await body.FlushAsync(http.RequestAborted);
    }

    /// <summary>Rows that are there already.</summary>
    public static async IAsyncEnumerable<T> Of<T>(IEnumerable<T> rows)
    {
        await ValueTask.CompletedTask;
        foreach (T row in rows)
        {
            yield return row;
        }
    }
}
