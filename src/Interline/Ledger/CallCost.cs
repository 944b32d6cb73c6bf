using Interline.Calls;
using Interline.Core.Pricing;
using Interline.Core.Routing;
using Interline.Protocols;

namespace Interline.Ledger;

/// <summary>Turns what an attempt used into what it cost.</summary>
internal static class CallCost
{
    private static readonly AttemptCost Nothing = new(0m, 0m, 0m);

    /// <summary>Notes in a call what its present attempt used and cost. What was noted of the same attempt before is replaced.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">Who answered.</param>
    /// <param name="used">What it used.</param>
    public static void Note(Call call, Deployment deployment, in Used used)
    {
        AttemptCost cost = used.IsFree ? Nothing : Price(call, deployment, used);
        call.Note(used, cost);
        if ((cost.Assumed ? call.Snapshot.Terms.Settings.AssumedPrice : deployment.Price) is { } price)
        {
            call.PriceVersion = call.Snapshot.PriceVersion(price);
        }
    }

    /// <summary>What usage costs upstream, discount taken off, in USD; null if it or the price is unknown.</summary>
    /// <param name="call">The call.</param>
    /// <param name="deployment">Who answered.</param>
    /// <param name="used">What it used.</param>
    public static decimal? Of(Call call, Deployment deployment, in Used used) => Price(call, deployment, used).Upstream;

    /// <summary>Whether a price says what units alone cost, so that no tokens have to be known.</summary>
    /// <param name="deployment">Who answered.</param>
    /// <param name="units">What was counted.</param>
    /// <param name="serviceTier">Tier that served it.</param>
    public static bool IsPriced(Deployment deployment, Units? units, string? serviceTier) => units is not null && Total(deployment.Price, null, units, serviceTier) is not null;

    private static AttemptCost Price(Call call, Deployment deployment, in Used used)
    {
        decimal? own = Total(deployment.Price, used.Usage, used.Units, used.ServiceTier);
        decimal? list = ReferenceEquals(deployment.ListPrice, deployment.Price) ? own : Total(deployment.ListPrice, used.Usage, used.Units, used.ServiceTier);
        bool assumed = own is null && (own = Assumed(call, used)) is not null;
        CostTerms terms = call.Snapshot.Snapshot.General.Costs;
        if (own is not { } cost || terms.IsEmpty)
        {
            return new AttemptCost(own, list, own, assumed);
        }

        string provider = deployment.Provider.Id;
        decimal upstream = terms.Discounted(provider, cost);
        return new AttemptCost(upstream, list, terms.Billed(provider, upstream), assumed);
    }

    /// <summary>What is taken for a cost nobody knows: by the assumed price, else what was set aside for the call and not spent by earlier attempts. Unknown is never free.</summary>
    private static decimal? Assumed(Call call, in Used used) =>
        Total(call.Snapshot.Terms.Settings.AssumedPrice, used.Usage, used.Units, used.ServiceTier)
        ?? (call.Reservation is { HasBudget: true, Usd: > 0 and var usd } ? Math.Max(0, usd - ((call.Spent ?? 0) - (call.Cost ?? 0))) : null);

    private static decimal? Total(Price? price, Usage? usage, Units? units, string? serviceTier) =>
        price is not null && (usage is { Total: > 0 } || units is not null) ? Cost.Of(usage ?? default, price, serviceTier, units: units)?.Total : null;
}
