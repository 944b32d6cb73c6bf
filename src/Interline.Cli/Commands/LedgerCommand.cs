using System.CommandLine;
using Interline.Cli.Books;

namespace Interline.Cli.Commands;

/// <summary><c>ledger</c>: checks the books and takes them out, without a gateway.</summary>
internal static class LedgerCommand
{
    private static readonly Option<FileInfo?> Config = new("--config", "-c") { Description = "Configuration file that names the database. Without one: DATABASE_URL, else the data folder's." };

    /// <summary>Makes the command.</summary>
    /// <param name="open">Opens the books.</param>
    public static Command Create(OpenLedger open)
    {
        var command = new Command("ledger", "Check the books, or export them.");
        command.Subcommands.Add(Verify(open));
        command.Subcommands.Add(LedgerExport.Create(open, Config));
        return command;
    }

    private static TaughtCommand Verify(OpenLedger open)
    {
        var command = new TaughtCommand(
            "verify",
            "Check that no booked call was changed, added or taken away since.",
            """
            Every call is linked to the one before it by a hash, in a segment for each process; the segments' roots stay when old calls are pruned. Also while gateways run.

              interline ledger verify                          the books of the environment's database
              interline ledger verify --config config.yaml     those of a configuration

            Exit status: 0 whole, 1 broken, 2 could not be checked.
            """) { Config };
        command.SetAction((result, cancel) => VerifyAsync(open, result.GetValue(Config), result.InvocationConfiguration, cancel));
        return command;
    }

    private static async Task<int> VerifyAsync(OpenLedger open, FileInfo? config, InvocationConfiguration io, CancellationToken cancel)
    {
        (ILedgerAccess? opened, string? problem) = await open(config, cancel);
        if (opened is null)
        {
            await io.Error.WriteLineAsync($"interline: {problem}");
            return 2;
        }

        await using ILedgerAccess books = opened;
        long segments = 0;
        long calls = 0;
        long broken = 0;
        long unchecked_ = 0;
        try
        {
            await foreach (CheckedSegment segment in books.VerifyAsync(cancel))
            {
                segments++;
                calls += segment.Calls;
                broken += segment.IsBroken ? 1 : 0;
                unchecked_ += segment.IsChecked ? 0 : 1;
                string state = segment.IsBroken ? Terminal.Output.Red(segment.State) : segment.IsChecked ? Terminal.Output.Green(segment.State) : Terminal.Output.Yellow(segment.State);
                await io.Output.WriteLineAsync($"{state,-9} {segment.Name}  {Count(segment.Calls, "call")}{(segment.Problem is { } what ? $": {what}" : "")}");
                Progress.Tell(io, segments, "segments", every: 1000);
            }
        }
        catch (Exception e) when (e is System.Data.Common.DbException or IOException or TimeoutException)
        {
            await io.Error.WriteLineAsync($"interline: the books could not be read to their end: {e.Message}");
            return 2;
        }

        string verdict = broken > 0 ? $"broken: {broken} of {Count(segments, "segment")}" : unchecked_ > 0 ? $"not checked: {unchecked_} of {Count(segments, "segment")}" : $"whole: {Count(segments, "segment")}";
        await io.Output.WriteLineAsync($"{verdict}, {Count(calls, "call")}");
        return broken > 0 ? 1 : unchecked_ > 0 ? 2 : 0;
    }

    private static string Count(long count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
