using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary>Problems of a configuration as lines: <c>severity: file:line:column: path: message</c>.</summary>
internal static class ProblemLines
{
    public static void Write(TextWriter output, IEnumerable<ConfigProblem> problems, Terminal terminal)
    {
        foreach (ConfigProblem problem in problems)
        {
            string severity = problem.Severity.ToString().ToLowerInvariant();
            output.WriteLine($"{problem.Severity switch
            {
                ConfigSeverity.Error => terminal.Red(severity),
                ConfigSeverity.Warning => terminal.Yellow(severity),
                _ => terminal.Faint(severity),
            }}: {problem}");
        }
    }
}
