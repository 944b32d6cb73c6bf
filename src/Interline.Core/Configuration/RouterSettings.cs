using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Interline.Core.Configuration;

/// <summary>How calls are spread, retried and carried over. From <c>router_settings</c>, else <c>litellm_settings</c>, else these defaults (LiteLLM's).</summary>
public sealed record RouterSettings
{
    /// <summary>Tries after the first on the same group.</summary>
    public int NumRetries { get; init; } = 2;

    /// <summary>Limit of a plain call in all, and of a stream's first event and of each gap.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary>Limit of a stream's first event and of each gap; null takes <see cref="Timeout"/>.</summary>
    public TimeSpan? StreamTimeout { get; init; }

    /// <summary>What becomes of a stream that breaks off. Our own key <c>stream_recovery</c>.</summary>
    public StreamRecovery StreamRecovery { get; init; }

    /// <summary>Limit of a whole stream; null is no limit. Our own key <c>stream_total_timeout</c>.</summary>
    public TimeSpan? StreamTotalTimeout { get; init; }

    /// <summary>
    /// How long nothing may have gone to the client of a stream before it is sent a sign of life; null sends none. A configuration says 15 s if it says nothing.
    /// Our own key <c>heartbeat_interval</c>.
    /// </summary>
    public TimeSpan? HeartbeatInterval { get; init; }

    /// <summary>How long a client may take nothing of what was written for it before the call is ended; null is no limit. Our own key <c>write_timeout</c>.</summary>
    public TimeSpan? WriteTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Limit for making a connection. Our own key <c>connect_timeout</c>.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Shortest wait before a retry on the same deployment.</summary>
    public TimeSpan RetryAfter { get; init; }

    /// <summary>Failures in a minute that a deployment may have before it cools; null applies LiteLLM's default rule.</summary>
    public int? AllowedFails { get; init; }

    /// <summary>How long a deployment cools.</summary>
    public TimeSpan CooldownTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Never cool anything.</summary>
    public bool DisableCooldowns { get; init; }

    /// <summary>Groups to try, in order, when a group has failed; key <c>*</c> holds the default fallbacks.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> Fallbacks { get; init; } = FrozenDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Longest chain of fallback groups.</summary>
    public int MaxFallbacks { get; init; } = 5;

    /// <summary>How one of several deployments is chosen.</summary>
    public RoutingStrategy Strategy { get; init; }

    /// <summary>What the strategy was told.</summary>
    public RoutingStrategyArguments StrategyArguments { get; init; } = new();

    /// <summary>Tries by class of error; null if there is none.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>Tries by class of error for single groups; they win over <see cref="RetryPolicy"/>.</summary>
    public FrozenDictionary<string, RetryPolicy> GroupRetryPolicies { get; init; } = FrozenDictionary<string, RetryPolicy>.Empty;

    /// <summary>When a slow call is asked of a second deployment as well; null never. Our own key <c>hedging</c>.</summary>
    public HedgingSettings? Hedging { get; init; }

    /// <summary>The same for single groups, whether switched on or off; they win over <see cref="Hedging"/>. Our own key <c>model_group_hedging</c>.</summary>
    public FrozenDictionary<string, HedgingSettings> GroupHedging { get; init; } = FrozenDictionary<string, HedgingSettings>.Empty;

    /// <summary>Failures allowed by class of error; null if there is none.</summary>
    public AllowedFailsPolicy? AllowedFailsPolicy { get; init; }

    /// <summary>Groups to try when a request is too long for a group; key <c>*</c> is for all without a rule.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> ContextWindowFallbacks { get; init; } = FrozenDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Groups to try when a provider's content policy has refused; key <c>*</c> is for all without a rule.</summary>
    public FrozenDictionary<string, ImmutableArray<string>> ContentPolicyFallbacks { get; init; } = FrozenDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>Leave deployments out whose window is too small, whose minute is used up, or that stand in another region than asked for.</summary>
    public bool EnablePreCallChecks { get; init; }

    /// <summary>Choose by the request's tags.</summary>
    public bool EnableTagFiltering { get; init; }

    /// <summary>Whether one tag of the request is enough; else a deployment must have them all.</summary>
    public bool TagFilteringMatchAny { get; init; } = true;

    /// <summary>What may be spent with a provider, by the provider's id.</summary>
    public FrozenDictionary<string, Budget> ProviderBudgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>What may be spent on a model group by all callers together, by its name. Our own key <c>model_budget_config</c>.</summary>
    public FrozenDictionary<string, Budget> ModelBudgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>What may be spent on a tag, from <c>litellm_settings.tag_budget_config</c>.</summary>
    public FrozenDictionary<string, Budget> TagBudgets { get; init; } = FrozenDictionary<string, Budget>.Empty;

    /// <summary>
    /// The eligible set, each <c>provider/model</c>: a group that contains one of them is served by its listed deployments only, the fastest measured one first.
    /// Empty constrains nothing. Our own key <c>target_options</c>.
    /// </summary>
    public ImmutableArray<string> TargetOptions { get; init; } = [];

    /// <summary>Calls at once for a deployment that says nothing of it; null is no limit. From <c>default_max_parallel_requests</c>.</summary>
    public int? DefaultMaxParallelRequests { get; init; }

    /// <summary>How many calls a group takes at once and how many may wait for it, by its name; key <c>*</c> is for all without a rule. Our own key <c>model_group_limits</c>.</summary>
    public FrozenDictionary<string, GroupLimit> GroupLimits { get; init; } = FrozenDictionary<string, GroupLimit>.Empty;

    /// <summary>The limit of a group.</summary>
    /// <param name="group">Its name.</param>
    /// <returns>Null if it has none.</returns>
    public GroupLimit? LimitOf(string group) => GroupLimits.Count == 0 ? null : GroupLimits.GetValueOrDefault(group) ?? GroupLimits.GetValueOrDefault("*");
}
