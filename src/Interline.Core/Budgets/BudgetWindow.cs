namespace Interline.Core.Budgets;

/// <summary>
/// The stretch of time a budget is for. Windows follow from the clock alone: none begins late, none has to be reset, and what was spent in an earlier one
/// stays as it was.
/// </summary>
/// <param name="Count">How many units, from 1.</param>
/// <param name="Unit">Unit.</param>
/// <param name="Zone">Zone whose days and months count; null is UTC.</param>
/// <param name="Rolling">Whether the window always reaches back by its length from now, instead of standing on the calendar.</param>
public sealed record BudgetWindow(int Count, WindowUnit Unit, TimeZoneInfo? Zone = null, bool Rolling = false)
{
    /// <summary>Pieces a rolling window is kept in.</summary>
    public const int Buckets = 60;

    /// <summary>A minute of the clock: what requests and tokens are limited in.</summary>
    public static BudgetWindow Minute { get; } = new(1, WindowUnit.Minute);

    /// <summary>Its length, with a month of 30 days; that of a rolling one is exact, one on the calendar may be longer or shorter by the zone's changes and the month's days.</summary>
    public TimeSpan Length => TimeSpan.FromSeconds(Count * (Unit switch
    {
        WindowUnit.Second => 1L,
        WindowUnit.Minute => 60L,
        WindowUnit.Hour => 3600L,
        WindowUnit.Day => 86_400L,
        WindowUnit.Week => 7 * 86_400L,
        _ => 30 * 86_400L,
    }));

    /// <summary>
    /// Length in seconds of the pieces a rolling window is kept in: a sixtieth of its length, at least one second. The piece that is only partly inside counts whole,
    /// so a rolling budget may refuse what was spent up to this long before its window, and never admits what its window does not have room for.
    /// </summary>
    public long BucketSeconds => Math.Max(1, ((long)Length.TotalSeconds + Buckets - 1) / Buckets);

    /// <summary>
    /// The window on the calendar that holds a moment. As LiteLLM resets: <c>1h</c> on the hour, <c>1d</c> and <c>24h</c> at midnight, <c>7d</c> and <c>1w</c> with the
    /// end of Sunday, <c>30d</c> and <c>1mo</c> on the first of the month; any other length at its multiples since the start of 1970. Days, weeks and months are the
    /// zone's, so a day may have 23 or 25 hours. Windows of an hour or less have their length whatever the zone does.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <returns>Start and end of a fixed window; of a rolling one, its length back from the moment.</returns>
    public WindowSpan At(DateTimeOffset now) => Rolling ? new(now - Length, now) : WindowCalendar.At(this, now);

    /// <summary>A moment so much later.</summary>
    /// <param name="from">The moment.</param>
    /// <returns>Null beyond the year 9999.</returns>
    public DateTimeOffset? After(DateTimeOffset from)
    {
        try
        {
            return Unit == WindowUnit.Month ? from.AddMonths(Count) : from + Length;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>The fixed window of a length of time, as settings of a provider's budget say it.</summary>
    /// <param name="length">Length, taken to whole seconds; above 0.</param>
    public static BudgetWindow Of(TimeSpan length)
    {
        long seconds = Math.Max(1, (long)length.TotalSeconds);
        return seconds % 86_400 == 0 && seconds / 86_400 <= int.MaxValue ? new((int)(seconds / 86_400), WindowUnit.Day)
            : seconds <= int.MaxValue ? new((int)seconds, WindowUnit.Second)
            : new((int)(seconds / 86_400), WindowUnit.Day);
    }
}

/// <summary>A stretch of time.</summary>
/// <param name="From">Start, inclusive.</param>
/// <param name="To">End, exclusive.</param>
public readonly record struct WindowSpan(DateTimeOffset From, DateTimeOffset To);

/// <summary>Units of <see cref="BudgetWindow"/>.</summary>
public enum WindowUnit
{
    /// <summary>Seconds.</summary>
    Second,

    /// <summary>Minutes.</summary>
    Minute,

    /// <summary>Hours.</summary>
    Hour,

    /// <summary>Days.</summary>
    Day,

    /// <summary>Weeks.</summary>
    Week,

    /// <summary>Months of the calendar.</summary>
    Month,
}
