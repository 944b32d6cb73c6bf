using System.CommandLine;
using Interline.Cli.Starting;
using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary><c>check FILE</c>: reads a configuration and tells everything there is to tell about it, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Configuration file, YAML in LiteLLM's format." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of lines." };
        var command = new TaughtCommand(
            "check",
            "Check a configuration file: mistakes, what has no effect, what cannot be called.",
            """
            Nothing is started. Every mistake is told with its place.

              interline check config.yaml          lines as editors link them: severity: file:line:column: path: message
              interline check config.yaml --json   {"groups","deployments","names","unusable","ignored","problems",...}

            Exit status: 0 usable, 1 usable with errors or warnings, 2 unusable.
            """) { file, asJson };
        command.SetAction(result => Run(result.GetValue(file)!, result.GetValue(asJson)));
        return command;
    }

    private static int Run(FileInfo file, bool asJson)
    {
        if (ConfigFiles.Read(file.ToString(), ShippedCatalog.BuiltIn, out string? error) is not { } result)
        {
            Console.Error.WriteLine($"interline: {error}");
            return 2;
        }

        if (asJson)
        {
            using Stream output = Console.OpenStandardOutput();
            CheckReport.Write(output, result);
        }
        else
        {
            WriteLines(result);
        }

        return result.Snapshot is null ? 2 : result.Problems.Any(static x => x.Severity is ConfigSeverity.Error or ConfigSeverity.Warning) ? 1 : 0;
    }

    private static void WriteLines(ConfigResult result)
    {
        ProblemLines.Write(Console.Out, result.Problems, Terminal.Output);
        if (result.Snapshot is not { } snapshot)
        {
            Console.WriteLine(Terminal.Output.Red("unusable") + ": mend the errors above");
            return;
        }

        int unusable = result.Listed.Count(static x => x.Unusable is not null);
        int groups = result.Listed.Select(static x => x.Name).Distinct(StringComparer.Ordinal).Count();
        string apart = unusable == 0 ? "" : $" ({unusable} of them cannot be called)";
        Console.WriteLine($"{Terminal.Output.Green("usable")}: {groups} groups, {result.Listed.Length} deployments{apart}, configuration {snapshot.Version}");
    }
}
