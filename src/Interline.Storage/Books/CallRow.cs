using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols;

namespace Interline.Storage.Books;

/// <summary>Where the columns of one row go, in their order.</summary>
internal interface IRowSink
{
    /// <summary>A <c>bigint</c>.</summary>
    void Long(long value);

    /// <summary>A <c>bigint</c> or null.</summary>
    void Long(long? value);

    /// <summary>An <c>integer</c>.</summary>
    void Integer(int value);

    /// <summary>A <c>smallint</c>.</summary>
    void Small(int value);

    /// <summary>An <c>integer</c> that is null where it would be 0.</summary>
    void Name(int value);

    /// <summary>A <c>numeric</c> or null.</summary>
    void Money(decimal? value);
}

/// <summary>A call as a row of <c>interline_call</c>.</summary>
internal static class CallRow
{
    public const int Streamed = 1, Estimated = 2, UsageKnown = 4;

    /// <summary>The columns, in the order they are written and read in.</summary>
    public const string Columns =
        """
        segment, seq, started, run, number, operation_id, model_id, deployment_id, provider_id, upstream_id, key_id, team_id, user_id, customer_id, tags_id, error_id, finish_id,
        price_source_id, price_version_id, plan_version_id, snapshot_id, status, flags, attempts, retries, fallbacks, malformed,
        input, cache_read, cache_write, cache_write_1h, input_audio, input_image, output, reasoning, output_audio, output_image,
        cost, list_price, billed_price, duration_us, first_byte_us, overhead_us, mark
        """;

    /// <summary>How many <see cref="Columns"/>.</summary>
    public const int Count = 44;

    public static void Write<TSink>(ref TSink to, in JournaledCall call, CallNames names, long segment, int seq, int mark)
        where TSink : struct, IRowSink
    {
        ref readonly CallRecord record = ref call.Record;
        to.Long(segment);
        to.Integer(seq);
        to.Long(Micros(record.StartedAt));
        to.Long((long)call.Run);
        to.Long(record.Number);
        to.Integer(names.Operation);
        to.Integer(names.Group);
        to.Name(names.Deployment);
        to.Name(names.Provider);
        to.Name(names.UpstreamModel);
        to.Name(names.Key);
        to.Name(names.Team);
        to.Name(names.User);
        to.Name(names.Customer);
        to.Name(names.TagSet);
        to.Name(names.Error);
        to.Name(names.Finish);
        to.Name(names.PriceSource);
        to.Name(names.PriceVersion);
        to.Name(names.PlanVersion);
        to.Integer(names.Snapshot);
        to.Small(record.Status);
        to.Small((record.Streamed ? Streamed : 0) | (record.Estimated ? Estimated : 0) | (record.Usage is null ? 0 : UsageKnown));
        to.Integer(record.Attempts);
        to.Integer(record.Retries);
        to.Integer(record.Fallbacks);
        to.Integer(record.MalformedEvents);
        Write(ref to, record.Usage ?? default);
        to.Money(record.Cost);
        to.Money(record.ListPrice);
        to.Money(record.BilledPrice);
        to.Long(Micros(record.Duration));
        to.Long(record.FirstByte is { } first ? Micros(first) : null);
        to.Long(record.Overhead is { } overhead ? Micros(overhead) : null);
        to.Integer(mark);
    }

    public static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    public static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    public static TimeSpan Span(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);

    private static void Write<TSink>(ref TSink to, in Usage usage)
        where TSink : struct, IRowSink
    {
        // Most classes are empty for most calls; a null takes no room.
        to.Long(Used(usage.Input));
        to.Long(Used(usage.CacheRead));
        to.Long(Used(usage.CacheWrite));
        to.Long(Used(usage.CacheWrite1h));
        to.Long(Used(usage.InputAudio));
        to.Long(Used(usage.InputImage));
        to.Long(Used(usage.Output));
        to.Long(Used(usage.Reasoning));
        to.Long(Used(usage.OutputAudio));
        to.Long(Used(usage.OutputImage));
    }

    private static long? Used(long tokens) => tokens == 0 ? null : tokens;
}
