using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Protocols.Errors;

namespace Interline.Health;

/// <summary>
/// Live state of one deployment on this node: what is in flight, the minute's outcomes, cooldown, running totals.
/// Outlives reloads of the configuration as long as the deployment's id stays. Thread-safe; a short lock that is never held across an await.
/// </summary>
public sealed class DeploymentHealth
{
    private readonly Lock _lock = new();
    private long _minute;
    private int _successes;
    private int _failures;
    private readonly Circuit _circuit = new();
    private int _inFlight;
    private DeploymentTotals _totals;
    private MinuteCounter _requests;
    private MinuteCounter _tokens;
    private AnswerTimes? _streamTimes;
    private AnswerTimes? _plainTimes;
    private long _hedged;
    private long _hedgesWon;
    private readonly LatencyWindow _firstEvent = new();
    private readonly LatencyWindow _perToken = new();

    /// <summary>Attempts now under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>How long its streams' first events take.</summary>
    public FirstEvents FirstEvents { get; } = new();

    /// <summary>Calls that it was asked as the second of two deployments.</summary>
    public long HedgedCalls => Interlocked.Read(ref _hedged);

    /// <summary>Those of <see cref="HedgedCalls"/> that it answered.</summary>
    public long HedgesWon => Interlocked.Read(ref _hedgesWon);

    /// <summary>Running totals since start.</summary>
    public DeploymentTotals Totals
    {
        get
        {
            lock (_lock)
            {
                return _totals;
            }
        }
    }

    /// <summary>What routing may know now, as far as every rule asks for it: the cooldown.</summary>
    /// <param name="time">The clock.</param>
    public HealthReading Read(TimeProvider time)
    {
        long until = _circuit.Until;
        return until == 0 ? default : Reading(time, time.GetTimestamp(), until);
    }

    /// <summary>All that routing may know now, but for budgets.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="now">Its timestamp.</param>
    /// <param name="memory">How long a measured latency counts.</param>
    public HealthReading Read(TimeProvider time, long now, TimeSpan memory)
    {
        long until = _circuit.Until;
        long minute = Minute(time, now);
        long since = now - (long)(memory.TotalSeconds * time.TimestampFrequency);
        return (until == 0 ? default : Reading(time, now, until)) with
        {
            InFlight = InFlight,
            MinuteRequests = (int)Math.Min(int.MaxValue, _requests.Read(minute)),
            MinuteFailures = Volatile.Read(ref _minute) == minute ? Volatile.Read(ref _failures) : 0,
            MinuteTokens = _tokens.Read(minute),
            FirstEvent = _firstEvent.Mean(since),
            PerToken = _perToken.Mean(since),
        };
    }

    /// <summary>An attempt begins, unless another call is trying it after a cooldown.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="force">Whether the call has nowhere else to go.</param>
    /// <param name="probe">Whether the attempt is one that tries it.</param>
    /// <returns>Whether it begins; else nothing was counted.</returns>
    public bool TryBegin(TimeProvider time, bool force, out bool probe)
    {
        probe = false;
        if (_circuit.Until != 0 && !_circuit.TryEnter(time.GetTimestamp(), force, out probe))
        {
            return false;
        }

        Interlocked.Increment(ref _inFlight);
        return true;
    }

    /// <summary>An attempt begins if there is room for it; it is counted before it is made, so that no two calls take the last place.</summary>
    /// <param name="requests">Requests in a minute; null is no limit.</param>
    /// <param name="parallel">Calls at once; null is no limit.</param>
    /// <param name="time">The clock.</param>
    /// <param name="force">Whether the call has nowhere else to go.</param>
    /// <param name="probe">Whether the attempt is one that tries it after a cooldown.</param>
    /// <returns><see cref="Exclusion.None"/>, or what there is no room for; then nothing was counted.</returns>
    public Exclusion TryBegin(long? requests, int? parallel, TimeProvider time, bool force, out bool probe)
    {
        if (!TryBegin(time, force, out probe))
        {
            return Exclusion.Probing;
        }

        Exclusion full = InFlight > (parallel ?? int.MaxValue) ? Exclusion.Busy
            : !_requests.TryAdd(Minute(time), 1, requests ?? long.MaxValue) ? Exclusion.Requests
            : Exclusion.None;
        if (full != Exclusion.None)
        {
            Ended(probe);
        }

        return full;
    }

    /// <summary>An attempt is answered: its first valid byte is there, or the provider's word that the request is wrong.</summary>
    /// <param name="now">Timestamp of the clock.</param>
    public void Answers(long now)
    {
        if (_circuit.Until != 0)
        {
            lock (_lock)
            {
                _circuit.Answers(now);
            }
        }
    }

    /// <summary>An attempt has ended without a failure that counts.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="usage">What it used, if known.</param>
    /// <param name="cost">What it cost in USD, if known.</param>
    /// <param name="latency">How long it took; null if nobody asks for it.</param>
    /// <param name="probe">Whether it tried the deployment after a cooldown.</param>
    public void Succeeded(TimeProvider time, Usage? usage, decimal? cost, in MeasuredLatency? latency = null, bool probe = false)
    {
        Interlocked.Decrement(ref _inFlight);

        // The clock is read before the lock: threads that settle at once wait for each other here.
        long now = time.GetTimestamp();
        long minute = Minute(time, now);
        lock (_lock)
        {
            Turn(minute);
            _successes++;
            if (probe)
            {
                _circuit.Close(now);
                _circuit.Leave();
            }

            _totals = _totals.Add(1, 0, usage ?? default, cost ?? 0);
            if (usage is { } used)
            {
                // Under the lock all adding happens; the counter is one word for the sake of the readers.
                _tokens.TryAdd(minute, used.Total);
            }

            if (latency is { } measured)
            {
                Measure(measured, usage, now);
            }
        }
    }

    /// <summary>An attempt has ended for a reason that says nothing about the deployment.</summary>
    /// <param name="probe">Whether it tried the deployment after a cooldown; then the next one may.</param>
    public void Ended(bool probe = false)
    {
        Interlocked.Decrement(ref _inFlight);
        if (probe)
        {
            _circuit.Leave();
        }
    }

    /// <summary>An attempt has failed in a way that counts.</summary>
    /// <param name="error">How.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="isOnlyOne">Whether its group has no other.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="latency">How long it was waited for, if it timed out; null if nobody asks for it.</param>
    /// <param name="probe">Whether it tried the deployment after a cooldown.</param>
    /// <param name="hostFaults">Connections to its host that could not be made in this minute, by whatever deployment, where this is how it failed; else 0.</param>
    /// <returns>Whether it cools from now on.</returns>
    public bool Failed(ApiError error, Deployment deployment, bool isOnlyOne, RouterSettings settings, TimeProvider time, in MeasuredLatency? latency = null, bool probe = false, int hostFaults = 0)
    {
        ArgumentNullException.ThrowIfNull(error);
        Interlocked.Decrement(ref _inFlight);
        long now = time.GetTimestamp();
        lock (_lock)
        {
            Turn(Minute(time, now));
            if (latency is { } measured)
            {
                Measure(measured, null, now);
            }

            _failures++;
            _totals = _totals.Add(0, 1, default, 0);
            TimeSpan? rest = probe
                ? CooldownRules.AfterProbe(error, _circuit.Openings, deployment, settings)
                : CooldownRules.After(error, new MinuteCount(_successes, Math.Max(_failures, hostFaults)), deployment, isOnlyOne, settings);
            if (rest is { } cools)
            {
                _successes = _failures = 0;
                _circuit.Open(now + (long)(cools.TotalSeconds * time.TimestampFrequency), error.Kind == ErrorKind.RateLimit);
            }

            if (probe)
            {
                // After it has opened: between the two another call would try it at once.
                _circuit.Leave();
            }

            return rest is not null;
        }
    }

    /// <summary>It is to be left alone for a while, for a reason seen elsewhere. If it cools for longer already, nothing changes.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="rest">For how long, above zero.</param>
    /// <param name="rateLimited">Whether because of a rate limit.</param>
    /// <returns>Whether anything changed.</returns>
    public bool CoolUntil(TimeProvider time, TimeSpan rest, bool rateLimited)
    {
        long until = time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency);
        lock (_lock)
        {
            if (until <= _circuit.Until)
            {
                return false;
            }

            _successes = _failures = 0;
            _circuit.Open(until, rateLimited);
            return true;
        }
    }

    private HealthReading Reading(TimeProvider time, long now, long until) =>
        new(time.GetElapsedTime(now, until), _circuit.RateLimited) { Probing = now >= until && _circuit.IsProbing };

    /// <summary>It is asked as the second of two.</summary>
    internal void Hedged() => Interlocked.Increment(ref _hedged);

    /// <summary>It answered as the second of two.</summary>
    internal void HedgeWon() => Interlocked.Increment(ref _hedgesWon);

    /// <summary>How long its answers took to begin, where its calls are hedged.</summary>
    /// <param name="stream">Of streams, else of plain calls.</param>
    internal AnswerTimes Times(bool stream)
    {
        ref AnswerTimes? times = ref (stream ? ref _streamTimes : ref _plainTimes);
        return Volatile.Read(ref times) ?? Interlocked.CompareExchange(ref times, new AnswerTimes(), null) ?? times!;
    }

    private static long Minute(TimeProvider time) => Minute(time, time.GetTimestamp());

    private static long Minute(TimeProvider time, long now) => now / (60 * time.TimestampFrequency);

    private void Measure(in MeasuredLatency measured, Usage? usage, long now)
    {
        if (measured.Stream)
        {
            _firstEvent.Add(measured.Elapsed, measured.Keep, now);
        }
        else
        {
            _perToken.Add(measured.Elapsed / Math.Max(1, usage?.TotalOutput ?? 0), measured.Keep, now);
        }
    }

    private void Turn(long minute)
    {
        if (minute != _minute)
        {
            _minute = minute;
            _successes = _failures = 0;
        }
    }
}

/// <summary>A measured latency of one attempt.</summary>
/// <param name="Elapsed">From its start to the first event of a stream, to the end of a plain answer, or to its timeout.</param>
/// <param name="Stream">Whether a stream was asked for.</param>
/// <param name="Keep">How many measurements the mean is over.</param>
public readonly record struct MeasuredLatency(TimeSpan Elapsed, bool Stream, int Keep);

/// <summary>Running totals of a deployment since start.</summary>
/// <param name="Successes">Attempts that went well.</param>
/// <param name="Failures">Attempts that failed in a way that counts.</param>
/// <param name="InputTokens">Input tokens of all classes.</param>
/// <param name="OutputTokens">Output tokens of all classes.</param>
/// <param name="Cost">Cost in USD of the attempts whose price is known.</param>
public readonly record struct DeploymentTotals(long Successes, long Failures, long InputTokens, long OutputTokens, decimal Cost)
{
    internal DeploymentTotals Add(int successes, int failures, in Usage usage, decimal cost) =>
        new(Successes + successes, Failures + failures, InputTokens + usage.TotalInput, OutputTokens + usage.TotalOutput, Cost + cost);
}
