using Interline.Protocols;

namespace Interline.Ledger;

/// <summary>What an attempt used, as its provider said it or as it was estimated.</summary>
internal readonly record struct Used
{
    /// <summary>Tokens; null if there is nothing to say of them.</summary>
    public Usage? Usage { get; init; }

    /// <summary>What is no token; null for nothing.</summary>
    public Units? Units { get; init; }

    /// <summary>Why the answer ended.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Tier that served it, or the one asked for if the provider did not say; null is the usual one.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Whether a part of it is an estimate.</summary>
    public bool Estimated { get; init; }

    /// <summary>Whether providers do this for nothing.</summary>
    public bool IsFree { get; init; }
}

/// <summary>
/// What an attempt cost, in USD, to 18 places; null where it is unknown. A decimal has 28 digits: with more places the sum of a busy month has no room in one, and a
/// budget whose spend cannot be read does not hold.
/// </summary>
/// <param name="Upstream">What the provider charges, its discount taken off.</param>
/// <param name="List">The same by the catalogue's prices, without discount.</param>
/// <param name="Billed">What the caller is charged, margin included.</param>
/// <param name="Assumed">Whether nobody knows it, and it was taken to be this.</param>
internal readonly record struct AttemptCost(decimal? Upstream, decimal? List, decimal? Billed, bool Assumed = false)
{
    /// <summary>Places an amount has at most.</summary>
    public const int Places = 18;

    /// <summary>What the provider charges, its discount taken off.</summary>
    public decimal? Upstream { get; } = Rounded(Upstream);

    /// <summary>The same by the catalogue's prices, without discount.</summary>
    public decimal? List { get; } = Rounded(List);

    /// <summary>What the caller is charged, margin included.</summary>
    public decimal? Billed { get; } = Rounded(Billed);

    /// <summary>An amount with no more places than the books take.</summary>
    public static decimal? Rounded(decimal? amount) => amount is { } known ? decimal.Round(known, Places) : null;
}
