using System.Globalization;
using Interline.Core.Budgets;

namespace Interline.Accounts;

/// <summary>Durations as LiteLLM writes them: a whole number and <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c>, <c>w</c> or <c>mo</c>.</summary>
public static class DurationText
{
    private const int Longest = 1_000_000;

    /// <summary>Reads one.</summary>
    /// <param name="text">Such as <c>30d</c>.</param>
    /// <returns>The window; null if it is none: no unit, zero, more than a million.</returns>
    public static BudgetWindow? Read(string? text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        int digits = rest.IndexOfAnyExceptInRange('0', '9');
        if (digits <= 0 || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count is < 1 or > Longest)
        {
            return null;
        }

        WindowUnit? unit = rest[digits..] switch
        {
            "s" => WindowUnit.Second,
            "m" => WindowUnit.Minute,
            "h" => WindowUnit.Hour,
            "d" => WindowUnit.Day,
            "w" => WindowUnit.Week,
            "mo" => WindowUnit.Month,
            _ => null,
        };
        return unit is { } known ? new BudgetWindow(count, known) : null;
    }

    /// <summary>A moment so much later.</summary>
    /// <param name="window">How much.</param>
    /// <param name="from">The moment.</param>
    /// <returns>Null beyond the year 9999.</returns>
    public static DateTimeOffset? After(BudgetWindow window, DateTimeOffset from)
    {
        try
        {
            return window.Unit == WindowUnit.Month ? from.AddMonths(window.Count) : from + Length(window);
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    /// <summary>Its length; a month counts as 30 days, for comparing.</summary>
    /// <param name="window">The window.</param>
    public static TimeSpan Length(BudgetWindow window) => window.Count * window.Unit switch
    {
        WindowUnit.Second => TimeSpan.FromSeconds(1),
        WindowUnit.Minute => TimeSpan.FromMinutes(1),
        WindowUnit.Hour => TimeSpan.FromHours(1),
        WindowUnit.Day => TimeSpan.FromDays(1),
        WindowUnit.Week => TimeSpan.FromDays(7),
        _ => TimeSpan.FromDays(30),
    };
}
