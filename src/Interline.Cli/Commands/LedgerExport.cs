using System.Buffers;
using System.CommandLine;
using System.Globalization;
using Interline.Books;
using Interline.Books.Export;
using Interline.Cli.Books;

namespace Interline.Cli.Commands;

/// <summary><c>ledger export</c>: the call log as a table, row by row.</summary>
internal static class LedgerExport
{
    private const int WriteAt = 64 << 10;

    public static Command Create(OpenLedger open, Option<FileInfo?> config)
    {
        var from = new Option<string?>("--from") { Description = "First day or moment, UTC: 2026-11-01 or 2026-11-01T12:00:00Z. Without one: the oldest call." };
        var to = new Option<string?>("--to") { Description = "Day or moment to end before. Without one: the newest call." };
        var format = new Option<string>("--format") { Description = "csv or jsonl.", DefaultValueFactory = _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "jsonl");
        var file = new Option<FileInfo?>("--output", "-o") { Description = "File to write; it must not exist. Without one: standard output." };
        var command = new TaughtCommand(
            "export",
            "Write the call log as CSV or JSON lines, newest first.",
            """
              interline ledger export --from 2026-11-01 --to 2026-12-01 > november.csv
              interline ledger export --format jsonl -o calls.jsonl

            The columns are those of GET /v1/calls?format=csv. Exit status: 0 written, 2 could not.
            """) { config, from, to, format, file };
        command.SetAction(async (result, cancel) =>
        {
            InvocationConfiguration io = result.InvocationConfiguration;
            if (!TryMoment(result.GetValue(from), out DateTimeOffset? start) || !TryMoment(result.GetValue(to), out DateTimeOffset? end) || start >= end)
            {
                await io.Error.WriteLineAsync("interline: --from and --to take days (2026-11-30) or moments (2026-11-30T12:00:00Z), the first before the second.");
                return 2;
            }

            return await RunAsync(open, result.GetValue(config), new CallQuery { From = start, To = end }, result.GetValue(format)!, result.GetValue(file), io, cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(OpenLedger open, FileInfo? config, CallQuery query, string format, FileInfo? file, InvocationConfiguration io, CancellationToken cancel)
    {
        (ILedgerAccess? opened, string? problem) = await open(config, cancel);
        if (opened is null)
        {
            await io.Error.WriteLineAsync($"interline: {problem}");
            return 2;
        }

        await using ILedgerAccess books = opened;
        try
        {
            await using Stream output = file is null ? Console.OpenStandardOutput() : new FileStream(file.FullName, FileMode.CreateNew, FileAccess.Write);
            long rows = await WriteAsync(output, books.Reader.CallsAsync(query, cancel), format == "csv", io, cancel);
            await io.Error.WriteLineAsync($"{rows} calls");
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Data.Common.DbException or TimeoutException)
        {
            await io.Error.WriteLineAsync($"interline: the export is not whole: {e.Message}");
            return 2;
        }
    }

    private static async Task<long> WriteAsync(Stream output, IAsyncEnumerable<StoredCall> calls, bool csv, InvocationConfiguration io, CancellationToken cancel)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * WriteAt);
        if (csv)
        {
            CsvRows.WriteHead(buffer, CallColumns.All);
        }

        long rows = 0;
        await foreach (StoredCall call in calls)
        {
            if (csv)
            {
                CsvRows.Write(buffer, CallColumns.All, call);
            }
            else
            {
                JsonRows.WriteLine(buffer, CallColumns.All, call);
            }

            Progress.Tell(io, ++rows, "calls", every: 100_000);
            if (buffer.WrittenCount >= WriteAt)
            {
                await output.WriteAsync(buffer.WrittenMemory, cancel);
                buffer.ResetWrittenCount();
            }
        }

        await output.WriteAsync(buffer.WrittenMemory, cancel);
        return rows;
    }

    private static bool TryMoment(string? text, out DateTimeOffset? moment)
    {
        bool read = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at);
        moment = read ? at : null;
        return read || text is null;
    }
}
