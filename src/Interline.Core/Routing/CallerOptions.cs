using System.Collections.Immutable;
using Interline.Core.Configuration;
using Interline.Protocols.Errors;

namespace Interline.Core.Routing;

/// <summary>What a caller asks of the router in its request, beside the request itself. Null or empty leaves it to the configuration.</summary>
public sealed record CallerOptions
{
    /// <summary>Asks for nothing.</summary>
    public static CallerOptions None { get; } = new();

    /// <summary>Tries after the first on each group; from <c>num_retries</c>.</summary>
    public int? NumRetries { get; init; }

    /// <summary>Limit of a plain call, and of a stream's first event and gaps; from <c>timeout</c>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Limit of a stream's first event and gaps; from <c>stream_timeout</c>.</summary>
    public TimeSpan? StreamTimeout { get; init; }

    /// <summary>What becomes of its stream if that breaks off; from <c>stream_recovery</c>.</summary>
    public StreamRecovery? StreamRecovery { get; init; }

    /// <summary>Groups to try instead of the configured ones; null takes those.</summary>
    public ImmutableArray<string>? Fallbacks { get; init; }

    /// <summary>The same for a request that is too long.</summary>
    public ImmutableArray<string>? ContextWindowFallbacks { get; init; }

    /// <summary>The same for a refusal by content policy.</summary>
    public ImmutableArray<string>? ContentPolicyFallbacks { get; init; }

    /// <summary>Longest chain of fallback groups.</summary>
    public int? MaxFallbacks { get; init; }

    /// <summary>Try no other group.</summary>
    public bool DisableFallbacks { get; init; }

    /// <summary>Tags to choose deployments by.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>The caller's <c>User-Agent</c>, where a deployment chooses by it.</summary>
    public string? UserAgent { get; init; }

    /// <summary>Region to stay in, such as <c>eu</c>.</summary>
    public string? Region { get; init; }

    /// <summary>The only deployments that may serve it: each a provider, <c>provider/model</c>, or the id of a deployment.</summary>
    public ImmutableArray<string> Only { get; init; } = [];

    /// <summary>Highest price of input tokens, USD per million.</summary>
    public decimal? MaxInputPrice { get; init; }

    /// <summary>Highest price of output tokens, USD per million.</summary>
    public decimal? MaxOutputPrice { get; init; }

    /// <summary>A failure to pretend of the group asked for, to see what follows it; from LiteLLM's <c>mock_…</c>.</summary>
    public ApiError? MockError { get; init; }

    /// <summary>An answer to give without asking anybody.</summary>
    public string? MockAnswer { get; init; }

    /// <summary>How long to wait before a pretended answer or failure.</summary>
    public TimeSpan MockDelay { get; init; }

    /// <summary>Whether the choice of a deployment depends on any of it.</summary>
    public bool Filters => Only.Length > 0 || MaxInputPrice is not null || MaxOutputPrice is not null || Region is not null;
}
