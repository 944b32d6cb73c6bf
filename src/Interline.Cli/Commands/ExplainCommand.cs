using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Interline.Calls;
using Interline.Cli.Starting;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Decisions;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.OpenAIResponses;
using Interline.Protocols.Operations;
using Interline.Upstream;

namespace Interline.Cli.Commands;

/// <summary><c>explain REQUEST.json</c>: whom a request would go to, and why, without sending it.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var request = new Argument<FileInfo>("REQUEST.json") { Description = "Body of the request, as a client would send it." };
        var config = new Option<FileInfo?>("--config", "-c") { Description = "Configuration file; without it, what the environment's keys give." };
        var format = new Option<string>("--format") { Description = "What the request is: chat, messages, responses, completions or embeddings.", DefaultValueFactory = static _ => "chat" };
        var seed = new Option<ulong>("--seed") { Description = "Seed of the draws; another one gives another draw.", DefaultValueFactory = static _ => 1 };
        var asJson = new Option<bool>("--json") { Description = "Print one JSON document instead of lines." };
        format.AcceptOnlyFromAmong("chat", "messages", "responses", "completions", "embeddings");
        var command = new TaughtCommand(
            "explain",
            "Tell whom a request would go to, and why, without sending it.",
            """
            It tells whom a request would go to, and why: every deployment with the rule that leaves it out, and the way through retries and fallbacks if
            everybody failed. Nothing is sent; all deployments count as well, idle and not yet measured.

              interline explain request.json --config config.yaml

            Of a call that was made: GET /v1/decisions/CALL-ID. Exit status: 0 somebody would be asked, 1 nobody, 2 the request or the configuration cannot be used.
            """) { request, config, format, seed, asJson };
        command.SetAction(result => Run(result.GetValue(request)!, result.GetValue(config), LaneOf(result.GetValue(format)!), result.GetValue(seed), result.GetValue(asJson)));
        return command;
    }

    private static Lane LaneOf(string format) => format switch
    {
        "messages" => MessagesLane.Instance,
        "responses" => ResponsesLane.Create,
        "completions" => CompletionsLane.Instance,
        "embeddings" => JsonOperationLane.Embeddings,
        _ => ChatLane.Instance,
    };

    private static int Run(FileInfo file, FileInfo? config, Lane lane, ulong seed, bool asJson)
    {
        Snapshot? snapshot = config is null ? Configuration.WithoutFile(ShippedCatalog.BuiltIn) : Configuration.Load(config, ShippedCatalog.BuiltIn)?.Snapshot;
        if (snapshot is null)
        {
            return 2;
        }

        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(file.FullName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"{file} cannot be read: {e.Message}");
        }

        using var gateway = new Gateway(snapshot, new UpstreamOptions(), TimeProvider.System, seed);
        byte[] rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, bytes.Length));
        bytes.CopyTo(rented, 0);
        var body = new PooledBody(rented, bytes.Length);
        CallerOptions options = CallerOptions.None;
        ApiError? error = lane.Peek(bytes, null, out RequestFacts facts) ?? CallerOptionsReader.Take(default, lane, ref body, ref facts, out options);
        if (error is not null)
        {
            return Refuse($"{file}: {error.Message}");
        }

        Span<char> name = stackalloc char[RequestFacts.MaxModelBytes];
        name = name[..facts.CopyModel(body.Span, name)];
        if (gateway.Current.Resolve(name) is not { } group)
        {
            return Refuse($"{file}: {gateway.UnknownModel(name.ToString()).Message}");
        }

        Call call = gateway.Begin(lane, body, facts, null, gateway.Current, group, 0, new CallerFacts { Options = options });
        DecisionReport report = gateway.Explain(call);
        if (asJson)
        {
            WriteJson(report);
        }
        else
        {
            WriteLines(report);
        }

        return report.Decision.Steps.Any(static x => x.Index >= 0) ? 0 : 1;
    }

    private static int Refuse(string message)
    {
        Console.Error.WriteLine($"interline: {message}");
        return 2;
    }

    private static void WriteJson(DecisionReport report)
    {
        using Stream output = Console.OpenStandardOutput();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            report.Write(json);
        }

        output.Write("\n"u8);
    }

    private static void WriteLines(DecisionReport report)
    {
        for (int visit = 0; visit < report.Decision.Groups.Length; visit++)
        {
            ModelGroup group = report.Inputs.Visits[visit].Group;
            Console.WriteLine($"{report.Decision.Groups[visit]}: {DecisionReport.Name(new RoutePlan(group, report.Inputs.Snapshot.Router).Strategy)}");
            for (int i = 0; i < group.Deployments.Length; i++)
            {
                WriteCandidate(group.Deployments[i], report.Decision.Verdicts[visit][i]);
            }

            int tries = 0;
            foreach (DecidedStep step in report.Decision.Steps.Where(x => x.Visit == visit))
            {
                string wait = step.Wait > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" after {step.Wait.TotalSeconds:0.##} s") : "";
                Console.WriteLine(step.Index < 0 ? "  nobody can take the call" : $"  {(tries++ == 0 ? "asks" : "then")}{wait} {Shown(group.Deployments[step.Index])}");
            }
        }
    }

    private static void WriteCandidate(Deployment deployment, Exclusion verdict)
    {
        Terminal terminal = Terminal.Output;
        string why = RouteRefusal.Words(verdict);
        string mark = verdict == Exclusion.None ? terminal.Green("can be chosen") : terminal.Yellow($"left out: {why}");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {Shown(deployment),-48} weight {deployment.Weight:0.###}{(deployment.Order is { } order ? $" order {order}" : "")}  {mark}"));
    }

    private static string Shown(Deployment deployment) => $"{deployment.Provider.Id}/{deployment.UpstreamModel} ({deployment.Id})";
}
