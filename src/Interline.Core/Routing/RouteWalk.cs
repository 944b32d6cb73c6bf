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
/// the caller tells it the time's consequences (health readings) and the outcomes. It has no clock and no random of its own, so the same readings,
/// request, seed and outcomes give the same walk again. One may be used for many groups and calls in turn; it allocates only for a group larger than any before.
/// </summary>
public sealed class RouteWalk
{
    private RoutePlan _plan = null!;
    private ReadOnlyMemory<HealthReading> _health;
    private RouteRequest _request;
    private Seeded _chance;
    private ulong _seed;
    private Exclusion[] _verdicts = new Exclusion[8];
    private int[] _tried = new int[8];
    private int _triedCount;
    private int _current;
    private int _attempts;
    private int _refused;

    /// <summary>Whether deployments that another call is trying were let in, for there is nowhere else to go.</summary>
    public bool Forced { get; private set; }

    /// <summary>Attempts made so far in this group.</summary>
    public int Attempts => _attempts;

    /// <summary>One verdict for each deployment, as things stand.</summary>
    public ReadOnlySpan<Exclusion> Verdicts => _verdicts.AsSpan(0, _health.Length);

    /// <summary>Enters a group.</summary>
    /// <param name="plan">The group.</param>
    /// <param name="health">One reading for each of its deployments; must stay as it is until the group is left.</param>
    /// <param name="request">The call.</param>
    /// <param name="seed">The call's seed.</param>
    /// <param name="visit">Which group of the call this is, from 0.</param>
    public void Enter(RoutePlan plan, ReadOnlyMemory<HealthReading> health, in RouteRequest request, ulong seed, int visit)
    {
        _plan = plan;
        _health = health;
        _request = request;
        _seed = seed;
        _chance = new Seeded(seed + (ulong)visit);
        _triedCount = _attempts = _refused = 0;
        _current = -1;
        Forced = false;
        if (_verdicts.Length < health.Length)
        {
            _verdicts = new Exclusion[health.Length];
        }

        CandidateFilter.Judge(plan, health.Span, request, _verdicts.AsSpan(0, health.Length));
    }

    /// <summary>The first step; <see cref="RouteStep.End"/> if no deployment can take the call.</summary>
    /// <param name="hasNextGroup">Whether another group stands behind this one.</param>
    public RouteStep First(bool hasNextGroup = false) => Go(Pick(hasNextGroup), default);

    /// <summary>The deployment just chosen has no room after all: another call was quicker. Not an attempt.</summary>
    /// <param name="why">What it has no room for: <see cref="Exclusion.Requests"/>, <see cref="Exclusion.Busy"/>, <see cref="Exclusion.Budget"/> or <see cref="Exclusion.Probing"/>.</param>
    /// <param name="hasNextGroup">Whether another group stands behind this one.</param>
    public RouteStep Full(Exclusion why, bool hasNextGroup = false)
    {
        _attempts--;
        _triedCount--;
        _verdicts[_current] = why;
        return Go(Pick(hasNextGroup), default);
    }

    /// <summary>The step after a failed attempt.</summary>
    /// <param name="error">How it failed.</param>
    /// <param name="hasNextGroup">Whether another group stands behind this one for this kind of error.</param>
    /// <param name="move">What was decided; where it ends, whether the next group is to be tried.</param>
    public RouteStep After(ApiError error, bool hasNextGroup, out NextMove move) => After(error, hasNextGroup, begun: false, out move);

    /// <summary>The step after an attempt that failed, perhaps in the middle of an answer that another can carry on.</summary>
    /// <param name="error">How it failed.</param>
    /// <param name="hasNextGroup">Whether another group stands behind this one for this kind of error.</param>
    /// <param name="begun">Whether its answer had begun to go to the client.</param>
    /// <param name="move">What was decided; where it ends, whether the next group is to be tried.</param>
    public RouteStep After(ApiError error, bool hasNextGroup, bool begun, out NextMove move)
    {
        Deployment deployment = _plan.Group.Deployments[_current];
        if (error.Kind is ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted)
        {
            _refused++;
            Bar(deployment);
        }
        else if (error.Kind is ErrorKind.Unsupported or ErrorKind.NotFound)
        {
            _refused++;
            _verdicts[_current] = Exclusion.Barred;
        }

        if (!hasNextGroup && !Verdicts.Contains(Exclusion.None))
        {
            LetIn();
        }

        int untried = error.Kind == ErrorKind.ContextLength ? Larger(deployment) : Verdicts.Contains(Exclusion.None) ? 1 : 0;
        RetryLimit limit = RetryLimit.Of(error.Kind, deployment, _plan.Group.Name, _plan.Settings, _request.Options);
        (move, TimeSpan wait) = RetryRules.After(error, new RetryState
        {
            Attempts = Math.Max(1, _attempts - _refused),
            Refused = _refused,
            NumRetries = limit.Retries,
            ByPolicy = limit.ByPolicy,
            HasUntried = untried > 0,
            HasNextOrder = untried > 0 && HasNextOrder(),
            HasLarger = error.Kind == ErrorKind.ContextLength && untried > 0,
            HasNextGroup = hasNextGroup,
            Begun = begun,
            MinimumWait = _plan.Settings.RetryAfter,
            Seed = _seed,
        });
        return move switch
        {
            NextMove.NextDeployment => Go(Pick(hasNextGroup), default),
            NextMove.SameDeployment => Go(LeastRecent(), wait),
            _ => RouteStep.End,
        };
    }

    /// <summary>Whether somebody else would be asked if the attempt under way were not answered in time.</summary>
    /// <param name="hasNextGroup">Whether another group stands behind this one for a timeout.</param>
    public bool HasOther(bool hasNextGroup)
    {
        if (hasNextGroup || !Verdicts.Contains(Exclusion.None))
        {
            return hasNextGroup;
        }

        RetryLimit limit = RetryLimit.Of(ErrorKind.Timeout, _plan.Group.Deployments[_current], _plan.Group.Name, _plan.Settings, _request.Options);
        return Math.Max(1, _attempts - _refused) <= limit.Retries || HasNextOrder();
    }

    /// <summary>Chooses a second deployment to ask beside the one under way. Not an attempt of its own as far as retries go.</summary>
    /// <returns>Its index; -1 if nobody is left. Who is being tried by another call, or needs a key that was refused, is not asked.</returns>
    public int Second()
    {
        int index = Pick(hasNextGroup: true);
        if (index >= 0)
        {
            Note(index);
        }

        return index;
    }

    /// <summary>The second deployment just chosen has no room, or may not be asked.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="why">Why.</param>
    public void SecondFull(int index, Exclusion why)
    {
        _triedCount--;
        _verdicts[index] = why;
    }

    /// <summary>One of two that were asked has failed while the other is still under way.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="kind">How it failed.</param>
    public void LegFailed(int index, ErrorKind kind)
    {
        if (kind is ErrorKind.Authentication or ErrorKind.Permission or ErrorKind.QuotaExhausted)
        {
            int current = _current;
            _current = index;
            Bar(_plan.Group.Deployments[index]);
            _current = current;
        }
    }

    /// <summary>Of two that were asked this one's outcome counts.</summary>
    /// <param name="index">Its index.</param>
    public void Counts(int index) => _current = index;

    /// <summary>Why no deployment of the group could take the call at all.</summary>
    public ApiError Refusal() => RouteRefusal.Of(_plan, _health.Span, Verdicts, _request);

    private int Pick(bool hasNextGroup)
    {
        int picked = StrategyChoice.Pick(_plan, _health.Span, Verdicts, _request.Stream, ref _chance);
        return picked < 0 && !hasNextGroup && LetIn() ? StrategyChoice.Pick(_plan, _health.Span, Verdicts, _request.Stream, ref _chance) : picked;
    }

    /// <summary>Lets in the deployments that another call is trying: there is nobody else. Whether there are any.</summary>
    private bool LetIn()
    {
        bool any = false;
        for (int i = 0; i < _health.Length; i++)
        {
            if (_verdicts[i] == Exclusion.Probing)
            {
                _verdicts[i] = Exclusion.None;
                any = Forced = true;
            }
        }

        return any;
    }

    /// <summary>A refused key is never used again in this call, also not through another deployment that shares it.</summary>
    private void Bar(Deployment refused)
    {
        for (int i = 0; i < _health.Length; i++)
        {
            Deployment other = _plan.Group.Deployments[i];
            if (i == _current || (other.ApiKey is { } key && key.Equals(refused.ApiKey) && other.BaseUrl == refused.BaseUrl))
            {
                _verdicts[i] = Exclusion.Barred;
            }
        }
    }

    /// <summary>Leaves only deployments with a window known to be larger than the one the request did not fit into. How many.</summary>
    private int Larger(Deployment failed)
    {
        int count = 0;
        for (int i = 0; i < _health.Length; i++)
        {
            if (_verdicts[i] == Exclusion.None)
            {
                bool larger = failed.Model?.ContextWindow is { } window && _plan.Group.Deployments[i].Model?.ContextWindow > window;
                _verdicts[i] = larger ? Exclusion.None : Exclusion.Window;
                count += larger ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>Whether one that was not tried has a higher order than all that were.</summary>
    private bool HasNextOrder()
    {
        if (_plan.Orders is not { } orders)
        {
            return false;
        }

        int highest = int.MinValue;
        foreach (int tried in _tried.AsSpan(0, _triedCount))
        {
            highest = Math.Max(highest, orders[tried]);
        }

        for (int i = 0; i < _health.Length; i++)
        {
            if (_verdicts[i] == Exclusion.None && orders[i] > highest)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>With every deployment tried, the round starts again: the one tried longest ago comes first.</summary>
    private int LeastRecent()
    {
        Span<int> tried = _tried.AsSpan(0, _triedCount);
        for (int i = 0; i < tried.Length; i++)
        {
            int index = tried[i];
            if (_verdicts[index] == Exclusion.Tried && tried[(i + 1)..].IndexOf(index) < 0)
            {
                return index;
            }
        }

        return _current;
    }

    private RouteStep Go(int index, TimeSpan wait)
    {
        if (index < 0)
        {
            return RouteStep.End;
        }

        _attempts++;
        _current = index;
        Note(index);
        return new(index, wait);
    }

    private void Note(int index)
    {
        if (_triedCount == _tried.Length)
        {
            Array.Resize(ref _tried, _triedCount * 2);
        }

        _tried[_triedCount++] = index;
        _verdicts[index] = Exclusion.Tried;
    }
}
