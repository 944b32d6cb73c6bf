using System.Collections.Frozen;

namespace Interline.Core.Pricing;

/// <summary>
/// What lies between a list price and a bill: discounts that providers give, and margins that are put on top for the caller. By provider id.
/// From <c>litellm_settings.cost_discount_config</c> and <c>cost_margin_config</c>. The discount comes first, the margin is of what is left.
/// </summary>
public sealed record CostTerms
{
    /// <summary>No discount, no margin.</summary>
    public static CostTerms None { get; } = new();

    /// <summary>Discounts as fractions from 0 to 1.</summary>
    public FrozenDictionary<string, decimal> Discounts { get; init; } = FrozenDictionary<string, decimal>.Empty;

    /// <summary>Margins by provider; one replaces <see cref="GlobalMargin"/>, it does not add to it.</summary>
    public FrozenDictionary<string, Margin> Margins { get; init; } = FrozenDictionary<string, Margin>.Empty;

    /// <summary>Margin of providers without their own.</summary>
    public Margin GlobalMargin { get; init; }

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => Discounts.Count == 0 && Margins.Count == 0 && GlobalMargin == default;

    /// <summary>What the provider charges, of its list price.</summary>
    /// <param name="provider">Provider id.</param>
    /// <param name="cost">USD, at least 0.</param>
    public decimal Discounted(string provider, decimal cost) => Discounts.Count > 0 && Discounts.TryGetValue(provider, out decimal discount) ? cost * (1 - discount) : cost;

    /// <summary>What the caller is charged for an attempt.</summary>
    /// <param name="provider">Provider id.</param>
    /// <param name="cost">What the provider charges, in USD, at least 0.</param>
    /// <param name="answered">Whether it is the attempt that answered: only that one has the fixed amount, so that a retry does not cost the caller a second one.</param>
    public decimal Billed(string provider, decimal cost, bool answered = true)
    {
        Margin margin = Margins.Count > 0 && Margins.TryGetValue(provider, out Margin own) ? own : GlobalMargin;
        return (cost * (1 + margin.Fraction)) + (answered ? margin.Fixed : 0);
    }
}

/// <summary>A margin.</summary>
/// <param name="Fraction">Share of the cost, at least 0: 0.1 is ten percent.</param>
/// <param name="Fixed">USD for each call, at least 0.</param>
public readonly record struct Margin(decimal Fraction, decimal Fixed);
