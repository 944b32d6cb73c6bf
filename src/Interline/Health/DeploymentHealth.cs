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
    private long _coolsUntil;
    private bool _rateLimited;
    private int _inFlight;
    private DeploymentTotals _totals;

    /// <summary>Attempts now under way.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

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

    /// <summary>What routing may know now.</summary>
    /// <param name="time">The clock.</param>
    public HealthReading Read(TimeProvider time)
    {
        long until = Volatile.Read(ref _coolsUntil);
        return until == 0 ? default : new(time.GetElapsedTime(time.GetTimestamp(), until), _rateLimited);
    }

    /// <summary>An attempt begins.</summary>
    public void Begin() => Interlocked.Increment(ref _inFlight);

    /// <summary>An attempt has ended without a failure that counts.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="usage">What it used, if known.</param>
    /// <param name="cost">What it cost in USD, if known.</param>
    public void Succeeded(TimeProvider time, Usage? usage, decimal? cost)
    {
        Interlocked.Decrement(ref _inFlight);

        // The clock is read before the lock: threads that settle at once wait for each other here.
        long minute = Minute(time);
        lock (_lock)
        {
            Turn(minute);
            _successes++;
            _totals = _totals.Add(1, 0, usage ?? default, cost ?? 0);
        }
    }

    /// <summary>An attempt has ended for a reason that says nothing about the deployment.</summary>
    public void Ended() => Interlocked.Decrement(ref _inFlight);

    /// <summary>An attempt has failed in a way that counts.</summary>
    /// <param name="error">How.</param>
    /// <param name="deployment">The deployment.</param>
    /// <param name="isOnlyOne">Whether its group has no other.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="time">The clock.</param>
    /// <returns>Whether it cools from now on.</returns>
    public bool Failed(ApiError error, Deployment deployment, bool isOnlyOne, RouterSettings settings, TimeProvider time)
    {
        Interlocked.Decrement(ref _inFlight);
        lock (_lock)
        {
            Turn(Minute(time));
            _failures++;
            _totals = _totals.Add(0, 1, default, 0);
            if (CooldownRules.After(error, new MinuteCount(_successes, _failures), deployment, isOnlyOne, settings) is not { } rest)
            {
                return false;
            }

            _rateLimited = error.Kind == ErrorKind.RateLimit;
            _successes = _failures = 0;
            Volatile.Write(ref _coolsUntil, time.GetTimestamp() + (long)(rest.TotalSeconds * time.TimestampFrequency));
            return true;
        }
    }

    private static long Minute(TimeProvider time) => time.GetTimestamp() / (60 * time.TimestampFrequency);

    private void Turn(long minute)
    {
        if (minute != _minute)
        {
            _minute = minute;
            _successes = _failures = 0;
        }
    }
}

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
