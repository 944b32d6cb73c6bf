namespace Interline.Core.Budgets;

/// <summary>What a budget or a limit is put on.</summary>
public enum ScopeKind
{
    /// <summary>The whole installation.</summary>
    Everything,

    /// <summary>A virtual key; its id is the hex digest it is stored by.</summary>
    Key,

    /// <summary>A team.</summary>
    Team,

    /// <summary>A user.</summary>
    User,

    /// <summary>A user in one team; the id is <c>team/user</c>.</summary>
    TeamMember,

    /// <summary>A customer (end user), as named by the caller.</summary>
    Customer,

    /// <summary>A model group, as asked for.</summary>
    Model,

    /// <summary>A provider.</summary>
    Provider,

    /// <summary>A deployment.</summary>
    Deployment,

    /// <summary>A tag of the request or of its key.</summary>
    Tag,
}

/// <summary>What a budget or a limit is put on: one key, one team, …</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Id">Id within its kind; empty for <see cref="ScopeKind.Everything"/>.</param>
/// <param name="Model">Only calls that ask for this model group count; null counts all. LiteLLM's <c>model_max_budget</c>, <c>model_rpm_limit</c>, <c>model_tpm_limit</c>.</param>
public readonly record struct Scope(ScopeKind Kind, string Id, string? Model = null);
