using System.CommandLine;
using System.Runtime.InteropServices;

namespace Interline.Cli.Commands;

/// <summary><c>version</c>: what runs here.</summary>
internal static class VersionCommand
{
    public static Command Create()
    {
        var command = new Command("version", "Print the version of Interline and of the runtime.");
        command.SetAction(_ => Console.WriteLine($"interline {Gateway.Version} ({RuntimeInformation.FrameworkDescription}, {RuntimeInformation.RuntimeIdentifier})"));
        return command;
    }
}
