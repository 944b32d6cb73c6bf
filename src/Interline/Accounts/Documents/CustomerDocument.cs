namespace Interline.Accounts.Documents;

/// <summary>A customer (end user) as it is kept.</summary>
public sealed record CustomerDocument : AccountTerms
{
    /// <summary>Name for people.</summary>
    public string? Alias { get; init; }

    /// <summary>Whether calls for it are refused.</summary>
    public bool? Blocked { get; init; }
}
