using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Core.Retry;
using Interline.Protocols.Errors;

namespace Interline.Core.Routing;

/// <summary>The next step of a call: an attempt on a deployment of the current group, after a wait.</summary>
/// <param name="Index">Index of the deployment in its group; -1 when the walk has ended.</param>
/// <param name="Wait">How long to wait before.</param>
public readonly record struct RouteStep(int Index, TimeSpan Wait)
{
    /// <summary>The walk has ended.</summary>
    public static RouteStep End { get; } = new(-1, default);
}

/// <summary>
/// Walks one call through the deployments of one group after another. It holds what was tried and decides what comes next by pure rules;
/// the caller tells it the time's consequences (health readings) and the outcomes. It has no clock and no random of its own.
/// </summary>
public sealed class RouteWalk
{
    private readonly RouterSettings _settings;
    private readonly ulong _seed;
    private readonly bool _hasNextGroup;
    private readonly ModelGroup _group;
    private readonly int[] _order;
    private readonly bool[] _barred;
    private readonly int _available;
    private int _next;
    private int _current;
    private int _attempts;
    private int _refused;

    /// <summary>Starts in a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="health">One reading for each of its deployments.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="seed">The call's seed.</param>
    /// <param name="hasNextGroup">Whether another group stands behind this one.</param>
    public RouteWalk(ModelGroup group, ReadOnlySpan<HealthReading> health, RouterSettings settings, ulong seed, bool hasNextGroup)
    {
        _group = group;
        _settings = settings;
        _seed = seed;
        _hasNextGroup = hasNextGroup;
        ImmutableArray<Deployment> deployments = group.Deployments;
        _order = new int[deployments.Length];
        _barred = deployments.Length > 1 ? new bool[deployments.Length] : [];
        _available = WeightedShuffle.Order(deployments.AsSpan(), health, seed, _order);
    }

    /// <summary>Attempts made so far in this group.</summary>
    public int Attempts => _attempts;

    /// <summary>The first step; <see cref="RouteStep.End"/> if every deployment cools.</summary>
    public RouteStep First() => _available == 0 ? RouteStep.End : Go(0, default);

    /// <summary>The step after a failed attempt.</summary>
    /// <param name="error">How it failed.</param>
    /// <param name="move">What was decided; where it ends, whether the next group is to be tried.</param>
    public RouteStep After(ApiError error, out NextMove move)
    {
        Deployment deployment = _group.Deployments[_order[_current]];
        if (error.Kind is ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted)
        {
            _refused++;
            Bar(deployment);
        }
        else if (error.Kind == ErrorKind.Unsupported)
        {
            _refused++;
            BarOnly(_order[_current]);
        }

        (move, TimeSpan wait) = RetryRules.After(error, new RetryState
        {
            Attempts = Math.Max(1, _attempts - _refused),
            NumRetries = deployment.NumRetries ?? _settings.NumRetries,
            HasUntried = Untried() >= 0,
            HasNextGroup = _hasNextGroup,
            MinimumWait = _settings.RetryAfter,
            Seed = _seed,
        });
        return move switch
        {
            NextMove.NextDeployment => Go(Untried(), default),
            NextMove.SameDeployment => Go(LeastRecent(), wait),
            _ => RouteStep.End,
        };
    }

    /// <summary>A refused key is never used again in this call, also not through another deployment that shares it.</summary>
    private void Bar(Deployment refused)
    {
        for (int i = 0; i < _barred.Length; i++)
        {
            Deployment other = _group.Deployments[i];
            _barred[i] |= ReferenceEquals(other, refused) || (other.ApiKey is { } key && key.Equals(refused.ApiKey) && other.BaseUrl == refused.BaseUrl);
        }
    }

    private void BarOnly(int index)
    {
        if (_barred.Length > 0)
        {
            _barred[index] = true;
        }
    }

    private int Untried()
    {
        for (int i = _next; i < _available; i++)
        {
            if (_barred.Length == 0 || !_barred[_order[i]])
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>With every deployment tried, the round starts again: the one tried longest ago comes first.</summary>
    private int LeastRecent()
    {
        for (int step = 1; step <= _available; step++)
        {
            int i = (_current + step) % _available;
            if (_barred.Length == 0 || !_barred[_order[i]])
            {
                return i;
            }
        }

        return _current;
    }

    private RouteStep Go(int place, TimeSpan wait)
    {
        _attempts++;
        _current = place;
        _next = Math.Max(_next, place + 1);
        return new(_order[place], wait);
    }
}
