using System.Collections.Immutable;
using Interline.Protocols;

namespace Interline.Books.Export;

/// <summary>A sum as a row: the columns of the usage API.</summary>
public static class UsageColumns
{
    /// <summary>All columns, in their order. New ones are added at the end.</summary>
    public static ImmutableArray<Column<UsageRow>> All { get; } =
    [
        new("period", ColumnKind.Text, x => x.Period is { } period ? Words.Of(period) : null),
        new("id", ColumnKind.Text, x => x.Id),
        new("model_group", ColumnKind.Text, x => x.Model),
        new("provider", ColumnKind.Text, x => x.Provider),
        new("calls", ColumnKind.Number, x => Words.Of(x.Calls)),
        new("failed", ColumnKind.Number, x => Words.Of(x.Failed)),
        new("estimated", ColumnKind.Number, x => Words.Of(x.Estimated)),
        Tokens("input_tokens", x => x.Input),
        Tokens("cache_read_tokens", x => x.CacheRead),
        Tokens("cache_write_tokens", x => x.CacheWrite),
        Tokens("cache_write_1h_tokens", x => x.CacheWrite1h),
        Tokens("input_audio_tokens", x => x.InputAudio),
        Tokens("input_image_tokens", x => x.InputImage),
        Tokens("output_tokens", x => x.Output),
        Tokens("reasoning_tokens", x => x.Reasoning),
        Tokens("output_audio_tokens", x => x.OutputAudio),
        Tokens("output_image_tokens", x => x.OutputImage),
        Tokens("total_tokens", x => x.Total),
        new("upstream_cost_usd", ColumnKind.Money, x => Words.Of(x.UpstreamCost)),
        new("list_price_usd", ColumnKind.Money, x => Words.Of(x.ListPrice)),
        new("billed_price_usd", ColumnKind.Money, x => Words.Of(x.BilledPrice)),
        new("duration_ms", ColumnKind.Number, x => Words.Of(x.DurationMs)),
    ];

    private static Column<UsageRow> Tokens(string name, Func<Usage, long> count) => new(name, ColumnKind.Number, x => Words.Of(count(x.Tokens)));
}
