using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Protocols;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Translation;

namespace Interline.Ledger;

/// <summary>What something would cost, by the prices of live calls.</summary>
/// <param name="Usage">What it uses.</param>
/// <param name="Estimated">Whether <paramref name="Usage"/> is an estimate of ours.</param>
/// <param name="Cost">Its cost, class by class; null if a price that is needed is unknown.</param>
/// <param name="PriceSource">Where the prices come from; null if there are none.</param>
public sealed record CostQuote(Usage Usage, bool Estimated, Cost? Cost, string? PriceSource)
{
    /// <summary>What the caller would be charged, in USD, discount taken off and margin put on; null if <see cref="Cost"/> is.</summary>
    public decimal? Billed { get; private init; }

    /// <summary>Prices usage.</summary>
    /// <param name="deployment">Who would be called.</param>
    /// <param name="usage">The usage.</param>
    /// <param name="serviceTier">Service tier; null is the usual one.</param>
    /// <param name="units">What is no token; null for nothing.</param>
    /// <param name="terms">Discounts and margins; null is none.</param>
    public static CostQuote Of(Deployment deployment, Usage usage, string? serviceTier = null, Units? units = null, CostTerms? terms = null)
    {
        Cost? cost = Core.Pricing.Cost.Of(usage, deployment.Price, serviceTier, units: units);
        string provider = deployment.Provider.Id;
        return new(usage, Estimated: false, cost, deployment.Price?.Source)
        {
            Billed = AttemptCost.Rounded(cost is { Total: var total } && terms is not null ? terms.Billed(provider, terms.Discounted(provider, total)) : cost?.Total),
        };
    }

    /// <summary>Prices the input of a Chat Completions request; what the answer would be is not known.</summary>
    /// <param name="deployment">Who would be called.</param>
    /// <param name="body">The request.</param>
    /// <param name="terms">Discounts and margins; null is none.</param>
    /// <param name="error">Why it cannot be read.</param>
    /// <returns>Null if it cannot be read.</returns>
    public static CostQuote? OfRequest(Deployment deployment, ReadOnlySpan<byte> body, CostTerms? terms, out ApiError? error) =>
        ChatFormat.Instance.TryReadRequest(body, out ConversationRequest? request, out error)
            ? Of(deployment, new Usage { Input = TokenEstimate.Of(request) }, terms: terms) with { Estimated = true }
            : null;
}
