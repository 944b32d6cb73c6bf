namespace Interline.Accounts.Documents;

/// <summary>A virtual key as it is kept. The key itself is not: only its keyed digest.</summary>
public sealed record KeyDocument : AccountTerms
{
    /// <summary>Hex digest of the key that is valid now. The id of the row is the digest of the first one, which stays through every rotation, so that budgets do.</summary>
    public string? Digest { get; init; }

    /// <summary>Hex digest of the same key under the installation's earlier secret; null if that was never changed since the key was made.</summary>
    public string? PreviousDigest { get; init; }

    /// <summary>Earlier keys that are still valid for a while.</summary>
    public IReadOnlyList<EarlierDigest>? EarlierDigests { get; init; }

    /// <summary>End of the key for people: <c>sk-...abcd</c>.</summary>
    public string? KeyName { get; init; }

    /// <summary>Name for people, unique.</summary>
    public string? KeyAlias { get; init; }

    /// <summary>Its user.</summary>
    public string? UserId { get; init; }

    /// <summary>Its team.</summary>
    public string? TeamId { get; init; }

    /// <summary>Models it may ask for; empty or null is all that its team and user may.</summary>
    public IReadOnlyList<string>? Models { get; init; }

    /// <summary>Other names of models for this key.</summary>
    public IReadOnlyDictionary<string, string>? Aliases { get; init; }

    /// <summary>Tags of each of its calls.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Endpoints it may use: paths, paths ending in <c>*</c>, or groups such as <c>llm_api_routes</c>.</summary>
    public IReadOnlyList<string>? AllowedRoutes { get; init; }

    /// <summary>Whether it is refused.</summary>
    public bool? Blocked { get; init; }

    /// <summary>When it ends; null never.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>An earlier key of a rotation.</summary>
/// <param name="Digest">Its hex digest.</param>
/// <param name="Until">Until when it is valid.</param>
public sealed record EarlierDigest(string Digest, DateTimeOffset Until);
