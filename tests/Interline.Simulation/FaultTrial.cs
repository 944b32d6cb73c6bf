using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using Interline.Core.Configuration;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>How much there is to turn to when a provider misbehaves.</summary>
public enum Setting
{
    /// <summary>The same deployment, which is healthy the second time.</summary>
    Once,

    /// <summary>A fallback group that is healthy, behind a deployment that never is.</summary>
    Spare,

    /// <summary>Nobody.</summary>
    Alone,
}

/// <summary>
/// Each fault in each setting, for every pair of formats, and what the strict judge says of it, as one line that can be kept and compared:
/// <c>W/2</c> the whole answer after two attempts, <c>E503/2</c> an error with that status, <c>e/1</c> an error in the stream, anything else is a broken promise.
/// </summary>
public static class FaultTrial
{
    private const int Retries = 1;

    /// <summary>Longest a call may take: every attempt's limit, every wait.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly RouterSettings Router = new() { NumRetries = Retries, Timeout = TimeSpan.FromSeconds(30), StreamTimeout = TimeSpan.FromSeconds(10) };

    /// <summary>Every caller with every provider.</summary>
    public static ImmutableArray<(Dialect Caller, Dialect Provider)> Pairs { get; } = [.. Dialect.All.SelectMany(_ => Dialect.All, (caller, provider) => (caller, provider))];

    /// <summary>The faults, each with the kinds of answer it can befall.</summary>
    public static IEnumerable<(Fault Fault, bool Streamed)> Rows =>
        FaultCatalogue.All.SelectMany(x => (bool[])[true, false], (fault, streamed) => (fault, streamed)).Where(x => x.streamed ? x.fault.Streamed : x.fault.Plain);

    /// <summary>One row of the table: what most pairs of formats say, and who says otherwise. Run it on a thread of its own.</summary>
    public static string Row(Fault fault, bool streamed)
    {
        var cells = new List<string>();
        foreach (Setting setting in Enum.GetValues<Setting>())
        {
            (string Pair, string Cell)[] all = [.. Pairs.Select(x => ($"{x.Caller}<{x.Provider}", Cell(fault, streamed, setting, x.Caller, x.Provider)))];
            string usual = all.GroupBy(x => x.Cell, StringComparer.Ordinal).MaxBy(x => x.Count())!.Key;
            var odd = all.Where(x => x.Cell != usual).GroupBy(x => x.Cell, StringComparer.Ordinal).Select(x => $"{string.Join(", ", x.Select(y => y.Pair))}: {x.Key}");
            cells.Add(string.Join("; ", [usual, .. odd]));
        }

        return $"{fault.Name} | {(streamed ? "stream" : "plain")} | {string.Join(" | ", cells)}";
    }

    /// <summary>Whether a row tells of a promise that is not kept.</summary>
    public static bool IsBroken(string row) => row.Contains("LIE", StringComparison.Ordinal) || row.Contains("HANG", StringComparison.Ordinal) || row.Contains("WRONG", StringComparison.Ordinal);

    /// <summary>What comes of one call.</summary>
    public static string Cell(Fault fault, bool streamed, Setting setting, Dialect caller, Dialect provider)
    {
        VirtualDeployment[] deployments = setting == Setting.Spare ? [new("d1", "gpt", provider), new("d2", "spare", provider)] : [new("d1", "gpt", provider)];
        ImmutableArray<string> spare = ["spare"];
        RouterSettings router = setting != Setting.Spare ? Router : Router with
        {
            Fallbacks = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal) { ["gpt"] = spare }.ToFrozenDictionary(StringComparer.Ordinal),
        };
        using var gateway = new VirtualGateway(deployments, router);
        string text = string.Concat(Dialect.Words);
        int tried = 0;
        gateway.Provider.Answer = request =>
        {
            var answer = new FaultyAnswer(provider, VirtualGateway.AsksForStream(request), Dialect.Words);
            bool healthy = gateway.Of(request).Group == "spare" || (setting == Setting.Once && tried++ > 0);
            return healthy ? answer.Whole : fault.Make(answer);
        };
        var client = new VirtualClient(gateway.Time);
        VirtualCall call = gateway.Begin(caller, streamed, client);
        try
        {
            gateway.Run(call.RunAsync(), Longest);
        }
        catch (TimeoutException)
        {
            return "HANG";
        }

        Verdict verdict = call.Verdict(text);
        string attempts = string.Create(CultureInfo.InvariantCulture, $"/{gateway.Provider.Requests.Count}");
        string told = verdict.Outcome switch
        {
            CallEnd.Whole => "W" + attempts,
            CallEnd.Error => (client.IsRefused ? string.Create(CultureInfo.InvariantCulture, $"E{client.Status}") : "e") + attempts,
            _ => $"LIE{attempts}: {verdict.Why}",
        };
        return Wrong(gateway, call, verdict, setting) is { } wrong ? $"{told} WRONG: {wrong}" : told;
    }

    /// <summary>What was promised and not kept, besides what the caller sees; null if nothing.</summary>
    private static string? Wrong(VirtualGateway gateway, VirtualCall call, Verdict verdict, Setting setting)
    {
        CallRecord record = call.Record!.Value;
        int most = setting == Setting.Spare ? 2 + Retries : 1 + Retries;
        return call.Problem
            ?? gateway.Ledger.Problem(record.Number)
            ?? gateway.Leaks().FirstOrDefault()
            ?? (gateway.Provider.Requests.Count > most ? $"{gateway.Provider.Requests.Count} attempts, at most {most} allowed" : null)
            ?? (record.Attempts != gateway.Provider.Requests.Count ? $"{record.Attempts} attempts booked" : null)
            ?? (verdict.Outcome != CallEnd.Lie && record.Error is null != (verdict.Outcome == CallEnd.Whole) ? $"booked as {Named(record.Error)}" : null)
            ?? (record.Status != call.Client.Status ? $"booked with status {record.Status}, given {call.Client.Status}" : null);
    }

    private static string Named(ErrorKind? kind) => kind?.ToString() ?? "a success";
}
