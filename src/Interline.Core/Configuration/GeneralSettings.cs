using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>Settings of the server as a whole. From <c>general_settings</c> and <c>litellm_settings</c>.</summary>
public sealed record GeneralSettings
{
    /// <summary>Default of <see cref="MaxRequestBytes"/>: 64 MiB.</summary>
    public const long DefaultMaxRequestBytes = 64L << 20;

    /// <summary>The admin key; null if the file has none (then the environment, then the data folder).</summary>
    public Secret? MasterKey { get; init; }

    /// <summary>Largest request body taken, in bytes; a longer one is answered with 413. From <c>max_request_size_mb</c>.</summary>
    public long MaxRequestBytes { get; init; } = DefaultMaxRequestBytes;

    /// <summary>Where and for how long the books are kept.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>How often the file is looked at for changes; zero never. From <c>proxy_config_reload_interval_seconds</c>.</summary>
    public TimeSpan ReloadInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long calls under way have to end once the server was told to. From <c>drain_timeout</c>.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Add the call's cost to the usage of a stream (<c>usage.cost</c>, USD). From <c>include_cost_in_streaming_usage</c>.</summary>
    public bool IncludeCostInStreamingUsage { get; init; }

    /// <summary>Add the usage chunk to every stream, asked for or not. From <c>always_include_stream_usage</c>.</summary>
    public bool AlwaysIncludeStreamUsage { get; init; }

    /// <summary>Discounts and margins, from <c>cost_discount_config</c> and <c>cost_margin_config</c>.</summary>
    public CostTerms Costs { get; init; } = CostTerms.None;

    /// <summary>How budgets and limits of callers are held.</summary>
    public BudgetSettings Budgets { get; init; } = new();

    /// <summary>What is kept of the content of calls; null keeps none.</summary>
    public ContentLogSettings? ContentLog { get; init; }
}
