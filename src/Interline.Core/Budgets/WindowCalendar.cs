namespace Interline.Core.Budgets;

/// <summary>Places windows on the calendar of a zone.</summary>
internal static class WindowCalendar
{
    private static readonly DateTime Epoch = new(1970, 1, 1, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>The Monday from which weeks are counted: a week ends with its Sunday.</summary>
    private static readonly DateTime Monday = new(1970, 1, 5, 0, 0, 0, DateTimeKind.Unspecified);

    /// <summary>The fixed window that holds a moment.</summary>
    public static WindowSpan At(BudgetWindow window, DateTimeOffset now)
    {
        (WindowUnit unit, long count) = Plain(window);
        TimeZoneInfo zone = window.Zone ?? TimeZoneInfo.Utc;
        return unit == WindowUnit.Second && count <= 3600 ? Even(now, count, zone) : OnTheWall(now, unit, count, zone);
    }

    /// <summary>The same window in one of four units: seconds, days, weeks, months.</summary>
    private static (WindowUnit Unit, long Count) Plain(BudgetWindow window)
    {
        if (window.Unit is WindowUnit.Week or WindowUnit.Month)
        {
            return (window.Unit, window.Count);
        }

        long seconds = (long)window.Length.TotalSeconds;
        long days = seconds / 86_400;
        return seconds % 86_400 != 0 ? (WindowUnit.Second, seconds)
            : days == 30 ? (WindowUnit.Month, 1)
            : days % 7 == 0 ? (WindowUnit.Week, days / 7)
            : (WindowUnit.Day, days);
    }

    /// <summary>Short windows stand on the zone's standard time: on its wall an hour is there twice on one day of the year, and a limit of an hour would hold for two.</summary>
    private static WindowSpan Even(DateTimeOffset now, long seconds, TimeZoneInfo zone)
    {
        long offset = (long)zone.BaseUtcOffset.TotalSeconds;
        long from = (Floor(now.ToUnixTimeSeconds() + offset, seconds) * seconds) - offset;
        return new(DateTimeOffset.FromUnixTimeSeconds(from), DateTimeOffset.FromUnixTimeSeconds(from + seconds));
    }

    private static WindowSpan OnTheWall(DateTimeOffset now, WindowUnit unit, long count, TimeZoneInfo zone)
    {
        DateTime local = TimeZoneInfo.ConvertTime(now, zone).DateTime;
        long index = Index(local, unit, count);
        DateTimeOffset from = Instant(Start(index, unit, count), zone);
        DateTimeOffset to = Instant(Start(index + 1, unit, count), zone);

        // Where a boundary stands in an hour that is there twice, the wall says the earlier window for moments that are past its end.
        while (to <= now)
        {
            (from, to) = (to, Instant(Start(++index + 1, unit, count), zone));
        }

        while (from > now)
        {
            (from, to) = (Instant(Start(--index, unit, count), zone), from);
        }

        return new(from, to);
    }

    private static long Index(DateTime local, WindowUnit unit, long count) => unit switch
    {
        WindowUnit.Month => Floor(((local.Year - 1970) * 12L) + local.Month - 1, count),
        WindowUnit.Week => Floor((local - Monday).Ticks, count * 7 * TimeSpan.TicksPerDay),
        WindowUnit.Day => Floor((local - Epoch).Ticks, count * TimeSpan.TicksPerDay),
        _ => Floor((local - Epoch).Ticks, count * TimeSpan.TicksPerSecond),
    };

    private static DateTime Start(long index, WindowUnit unit, long count) => unit switch
    {
        WindowUnit.Month => Epoch.AddMonths((int)(index * count)),
        WindowUnit.Week => Monday.AddDays(index * count * 7),
        WindowUnit.Day => Epoch.AddDays(index * count),
        _ => Epoch.AddSeconds(index * count),
    };

    /// <summary>The first moment at which the zone's wall shows a time; one that it leaves out begins where the clock jumps.</summary>
    private static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
        {
            return new DateTimeOffset(local, zone.GetUtcOffset(local.AddHours(-3))).ToUniversalTime();
        }

        if (!zone.IsAmbiguousTime(local))
        {
            return new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        }

        TimeSpan largest = TimeSpan.MinValue;
        foreach (TimeSpan offset in zone.GetAmbiguousTimeOffsets(local))
        {
            largest = offset > largest ? offset : largest;
        }

        return new DateTimeOffset(local, largest).ToUniversalTime();
    }

    private static long Floor(long number, long by) => number >= 0 ? number / by : -((-number + by - 1) / by);
}
