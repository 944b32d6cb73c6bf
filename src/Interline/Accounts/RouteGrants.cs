using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Interline.Accounts;

/// <summary>What an endpoint is for.</summary>
public enum RouteKind
{
    /// <summary>Calls models, or lists them.</summary>
    Call,

    /// <summary>Tells about accounts, spend or the gateway.</summary>
    Info,

    /// <summary>Changes accounts.</summary>
    Change,
}

/// <summary>Endpoints a key may use, beside what its role says. Immutable.</summary>
public sealed class RouteGrants
{
    private static readonly FrozenDictionary<string, RouteKind[]> Groups = new Dictionary<string, RouteKind[]>(StringComparer.Ordinal)
    {
        ["llm_api_routes"] = [RouteKind.Call],
        ["openai_routes"] = [RouteKind.Call],
        ["anthropic_routes"] = [RouteKind.Call],
        ["management_routes"] = [RouteKind.Info, RouteKind.Change],
        ["info_routes"] = [RouteKind.Info],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly FrozenSet<string> _paths;
    private readonly ImmutableArray<string> _prefixes;
    private readonly bool _call, _info, _change;

    private RouteGrants(ImmutableArray<string> routes)
    {
        Routes = routes;
        RouteKind[] kinds = [.. routes.SelectMany(static x => Groups.GetValueOrDefault(x, []))];
        (_call, _info, _change) = (kinds.Contains(RouteKind.Call), kinds.Contains(RouteKind.Info), kinds.Contains(RouteKind.Change));
        _paths = routes.Where(static x => !x.EndsWith('*')).ToFrozenSet(StringComparer.Ordinal);
        _prefixes = [.. routes.Where(static x => x.EndsWith('*')).Select(static x => x[..^1])];
    }

    /// <summary>Paths, paths ending in <c>*</c>, and groups.</summary>
    public ImmutableArray<string> Routes { get; }

    /// <summary>Grants of a list.</summary>
    /// <param name="routes">The list; null or empty is everything.</param>
    public static RouteGrants? Of(IReadOnlyList<string>? routes) => routes is null or { Count: 0 } ? null : new([.. routes]);

    /// <summary>Routes of LiteLLM's key types.</summary>
    /// <param name="type"><c>default</c>, <c>llm_api</c>, <c>management</c> or <c>read_only</c>.</param>
    /// <returns>The list, empty for <c>default</c>; null if there is no such type.</returns>
    public static ImmutableArray<string>? OfType(string type) => type switch
    {
        "default" => [],
        "llm_api" => ["llm_api_routes"],
        "management" => ["management_routes"],
        "read_only" => ["info_routes"],
        _ => null,
    };

    /// <summary>Whether a list may hold this: a path from <c>/</c> or a group that exists.</summary>
    /// <param name="route">An entry.</param>
    public static bool IsRoute(string route) => route.StartsWith('/') || Groups.ContainsKey(route);

    /// <summary>Whether an endpoint may be used.</summary>
    /// <param name="path">The path of its row in the endpoint table, not the one that was requested.</param>
    /// <param name="kind">What it is for.</param>
    public bool Allows(string path, RouteKind kind)
    {
        if (kind switch { RouteKind.Call => _call, RouteKind.Info => _info, _ => _change } || _paths.Contains(path))
        {
            return true;
        }

        foreach (string prefix in _prefixes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether all that an entry of another list allows is allowed here.</summary>
    /// <param name="route">The entry.</param>
    public bool Covers(string route) =>
        _paths.Contains(route)
        || (Groups.TryGetValue(route, out RouteKind[]? kinds) && kinds.All(kind => kind switch { RouteKind.Call => _call, RouteKind.Info => _info, _ => _change }))
        || _prefixes.Any(prefix => route.StartsWith(prefix, StringComparison.Ordinal));
}
