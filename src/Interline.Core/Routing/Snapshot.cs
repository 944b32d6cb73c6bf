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

    /// <summary>How calls are spread, retried and carried over.</summary>
    public required RouterSettings Router { get; init; }

    /// <summary>Settings of the server as a whole.</summary>
    public required GeneralSettings General { get; init; }
}

/// <summary>The name clients ask for, and the deployments behind it.</summary>
/// <param name="Name">Public name, or a pattern with <c>*</c>.</param>
/// <param name="Deployments">At least one, in the order of the file.</param>
public sealed record ModelGroup(string Name, ImmutableArray<Deployment> Deployments);
