using Interline.Core.Budgets;

namespace Interline.Budgets;

/// <summary>How a meter stands at one moment.</summary>
/// <param name="Unit">What it counts.</param>
/// <param name="Limit">Its limit over all nodes; null if it has only a soft one.</param>
/// <param name="Spent">What was used in the window: by all nodes as far as this one knows, else by this node.</param>
/// <param name="Reserved">What this node has set aside for calls under way.</param>
/// <param name="ResetsAt">When its window ends; null if it has none or rolls.</param>
public readonly record struct MeterReading(MeterUnit Unit, decimal? Limit, decimal Spent, decimal Reserved, DateTimeOffset? ResetsAt)
{
    /// <summary>Its soft limit, which refuses nothing; null if it has none.</summary>
    public decimal? SoftLimit { get; init; }

    /// <summary>What is left, at least 0; null without a limit.</summary>
    public decimal? Left => Limit is { } limit ? Math.Max(0, limit - Spent - Reserved) : null;
}
