using System.CommandLine;
using Interline.Core.Configuration;

namespace Interline.Cli.Commands;

/// <summary><c>schema</c>: the JSON Schema of a configuration file, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create()
    {
        var command = new TaughtCommand(
            "schema",
            "Print the JSON Schema of a configuration file, for editors.",
            """
            Editors that know YAML's language server complete and check with it:

              interline schema > interline.schema.json
              # yaml-language-server: $schema=interline.schema.json      (first line of config.yaml)
            """);
        command.SetAction(static _ =>
        {
            using Stream output = Console.OpenStandardOutput();
            ConfigSchema.Write(output);
        });
        return command;
    }
}
