using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Interline.Core.Configuration;

namespace Interline.Core.Routing;

/// <summary>What the rules of a group ask of every reading and request.</summary>
[Flags]
public enum RouteChecks
{
    /// <summary>Only whether a deployment cools.</summary>
    None = 0,

    /// <summary>Some deployments are not among <c>target_options</c>.</summary>
    Targets = 1 << 0,

    /// <summary>Tags.</summary>
    Tags = 1 << 1,

    /// <summary>Context window and capabilities.</summary>
    Requests = 1 << 2,

    /// <summary>Budgets.</summary>
    Budgets = 1 << 3,

    /// <summary>Requests and tokens of the minute.</summary>
    Minute = 1 << 4,

    /// <summary>Calls at once.</summary>
    Parallel = 1 << 5,
}

/// <summary>A group with everything its decisions need that does not change from call to call. Immutable; computed once for each snapshot.</summary>
public sealed class RoutePlan
{
    private readonly ImmutableArray<ImmutableArray<Regex>> _tagPatterns;

    /// <summary>Prepares a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="settings">The router's settings.</param>
    public RoutePlan(ModelGroup group, RouterSettings settings)
    {
        ImmutableArray<Deployment> all = group.Deployments;
        Group = group;
        Settings = settings;
        Listed = Targets(all, settings.TargetOptions);

        // The fastest measured one of the listed, whatever the rest of the groups do.
        Strategy = Listed is null ? settings.Strategy : RoutingStrategy.LatencyBased;
        Weights = all.All(x => x.Weight.Equals(all[0].Weight)) ? null : [.. all.Select(x => x.Weight)];
        Orders = all.All(x => x.Order == all[0].Order) ? null : [.. all.Select(x => x.Order ?? int.MaxValue)];
        CostRanks = Strategy == RoutingStrategy.CostBased ? Ranks(all) : null;
        HasDefaultTag = all.Any(x => x.Tags.Contains("default", StringComparer.Ordinal));
        _tagPatterns = settings.EnableTagFiltering && all.Any(x => x.TagPatterns.Length > 0) ? [.. all.Select(Patterns)] : [];
        Checks = ChecksOf(all);
    }

    /// <summary>The group.</summary>
    public ModelGroup Group { get; }

    /// <summary>The router's settings.</summary>
    public RouterSettings Settings { get; }

    /// <summary>How one is chosen.</summary>
    public RoutingStrategy Strategy { get; }

    /// <summary>What is asked of readings and requests.</summary>
    public RouteChecks Checks { get; }

    /// <summary>Whether a reading needs more than the cooldown.</summary>
    public bool NeedsFullReadings => Strategy is not (RoutingStrategy.SimpleShuffle or RoutingStrategy.CostBased) || Asks(RouteChecks.Budgets | RouteChecks.Minute | RouteChecks.Parallel);

    /// <summary>Whether latencies are to be measured.</summary>
    public bool MeasuresLatency => Strategy == RoutingStrategy.LatencyBased;

    /// <summary>Whether requests of the minute are counted before they are made, so that a limit holds exactly.</summary>
    public bool CountsRequests => Asks(RouteChecks.Minute);

    /// <summary>Whether a request's tags or <c>User-Agent</c> count.</summary>
    public bool ReadsUserAgent => _tagPatterns.Length > 0;

    /// <summary>Smallest context window of the group in tokens; null if none is known or it is not checked.</summary>
    public long? SmallestWindow => !Asks(RouteChecks.Requests) ? null : Group.Deployments.Min(static x => x.Model?.ContextWindow);

    /// <summary>Whether a deployment has a default tag.</summary>
    internal bool HasDefaultTag { get; }

    /// <summary>Weights; null if all are equal.</summary>
    internal double[]? Weights { get; }

    /// <summary>Orders, lower first; null if all are equal.</summary>
    internal int[]? Orders { get; }

    /// <summary>Rank by price, lower is cheaper, an unknown price last; null unless it is asked for.</summary>
    internal int[]? CostRanks { get; }

    /// <summary>Which deployments <c>target_options</c> lists; null if it lists none of the group.</summary>
    internal bool[]? Listed { get; }

    /// <summary>Whether a name of <see cref="CallerOptions.Only"/> or <see cref="RouterSettings.TargetOptions"/> means a deployment.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="name">A provider, <c>provider/model</c>, or an id.</param>
    public static bool Means(Deployment deployment, string name)
    {
        string provider = deployment.Provider.Id;
        return name == provider || name == deployment.Id
            || (name.Length == provider.Length + 1 + deployment.UpstreamModel.Length && name[provider.Length] == '/'
                && name.StartsWith(provider, StringComparison.Ordinal) && name.EndsWith(deployment.UpstreamModel, StringComparison.Ordinal));
    }

    /// <summary>Whether any of some checks is to be made.</summary>
    internal bool Asks(RouteChecks checks) => (Checks & checks) != RouteChecks.None;

    /// <summary>Calls a deployment takes at once; null is no limit.</summary>
    /// <param name="deployment">The deployment.</param>
    public int? ParallelLimit(Deployment deployment) => deployment.MaxParallelRequests ?? Settings.DefaultMaxParallelRequests;

    internal bool PatternMatches(int index, string text)
    {
        if (_tagPatterns.Length > 0)
        {
            foreach (Regex pattern in _tagPatterns[index])
            {
                if (pattern.IsMatch(text))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private RouteChecks ChecksOf(ImmutableArray<Deployment> all)
    {
        RouteChecks checks = Listed is null ? RouteChecks.None : RouteChecks.Targets;
        checks |= Settings.EnableTagFiltering ? RouteChecks.Tags : RouteChecks.None;
        checks |= Settings.EnablePreCallChecks && all.Any(x => x.Model is not null) ? RouteChecks.Requests : RouteChecks.None;
        checks |= all.Any(x => x.Budget is not null || Settings.ProviderBudgets.ContainsKey(x.Provider.Id)) ? RouteChecks.Budgets : RouteChecks.None;
        bool counts = Settings.EnablePreCallChecks || Strategy is RoutingStrategy.UsageBased or RoutingStrategy.UsageBasedV2 or RoutingStrategy.CostBased or RoutingStrategy.LatencyBased;
        checks |= counts && all.Any(x => x.Rpm is not null || x.Tpm is not null) ? RouteChecks.Minute : RouteChecks.None;
        checks |= all.Any(x => ParallelLimit(x) is not null) ? RouteChecks.Parallel : RouteChecks.None;
        return checks;
    }

    private static bool[]? Targets(ImmutableArray<Deployment> all, ImmutableArray<string> options)
    {
        bool[] listed = [.. all.Select(x => options.Any(name => Means(x, name)))];
        return listed.Contains(true) ? listed : null;
    }

    private static int[] Ranks(ImmutableArray<Deployment> all)
    {
        decimal?[] prices = [.. all.Select(x => x.Price?.Input is { } input && x.Price.Output is { } output ? input + output : x.Price?.Input ?? x.Price?.Output)];
        List<decimal> rising = [.. prices.OfType<decimal>().Distinct().Order()];
        return [.. prices.Select(x => x is { } price ? rising.BinarySearch(price) : int.MaxValue)];
    }

    /// <summary>Patterns that run in linear time: the caller writes the text they are tried on.</summary>
    private static ImmutableArray<Regex> Patterns(Deployment deployment)
    {
        var patterns = ImmutableArray.CreateBuilder<Regex>();
        foreach (string text in deployment.TagPatterns)
        {
            try
            {
                patterns.Add(new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                // What is no pattern matches nothing; the reader of the file tells it.
            }
        }

        return patterns.ToImmutable();
    }
}
