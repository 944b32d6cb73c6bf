using System.Collections.Concurrent;
using System.Collections.Immutable;
using Interline.Attempts;
using Interline.Budgets;
using Interline.Core.Budgets;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Demo;
using Interline.Health;
using Interline.Queues;

namespace Interline.Upstream;

/// <summary>All upstreams of this process: connections by address, live state by deployment id. Both outlive reloads of the configuration.</summary>
public sealed class UpstreamRegistry : IDisposable
{
    private readonly ConcurrentDictionary<string, Lazy<UpstreamPool>> _pools = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, HedgeQuota> _hedges = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, HostHealth> _hosts = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, DeploymentHealth> _health = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, GroupGate> _queues = new(StringComparer.Ordinal);
    private readonly UpstreamOptions _options;
    private readonly MeterBook _book;

    /// <summary>Starts with no connection.</summary>
    /// <param name="options">How upstreams are reached.</param>
    /// <param name="book">Where budgets of providers and deployments are held.</param>
    public UpstreamRegistry(UpstreamOptions options, MeterBook book)
    {
        _options = options;
        _book = book;
    }

    /// <summary>Makes a deployment ready.</summary>
    /// <param name="deployment">The deployment; no pattern.</param>
    /// <param name="settings">The router's settings.</param>
    /// <param name="zone">Zone whose days and months its budgets count; null is UTC.</param>
    /// <param name="isOnlyOne">Whether its group has no other.</param>
    public Callable Ready(Deployment deployment, RouterSettings settings, TimeZoneInfo? zone = null, bool isOnlyOne = false)
    {
        ArgumentNullException.ThrowIfNull(deployment);
        DeploymentHealth health = HealthOf(deployment);
        HostHealth host = _hosts.GetOrAdd($"{deployment.BaseUrl.Scheme}://{deployment.BaseUrl.Authority}", static _ => new HostHealth());
        host.Join(deployment, health, isOnlyOne);
        return new(deployment, health, Pool(deployment, settings.ConnectTimeout)) { Budgets = Budgets(deployment, settings, zone), Host = host };
    }

    /// <summary>How many calls of a group were hedged.</summary>
    /// <param name="group">Name of the group as in the configuration.</param>
    internal HedgeQuota HedgesOf(string group) => _hedges.GetOrAdd(group, static _ => new HedgeQuota());

    /// <summary>The live state of a deployment.</summary>
    /// <param name="deployment">The deployment; may be a pattern.</param>
    public DeploymentHealth HealthOf(Deployment deployment) => _health.GetOrAdd(deployment.Id, static _ => new DeploymentHealth());

    /// <summary>The queue of a group.</summary>
    /// <param name="group">Its name in the configuration, a pattern's for all that fits it.</param>
    public GroupGate QueueOf(string group) => _queues.GetOrAdd(group, static _ => new GroupGate());

    /// <summary>The live state of a deployment that was ever made ready; null if none was by this id.</summary>
    /// <param name="deploymentId">Id of the deployment.</param>
    public DeploymentHealth? FindHealth(string deploymentId) => _health.GetValueOrDefault(deploymentId);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (Lazy<UpstreamPool> pool in _pools.Values)
        {
            if (pool.IsValueCreated)
            {
                pool.Value.Dispose();
            }
        }
    }

    private ImmutableArray<CountingMeter<decimal>> Budgets(Deployment deployment, RouterSettings settings, TimeZoneInfo? zone)
    {
        var budgets = ImmutableArray.CreateBuilder<CountingMeter<decimal>>();
        if (deployment.Budget is { } own)
        {
            budgets.Add(Meter(new Scope(ScopeKind.Deployment, deployment.Id), own, zone));
        }

        if (settings.ProviderBudgets.TryGetValue(deployment.Provider.Id, out Budget? common))
        {
            budgets.Add(Meter(new Scope(ScopeKind.Provider, deployment.Provider.Id), common, zone));
        }

        return budgets.ToImmutable();
    }

    private CountingMeter<decimal> Meter(Scope scope, Budget budget, TimeZoneInfo? zone) => _book.Of(ConfiguredTerms.Terms(scope, budget, zone)).Budgets[0];

    private UpstreamPool Pool(Deployment deployment, TimeSpan connectTimeout)
    {
        Uri url = deployment.BaseUrl;
        string address = $"{url.Scheme}://{url.Authority}/{connectTimeout.TotalMilliseconds}";
        bool demo = deployment.Provider.Id == DemoProvider.Id;
        return _pools.GetOrAdd(
            address,
            _ => new Lazy<UpstreamPool>(() => demo ? new UpstreamPool(new DemoProvider()) : _options.Handler is { } handler ? new UpstreamPool(handler(url)) : UpstreamPool.OverSockets(connectTimeout, _options))).Value;
    }
}
