using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Decisions;

/// <summary>
/// The inputs of one call's decisions, gathered while it runs and kept for a while after. Used by one thread at a time, and used again for later calls: thousands are
/// kept, and objects that live on for a while are what a garbage collector pays most for.
/// </summary>
internal sealed class DecisionTrace
{
    /// <summary>Readings a trace may hold on to when it is used again.</summary>
    private const int LargestKept = 4096;

    private readonly List<(CallableGroup Group, int Readings, int Outcomes, Queueing Queue)> _visits = [];
    private readonly List<StepOutcome> _outcomes = [];
    private readonly List<DecidedStep> _taken = [];
    private HealthReading[] _readings = new HealthReading[4];

    /// <summary>Call number.</summary>
    public long Number { get; private set; }

    /// <summary>The configuration.</summary>
    public ActiveSnapshot Snapshot { get; private set; } = null!;

    /// <summary>How many readings it holds.</summary>
    public int ReadingCount { get; private set; }

    private RouteRequest Request { get; set; }

    private ulong Seed { get; set; }

    /// <summary>Begins with a call.</summary>
    public void Start(Call call, in RouteRequest request)
    {
        Number = call.Number;
        Snapshot = call.Snapshot;
        Seed = call.Seed;
        Request = request;
    }

    /// <summary>The call enters a group.</summary>
    /// <param name="group">The group.</param>
    /// <returns>Room for one reading for each of its deployments; stays as it is until the next group.</returns>
    public Memory<HealthReading> Enter(CallableGroup group)
    {
        int count = group.Callables.Length;
        _visits.Add((group, ReadingCount, _outcomes.Count, default));
        if (_readings.Length < ReadingCount + count)
        {
            Array.Resize(ref _readings, Math.Max(ReadingCount + count, _readings.Length * 2));
        }

        ReadingCount += count;
        return _readings.AsMemory(ReadingCount - count, count);
    }

    /// <summary>The call has found every deployment of the group busy and has waited: what was known before, and what came of it, counts no more.</summary>
    public Memory<HealthReading> EnterAgain()
    {
        (CallableGroup group, int readings, int outcomes, _) = _visits[^1];
        _outcomes.RemoveRange(outcomes, _outcomes.Count - outcomes);
        return _readings.AsMemory(readings, group.Callables.Length);
    }

    /// <summary>What became of the call in the queue of the group entered last.</summary>
    /// <param name="queued">How long it waited.</param>
    /// <param name="place">Where it stood when it came.</param>
    /// <param name="refused">How it was refused; null if it was not.</param>
    public void Queued(TimeSpan queued, int place, ErrorKind? refused) => _visits[^1] = _visits[^1] with { Queue = new(queued, place, refused) };

    /// <summary>A deployment that was chosen had no room.</summary>
    public void Full(Exclusion why) => _outcomes.Add(new(null, null, why));

    /// <summary>An attempt has ended.</summary>
    /// <param name="step">The step.</param>
    /// <param name="error">How it failed; null if it was answered.</param>
    /// <param name="begun">Whether the answer that failed had begun to go to the client.</param>
    public void Ended(RouteStep step, ApiError? error, bool begun = false)
    {
        _outcomes.Add(new(error?.Kind, error?.RetryAfter, Exclusion.None) { Begun = begun });
        _taken.Add(new(_visits.Count - 1, step.Index, step.Wait, null));
    }

    /// <summary>A second deployment was chosen beside the one under way.</summary>
    /// <param name="full">Why it was not asked after all; <see cref="Exclusion.None"/> if it was.</param>
    public void Hedged(Exclusion full) => _outcomes.Add(new(null, null, full) { Hedge = HedgeMark.Chosen });

    /// <summary>Of two that were asked at once one has ended.</summary>
    /// <param name="index">Index of its deployment.</param>
    /// <param name="error">How it failed; null if it was answered, or gave way.</param>
    /// <param name="mark">Which it is, and whether it counts.</param>
    /// <param name="begun">Whether its answer had begun to go to the client.</param>
    public void Leg(int index, ApiError? error, HedgeMark mark, bool begun = false)
    {
        _outcomes.Add(new(error?.Kind, error?.RetryAfter, Exclusion.None) { Begun = begun, Hedge = mark });
        _taken.Add(new(_visits.Count - 1, index, default, null) { Hedge = mark });
    }

    /// <summary>The inputs, as values of their own.</summary>
    public DecisionInputs Inputs() => new()
    {
        Snapshot = Snapshot.Snapshot,
        Request = Request,
        Seed = Seed,
        Visits = [.. _visits.Select((x, i) => new GroupVisit(
            x.Group.Group,
            [.. _readings.AsSpan(x.Readings, x.Group.Callables.Length)],
            [.. _outcomes.GetRange(x.Outcomes, (i + 1 < _visits.Count ? _visits[i + 1].Outcomes : _outcomes.Count) - x.Outcomes)]) { Queued = x.Queue.Waited, QueuePlace = x.Queue.Place, Refused = x.Queue.Refused })],
    };

    /// <summary>The attempts that were made: group, deployment and wait of each.</summary>
    public DecidedStep[] Taken() => [.. _taken];

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        (Number, Snapshot, Request, ReadingCount) = (0, null!, default, 0);
        _visits.Clear();
        _outcomes.Clear();
        _taken.Clear();
        if (_readings.Length > LargestKept)
        {
            _readings = new HealthReading[4];
        }
    }

    private readonly record struct Queueing(TimeSpan Waited, int Place, ErrorKind? Refused);
}
