namespace Interline.Accounts.Documents;

/// <summary>A user as it is kept.</summary>
public sealed record UserDocument : AccountTerms
{
    /// <summary>Mail address.</summary>
    public string? UserEmail { get; init; }

    /// <summary>Name for people.</summary>
    public string? UserAlias { get; init; }

    /// <summary><c>proxy_admin</c>, <c>proxy_admin_viewer</c>, <c>internal_user</c> or <c>internal_user_viewer</c>.</summary>
    public string? UserRole { get; init; }

    /// <summary>Models its own keys may ask for; empty or null is all.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Whether its keys are refused.</summary>
    public bool? Blocked { get; init; }
}
