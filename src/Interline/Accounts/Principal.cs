using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Budgets;

namespace Interline.Accounts;

/// <summary>Who calls: what a key stands for at one moment. Immutable; replaced when anything it is made of changes.</summary>
public sealed record Principal
{
    /// <summary>The holder of the master key.</summary>
    public static Principal Master { get; } = new() { Role = Role.Admin };

    /// <summary>What it may do besides calling models.</summary>
    public required Role Role { get; init; }

    /// <summary>Id of its key: the hex digest it is stored by; null for the master key.</summary>
    public string? KeyId { get; init; }

    /// <summary>The key's alias, for people.</summary>
    public string? KeyAlias { get; init; }

    /// <summary>Its team.</summary>
    public string? TeamId { get; init; }

    /// <summary>Its user.</summary>
    public string? UserId { get; init; }

    /// <summary>Tags of the key, which count for each of its calls.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Scopes with terms that each of its calls counts for: key, team, member, user, also those per model.</summary>
    public ImmutableArray<ScopedTerms> Scopes { get; init; } = [];

    /// <summary>Model groups it may ask for; null is all.</summary>
    public ModelGrants? Models { get; init; }

    /// <summary>Endpoints it may use; null is all that its role may.</summary>
    public RouteGrants? Routes { get; init; }

    /// <summary>Teams it is an admin of; only for <see cref="Role.TeamAdmin"/> and above.</summary>
    public ImmutableArray<string> AdminOf { get; init; } = [];

    /// <summary>Other names of models, for this key and team alone.</summary>
    public FrozenDictionary<string, string> Aliases { get; init; } = FrozenDictionary<string, string>.Empty;
}

/// <summary>What a caller may do. Each may do what those before it may, within what it owns.</summary>
public enum Role
{
    /// <summary>Nobody in particular: no key is needed.</summary>
    Anonymous,

    /// <summary>Calls models and asks about itself.</summary>
    Caller,

    /// <summary>LiteLLM's <c>internal_user_viewer</c>: sees its own keys and spend.</summary>
    UserViewer,

    /// <summary>LiteLLM's <c>internal_user</c>: manages its own keys.</summary>
    User,

    /// <summary>Manages the teams it is an admin of: their keys and members.</summary>
    TeamAdmin,

    /// <summary>LiteLLM's <c>proxy_admin_viewer</c>: sees everything, changes nothing.</summary>
    Viewer,

    /// <summary>LiteLLM's <c>proxy_admin</c>: everything.</summary>
    Admin,
}
