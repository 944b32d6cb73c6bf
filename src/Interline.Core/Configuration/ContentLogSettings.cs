using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Interline.Core.Configuration;

/// <summary>What is kept of the content of calls, where it is kept at all. From <c>general_settings.content_log</c>, or by the defaults from <c>store_prompts_in_spend_logs</c>.</summary>
public sealed record ContentLogSettings
{
    /// <summary>Share of the calls whose content is kept, 0 to 1. From <c>sample</c>.</summary>
    public double Sample { get; init; } = 1;

    /// <summary>Most bytes kept of a request, and of an answer. From <c>max_bytes</c>.</summary>
    public int MaxBytes { get; init; } = 64 << 10;

    /// <summary>Most bytes of content that may wait to be stored, over all calls; beyond it content is shed. From <c>queue_mb</c>.</summary>
    public long QueueBytes { get; init; } = 64L << 20;

    /// <summary>Most bytes of content kept in the database, over all nodes; the oldest go first. From <c>max_stored_mb</c>.</summary>
    public long StoredBytes { get; init; } = 1L << 30;

    /// <summary>Patterns hidden beside the built-in ones. From <c>redact</c>.</summary>
    public ImmutableArray<Regex> Redact { get; init; } = [];

    /// <summary>How long content is kept. From <c>retention</c>.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);
}
