using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>What came of a schedule.</summary>
/// <param name="Seed">Its seed.</param>
/// <param name="Problems">Promises that were broken; empty is what is hoped for.</param>
/// <param name="Whole">Calls answered whole.</param>
/// <param name="Errors">Calls that ended in an honest error.</param>
/// <param name="Left">Calls whose caller left.</param>
/// <param name="Attempts">Attempts of all calls.</param>
/// <param name="Story">What happened, line by line.</param>
public sealed record ScheduleResult(int Seed, ImmutableArray<string> Problems, int Whole, int Errors, int Left, int Attempts, string Story);

/// <summary>Runs one schedule on a clock of its own and holds what comes of it against the promises.</summary>
public sealed class ScheduleRun : IDisposable
{
    /// <summary>No call may take longer, whatever the schedule: far beyond the sum of all limits, so only what never ends reaches it.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(6);

    /// <summary>How long after its caller has left a call may go on.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly Schedule _schedule;
    private readonly BufferWatch? _buffers;
    private readonly bool _recovery;
    private readonly VirtualGateway _gateway;
    private readonly VirtualCall[] _calls;
    private readonly int[] _asked;
    private readonly int?[] _askedAtFirstByte;
    private readonly Dictionary<int, (int Call, VirtualDeployment Deployment, Fault Fault)> _requests = [];
    private readonly List<string> _problems = [];
    private readonly StringBuilder _story = new();

    private ScheduleRun(Schedule schedule, BufferWatch? buffers, bool recovery)
    {
        _schedule = schedule;
        _buffers = buffers;
        _recovery = recovery;
        _gateway = new VirtualGateway(schedule.Deployments, schedule.Router);
        _calls = new VirtualCall[schedule.Calls.Length];
        _asked = new int[schedule.Calls.Length];
        _askedAtFirstByte = new int?[schedule.Calls.Length];
        _gateway.Provider.Answer = Answer;
    }

    /// <summary>Runs a schedule. On a thread of its own, without a synchronization context.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="buffers">Who watches the buffers; null for nobody.</param>
    /// <param name="recovery">Whether broken streams are carried on by further attempts, so that attempts may follow the first byte.</param>
    public static ScheduleResult Of(Schedule schedule, BufferWatch? buffers = null, bool recovery = false)
    {
        using var run = new ScheduleRun(schedule, buffers, recovery);
        return run.Result();
    }

    /// <inheritdoc />
    public void Dispose() => _gateway.Dispose();

    private ScheduleResult Result()
    {
        Introduce();
        _buffers?.Start();
        try
        {
            _gateway.Run(Task.WhenAll(_schedule.Calls.Select((x, i) => CallAsync(i, x))), Longest);
        }
        catch (TimeoutException e)
        {
            Problem(e.Message);
        }
        catch (Exception e)
        {
            Problem("threw " + e);
        }

        int kept = _buffers?.Stop() ?? 0;
        if (_problems.Count == 0)
        {
            // Of a call that has thrown or hangs nothing more can be said.
            foreach (string leak in _gateway.Leaks())
            {
                Problem(leak);
            }

            if (kept != 0)
            {
                Problem($"{kept} buffers not given back");
            }
        }

        int whole = 0;
        int errors = 0;
        for (int i = 0; i < _calls.Length; i++)
        {
            if (_calls[i]?.Record is { } record)
            {
                CallEnd? outcome = Check(i, _calls[i], record);
                whole += outcome == CallEnd.Whole ? 1 : 0;
                errors += outcome == CallEnd.Error ? 1 : 0;
            }
        }

        return new(_schedule.Seed, [.. _problems], whole, errors, _calls.Length - whole - errors, _requests.Count, _story.ToString());
    }

    private async Task CallAsync(int index, PlannedCall plan)
    {
        if (plan.StartsAt > TimeSpan.Zero)
        {
            await Task.Delay(plan.StartsAt, _gateway.Time).ConfigureAwait(false);
        }

        var random = new Random(_schedule.Seed + index);
        var client = new VirtualClient(_gateway.Time, plan.Stays)
        {
            Slowness = plan.Slowness == default ? null : () => plan.Slowness * random.NextDouble(),
            FirstBytes = () =>
            {
                Tell(index, "first bytes");
                _askedAtFirstByte[index] = _asked[index];
            },
        };
        VirtualCall call = _calls[index] = _gateway.Begin(plan.Caller, plan.Streamed, client, string.Create(CultureInfo.InvariantCulture, $"[call {index}]"));
        await call.RunAsync().ConfigureAwait(false);
        Tell(index, $"ended with {(client.IsRefused ? "an error answer" : client.IsStream ? "a stream" : "an answer")}, status {client.Status}, booked {call.Record!.Value.Status} {call.Record.Value.Error}{(call.IsLeft ? ", its caller had left" : "")}");
    }

    private Reply Answer(VirtualRequest request)
    {
        int from = request.Text.IndexOf("[call ", StringComparison.Ordinal) + "[call ".Length;
        int index = int.Parse(request.Text.AsSpan(from, request.Text.IndexOf(']', from) - from), CultureInfo.InvariantCulture);
        VirtualDeployment deployment = _gateway.Of(request);
        var answer = new FaultyAnswer(deployment.Dialect, VirtualGateway.AsksForStream(request), _schedule.Calls[index].Words);
        (Fault fault, Reply reply) = _schedule.Answer(deployment, request.Number, answer);
        _requests[request.Number] = (index, deployment, fault);
        _asked[index]++;
        Tell(index, $"asks {deployment.Id} ({deployment.Group}, {deployment.Dialect}): {fault.Name}{(reply.Wait > TimeSpan.Zero ? $", head after {reply.Wait.TotalSeconds:0.###} s" : "")}, {reply.Pieces.Length} pieces over {reply.Pieces.Sum(x => x.Wait.TotalSeconds):0.###} s");
        return reply;
    }

    private CallEnd? Check(int index, VirtualCall call, CallRecord record)
    {
        PlannedCall plan = _schedule.Calls[index];
        if (call.Problem is { } problem)
        {
            Problem(index, problem);
        }

        if (_gateway.Ledger.Problem(record.Number) is { } unbooked)
        {
            Problem(index, unbooked);
        }

        CheckAttempts(index, record, call.IsLeft);
        if (call.IsLeft)
        {
            if (call.Duration > plan.Stays + Farewell)
            {
                Problem(index, $"went on for {(call.Duration - plan.Stays!.Value).TotalSeconds:0.###} s after its caller had left");
            }

            return null;
        }

        Verdict verdict = call.Verdict(plan.Text);
        Tell(index, $"{verdict.Outcome} {verdict.Why}");
        if (verdict.Outcome == CallEnd.Lie)
        {
            Problem(index, verdict.Why!);
        }
        else if (record.Error is null != (verdict.Outcome == CallEnd.Whole))
        {
            Problem(index, $"{verdict.Outcome} for its caller, booked as {record.Error?.ToString() ?? "a success"}");
        }

        if (record.Status != call.Client.Status)
        {
            Problem(index, $"given status {call.Client.Status}, booked {record.Status}");
        }

        return verdict.Outcome;
    }

    private void CheckAttempts(int index, CallRecord record, bool left)
    {
        (VirtualDeployment Deployment, Fault Fault)[] attempts = [.. _requests.OrderBy(x => x.Key).Where(x => x.Value.Call == index).Select(x => (x.Value.Deployment, x.Value.Fault))];
        if (left ? record.Attempts < attempts.Length : record.Attempts != attempts.Length)
        {
            Problem(index, $"{attempts.Length} attempts made, {record.Attempts} booked");
        }

        if (!_recovery && _askedAtFirstByte[index] is { } before && attempts.Length > before)
        {
            Problem(index, $"{attempts.Length - before} attempts after the first byte");
        }

        var groups = attempts.Select(x => x.Deployment.Group).ToList();
        if (groups.Where((x, i) => i > 0 && groups[i - 1] != x).Distinct(StringComparer.Ordinal).Count() != groups.Where((x, i) => i > 0 && groups[i - 1] != x).Count())
        {
            Problem(index, "a group entered twice: " + string.Join(", ", groups));
        }

        foreach (var group in attempts.GroupBy(x => x.Deployment.Group, StringComparer.Ordinal))
        {
            int counted = group.Count(x => !IsRefused(x.Deployment, x.Fault));
            if (counted > 1 + _schedule.Router.NumRetries)
            {
                Problem(index, $"{counted} attempts on {group.Key}, {_schedule.Router.NumRetries} retries allowed");
            }

            if (group.Where(x => IsRefused(x.Deployment, x.Fault)).GroupBy(x => x.Deployment.Id, StringComparer.Ordinal).Any(x => x.Count() > 1))
            {
                Problem(index, $"a refused key used again on {group.Key}");
            }
        }
    }

    /// <summary>
    /// Whether a credential was refused, or the model is not there: such attempts take no retry, and none is made twice. Gemini speaks of quotas where others speak of rates.
    /// </summary>
    private static bool IsRefused(VirtualDeployment deployment, Fault fault) =>
        fault.Name is "401" or "402" or "403" or "404" or "refused key, a body that drips" || (fault.Name == "429, quota spent" && deployment.Dialect != Dialect.Gemini);

    private void Introduce()
    {
        var r = _schedule.Router;
        _story.AppendLine(CultureInfo.InvariantCulture, $"seed {_schedule.Seed}: retries {r.NumRetries}, timeout {r.Timeout.TotalSeconds:0} s, stream_timeout {r.StreamTimeout?.TotalSeconds ?? -1:0} s, stream_total_timeout {r.StreamTotalTimeout?.TotalSeconds ?? -1:0} s, {r.Strategy}, allowed_fails {r.AllowedFails ?? -1}, parallel {r.DefaultMaxParallelRequests ?? -1}");
        _story.AppendLine("  " + string.Join(", ", _schedule.Deployments.Select(x => $"{x.Id} of {x.Group} speaks {x.Dialect}")));
        for (int i = 0; i < _schedule.Calls.Length; i++)
        {
            PlannedCall call = _schedule.Calls[i];
            _story.AppendLine(CultureInfo.InvariantCulture, $"  call {i}: {call.Caller} {(call.Streamed ? "stream" : "plain")} at {call.StartsAt.TotalSeconds:0.###} s, {(call.Stays is { } stays ? $"stays {stays.TotalSeconds:0.###} s" : "stays")}, reads within {call.Slowness.TotalSeconds:0.###} s");
        }
    }

    private void Problem(int call, string text) => Problem($"call {call}: {text}");

    private void Problem(string text)
    {
        _problems.Add(text);
        _story.AppendLine("  !! " + text);
    }

    private void Tell(int call, string text) => _story.AppendLine(CultureInfo.InvariantCulture, $"  {(_gateway.Time.GetUtcNow() - new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero)).TotalSeconds,9:0.000} s  call {call} {text}");
}
