using System.Collections.Immutable;
using Interline.Ledger;
using Interline.Protocols;

namespace Interline.Books.Export;

/// <summary>A call as a row: the columns of the call log's pages and exports.</summary>
public static class CallColumns
{
    /// <summary>All columns, in their order. New ones are added at the end, so that who reads by place goes on reading.</summary>
    public static ImmutableArray<Column<StoredCall>> All { get; } =
    [
        Text("id", (in CallRecord _, string id) => id),
        Text("time", (in CallRecord x, string _) => Words.Of(x.StartedAt)),
        Text("operation", (in CallRecord x, string _) => x.Operation),
        Text("model_group", (in CallRecord x, string _) => x.Group),
        Text("provider", (in CallRecord x, string _) => x.Provider),
        Text("model", (in CallRecord x, string _) => x.UpstreamModel),
        Text("deployment", (in CallRecord x, string _) => x.DeploymentId),
        Number("status", (in CallRecord x) => x.Status),
        Text("error", (in CallRecord x, string _) => x.Error is { } error ? Words.Of(error) : null),
        Text("finish", (in CallRecord x, string _) => x.Finish == FinishReason.Unknown ? null : Words.Of(x.Finish)),
        Flag("stream", (in CallRecord x) => x.Streamed),
        Text("key", (in CallRecord x, string _) => x.KeyId),
        Text("team", (in CallRecord x, string _) => x.TeamId),
        Text("user", (in CallRecord x, string _) => x.UserId),
        Text("customer", (in CallRecord x, string _) => x.Customer),
        new("tags", ColumnKind.List, x => x.Record.Tags.IsEmpty ? null : string.Join(';', x.Record.Tags), x => x.Record.Tags),
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
        Flag("estimated", (in CallRecord x) => x.Estimated),
        Money("upstream_cost_usd", (in CallRecord x) => x.Cost),
        Money("list_price_usd", (in CallRecord x) => x.ListPrice),
        Money("billed_price_usd", (in CallRecord x) => x.BilledPrice),
        Text("price_source", (in CallRecord x, string _) => x.PriceSource),
        Text("price_version", (in CallRecord x, string _) => x.PriceVersion),
        Text("plan_version", (in CallRecord x, string _) => x.PlanVersion),
        Number("attempts", (in CallRecord x) => x.Attempts),
        Number("retries", (in CallRecord x) => x.Retries),
        Number("fallbacks", (in CallRecord x) => x.Fallbacks),
        new("duration_ms", ColumnKind.Number, x => Words.Of(x.Record.Duration)),
        new("first_byte_ms", ColumnKind.Number, x => x.Record.FirstByte is { } first ? Words.Of(first) : null),
        Text("configuration", (in CallRecord x, string _) => x.SnapshotVersion),
    ];

    private delegate string? TextOf(in CallRecord call, string id);

    private delegate TValue ValueOf<TValue>(in CallRecord call);

    private static Column<StoredCall> Text(string name, TextOf text) => new(name, ColumnKind.Text, x => text(x.Record, x.Id));

    private static Column<StoredCall> Number(string name, ValueOf<long> number) => new(name, ColumnKind.Number, x => Words.Of(number(x.Record)));

    private static Column<StoredCall> Flag(string name, ValueOf<bool> flag) => new(name, ColumnKind.Flag, x => Words.Of(flag(x.Record)));

    private static Column<StoredCall> Money(string name, ValueOf<decimal?> amount) => new(name, ColumnKind.Money, x => Words.Of(amount(x.Record)));

    /// <summary>Null where the provider said nothing and nothing was estimated: unknown is not zero.</summary>
    private static Column<StoredCall> Tokens(string name, Func<Usage, long> count) =>
        new(name, ColumnKind.Number, x => x.Record.Usage is { } usage ? Words.Of(count(usage)) : null);
}
