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

/// <summary>What an attempt cost, in USD; null where it is unknown.</summary>
/// <param name="Upstream">What the provider charges, its discount taken off.</param>
/// <param name="List">The same by the catalogue's prices, without discount.</param>
/// <param name="Billed">What the caller is charged, margin included.</param>
/// <param name="Assumed">Whether nobody knows it, and it was taken to be this.</param>
internal readonly record struct AttemptCost(decimal? Upstream, decimal? List, decimal? Billed, bool Assumed = false);
