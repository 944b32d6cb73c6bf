using System.Collections.Immutable;

namespace Interline.Core.Routing;

/// <summary>Which deployments of a group tags leave.</summary>
internal enum TagRule
{
    /// <summary>All.</summary>
    Any,

    /// <summary>Those that serve the request's tags, or whose pattern its <c>User-Agent</c> fits.</summary>
    Matching,

    /// <summary>Those tagged <c>default</c>.</summary>
    Default,
}

/// <summary>
/// Choosing by tags, as LiteLLM does: a request's tags leave those that have one of them (or all, with <c>tag_filtering_match_any: false</c>); a request without tags,
/// or with tags that nobody has, is for those tagged <c>default</c>; without any such, a request without tags is for all, and one with tags for nobody.
/// Unlike LiteLLM it does not look at who is available: tags must not be given up because the right deployment cools.
/// </summary>
internal static class TagFilter
{
    public static TagRule Rule(RoutePlan plan, CallerOptions options)
    {
        if (!plan.Asks(RouteChecks.Tags))
        {
            return TagRule.Any;
        }

        for (int i = 0; i < plan.Group.Deployments.Length; i++)
        {
            if (Serves(plan, i, options, TagRule.Matching))
            {
                return TagRule.Matching;
            }
        }

        return plan.HasDefaultTag ? TagRule.Default : options.Tags.Length > 0 ? TagRule.Matching : TagRule.Any;
    }

    public static bool Serves(RoutePlan plan, int index, CallerOptions options, TagRule rule)
    {
        ImmutableArray<string> own = plan.Group.Deployments[index].Tags;
        if (rule == TagRule.Default)
        {
            return Has(own, "default");
        }

        return (options.Tags.Length > 0 && Matches(own, options.Tags, plan.Settings.TagFilteringMatchAny))
            || (options.UserAgent is { } agent && plan.PatternMatches(index, $"User-Agent: {agent}"));
    }

    private static bool Matches(ImmutableArray<string> own, ImmutableArray<string> asked, bool any)
    {
        foreach (string tag in asked)
        {
            if (Has(own, tag) == any)
            {
                return any;
            }
        }

        return !any;
    }

    /// <summary>By hand: with a thousand deployments the general search of an array costs more than all other rules.</summary>
    private static bool Has(ImmutableArray<string> own, string tag)
    {
        foreach (string one in own)
        {
            if (string.Equals(one, tag, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
