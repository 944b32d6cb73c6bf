using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;
using Interline.Core.Retry;
using Interline.Core.Routing;
using Interline.Health;
using Interline.Queues;
using Interline.Upstream;

namespace Interline.Calls;

/// <summary>A group made ready to be called.</summary>
/// <param name="Group">The group.</param>
/// <param name="Callables">One for each deployment, in the same order.</param>
/// <param name="Plan">What its decisions need.</param>
public sealed record CallableGroup(ModelGroup Group, ImmutableArray<Callable> Callables, RoutePlan Plan)
{
    /// <summary>The model group whose budgets and limits hold for it, and that the books name: the deployment's where it was asked for by its id, or ids would be a way round them.</summary>
    public string Model { get; init; } = Group.Name;

    /// <summary>How many calls it takes at once and how many may wait; null if it has no such limit.</summary>
    public GroupLimit? Limit { get; init; }

    /// <summary>Its calls under way and those that wait; null if it has no limit.</summary>
    public GroupGate? Queue { get; init; }

    /// <summary>How its slow calls are asked of a second deployment; null if they are not.</summary>
    internal Attempts.GroupHedging? Hedging { get; init; }
}

/// <summary>A snapshot made ready to serve. Immutable but for the cache of wildcard matches, which is bounded.</summary>
public sealed class ActiveSnapshot : IGroups
{
    /// <summary>Wildcard matches kept ready; callers choose the names, so there must be a bound.</summary>
    private const int MaxWildcardMatches = 10_000;

    private static readonly Lazy<string> CatalogueVersion = new(static () => "catalogue " + ModelCatalog.BuiltInVersion);

    private readonly FrozenDictionary<string, CallableGroup> _groups;
    private readonly FrozenDictionary<string, CallableGroup>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly ConcurrentDictionary<string, CallableGroup> _matches = new(StringComparer.Ordinal);
    private readonly UpstreamRegistry _registry;
    private readonly ICatalog _catalog;
    private int _matchCount;
    private string? _ownVersion;

    /// <summary>Makes a snapshot ready.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="registry">Connections and live state.</param>
    /// <param name="catalog">Where facts and prices of a wildcard's models are found.</param>
    public ActiveSnapshot(Snapshot snapshot, UpstreamRegistry registry, ICatalog catalog)
    {
        Snapshot = snapshot;
        Terms = new Budgets.ConfiguredTerms(snapshot);
        _catalog = catalog;
        _registry = registry;
        Dictionary<string, CallableGroup> groups = snapshot.Groups.ToDictionary(x => x.Key, x => Ready(x.Value), StringComparer.Ordinal);
        CallableGroup[] own = [.. groups.Values];
        foreach (string alias in snapshot.Aliases.Keys)
        {
            if (snapshot.Resolve(alias, catalog) is { } target)
            {
                // An alias wins over a group of its name, as in LiteLLM.
                groups[alias] = snapshot.Groups.ContainsKey(target.Name) && groups.TryGetValue(target.Name, out CallableGroup? known) && known.Group.Name == target.Name ? known : Ready(target);
            }
        }

        // A deployment can be asked for by its id, as in LiteLLM; a name wins over an id.
        foreach (Callable callable in own.SelectMany(x => x.Callables))
        {
            var alone = new ModelGroup(callable.Deployment.Id, [callable.Deployment]);
            groups.TryAdd(alone.Name, Limited(new CallableGroup(alone, [callable], new RoutePlan(alone, snapshot.Router)) { Model = callable.Deployment.Group }));
        }

        _groups = groups.ToFrozenDictionary(StringComparer.Ordinal);
        _lookup = _groups.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The snapshot.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>Version of a price: of the shipped catalogue, and before it of the configuration where that has prices, discounts or margins of its own.</summary>
    /// <param name="price">The price.</param>
    public string PriceVersion(Price price) =>
        price.Source == "catalogue" && Snapshot.General.Costs.IsEmpty ? CatalogueVersion.Value : _ownVersion ??= $"config {Snapshot.Version}, {CatalogueVersion.Value}";

    /// <summary>What the configuration limits by itself.</summary>
    internal Budgets.ConfiguredTerms Terms { get; }

    /// <summary>Every deployment with its live state, patterns included: what a pattern was filled with shares the pattern's.</summary>
    public IEnumerable<(Deployment Deployment, DeploymentHealth Health)> Deployments =>
        Snapshot.Groups.Values.Concat(Snapshot.Wildcards).SelectMany(x => x.Deployments).Select(x => (x, _registry.HealthOf(x)));

    /// <summary>The queues of the groups that have a limit, with the groups' names.</summary>
    public IEnumerable<(string Group, GroupGate Queue)> Queues =>
        Snapshot.Groups.Values.Concat(Snapshot.Wildcards).Where(x => Snapshot.Router.LimitOf(x.Name) is not null).Select(x => (x.Name, _registry.QueueOf(x.Name)));

    /// <summary>Resolves a name: exactly, else by the most specific pattern.</summary>
    /// <param name="name">The name a client asks for.</param>
    /// <returns>The group; null if there is none.</returns>
    public CallableGroup? Resolve(ReadOnlySpan<char> name)
    {
        if (_lookup.TryGetValue(name, out CallableGroup? group))
        {
            return group;
        }

        return Snapshot.Wildcards.IsDefaultOrEmpty ? null : Match(name.ToString());
    }

    /// <inheritdoc />
    public string? Find(string name) => Resolve(name)?.Group.Name;

    private CallableGroup? Match(string name)
    {
        if (_matches.TryGetValue(name, out CallableGroup? known))
        {
            return known;
        }

        if (Snapshot.Resolve(name, _catalog) is not { } group)
        {
            return null;
        }

        CallableGroup ready = Ready(group);
        if (Interlocked.Increment(ref _matchCount) <= MaxWildcardMatches)
        {
            return _matches.GetOrAdd(name, ready);
        }

        Interlocked.Decrement(ref _matchCount);
        return ready;
    }

    private CallableGroup Ready(ModelGroup group) =>
        Limited(new(group, [.. group.Deployments.Select(x => _registry.Ready(x, Snapshot.Router, Snapshot.General.Budgets.Zone, group.Deployments.Length == 1))], new RoutePlan(group, Snapshot.Router)) { Hedging = Hedging(group) });

    private Attempts.GroupHedging? Hedging(ModelGroup group)
    {
        // A pattern's matches are counted together: callers choose their names.
        string name = group.Deployments[0].Group;
        HedgingSettings? settings = Snapshot.Router.GroupHedging.GetValueOrDefault(name) ?? Snapshot.Router.Hedging;
        return settings is { Enabled: true } && group.Deployments.Length > 1 ? new(settings, _registry.HedgesOf(name)) : null;
    }

    /// <summary>A deployment asked for by its id counts with its group, and every name that fits a pattern with the pattern: callers choose those.</summary>
    private CallableGroup Limited(CallableGroup group)
    {
        string name = group.Group.Deployments[0].Group;
        return Snapshot.Router.LimitOf(name) is { } limit ? group with { Limit = limit, Queue = _registry.QueueOf(name) } : group;
    }
}
