using Interline.Books;

namespace Interline.Server.Spend;

/// <summary>The stretch of time of LiteLLM's paths: <c>start_date</c> and <c>end_date</c>, the last day included.</summary>
/// <param name="From">First moment.</param>
/// <param name="To">End, exclusive.</param>
internal readonly record struct SpendWindow(DateTimeOffset From, DateTimeOffset To)
{
    /// <summary>Before any call.</summary>
    public static readonly DateTimeOffset Ever = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>All calls until now.</summary>
    public static SpendWindow All(TimeProvider time) => new(Ever, time.GetUtcNow());

    /// <summary>Reads it.</summary>
    /// <param name="query">The query.</param>
    /// <param name="time">The clock.</param>
    /// <param name="days">Days it reaches back where no start is given; null reaches back to the first call.</param>
    public static SpendWindow Read(QueryReader query, TimeProvider time, int? days)
    {
        DateTimeOffset to = query.Moment("end_date", whole: true) ?? time.GetUtcNow();
        DateTimeOffset from = query.Moment("start_date") ?? (days is { } back ? to.AddDays(-back) : Ever);
        query.Ordered("start_date", from, "end_date", to);
        return new(from, to);
    }

    /// <summary>A question about the whole window.</summary>
    public UsageQuery Query(UsageDimension dimension) => new() { From = From, To = To, Period = Whole() ? UsagePeriod.Day : UsagePeriod.Hour, Dimension = dimension };

    /// <summary>A question about each of its days.</summary>
    public UsageQuery Daily(UsageDimension dimension) => new() { From = From, To = To, Period = UsagePeriod.Day, Dimension = dimension };

    /// <summary>Days are quicker summed than hours, but only where the window is made of them; its open end may be this very day.</summary>
    private bool Whole() => UsagePeriods.Start(UsagePeriod.Day, From) == From;
}
