using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;

namespace Interline.Core.Routing;

/// <summary>One callable: provider, upstream model, credentials and limits. Immutable; part of a <see cref="Snapshot"/>.</summary>
public sealed record Deployment
{
    /// <summary>Stable across restarts: <c>model_info.id</c>, or a hash of what identifies it (credentials excluded).</summary>
    public required string Id { get; init; }

    /// <summary>Name clients ask for; several deployments with one name form a group. May be a pattern such as <c>openai/*</c>.</summary>
    public required string Group { get; init; }

    /// <summary>Provider.</summary>
    public required ProviderInfo Provider { get; init; }

    /// <summary>Model as the provider knows it; may hold a <c>*</c> that the wildcard's match fills.</summary>
    public required string UpstreamModel { get; init; }

    /// <summary>Base URL without a trailing slash: <c>api_base</c>, else the provider's variable, else the catalogue's.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>
    /// Base URL without a trailing slash to which <c>/v1/messages</c> is added, where the provider speaks Anthropic's format beside the one of
    /// <see cref="BaseUrl"/>; null where it does not or it is not known.
    /// </summary>
    public Uri? AnthropicBaseUrl { get; init; }

    /// <summary>Key for the provider; null where none is needed.</summary>
    public Secret? ApiKey { get; init; }

    /// <summary>OpenAI organisation to send.</summary>
    public string? Organization { get; init; }

    /// <summary>Headers to add upstream.</summary>
    public ImmutableArray<KeyValuePair<string, Secret>> ExtraHeaders { get; init; } = [];

    /// <summary>What it serves, in LiteLLM's words: <c>chat</c>, <c>completion</c>, <c>embedding</c>, <c>responses</c>, <c>image_generation</c>, …; null if not said.</summary>
    public string? Mode { get; init; }

    /// <summary>Share of the traffic relative to the others of its group, above 0; from <c>weight</c>, else <c>rpm</c>, else <c>tpm</c>, else 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Lower is tried first; null counts as lowest priority.</summary>
    public int? Order { get; init; }

    /// <summary>Requests per minute it can take.</summary>
    public long? Rpm { get; init; }

    /// <summary>Tokens per minute it can take.</summary>
    public long? Tpm { get; init; }

    /// <summary>Limit of a plain call in all, and of a stream's first event and of each gap; null takes the router's.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Limit of a stream's first event and of each gap; null takes <see cref="Timeout"/>.</summary>
    public TimeSpan? StreamTimeout { get; init; }

    /// <summary>What becomes of its streams that break off; null takes the router's.</summary>
    public StreamRecovery? StreamRecovery { get; init; }

    /// <summary>Tries after the first on the group, decided by the deployment that has just failed; null takes the router's.</summary>
    public int? NumRetries { get; init; }

    /// <summary>Cooldown after failures; null takes the router's.</summary>
    public TimeSpan? CooldownTime { get; init; }

    /// <summary>What its provider does with parameters.</summary>
    public ParameterRules Parameters { get; init; } = ParameterRules.None;

    /// <summary>Drop unsupported parameters (and report it) instead of refusing the call.</summary>
    public bool DropParams { get; init; }

    /// <summary>Top-level request parameters that are always taken out, whatever the provider knows; from <c>additional_drop_params</c>.</summary>
    public FrozenSet<string> DropAlways { get; init; } = FrozenSet<string>.Empty;

    /// <summary>What the catalogue or the config says of the model; null if unknown.</summary>
    public ModelInfo? Model { get; init; }

    /// <summary>Prices, config over catalogue; null if unknown.</summary>
    public Price? Price { get; init; }

    /// <summary>The catalogue's prices, whatever the configuration says; null if unknown.</summary>
    public Price? ListPrice { get; init; }

    /// <summary>Default values for request parameters the client left out, as raw JSON by top-level name.</summary>
    public ImmutableArray<KeyValuePair<string, string>> DefaultParameters { get; init; } = [];

    /// <summary>Tags it serves, for choosing by tag; <c>default</c> serves requests without one.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Regular expressions tried on <c>User-Agent: …</c>, for choosing by tag.</summary>
    public ImmutableArray<string> TagPatterns { get; init; } = [];

    /// <summary>Region it stands in, such as <c>eu</c> or <c>eu-west-1</c>; null if not said.</summary>
    public string? RegionName { get; init; }

    /// <summary>What may be spent with it, from <c>max_budget</c> and <c>budget_duration</c>; null is no limit.</summary>
    public Budget? Budget { get; init; }

    /// <summary>Calls it takes at once; null takes the router's.</summary>
    public int? MaxParallelRequests { get; init; }

    /// <summary>Failures in a minute it may have before it cools; null takes the router's.</summary>
    public int? AllowedFails { get; init; }

    /// <summary>Failures allowed by class of error; null takes the router's.</summary>
    public AllowedFailsPolicy? AllowedFailsPolicy { get; init; }

    /// <summary>Tries by class of error; null takes the group's or the router's.</summary>
    public RetryPolicy? RetryPolicy { get; init; }

    /// <summary>Model whose facts and prices count where the upstream name says nothing; from <c>model_info.base_model</c>.</summary>
    public string? BaseModel { get; init; }

    /// <summary>What it lacks to be called, in words, such as a base URL that nothing gives; null if it can be called. It is listed and passed over.</summary>
    public string? Missing { get; init; }

    /// <summary>Base URL for a wire format; null if the deployment cannot be called in it.</summary>
    /// <param name="wire">Such as <c>openai</c> or <c>anthropic</c>, as in <see cref="ProviderInfo.Wire"/>.</param>
    public Uri? BaseUrlFor(string wire) => wire == Provider.Wire ? BaseUrl : wire == "anthropic" ? AnthropicBaseUrl : null;

    /// <summary>Whether <see cref="Group"/> or <see cref="UpstreamModel"/> is a pattern.</summary>
    public bool IsWildcard => Group.Contains('*', StringComparison.Ordinal);
}
