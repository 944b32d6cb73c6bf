using Interline.Calls;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Protocols;

namespace Interline.Ledger;

/// <summary>Turns what an answer used into what it cost.</summary>
public static class CallCost
{
    /// <summary>Notes an answer's usage in its call, and what it cost.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">Who answered.</param>
    /// <param name="usage">What it used; null if the provider did not say.</param>
    /// <param name="finish">Why it ended.</param>
    /// <param name="serviceTier">Tier that served it, or the one asked for if the provider did not say; null is the usual one.</param>
    public static void Note(Call call, Deployment deployment, Usage? usage, FinishReason finish, string? serviceTier)
    {
        call.Usage = usage;
        call.Finish = finish;
        call.ServiceTier = serviceTier;
        call.Cost = Of(deployment, usage, serviceTier);
    }

    /// <summary>What usage costs, in USD; null if it or the price is unknown.</summary>
    /// <param name="deployment">Who answered.</param>
    /// <param name="usage">What it used.</param>
    /// <param name="serviceTier">Tier that served it, or the one asked for.</param>
    public static decimal? Of(Deployment deployment, Usage? usage, string? serviceTier) =>
        usage is { Total: > 0 } used && deployment.Price is { } price ? Cost.Of(used, price, serviceTier)?.Total : null;
}
