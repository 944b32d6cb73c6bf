using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Interline.Protocols.Errors;

namespace Interline.Core.Routing;

/// <summary>Says why no deployment of a group can take a call: how many for which reason, and whether waiting helps.</summary>
public static class RouteRefusal
{
    /// <summary>Says it.</summary>
    /// <param name="plan">The group.</param>
    /// <param name="health">One reading for each deployment.</param>
    /// <param name="verdicts">One verdict for each deployment, none of them <see cref="Exclusion.None"/>.</param>
    /// <param name="request">The call.</param>
    public static ApiError Of(RoutePlan plan, ReadOnlySpan<HealthReading> health, ReadOnlySpan<Exclusion> verdicts, in RouteRequest request)
    {
        Span<int> counts = stackalloc int[(int)Exclusion.Barred + 1];
        counts.Clear();
        foreach (Exclusion verdict in verdicts)
        {
            counts[(int)verdict]++;
        }

        string name = plan.Group.Name;
        int passing = counts[(int)Exclusion.Cooling] + counts[(int)Exclusion.Probing] + counts[(int)Exclusion.Requests] + counts[(int)Exclusion.Tokens] + counts[(int)Exclusion.Busy];
        if (passing > 0)
        {
            return Passing(plan, health, verdicts, counts);
        }

        if (counts[(int)Exclusion.Budget] > 0)
        {
            return new(ErrorKind.QuotaExhausted, 429, $"No deployment of `{name}` can take this call: {Counted(counts)}. Budgets begin anew with their next period.") { Code = "budget_exceeded" };
        }

        if (counts[(int)Exclusion.Window] > 0)
        {
            return new(ErrorKind.ContextLength, 400, $"The request has about {request.InputTokens} tokens, which is more than the context window of `{name}`: {Counted(counts)}.") { Code = "context_length_exceeded" };
        }

        return new(ErrorKind.Unsupported, 400, $"No deployment of `{name}` can take this call: {Counted(counts)}. {Advice(plan, counts, request.Options)}") { Code = Code(counts), Type = "invalid_request_error" };
    }

    private static ApiError Passing(RoutePlan plan, ReadOnlySpan<HealthReading> health, ReadOnlySpan<Exclusion> verdicts, ReadOnlySpan<int> counts)
    {
        TimeSpan soonest = TimeSpan.MaxValue;
        bool limited = true;
        for (int i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] == Exclusion.Cooling)
            {
                soonest = health[i].CoolingFor < soonest ? health[i].CoolingFor : soonest;
                limited &= health[i].RateLimited;
            }
            else if (verdicts[i] == Exclusion.Probing)
            {
                soonest = TimeSpan.FromSeconds(1);
                limited &= health[i].RateLimited;
            }
            else if (verdicts[i] is Exclusion.Requests or Exclusion.Tokens or Exclusion.Busy)
            {
                soonest = TimeSpan.FromSeconds(1);
            }
        }

        soonest = soonest < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : soonest;
        string text = counts[(int)Exclusion.Cooling] == verdicts.Length
            ? $"Every deployment of `{plan.Group.Name}` is cooling down after failures."
            : $"No deployment of `{plan.Group.Name}` can take this call now: {Counted(counts)}.";
        return new(limited ? ErrorKind.RateLimit : ErrorKind.Overloaded, limited ? 429 : 503, $"{text} Try again in {Math.Ceiling(soonest.TotalSeconds):0} s.") { RetryAfter = soonest };
    }

    private static string Counted(ReadOnlySpan<int> counts)
    {
        var text = new StringBuilder();
        for (int i = 1; i < counts.Length; i++)
        {
            if (counts[i] > 0)
            {
                text.Append(text.Length > 0 ? ", " : "").Append(CultureInfo.InvariantCulture, $"{counts[i]} {Words((Exclusion)i)}");
            }
        }

        return text.ToString();
    }

    /// <summary>What a verdict says of a deployment, after a number or a name.</summary>
    /// <param name="exclusion">The verdict.</param>
    public static string Words(Exclusion exclusion) => exclusion switch
    {
        Exclusion.None => "can be chosen",
        Exclusion.Target => "not among target_options",
        Exclusion.Pinned => "not among those asked for",
        Exclusion.Tag => "without the tags",
        Exclusion.Region => "not in the region",
        Exclusion.Price => "above the price limit, or without a known price",
        Exclusion.Window => "with too small a context window",
        Exclusion.Capability => "without tools or vision",
        Exclusion.Budget => "with a spent budget",
        Exclusion.Cooling => "cooling down",
        Exclusion.Probing => "tried by another call after cooling down",
        Exclusion.Requests => "with no requests left this minute",
        Exclusion.Tokens => "with no tokens left this minute",
        Exclusion.Busy => "with as many calls as it takes",
        Exclusion.Tried => "tried already",
        _ => "with refused credentials",
    };

    private static string Code(ReadOnlySpan<int> counts) =>
        counts[(int)Exclusion.Price] > 0 ? "no_deployment_within_price"
        : counts[(int)Exclusion.Tag] > 0 ? "no_deployment_with_tags"
        : counts[(int)Exclusion.Region] > 0 ? "no_deployment_in_region"
        : "no_deployment_allowed";

    private static string Advice(RoutePlan plan, ReadOnlySpan<int> counts, CallerOptions options)
    {
        if (counts[(int)Exclusion.Price] > 0)
        {
            ImmutableArray<Deployment> all = plan.Group.Deployments;
            decimal? input = all.Min(static x => x.Price?.Input);
            decimal? output = all.Min(static x => x.Price?.Output);
            return string.Create(CultureInfo.InvariantCulture, $"The limit is {options.MaxInputPrice?.ToString(CultureInfo.InvariantCulture) ?? "any"} in and {options.MaxOutputPrice?.ToString(CultureInfo.InvariantCulture) ?? "any"} out, the lowest prices of the group are {input?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} in and {output?.ToString(CultureInfo.InvariantCulture) ?? "unknown"} out, in USD per million tokens. Raise the limit or ask for another model.");
        }

        if (counts[(int)Exclusion.Tag] > 0)
        {
            return $"The request's tags are [{string.Join(", ", options.Tags)}]; `enable_tag_filtering` is on, with `tag_filtering_match_any: {(plan.Settings.TagFilteringMatchAny ? "true" : "false")}`, and no deployment is tagged `default`.";
        }

        return "Ask for another model, or for less.";
    }
}
