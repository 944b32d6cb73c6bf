namespace Interline.Core.Configuration;

/// <summary>How one of several deployments is chosen. The names in the file are LiteLLM's.</summary>
public enum RoutingStrategy
{
    /// <summary><c>simple-shuffle</c>: a draw by weight. Also what <c>provider-budget-routing</c> means: budgets hold under every strategy.</summary>
    SimpleShuffle,

    /// <summary><c>least-busy</c>: the fewest calls in flight.</summary>
    LeastBusy,

    /// <summary><c>latency-based-routing</c>: the lowest measured latency.</summary>
    LatencyBased,

    /// <summary><c>usage-based-routing</c>: the fewest tokens this minute.</summary>
    UsageBased,

    /// <summary><c>usage-based-routing-v2</c>: the same; a call counts before it is made.</summary>
    UsageBasedV2,

    /// <summary><c>cost-based-routing</c>: the lowest price.</summary>
    CostBased,
}

/// <summary>What a strategy may be told, from <c>routing_strategy_args</c>. Null takes the strategy's own default.</summary>
public sealed record RoutingStrategyArguments
{
    /// <summary>How long a measurement counts; from <c>ttl</c>, seconds.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Share of the lowest latency by which another may be above it and still be drawn, from 0; from <c>lowest_latency_buffer</c>.</summary>
    public double LowestLatencyBuffer { get; init; }

    /// <summary>Measurements kept of each deployment, above 0; from <c>max_latency_list_size</c>.</summary>
    public int MaxLatencyListSize { get; init; } = 10;

    /// <summary>Share of calls that go to another than the best, so that it is measured too, 0 to 1. Our own key <c>exploration</c>.</summary>
    public double? Exploration { get; init; }
}
