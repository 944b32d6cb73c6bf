using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Redaction;

namespace Interline.Core.Configuration;

/// <summary>Reads <see cref="ContentLogSettings"/>.</summary>
internal static class ContentLogReader
{
    private const int LargestBytes = 16 << 20;

    // One call with both its texts at their largest, and what is written together with it.
    private const int LeastStored = 64;
    private const int MostStored = 16 << 20;

    /// <summary>Keys of the section.</summary>
    public static FrozenSet<string> Known { get; } = new[] { "sample", "max_bytes", "redact", "retention", "queue_mb", "max_stored_mb" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads the settings.</summary>
    /// <param name="general">The section <c>general_settings</c>.</param>
    /// <returns>Null if no content is kept.</returns>
    public static ContentLogSettings? Read(SectionReader general)
    {
        bool asked = general.Flag("store_prompts_in_spend_logs") ?? false;
        if (general.Section("content_log") is not { } mapping)
        {
            return asked ? new ContentLogSettings() : null;
        }

        var section = new SectionReader(general.Scope, mapping, general.PathOf("content_log"));
        var defaults = new ContentLogSettings();
        decimal? sample = section.Number("sample");
        if (sample > 1)
        {
            section.Refuse("sample", "expected a share from 0 to 1");
        }

        long? bytes = section.Whole("max_bytes", least: 1024);
        if (bytes > LargestBytes)
        {
            section.Refuse("max_bytes", string.Create(CultureInfo.InvariantCulture, $"expected bytes from 1024 to {LargestBytes}"));
        }

        decimal? queue = section.Number("queue_mb");
        if (queue is < 1 or > 4096)
        {
            section.Refuse("queue_mb", "expected megabytes from 1 to 4096");
        }

        decimal? stored = section.Number("max_stored_mb");
        if (stored is < LeastStored or > MostStored)
        {
            section.Refuse("max_stored_mb", string.Create(CultureInfo.InvariantCulture, $"expected megabytes from {LeastStored} to {MostStored}"));
        }

        ContentLogSettings settings = new()
        {
            Sample = (double)(sample ?? 1),
            MaxBytes = (int)(bytes ?? defaults.MaxBytes),
            QueueBytes = queue is { } megabytes ? (long)(megabytes * (1 << 20)) : defaults.QueueBytes,
            StoredBytes = stored is { } room ? (long)(room * (1 << 20)) : defaults.StoredBytes,
            Redact = Patterns(section),
            Retention = section.Duration("retention") ?? defaults.Retention,
        };
        IgnoredKeys.Tell(section, "content_log", Known);
        general.Join(section);
        return settings;
    }

    private static ImmutableArray<Regex> Patterns(SectionReader section)
    {
        var patterns = ImmutableArray.CreateBuilder<Regex>();
        foreach (string text in section.Texts("redact"))
        {
            if (Redactor.TryPattern(text, out string? problem) is { } pattern)
            {
                patterns.Add(pattern);
            }
            else
            {
                // A secret that was to be hidden would be kept: the file must not load.
                section.Refuse("redact", $"'{text}' is no pattern that can be used: {problem}");
            }
        }

        return patterns.ToImmutable();
    }
}
