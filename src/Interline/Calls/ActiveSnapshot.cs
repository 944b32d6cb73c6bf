using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Routing;
using Interline.Upstream;

namespace Interline.Calls;

/// <summary>A group made ready to be called.</summary>
/// <param name="Group">The group.</param>
/// <param name="Callables">One for each deployment, in the same order.</param>
public sealed record CallableGroup(ModelGroup Group, ImmutableArray<Callable> Callables);

/// <summary>A snapshot made ready to serve. Immutable but for the cache of wildcard matches, which is bounded.</summary>
public sealed class ActiveSnapshot
{
    /// <summary>Wildcard matches kept ready; callers choose the names, so there must be a bound.</summary>
    private const int MaxWildcardMatches = 10_000;

    private readonly FrozenDictionary<string, CallableGroup> _groups;
    private readonly FrozenDictionary<string, CallableGroup>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly ConcurrentDictionary<string, CallableGroup> _matches = new(StringComparer.Ordinal);
    private readonly UpstreamRegistry _registry;
    private int _matchCount;

    /// <summary>Makes a snapshot ready.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="registry">Connections and live state.</param>
    public ActiveSnapshot(Snapshot snapshot, UpstreamRegistry registry)
    {
        Snapshot = snapshot;
        _registry = registry;
        _groups = snapshot.Groups.ToFrozenDictionary(x => x.Key, x => Ready(x.Value), StringComparer.Ordinal);
        _lookup = _groups.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The snapshot.</summary>
    public Snapshot Snapshot { get; }

    /// <summary>All groups with an exact name.</summary>
    public IEnumerable<CallableGroup> Groups => _groups.Values;

    /// <summary>Resolves a name: exactly, else by the most specific pattern.</summary>
    /// <param name="name">The name a client asks for.</param>
    /// <returns>The group; null if there is none.</returns>
    public CallableGroup? Resolve(ReadOnlySpan<char> name)
    {
        if (_lookup.TryGetValue(name, out CallableGroup? group))
        {
            return group;
        }

        return Snapshot.Wildcards.IsDefaultOrEmpty && Snapshot.Aliases.Count == 0 ? null : Match(name.ToString());
    }

    private CallableGroup? Match(string name)
    {
        if (_matches.TryGetValue(name, out CallableGroup? known))
        {
            return known;
        }

        if (Snapshot.Resolve(name, Core.Configuration.ShippedCatalog.BuiltIn) is not { } group)
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
        new(group, [.. group.Deployments.Select(x => _registry.Ready(x, Snapshot.Router.ConnectTimeout))]);
}
