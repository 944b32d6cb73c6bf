using System.CommandLine;
using System.Text.Json;
using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary><c>check FILE</c>: reads a configuration and tells everything there is to tell about it, without starting anything.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Configuration file, YAML in LiteLLM's format." };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of lines." };
        var command = new Command("check", "Check a configuration file. Exit status: 0 usable, 1 usable with problems, 2 unusable.") { file, asJson };
        command.SetAction(result => Run(result.GetValue(file)!, result.GetValue(asJson)));
        return command;
    }

    private static int Run(FileInfo file, bool asJson)
    {
        if (!file.Exists)
        {
            Console.Error.WriteLine($"interline: there is no file {file.FullName}");
            return 2;
        }

        ConfigResult result = ConfigReader.Read(File.ReadAllText(file.FullName), file.ToString(), Environment.GetEnvironmentVariable, ShippedCatalog.BuiltIn);
        if (asJson)
        {
            WriteJson(result);
        }
        else
        {
            foreach (ConfigProblem problem in result.Problems)
            {
                Console.WriteLine($"{problem.Severity.ToString().ToLowerInvariant()}: {problem}");
            }

            Console.WriteLine(result.Snapshot is { } snapshot
                ? $"usable: {Groups(result)} groups, {Deployments(result)} deployments, configuration {snapshot.Version}"
                : "unusable: mend the errors above");
        }

        return result.Snapshot is null ? 2 : result.Problems.Any(x => x.Severity != ConfigSeverity.Ignored) ? 1 : 0;
    }

    private static int Groups(ConfigResult result) => result.Snapshot is { } snapshot ? snapshot.Groups.Count + snapshot.Wildcards.Length : 0;

    private static int Deployments(ConfigResult result) =>
        result.Snapshot is { } snapshot ? snapshot.Groups.Values.Sum(x => x.Deployments.Length) + snapshot.Wildcards.Sum(x => x.Deployments.Length) : 0;

    private static void WriteJson(ConfigResult result)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("groups", Groups(result));
            json.WriteNumber("deployments", Deployments(result));
            json.WriteStartArray("names");
            foreach (string name in result.Snapshot?.Names ?? [])
            {
                json.WriteStringValue(name);
            }

            json.WriteEndArray();
            json.WriteStartArray("ignored");
            foreach (ConfigProblem problem in result.Problems.Where(x => x.Severity == ConfigSeverity.Ignored))
            {
                json.WriteStringValue(problem.Path);
            }

            json.WriteEndArray();
            json.WriteStartArray("problems");
            foreach (ConfigProblem problem in result.Problems.Where(x => x.Severity != ConfigSeverity.Ignored))
            {
                json.WriteStartObject();
                json.WriteString("severity", problem.Severity.ToString().ToLowerInvariant());
                json.WriteString("file", problem.File);
                json.WriteNumber("line", problem.Line);
                json.WriteNumber("column", problem.Column);
                json.WriteString("path", problem.Path);
                json.WriteString("message", problem.Message);
                json.WriteString("suggestion", problem.Suggestion);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
