using System.Runtime.InteropServices;
using Interline.Books;
using Interline.Ledger;
using Interline.Protocols;

namespace Interline.Storage.Books;

/// <summary>A row of <c>interline_usage</c>; its order is the one rows are locked in by every node.</summary>
internal readonly record struct UsageKey(UsagePeriod Period, UsageDimension Dimension, long Start, int Id, int Model, int Provider) : IComparable<UsageKey>
{
    public int CompareTo(UsageKey other) =>
        (Period, Dimension, Start, Id, Model, Provider).CompareTo((other.Period, other.Dimension, other.Start, other.Id, other.Model, other.Provider));
}

/// <summary>What is summed in it.</summary>
internal sealed class UsageSum
{
    public UsageKey Key { get; init; }

    public long Calls { get; private set; }

    public long Failed { get; private set; }

    public long Estimated { get; private set; }

    public Usage Tokens { get; private set; }

    public long Micros { get; private set; }

    public decimal Cost { get; private set; }

    public decimal ListPrice { get; private set; }

    public decimal BilledPrice { get; private set; }

    public void Add(in CallRecord record)
    {
        Calls++;
        Failed += IsFailure(in record) ? 1 : 0;
        Estimated += record.Estimated ? 1 : 0;
        if (record.Usage is { } usage)
        {
            Tokens = Tokens.Plus(in usage);
        }

        Micros += CallRow.Micros(record.Duration);
        Cost += record.Cost ?? 0;
        ListPrice += record.ListPrice ?? 0;
        BilledPrice += record.BilledPrice ?? 0;
    }

    public void Add(UsageSum other)
    {
        Calls += other.Calls;
        Failed += other.Failed;
        Estimated += other.Estimated;
        Tokens = Tokens.Plus(other.Tokens);
        Micros += other.Micros;
        Cost += other.Cost;
        ListPrice += other.ListPrice;
        BilledPrice += other.BilledPrice;
    }

    /// <summary>Whether a call counts as failed.</summary>
    public static bool IsFailure(in CallRecord record) => record.Error is not null || record.Status >= 400;
}

/// <summary>The sums that some calls add to. Summed by the hour; days and months are sums of those.</summary>
internal sealed class UsageSums
{
    // Calls with the same texts in the same hour add to the same sums: they are summed once, and that sum is added to the others.
    private readonly Dictionary<(CallNames Names, long Hour), UsageSum> _alike = [];

    /// <summary>Adds a call to all it counts for.</summary>
    public void Add(in CallRecord record, CallNames names)
    {
        long hour = Periods.Start(UsagePeriod.Hour, record.StartedAt.ToUnixTimeSeconds());
        ref UsageSum? sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_alike, (names, hour), out _);
        (sum ??= new UsageSum { Key = new UsageKey(UsagePeriod.Hour, UsageDimension.Everything, hour, 0, names.Group, names.Provider) }).Add(in record);
    }

    /// <summary>The sums of all periods, in the order of their keys.</summary>
    public List<UsageSum> Sorted()
    {
        Dictionary<UsageKey, UsageSum> hours = [];
        foreach (((CallNames names, _), UsageSum sum) in _alike)
        {
            Of(hours, sum.Key).Add(sum);
            Add(hours, UsageDimension.Key, names.Key, sum);
            Add(hours, UsageDimension.Team, names.Team, sum);
            Add(hours, UsageDimension.User, names.User, sum);
            Add(hours, UsageDimension.Customer, names.Customer, sum);
            Add(hours, UsageDimension.Member, names.Member, sum);
            Add(hours, UsageDimension.Deployment, names.Deployment, sum);
            foreach (int tag in names.Tags)
            {
                Add(hours, UsageDimension.Tag, tag, sum);
            }
        }

        Dictionary<UsageKey, UsageSum> longer = [];
        foreach ((UsageKey key, UsageSum sum) in hours)
        {
            Of(longer, key with { Period = UsagePeriod.Day, Start = Periods.Start(UsagePeriod.Day, key.Start) }).Add(sum);
            Of(longer, key with { Period = UsagePeriod.Month, Start = Periods.Start(UsagePeriod.Month, key.Start) }).Add(sum);
        }

        List<UsageSum> all = [.. hours.Values, .. longer.Values];
        all.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        return all;
    }

    private static void Add(Dictionary<UsageKey, UsageSum> hours, UsageDimension dimension, int id, UsageSum sum)
    {
        if (id != 0)
        {
            Of(hours, sum.Key with { Dimension = dimension, Id = id }).Add(sum);
        }
    }

    private static UsageSum Of(Dictionary<UsageKey, UsageSum> sums, UsageKey key)
    {
        if (!sums.TryGetValue(key, out UsageSum? sum))
        {
            sums[key] = sum = new UsageSum { Key = key };
        }

        return sum;
    }
}

/// <summary>Periods of the sums, as seconds since 1970.</summary>
internal static class Periods
{
    /// <summary>Start of the period that holds a second.</summary>
    public static long Start(UsagePeriod period, long second)
    {
        if (period == UsagePeriod.Month)
        {
            DateTimeOffset day = DateTimeOffset.FromUnixTimeSeconds(second);
            return new DateTimeOffset(day.Year, day.Month, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        }

        long length = Length(period);
        return second - (((second % length) + length) % length);
    }

    /// <summary>First start of a period that is not before a second.</summary>
    public static long Ceiling(UsagePeriod period, long second)
    {
        long start = Start(period, second);
        return start == second ? second : period == UsagePeriod.Month
            ? DateTimeOffset.FromUnixTimeSeconds(start).AddMonths(1).ToUnixTimeSeconds()
            : start + Length(period);
    }

    private static long Length(UsagePeriod period) => period == UsagePeriod.Hour ? 3600 : 86400;
}
