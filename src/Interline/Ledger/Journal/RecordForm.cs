using System.Collections.Immutable;
using Interline.Protocols;
using Interline.Protocols.Errors;

namespace Interline.Ledger.Journal;

/// <summary>
/// Form of calls in the journal, version 1. There is one form of a call: whoever writes it again from what was read, from the journal or from the books, gets the same
/// bytes; the hash chain of the books is over them. So a change of it is a new version, and this one stays.
/// </summary>
public static class RecordForm
{
    /// <summary>Version of the form.</summary>
    public const byte Version = 1;

    /// <summary>Most tags of a call that are kept.</summary>
    public const int MostTags = 64;

    /// <summary>Most characters of a call's tags together, with one between each: the books keep them as one text.</summary>
    public const int MostTagCharacters = 850;

    /// <summary>What an interrupted call has for <see cref="CallRecord.PriceSource"/>: nobody knows what it cost, so it is booked at what was set aside for it.</summary>
    public const string Interrupted = "interrupted";

    private const int Streamed = 1, Estimated = 2, HasUsage = 4, HasCost = 8, HasList = 16, HasBilled = 32, HasFirstByte = 64, HasOverhead = 128;

    // Both enumerations count from 0 on without gaps. ToString would make an object each time.
    private static readonly string[] Finishes = Enum.GetNames<FinishReason>();
    private static readonly string[] Errors = Enum.GetNames<ErrorKind>();

    [ThreadStatic]
    private static RecordBuffer? buffer;

    /// <summary>The bytes of a settled call, as they are hashed.</summary>
    /// <param name="record">The call.</param>
    public static byte[] Bytes(in CallRecord record)
    {
        RecordBuffer to = buffer ??= new();
        to.Clear(0);
        Write(to, in record);
        return to.Written.ToArray();
    }

    /// <summary>The name a finish is stored by; null for <see cref="FinishReason.Unknown"/>.</summary>
    /// <param name="finish">The finish.</param>
    public static string? NameOf(FinishReason finish) => finish == default ? null : Finishes[(int)finish];

    /// <summary>The name an error is stored by.</summary>
    /// <param name="error">The error.</param>
    public static string? NameOf(ErrorKind? error) => error is { } kind ? Errors[(int)kind] : null;

    /// <summary>The finish of a name; <see cref="FinishReason.Unknown"/> for null and names that are not known.</summary>
    /// <param name="name">The name.</param>
    public static FinishReason FinishOf(string? name) => name is null ? default : (FinishReason)Math.Max(0, Array.IndexOf(Finishes, name));

    /// <summary>The error of a name; null for null, <see cref="ErrorKind.Server"/> for names that are not known.</summary>
    /// <param name="name">The name.</param>
    public static ErrorKind? ErrorOf(string? name) =>
        name is null ? null : Array.IndexOf(Errors, name) is >= 0 and var place ? (ErrorKind)place : ErrorKind.Server;

    /// <summary>A call under way as a record of the journal, good until the next on this thread.</summary>
    internal static Span<byte> Open(in OpenCall call, ulong run)
    {
        RecordBuffer to = buffer ??= new();
        to.Clear(JournalEntry.HeaderSize);
        to.Byte(Version);
        to.Number(Micros(call.StartedAt));
        to.Byte((byte)(call.Reserved is null ? 0 : 1));
        if (call.Reserved is { } reserved)
        {
            to.Money(reserved);
        }

        to.Name(call.Operation);
        to.Name(call.Group);
        to.Name(call.Principal.KeyId);
        to.Name(call.Principal.TeamId);
        to.Name(call.Principal.UserId);
        to.Text(call.Customer);
        Tags(to, call.Tags);
        JournalEntry.Seal(to.Written, EntryKind.Open, run, call.Number);
        return to.Written;
    }

    /// <summary>A settled call as a record of the journal, good until the next on this thread.</summary>
    internal static Span<byte> Settle(in CallRecord record, ulong run)
    {
        RecordBuffer to = buffer ??= new();
        to.Clear(JournalEntry.HeaderSize);
        Write(to, in record);
        JournalEntry.Seal(to.Written, EntryKind.Settle, run, record.Number);
        return to.Written;
    }

    /// <summary>Reads a settled call.</summary>
    internal static CallRecord ReadSettled(ReadOnlySpan<byte> payload, long number, TextTable texts)
    {
        var from = new RecordReader(payload, texts);
        from.Check();
        int flags = (int)from.Number();
        return new CallRecord
        {
            Number = number,
            StartedAt = Time(from.Number()),
            Seed = 0,
            Status = (int)from.Number(),
            Attempts = (int)from.Number(),
            Retries = (int)from.Number(),
            Fallbacks = (int)from.Number(),
            MalformedEvents = (int)from.Number(),
            Duration = Span(from.Number()),
            FirstByte = (flags & HasFirstByte) != 0 ? Span(from.Number()) : null,
            Overhead = (flags & HasOverhead) != 0 ? Span(from.Number()) : null,
            Streamed = (flags & Streamed) != 0,
            Estimated = (flags & Estimated) != 0,
            Usage = (flags & HasUsage) != 0 ? from.Usage() : null,
            Cost = (flags & HasCost) != 0 ? from.Money() : null,
            ListPrice = (flags & HasList) != 0 ? from.Money() : null,
            BilledPrice = (flags & HasBilled) != 0 ? from.Money() : null,
            Finish = FinishOf(from.Text()),
            Error = ErrorOf(from.Text()),
            Operation = from.Text()!,
            Group = from.Text()!,
            DeploymentId = from.Text(),
            Provider = from.Text(),
            UpstreamModel = from.Text(),
            KeyId = from.Text(),
            TeamId = from.Text(),
            UserId = from.Text(),
            Customer = from.Text(),
            PriceSource = from.Text(),
            PriceVersion = from.Text(),
            PlanVersion = from.Text(),
            SnapshotVersion = from.Text()!,
            Tags = from.Tags(),
        };
    }

    /// <summary>The record of a call that was under way when its process died: what was set aside for it is what it is taken to have cost.</summary>
    internal static CallRecord ReadInterrupted(ReadOnlySpan<byte> payload, long number, TextTable texts)
    {
        var from = new RecordReader(payload, texts);
        from.Check();
        DateTimeOffset started = Time(from.Number());
        decimal? reserved = from.Byte() != 0 ? from.Money() : null;
        return new CallRecord
        {
            Number = number,
            StartedAt = started,
            Seed = 0,
            Status = 500,
            Error = ErrorKind.Server,
            Finish = FinishReason.Error,
            Estimated = true,
            Cost = reserved,
            BilledPrice = reserved,
            PriceSource = Interrupted,
            Operation = from.Text()!,
            Group = from.Text()!,
            KeyId = from.Text(),
            TeamId = from.Text(),
            UserId = from.Text(),
            Customer = from.Text(),
            Tags = from.Tags(),
            SnapshotVersion = "",
        };
    }

    private static void Write(RecordBuffer to, in CallRecord record)
    {
        int flags = (record.Streamed ? Streamed : 0) | (record.Estimated ? Estimated : 0) | (record.Usage is null ? 0 : HasUsage) | (record.Cost is null ? 0 : HasCost)
            | (record.ListPrice is null ? 0 : HasList) | (record.BilledPrice is null ? 0 : HasBilled) | (record.FirstByte is null ? 0 : HasFirstByte)
            | (record.Overhead is null ? 0 : HasOverhead);
        to.Byte(Version);
        to.Number(flags);
        to.Number(Micros(record.StartedAt));
        to.Number(record.Status);
        to.Number(record.Attempts);
        to.Number(record.Retries);
        to.Number(record.Fallbacks);
        to.Number(record.MalformedEvents);
        to.Number(record.Duration.Ticks / TimeSpan.TicksPerMicrosecond);
        Maybe(to, record.FirstByte);
        Maybe(to, record.Overhead);
        if (record.Usage is { } usage)
        {
            Tokens(to, in usage);
        }

        Maybe(to, record.Cost);
        Maybe(to, record.ListPrice);
        Maybe(to, record.BilledPrice);

        // By name: these lists grow in the middle, and what is hashed must not change with them.
        to.Name(NameOf(record.Finish));
        to.Name(NameOf(record.Error));
        to.Name(record.Operation);
        to.Name(record.Group);
        to.Name(record.DeploymentId);
        to.Name(record.Provider);
        to.Name(record.UpstreamModel);
        to.Name(record.KeyId);
        to.Name(record.TeamId);
        to.Name(record.UserId);
        to.Text(record.Customer);
        to.Name(record.PriceSource);
        to.Name(record.PriceVersion);
        to.Name(record.PlanVersion);
        to.Name(record.SnapshotVersion);
        Tags(to, record.Tags);
    }

    private static void Tokens(RecordBuffer to, in Usage usage)
    {
        to.Number(usage.Input);
        to.Number(usage.CacheRead);
        to.Number(usage.CacheWrite);
        to.Number(usage.CacheWrite1h);
        to.Number(usage.InputAudio);
        to.Number(usage.InputImage);
        to.Number(usage.Output);
        to.Number(usage.Reasoning);
        to.Number(usage.OutputAudio);
        to.Number(usage.OutputImage);
    }

    private static void Tags(RecordBuffer to, ImmutableArray<string> tags)
    {
        int count = 0;
        int room = MostTagCharacters;
        while (!tags.IsDefault && count < Math.Min(tags.Length, MostTags) && (room -= 1 + Math.Min(tags[count].Length, StoredText.Longest)) > 0)
        {
            count++;
        }

        to.Byte((byte)count);
        for (int i = 0; i < count; i++)
        {
            to.Text(tags[i]);
        }
    }

    private static void Maybe(RecordBuffer to, TimeSpan? value)
    {
        if (value is { } span)
        {
            to.Number(span.Ticks / TimeSpan.TicksPerMicrosecond);
        }
    }

    private static void Maybe(RecordBuffer to, decimal? value)
    {
        if (value is { } money)
        {
            to.Money(money);
        }
    }

    private static long Micros(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static DateTimeOffset Time(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    private static TimeSpan Span(long micros) => new(micros * TimeSpan.TicksPerMicrosecond);
}
