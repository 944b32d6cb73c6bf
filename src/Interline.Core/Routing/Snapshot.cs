using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration;

namespace Interline.Core.Routing;

/// <summary>Everything a request needs to be routed, at one moment. Immutable: a request reads one snapshot for its whole life, a reload swaps it.</summary>
public sealed record Snapshot
{
    /// <summary>Hash of the configuration it was built from; part of every decision's kept inputs.</summary>
    public required string Version { get; init; }

    /// <summary>Groups with an exact name.</summary>
    public required FrozenDictionary<string, ModelGroup> Groups { get; init; }

    /// <summary>Groups whose name is a pattern, most specific first.</summary>
    public ImmutableArray<ModelGroup> Wildcards { get; init; } = [];

    /// <summary>Other names of groups. An alias wins over a group of its own name.</summary>
    public FrozenDictionary<string, ModelAlias> Aliases { get; init; } = FrozenDictionary<string, ModelAlias>.Empty;

    /// <summary>Names of all groups, patterns included, in the order of the file; aliases are not among them.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>How calls are spread, retried and carried over.</summary>
    public required RouterSettings Router { get; init; }

    /// <summary>Settings of the server as a whole.</summary>
    public required GeneralSettings General { get; init; }

    /// <summary>
    /// The group a client's model name means: an alias's target, the group of exactly this name, else the most specific pattern it fits, as a group of concrete
    /// deployments (same ids, the stars of their models filled). Null if nothing fits. Nothing is allocated unless a pattern is filled, which a caller may keep.
    /// </summary>
    /// <param name="name">Name the client sent.</param>
    /// <param name="catalog">Where facts and prices of a filled model are found; null leaves what the deployment has.</param>
    public ModelGroup? Resolve(ReadOnlySpan<char> name, ICatalog? catalog = null)
    {
        // An alias is followed once, as in LiteLLM: an alias of an alias is a name that does not exist.
        if (Aliases.Count > 0 && Aliases.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out ModelAlias? alias))
        {
            name = alias.Target;
        }

        if (Groups.Count > 0 && Groups.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out ModelGroup? group))
        {
            return group;
        }

        foreach (ModelGroup wildcard in Wildcards)
        {
            if (ModelNamePattern.Matches(wildcard.Name, name))
            {
                return WildcardGroup.Fill(wildcard, name.ToString(), catalog);
            }
        }

        return null;
    }
}

/// <summary>Another name of a group.</summary>
/// <param name="Target">Group it means; may be a name that only a pattern fits.</param>
/// <param name="Hidden">Whether lists of models leave it out.</param>
public sealed record ModelAlias(string Target, bool Hidden);

/// <summary>The name clients ask for, and the deployments behind it.</summary>
/// <param name="Name">Public name, or a pattern with <c>*</c>.</param>
/// <param name="Deployments">At least one, in the order of the file.</param>
public sealed record ModelGroup(string Name, ImmutableArray<Deployment> Deployments);
