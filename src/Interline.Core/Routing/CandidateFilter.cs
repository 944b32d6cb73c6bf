using System.Collections.Immutable;
using Interline.Core.Catalog;

namespace Interline.Core.Routing;

/// <summary>Judges each deployment of a group for one call: can it be chosen, and if not, which rule says so. Pure.</summary>
public static class CandidateFilter
{
    /// <summary>Judges.</summary>
    /// <param name="plan">The group.</param>
    /// <param name="health">One reading for each deployment.</param>
    /// <param name="request">The call.</param>
    /// <param name="verdicts">Receives one verdict for each deployment.</param>
    public static void Judge(RoutePlan plan, ReadOnlySpan<HealthReading> health, in RouteRequest request, Span<Exclusion> verdicts)
    {
        CallerOptions options = request.Options;
        if (plan.Checks == RouteChecks.None && !options.Filters)
        {
            for (int i = 0; i < verdicts.Length; i++)
            {
                verdicts[i] = health[i].CoolingFor > TimeSpan.Zero ? Exclusion.Cooling : health[i].Probing ? Exclusion.Probing : Exclusion.None;
            }

            return;
        }

        TagRule tags = TagFilter.Rule(plan, options);
        bool capable = Capable(plan, request);
        ImmutableArray<Deployment> all = plan.Group.Deployments;
        for (int i = 0; i < verdicts.Length; i++)
        {
            Deployment deployment = all[i];
            Exclusion verdict = Asked(plan, i, deployment, options, tags);
            verdict = verdict == Exclusion.None && plan.Asks(RouteChecks.Requests) ? Fits(deployment, request, capable) : verdict;
            verdicts[i] = verdict == Exclusion.None ? Now(plan, deployment, health[i], request.InputTokens) : verdict;
        }
    }

    /// <summary>What the configuration and the caller ask for.</summary>
    private static Exclusion Asked(RoutePlan plan, int index, Deployment deployment, CallerOptions options, TagRule tags)
    {
        if (plan.Listed is { } listed && !listed[index])
        {
            return Exclusion.Target;
        }

        if (options.Only.Length > 0 && !IsPinned(deployment, options.Only))
        {
            return Exclusion.Pinned;
        }

        if (tags != TagRule.Any && !TagFilter.Serves(plan, index, options, tags))
        {
            return Exclusion.Tag;
        }

        if (options.Region is { } region && !IsIn(deployment.RegionName, region))
        {
            return Exclusion.Region;
        }

        bool above = (options.MaxInputPrice is { } input && !(deployment.Price?.Input <= input)) || (options.MaxOutputPrice is { } output && !(deployment.Price?.Output <= output));
        return above ? Exclusion.Price : Exclusion.None;
    }

    /// <summary>Whether the model can take the request. What is not known of it is no reason against it.</summary>
    private static Exclusion Fits(Deployment deployment, in RouteRequest request, bool capable) =>
        deployment.Model?.ContextWindow is { } window && request.InputTokens > window ? Exclusion.Window
        : capable && !Has(deployment, request) ? Exclusion.Capability
        : Exclusion.None;

    /// <summary>How it stands at this moment.</summary>
    private static Exclusion Now(RoutePlan plan, Deployment deployment, in HealthReading reading, long inputTokens) =>
        reading.OverBudget ? Exclusion.Budget
        : !reading.IsAvailable ? Exclusion.Cooling
        : reading.Probing ? Exclusion.Probing
        : plan.Asks(RouteChecks.Minute) && deployment.Rpm is { } rpm && reading.MinuteRequests >= rpm ? Exclusion.Requests
        : plan.Asks(RouteChecks.Minute) && deployment.Tpm is { } tpm && (reading.MinuteTokens >= tpm || reading.MinuteTokens + inputTokens > tpm) ? Exclusion.Tokens
        : plan.Asks(RouteChecks.Parallel) && plan.ParallelLimit(deployment) is { } parallel && reading.InFlight >= parallel ? Exclusion.Busy
        : Exclusion.None;

    private static bool IsPinned(Deployment deployment, ImmutableArray<string> only)
    {
        foreach (string name in only)
        {
            if (RoutePlan.Means(deployment, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary><c>eu</c> is also <c>eu-west-1</c> and <c>europe-west4</c>; a region not known is none to rely on.</summary>
    private static bool IsIn(string? region, string asked)
    {
        if (region is null || !region.StartsWith(asked, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return region.Length == asked.Length || !char.IsAsciiLetter(region[asked.Length])
            || (asked.Equals("eu", StringComparison.OrdinalIgnoreCase) && region.StartsWith("europe", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Whether lacking a capability counts: only if another of the group has it, for a catalogue may be wrong.</summary>
    private static bool Capable(RoutePlan plan, in RouteRequest request)
    {
        if (!plan.Asks(RouteChecks.Requests) || !(request.HasTools || request.HasImages))
        {
            return false;
        }

        foreach (Deployment deployment in plan.Group.Deployments)
        {
            if (Has(deployment, request))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(Deployment deployment, in RouteRequest request) =>
        deployment.Model is not { Capabilities: not ModelCapabilities.None } model
        || ((!request.HasTools || model.Capabilities.HasFlag(ModelCapabilities.Tools)) && (!request.HasImages || model.Capabilities.HasFlag(ModelCapabilities.Vision)));
}
