namespace Interline.Core.Configuration;

/// <summary>When a call that has no answer yet is asked of a second deployment as well. From <c>hedging</c> and <c>model_group_hedging</c>, which are not LiteLLM's.</summary>
public sealed record HedgingSettings
{
    /// <summary>Whether it is done at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Share of a deployment's newest answers that had begun by the time the second one is asked, above 0 and below 1.</summary>
    public decimal Quantile { get; init; } = 0.95m;

    /// <summary>Most calls of a group that may be asked of a second deployment, as a share of its calls, from 0 to 1.</summary>
    public decimal MaxShare { get; init; } = 0.05m;
}
