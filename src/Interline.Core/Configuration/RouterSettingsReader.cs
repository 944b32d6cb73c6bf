using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Reads <c>router_settings</c>, and what <c>litellm_settings</c> says of the same; the router's own wins where both exist.</summary>
internal static class RouterSettingsReader
{
    private static readonly FrozenDictionary<string, RoutingStrategy> Strategies = new Dictionary<string, RoutingStrategy>(StringComparer.Ordinal)
    {
        ["simple-shuffle"] = RoutingStrategy.SimpleShuffle,
        ["provider-budget-routing"] = RoutingStrategy.SimpleShuffle,
        ["least-busy"] = RoutingStrategy.LeastBusy,
        ["latency-based-routing"] = RoutingStrategy.LatencyBased,
        ["usage-based-routing"] = RoutingStrategy.UsageBased,
        ["usage-based-routing-v2"] = RoutingStrategy.UsageBasedV2,
        ["cost-based-routing"] = RoutingStrategy.CostBased,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>How often a stream's client is sent a sign of life where nothing is said of it: below the 30 s after which the most impatient proxies give up.</summary>
    public static readonly TimeSpan DefaultHeartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Names of strategies, in order.</summary>
    public static IEnumerable<string> StrategyNames => Strategies.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads the settings.</summary>
    /// <param name="router">The section <c>router_settings</c>.</param>
    /// <param name="liteLlm">The section <c>litellm_settings</c>.</param>
    /// <param name="fallbacks">Reads fallbacks.</param>
    /// <param name="catalog">For names of providers.</param>
    public static RouterSettings Read(SectionReader router, SectionReader liteLlm, FallbackReader fallbacks, ICatalog catalog)
    {
        RouterSettings settings = Carrying(router, liteLlm, new RouterSettings()) with
        {
            Fallbacks = fallbacks.Read(router, liteLlm, "fallbacks", "default_fallbacks"),
            ContextWindowFallbacks = fallbacks.Read(router, liteLlm, "context_window_fallbacks"),
            ContentPolicyFallbacks = fallbacks.Read(router, liteLlm, "content_policy_fallbacks"),
            Strategy = Strategy(router),
            StrategyArguments = StrategyArguments(router),
            EnablePreCallChecks = Either(router.Flag("enable_pre_call_checks"), router.Flag("enable_pre_call_check")) ?? false,
            EnableTagFiltering = router.Flag("enable_tag_filtering") ?? false,
            TagFilteringMatchAny = router.Flag("tag_filtering_match_any") ?? true,
            ProviderBudgets = PolicyReader.Budgets(router, "provider_budget_config", (entry, path) => Provider(router, entry, path, catalog)),
            ModelBudgets = PolicyReader.Budgets(router, "model_budget_config", static (entry, _) => entry.Key),
            TagBudgets = PolicyReader.Budgets(liteLlm, "tag_budget_config", static (entry, _) => entry.Key),
            TargetOptions = TargetOptions(router),
            DefaultMaxParallelRequests = router.Count("default_max_parallel_requests"),
            GroupLimits = PolicyReader.GroupLimits(router, "model_group_limits"),
        };
        NoteContentPolicy(router, liteLlm, settings);
        return settings;
    }

    private static RouterSettings Carrying(SectionReader router, SectionReader liteLlm, RouterSettings defaults) => defaults with
    {
        NumRetries = Either(Either(router.Count("num_retries"), router.Count("max_retries")), liteLlm.Count("num_retries")) ?? defaults.NumRetries,
        Timeout = Either(router.Seconds("timeout"), liteLlm.Seconds("request_timeout")) ?? defaults.Timeout,
        StreamTimeout = router.Seconds("stream_timeout"),
        StreamRecovery = StreamRecoveries.Read(router) ?? defaults.StreamRecovery,
        StreamTotalTimeout = router.Seconds("stream_total_timeout"),
        HeartbeatInterval = Unless0(router.Seconds("heartbeat_interval", zero: true) ?? DefaultHeartbeat),
        WriteTimeout = Unless0(router.Seconds("write_timeout", zero: true) ?? defaults.WriteTimeout),
        ConnectTimeout = router.Seconds("connect_timeout") ?? defaults.ConnectTimeout,
        RetryAfter = router.Seconds("retry_after", zero: true) ?? defaults.RetryAfter,
        RetryPolicy = PolicyReader.Retries(router, "retry_policy"),
        GroupRetryPolicies = PolicyReader.GroupRetries(router, "model_group_retry_policy"),
        Hedging = PolicyReader.Hedging(router, "hedging"),
        GroupHedging = PolicyReader.GroupHedging(router, "model_group_hedging"),
        AllowedFails = Either(router.Count("allowed_fails"), liteLlm.Count("allowed_fails")),
        AllowedFailsPolicy = PolicyReader.AllowedFails(router, "allowed_fails_policy"),
        CooldownTime = router.Seconds("cooldown_time", zero: true) ?? defaults.CooldownTime,
        DisableCooldowns = router.Flag("disable_cooldowns") ?? false,
        MaxFallbacks = Either(router.Count("max_fallbacks"), liteLlm.Count("max_fallbacks")) ?? defaults.MaxFallbacks,
    };

    private static TimeSpan? Unless0(TimeSpan? time) => time == TimeSpan.Zero ? null : time;

    // Both are arguments, so both are read, and a wrong value is told even where it does not count.
    private static T? Either<T>(T? first, T? second)
        where T : struct => first ?? second;

    private static RoutingStrategy Strategy(SectionReader router)
    {
        string? name = router.Text("routing_strategy");
        if (name is null)
        {
            return RoutingStrategy.SimpleShuffle;
        }

        if (Strategies.TryGetValue(name, out RoutingStrategy strategy))
        {
            return strategy;
        }

        router.Scope.Problems.Warning(router.ValuePlace("routing_strategy"), router.PathOf("routing_strategy"), $"unknown strategy '{name}', simple-shuffle is used", Nearest.Text(name, Strategies.Keys));
        return RoutingStrategy.SimpleShuffle;
    }

    private static RoutingStrategyArguments StrategyArguments(SectionReader router)
    {
        var defaults = new RoutingStrategyArguments();
        if (router.Section("routing_strategy_args") is not { } mapping)
        {
            return defaults;
        }

        var section = new SectionReader(router.Scope, mapping, router.PathOf("routing_strategy_args"));
        decimal? exploration = section.Number("exploration");
        if (exploration > 1)
        {
            section.Refuse("exploration", "expected a share from 0 to 1");
        }

        int? size = section.Count("max_latency_list_size");
        if (size == 0)
        {
            section.Refuse("max_latency_list_size", "expected a whole number from 1 on");
        }

        var read = new RoutingStrategyArguments
        {
            TimeToLive = section.Seconds("ttl"),
            LowestLatencyBuffer = (double)(section.Number("lowest_latency_buffer") ?? 0),
            MaxLatencyListSize = size is > 0 and { } kept ? kept : defaults.MaxLatencyListSize,
            Exploration = (double?)exploration,
        };
        IgnoredKeys.Tell(section, "routing_strategy_args", KnownKeys.StrategyArguments);
        router.Join(section);
        return read;
    }

    private static string Provider(SectionReader router, YamlEntry entry, string path, ICatalog catalog)
    {
        if (catalog.Provider(entry.Key) is { } provider)
        {
            return provider.Id;
        }

        router.Scope.Problems.Warning(entry.KeyPlace, path, $"there is no provider '{entry.Key}'", Nearest.Text(entry.Key, catalog.ProviderIds));
        return entry.Key;
    }

    private static ImmutableArray<string> TargetOptions(SectionReader router)
    {
        ImmutableArray<string> options = router.Texts("target_options");
        foreach (string option in options.Where(static option => option.IndexOf('/', StringComparison.Ordinal) is <= 0))
        {
            router.Refuse("target_options", $"expected provider/model, found '{option}'");
        }

        return options;
    }

    // LiteLLM asks the general fallbacks then too, and so sends what one provider refused to the next.
    private static void NoteContentPolicy(SectionReader router, SectionReader liteLlm, RouterSettings settings)
    {
        if (settings.Fallbacks.Count > 0 && settings.ContentPolicyFallbacks.Count == 0)
        {
            SectionReader section = router.Has("fallbacks") || router.Has("default_fallbacks") ? router : liteLlm;
            string key = section.Has("fallbacks") ? "fallbacks" : "default_fallbacks";
            section.Scope.Problems.Note(section.PlaceOf(key), section.PathOf(key), "not asked after a refusal for a provider's content policy, as LiteLLM would; that is what content_policy_fallbacks are for");
        }
    }
}
