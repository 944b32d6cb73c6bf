using System.CommandLine;
using System.Net;
using System.Text.Json;
using Interline.Cli.Doctor;
using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Upstream;

namespace Interline.Cli.Commands;

/// <summary><c>doctor</c>: tries what a start and the first calls would need, and says what to do where it fails.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo?>("--config", "-c") { Description = "Configuration file. Without one: the providers whose keys are in the environment." };
        var port = new Option<int>("--port", "-p") { Description = "Port to try.", DefaultValueFactory = _ => 4000 };
        var limit = new Option<double>("--timeout") { Description = "Seconds to wait for each provider.", DefaultValueFactory = _ => 10 };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of lines." };
        var command = new TaughtCommand(
            "doctor",
            "Try keys, base URLs, the clock and the port, and say what to do where one is ill.",
            """
            Looks for what would make a start or the first calls fail: mistakes in the configuration, keys that providers refuse, base URLs that cannot be reached,
            a clock that is wrong, a port in use. Each provider is asked for its list of models with its key, which costs nothing. No key is ever shown.

              interline doctor                          the providers of the environment
              interline doctor --config config.yaml     those of a file

            Exit status: 0 well, 1 something is ill, 2 the configuration cannot be used.
            """) { config, port, limit, asJson };
        command.SetAction((result, cancel) => RunAsync(result.GetValue(config), result.GetValue(port), result.GetValue(limit), result.GetValue(asJson), cancel));
        return command;
    }

    private static async Task<int> RunAsync(FileInfo? config, int port, double seconds, bool asJson, CancellationToken cancel)
    {
        if (port is < 0 or > 65535 || seconds is not (> 0 and <= 3600))
        {
            Console.Error.WriteLine("interline: --port takes 0 to 65535, --timeout seconds above 0 and up to 3600.");
            return 2;
        }

        var findings = new List<Finding> { Examination.Port(IPAddress.Loopback, port) };
        string? error = null;
        ConfigResult? read = config is null ? null : ConfigFiles.Read(config.ToString(), ShippedCatalog.BuiltIn, out error);
        if (error is not null)
        {
            findings.Add(new(Wellness.Ill, "configuration", error));
        }
        else if (read is not null)
        {
            findings.AddRange(Examination.Configuration(read));
        }

        Snapshot? snapshot = config is null ? EnvironmentConfig.Read(Environment.GetEnvironmentVariable, ShippedCatalog.BuiltIn) : read?.Snapshot;
        if (snapshot is not null)
        {
            var probe = new UpstreamProbe(new UpstreamOptions { UseProxy = ServeCommand.HasProxy() }, TimeProvider.System, TimeSpan.FromSeconds(seconds));
            findings.AddRange(await new Examination(probe).UpstreamsAsync(snapshot, cancel));
            if (snapshot.Names.IsEmpty)
            {
                findings.Add(new(Wellness.Unsure, "providers", "none: only the built-in demo would answer", "Set OPENAI_API_KEY or another provider's key, or give --config."));
            }
        }

        Write(findings, asJson);
        return snapshot is null ? 2 : findings.Exists(static x => x.Wellness == Wellness.Ill) ? 1 : 0;
    }

    private static void Write(List<Finding> findings, bool asJson)
    {
        if (!asJson)
        {
            foreach (Finding finding in findings)
            {
                Terminal terminal = Terminal.Output;
                string mark = finding.Wellness switch { Wellness.Well => terminal.Green("well  "), Wellness.Unsure => terminal.Yellow("unsure"), _ => terminal.Red("ill   ") };
                Console.WriteLine($"{mark} {finding.Subject}: {finding.Message}");
                if (finding.Remedy is { } remedy)
                {
                    Console.WriteLine($"       {remedy}");
                }
            }

            return;
        }

        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("well", findings.TrueForAll(static x => x.Wellness != Wellness.Ill));
            json.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                json.WriteStartObject();
                json.WriteString("is", finding.Wellness.ToString().ToLowerInvariant());
                json.WriteString("subject", finding.Subject);
                json.WriteString("message", finding.Message);
                json.WriteString("remedy", finding.Remedy);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
