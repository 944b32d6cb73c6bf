using System.Collections.Frozen;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads settings by class of error, and budgets.</summary>
internal static class PolicyReader
{
    /// <summary>Reads a mapping of <c>…Retries</c> under a key; null if there is none.</summary>
    public static RetryPolicy? Retries(SectionReader above, string key)
    {
        if (Inner(above, key) is not { } section)
        {
            return null;
        }

        RetryPolicy policy = Retries(section);
        Close(above, section, "retry_policy", KnownKeys.RetryPolicy);
        return policy;
    }

    /// <summary>Reads retry policies by group.</summary>
    public static FrozenDictionary<string, RetryPolicy> GroupRetries(SectionReader above, string key) => ByGroup(above, key, Retries);

    /// <summary>Reads limits by group: a mapping of name to <c>max_parallel_requests</c>, <c>max_queue</c> and <c>queue_timeout</c>.</summary>
    public static FrozenDictionary<string, GroupLimit> GroupLimits(SectionReader above, string key) => ByGroup(above, key, Limit);

    /// <summary>Reads <c>enabled</c>, <c>quantile</c> and <c>max_share</c> under a key; null if there is none.</summary>
    public static HedgingSettings? Hedging(SectionReader above, string key)
    {
        if (Inner(above, key) is not { } section)
        {
            return null;
        }

        var defaults = new HedgingSettings();
        var read = new HedgingSettings
        {
            Enabled = section.Flag("enabled") ?? defaults.Enabled,
            Quantile = section.Number("quantile") ?? defaults.Quantile,
            MaxShare = section.Number("max_share") ?? defaults.MaxShare,
        };
        if (read.Quantile is <= 0 or >= 1)
        {
            section.Refuse("quantile", "expected a share above 0 and below 1, such as 0.95");
        }

        if (read.MaxShare is < 0 or > 1)
        {
            section.Refuse("max_share", "expected a share from 0 to 1, such as 0.05");
        }

        Close(above, section, "hedging", KnownKeys.Hedging);
        return read;
    }

    /// <summary>Reads hedging by group.</summary>
    public static FrozenDictionary<string, HedgingSettings> GroupHedging(SectionReader above, string key) => ByGroup(above, key, Hedging);

    /// <summary>Reads a mapping of <c>…AllowedFails</c> under a key; null if there is none.</summary>
    public static AllowedFailsPolicy? AllowedFails(SectionReader above, string key)
    {
        if (Inner(above, key) is not { } section)
        {
            return null;
        }

        var policy = new AllowedFailsPolicy
        {
            Authentication = section.Count("AuthenticationErrorAllowedFails"),
            Timeout = section.Count("TimeoutErrorAllowedFails"),
            RateLimit = section.Count("RateLimitErrorAllowedFails"),
            ContentPolicy = section.Count("ContentPolicyViolationErrorAllowedFails"),
            BadRequest = section.Count("BadRequestErrorAllowedFails"),
            InternalServer = section.Count("InternalServerErrorAllowedFails"),
            ServiceUnavailable = section.Count("ServiceUnavailableErrorAllowedFails"),
            BadGateway = section.Count("BadGatewayErrorAllowedFails"),
            NotFound = section.Count("NotFoundErrorAllowedFails"),
        };
        Close(above, section, "allowed_fails_policy", KnownKeys.AllowedFailsPolicy);
        return policy;
    }

    /// <summary>Reads budgets by name: a mapping of name to <c>budget_limit</c> (or <c>max_budget</c>) and <c>time_period</c> (or <c>budget_duration</c>).</summary>
    /// <param name="above">Section.</param>
    /// <param name="key">Key in it.</param>
    /// <param name="name">The name to keep for one of the file.</param>
    public static FrozenDictionary<string, Budget> Budgets(SectionReader above, string key, Func<YamlEntry, string, string> name)
    {
        var budgets = new Dictionary<string, Budget>(StringComparer.Ordinal);
        if (Inner(above, key) is { } all)
        {
            foreach (YamlEntry entry in all.Mapping.Entries)
            {
                if (Inner(all, entry.Key) is { } section)
                {
                    Budget? budget = Budget(section, section.Has("budget_limit") ? "budget_limit" : "max_budget", section.Has("time_period") ? "time_period" : "budget_duration", required: true);
                    Close(all, section, key, KnownKeys.Budget);
                    if (budget is not null)
                    {
                        budgets[name(entry, section.Path)] = budget;
                    }
                }
            }

            above.Join(all);
        }

        return budgets.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Reads an amount and the length of its window. Without a length it is a day.</summary>
    public static Budget? Budget(SectionReader section, string amount, string period, bool required = false)
    {
        decimal? limit = section.Number(amount);
        TimeSpan? length = section.Duration(period, out bool rolling);
        if (limit is null && required && !section.Failed)
        {
            section.Refuse(amount, $"expected {amount}, found nothing");
        }

        return limit is { } usd ? new(usd, length ?? TimeSpan.FromDays(1), rolling) : null;
    }

    private static RetryPolicy Retries(SectionReader section) => new()
    {
        Authentication = section.Count("AuthenticationErrorRetries"),
        Timeout = section.Count("TimeoutErrorRetries"),
        RateLimit = section.Count("RateLimitErrorRetries"),
        ContentPolicy = section.Count("ContentPolicyViolationErrorRetries"),
        BadRequest = section.Count("BadRequestErrorRetries"),
        InternalServer = section.Count("InternalServerErrorRetries"),
    };

    private static FrozenDictionary<string, T> ByGroup<T>(SectionReader above, string key, Func<SectionReader, string, T?> read)
        where T : class
    {
        var groups = new Dictionary<string, T>(StringComparer.Ordinal);
        if (Inner(above, key) is { } section)
        {
            foreach (YamlEntry entry in section.Mapping.Entries)
            {
                if (read(section, entry.Key) is { } one)
                {
                    groups[entry.Key] = one;
                }
            }

            above.Join(section);
        }

        return groups.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static GroupLimit? Limit(SectionReader above, string key)
    {
        if (Inner(above, key) is not { } section)
        {
            return null;
        }

        int? parallel = section.Count("max_parallel_requests");
        if (parallel == 0)
        {
            section.Refuse("max_parallel_requests", "expected a whole number from 1 on; leave it out for no limit");
        }

        var limit = new GroupLimit(parallel, section.Count("max_queue") ?? GroupLimit.DefaultMaxQueue, section.Seconds("queue_timeout") ?? GroupLimit.DefaultQueueTimeout);
        Close(above, section, "model_group_limits", KnownKeys.GroupLimit);
        return limit;
    }

    private static SectionReader? Inner(SectionReader above, string key) =>
        above.Section(key) is { } mapping ? new SectionReader(above.Scope, mapping, above.PathOf(key), above.WrongValueIs) : null;

    private static void Close(SectionReader above, SectionReader section, string kind, FrozenSet<string> known)
    {
        IgnoredKeys.Tell(section, kind, known);
        above.Join(section);
    }
}
