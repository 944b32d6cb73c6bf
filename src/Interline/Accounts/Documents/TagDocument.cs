namespace Interline.Accounts.Documents;

/// <summary>A tag as it is kept: its terms hold for all calls that carry it.</summary>
public sealed record TagDocument : AccountTerms
{
    /// <summary>What it is for.</summary>
    public string? Description { get; init; }
}
