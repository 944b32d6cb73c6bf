using Interline.Core.Configuration;

namespace Interline.Storage.Books;

/// <summary>How the books are kept.</summary>
public sealed record BookOptions
{
    /// <summary>How often what has been settled is written; above zero.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Most calls of one transaction, from 1.</summary>
    public int BatchCalls { get; init; } = 4000;

    /// <summary>How long calls are kept; null is for ever. LiteLLM's <c>maximum_spend_logs_retention_period</c>. PostgreSQL drops whole months, so there they go up to a month later.</summary>
    public TimeSpan? CallRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long sums by hour are kept; null is for ever.</summary>
    public TimeSpan? HourRetention { get; init; } = TimeSpan.FromDays(90);

    /// <summary>How long sums by day are kept; null is for ever. Sums by month are kept for ever.</summary>
    public TimeSpan? DayRetention { get; init; } = TimeSpan.FromDays(3 * 365);

    /// <summary>How long contents of calls are kept; null is for ever. From <c>content_log.retention</c>.</summary>
    public TimeSpan? ContentRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How often what is too old is looked for.</summary>
    public TimeSpan PruneEvery { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Most rows deleted in one transaction, from 1.</summary>
    public int PruneSlice { get; init; } = 5000;

    /// <summary>Calls after which the hash chain's next stretch begins.</summary>
    public int SegmentCalls { get; init; } = 10_000;

    /// <summary>Key of the hash chain; null chains without one: then changes by somebody who can also write the chain are not noticed.</summary>
    public Secret? ChainKey { get; init; }
}
