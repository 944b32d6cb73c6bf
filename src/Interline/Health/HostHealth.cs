using System.Collections.Concurrent;
using Interline.Core.Configuration;
using Interline.Core.Cooldown;
using Interline.Core.Routing;
using Interline.Protocols.Errors;

namespace Interline.Health;

/// <summary>
/// What the deployments of one host (scheme, name and port) share: it is down for all of them at once, and an account that is empty is empty for all that draw on it. Asked only
/// when one of them has failed. Thread-safe.
/// </summary>
public sealed class HostHealth
{
    private readonly ConcurrentDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private MinuteCounter _faults;

    /// <summary>A deployment stands on it; one of the same id takes the place of an earlier one.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="health">Its live state.</param>
    /// <param name="isOnlyOne">Whether its group has no other: then it is never left alone for what befell others, for nobody could take its calls.</param>
    public void Join(Deployment deployment, DeploymentHealth health, bool isOnlyOne)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        _members[deployment.Id] = new(deployment, health, isOnlyOne);
    }

    /// <summary>No connection could be made to it.</summary>
    /// <param name="time">The clock.</param>
    /// <returns>How many times in this minute, this one included.</returns>
    internal int Fault(TimeProvider time)
    {
        long minute = time.GetTimestamp() / (60 * time.TimestampFrequency);
        _faults.TryAdd(minute, 1);
        return (int)Math.Min(int.MaxValue, _faults.Read(minute));
    }

    /// <summary>Leaves alone whoever shares the fate of a deployment that has failed: after a fault of the host all, after a spent quota those with the same key.</summary>
    /// <param name="failed">The deployment.</param>
    /// <param name="error">How it failed.</param>
    /// <param name="faults">Faults of the host in this minute.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cooled">Told of each that begins to cool.</param>
    internal void Spread(Deployment failed, ApiError error, int faults, RouterSettings settings, TimeProvider time, Action<string, HealthReading>? cooled)
    {
        foreach ((string id, Member member) in _members)
        {
            bool shares = error.IsOfHost || (failed.ApiKey is { } key && key.Equals(member.Deployment.ApiKey) && member.Deployment.BaseUrl == failed.BaseUrl);
            if (shares && !member.IsOnlyOne && id != failed.Id
                && CooldownRules.After(error, new MinuteCount(0, faults), member.Deployment, isOnlyOne: false, settings) is { } rest
                && member.Health.CoolUntil(time, rest, rateLimited: false))
            {
                cooled?.Invoke(id, member.Health.Read(time));
            }
        }
    }

    private sealed record Member(Deployment Deployment, DeploymentHealth Health, bool IsOnlyOne);
}
