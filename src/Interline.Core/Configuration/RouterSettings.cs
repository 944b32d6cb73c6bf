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

    /// <summary>Limit of a whole stream; null is no limit. Our own key <c>stream_total_timeout</c>.</summary>
    public TimeSpan? StreamTotalTimeout { get; init; }

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
}
