namespace Interline.Accounts.Documents;

/// <summary>A team as it is kept.</summary>
public sealed record TeamDocument : AccountTerms
{
    /// <summary>Name for people.</summary>
    public string? TeamAlias { get; init; }

    /// <summary>Models its keys may ask for; empty or null is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Other names of models for its keys.</summary>
    public IReadOnlyDictionary<string, string>? ModelAliases { get; init; }

    /// <summary>Its members.</summary>
    public IReadOnlyList<TeamMember>? MembersWithRoles { get; init; }

    /// <summary>Tags of each of its calls.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Whether its keys are refused.</summary>
    public bool? Blocked { get; init; }

    /// <summary>USD each member may spend in the team, unless the member has a budget of its own.</summary>
    public decimal? TeamMemberBudget { get; init; }

    /// <summary>Window of <see cref="TeamMemberBudget"/>.</summary>
    public string? TeamMemberBudgetDuration { get; init; }

    /// <summary>Requests a minute of each member.</summary>
    public long? TeamMemberRpmLimit { get; init; }

    /// <summary>Tokens a minute of each member.</summary>
    public long? TeamMemberTpmLimit { get; init; }
}

/// <summary>A member of a team.</summary>
public sealed record TeamMember
{
    /// <summary>User.</summary>
    public string? UserId { get; init; }

    /// <summary><c>admin</c> or <c>user</c>.</summary>
    public string? Role { get; init; }

    /// <summary>USD it may spend in the team.</summary>
    public decimal? MaxBudgetInTeam { get; init; }

    /// <summary>Window of that budget.</summary>
    public string? BudgetDuration { get; init; }

    /// <summary>Requests a minute in the team.</summary>
    public long? RpmLimit { get; init; }

    /// <summary>Tokens a minute in the team.</summary>
    public long? TpmLimit { get; init; }

    /// <summary>Whether it manages the team.</summary>
    public bool IsAdmin() => Role == "admin";
}
