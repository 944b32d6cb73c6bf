using Interline.Books;
using Interline.Ledger;
using Interline.Ledger.Journal;
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
    private readonly Dictionary<UsageKey, UsageSum> _hours = [];

    /// <summary>Adds a call to all it counts for.</summary>
    public void Add(in JournaledCall call, NameBook names)
    {
        ref readonly CallRecord record = ref call.Record;
        var all = new UsageKey(UsagePeriod.Hour, UsageDimension.Everything, Periods.Start(UsagePeriod.Hour, record.StartedAt.ToUnixTimeSeconds()), 0, names.Id(record.Group), names.Id(record.Provider));
        Of(_hours, all).Add(in record);
        Add(all, UsageDimension.Key, names.Id(record.KeyId), in record);
        Add(all, UsageDimension.Team, names.Id(record.TeamId), in record);
        Add(all, UsageDimension.User, names.Id(record.UserId), in record);
        Add(all, UsageDimension.Customer, names.Id(record.Customer), in record);
        Add(all, UsageDimension.Member, names.Id(names.Member(in record)), in record);
        Add(all, UsageDimension.Deployment, names.Id(record.DeploymentId), in record);
        for (int i = 0; i < record.Tags.Length; i++)
        {
            // A tag given twice counts once.
            if (record.Tags.IndexOf(record.Tags[i]) == i)
            {
                Add(all, UsageDimension.Tag, names.Id(record.Tags[i]), in record);
            }
        }
    }

    /// <summary>The sums of all periods, in the order of their keys.</summary>
    public List<UsageSum> Sorted()
    {
        Dictionary<UsageKey, UsageSum> longer = [];
        foreach ((UsageKey key, UsageSum sum) in _hours)
        {
            Of(longer, key with { Period = UsagePeriod.Day, Start = Periods.Start(UsagePeriod.Day, key.Start) }).Add(sum);
            Of(longer, key with { Period = UsagePeriod.Month, Start = Periods.Start(UsagePeriod.Month, key.Start) }).Add(sum);
        }

        List<UsageSum> all = [.. _hours.Values, .. longer.Values];
        all.Sort(static (a, b) => a.Key.CompareTo(b.Key));
        return all;
    }

    private void Add(UsageKey all, UsageDimension dimension, int id, in CallRecord record)
    {
        if (id != 0)
        {
            Of(_hours, all with { Dimension = dimension, Id = id }).Add(in record);
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
