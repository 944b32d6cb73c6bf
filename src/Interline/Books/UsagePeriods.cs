namespace Interline.Books;

/// <summary>Where the roll-ups' periods begin and end, in UTC.</summary>
public static class UsagePeriods
{
    /// <summary>Start of the period a moment is in.</summary>
    /// <param name="period">Length of the periods.</param>
    /// <param name="at">The moment.</param>
    public static DateTimeOffset Start(UsagePeriod period, DateTimeOffset at)
    {
        DateTime utc = at.UtcDateTime;
        return period switch
        {
            UsagePeriod.Hour => new(utc.Year, utc.Month, utc.Day, utc.Hour, 0, 0, TimeSpan.Zero),
            UsagePeriod.Day => new(utc.Year, utc.Month, utc.Day, 0, 0, 0, TimeSpan.Zero),
            _ => new(utc.Year, utc.Month, 1, 0, 0, 0, TimeSpan.Zero),
        };
    }

    /// <summary>End of a stretch of time, taken on to the end of the period its last moment is in.</summary>
    /// <param name="period">Length of the periods.</param>
    /// <param name="end">The end, exclusive.</param>
    public static DateTimeOffset End(UsagePeriod period, DateTimeOffset end)
    {
        DateTimeOffset start = Start(period, end);
        return start == end ? end : period switch
        {
            UsagePeriod.Hour => start.AddHours(1),
            UsagePeriod.Day => start.AddDays(1),
            _ => start.AddMonths(1),
        };
    }
}
