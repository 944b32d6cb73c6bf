using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Cli.Doctor;

/// <summary>Everything the doctor looks at.</summary>
/// <param name="probe">Asks upstreams.</param>
internal sealed class Examination(UpstreamProbe probe)
{
    /// <summary>Upstreams asked at once.</summary>
    private const int AtOnce = 8;

    /// <summary>A clock farther off than this breaks tokens that are signed with the time, and makes logs of two machines hard to read together.</summary>
    private static readonly TimeSpan ClockLimit = TimeSpan.FromSeconds(30);

    /// <summary>Whether the port can be listened on.</summary>
    /// <param name="address">Address.</param>
    /// <param name="port">Port; 0 is always free.</param>
    public static Finding Port(IPAddress address, int port)
    {
        string subject = string.Create(CultureInfo.InvariantCulture, $"port {port}");
        try
        {
            using var listener = new TcpListener(address, port);
            listener.Start();
            return new(Wellness.Well, subject, $"free on {address}");
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? new(Wellness.Ill, subject, $"in use on {address}", "Stop what listens there (it may be Interline itself), or serve with another --port.")
                : new(Wellness.Ill, subject, $"cannot be listened on at {address}: {e.SocketErrorCode}", "Give another --port or --host.");
        }
    }

    /// <summary>What the configuration says of itself.</summary>
    public static IEnumerable<Finding> Configuration(ConfigResult read)
    {
        int errors = read.Problems.Count(static x => x.Severity == ConfigSeverity.Error);
        int warnings = read.Problems.Count(static x => x.Severity == ConfigSeverity.Warning);
        yield return errors + warnings == 0
            ? new(Wellness.Well, "configuration", "nothing to mend")
            : new(errors > 0 ? Wellness.Ill : Wellness.Unsure, "configuration", $"{errors} errors, {warnings} warnings", $"./run check {read.Files[0]} shows them with their places.");
        foreach (ListedDeployment listed in read.Listed.Where(static x => x.Unusable is not null))
        {
            yield return new(Wellness.Ill, $"{listed.Name} ({listed.File}:{listed.Line})", $"cannot be called: {listed.Unusable}");
        }
    }

    /// <summary>Asks every upstream and compares the clocks.</summary>
    public async Task<ImmutableArray<Finding>> UpstreamsAsync(Snapshot snapshot, CancellationToken cancel)
    {
        ImmutableArray<Upstream> upstreams = Upstream.Of(snapshot);
        var answers = new ConcurrentDictionary<Upstream, (Finding Finding, TimeSpan? Ahead)>();
        await Parallel.ForEachAsync(upstreams, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (upstream, token) =>
            answers[upstream] = await probe.AskAsync(upstream, token).ConfigureAwait(false)).ConfigureAwait(false);
        var findings = upstreams.Select(upstream => answers[upstream].Finding).ToList();
        TimeSpan[] ahead = [.. answers.Values.Select(static answer => answer.Ahead).OfType<TimeSpan>().Order()];
        if (ahead.Length > 0)
        {
            findings.Add(Clock(ahead[ahead.Length / 2]));
        }

        return [.. findings];
    }

    private static Finding Clock(TimeSpan ahead)
    {
        string by = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(ahead.TotalSeconds):0} s");
        return ahead.Duration() <= ClockLimit
            ? new(Wellness.Well, "clock", "agrees with the providers'")
            : new(Wellness.Ill, "clock", $"this machine's is {by} {(ahead > TimeSpan.Zero ? "behind" : "ahead of")} the providers'", "Set it right, best by NTP.");
    }
}
