using System.Globalization;

namespace Interline.Core.Budgets;

/// <summary>Windows as LiteLLM writes them: <c>30s</c>, <c>30m</c>, <c>30h</c>, <c>30d</c>, <c>1w</c>, <c>1mo</c>.</summary>
public static class BudgetWindowText
{
    /// <summary>Longest window, 100 years: far beyond any budget, far below what a date can hold.</summary>
    private const double LongestDays = 100 * 365;

    private static readonly (string Text, WindowUnit Unit)[] Units =
        [("mo", WindowUnit.Month), ("w", WindowUnit.Week), ("d", WindowUnit.Day), ("h", WindowUnit.Hour), ("m", WindowUnit.Minute), ("s", WindowUnit.Second)];

    /// <summary>Reads a window.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zone">Zone whose days count; null is UTC.</param>
    /// <param name="rolling">Whether it rolls.</param>
    /// <param name="error">What is wrong with the text; null if nothing.</param>
    /// <returns>The window; null if the text is none.</returns>
    public static BudgetWindow? Parse(string text, TimeZoneInfo? zone, bool rolling, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        string trimmed = text.Trim();
        foreach ((string suffix, WindowUnit unit) in Units)
        {
            if (!trimmed.EndsWith(suffix, StringComparison.Ordinal))
            {
                continue;
            }

            if (!int.TryParse(trimmed.AsSpan(0, trimmed.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) || count < 1)
            {
                break;
            }

            var window = new BudgetWindow(count, unit, zone, rolling);
            if (window.Length.TotalDays <= LongestDays)
            {
                return window;
            }

            error = $"'{trimmed}' is longer than 100 years; leave the window out for a budget that never begins anew";
            return null;
        }

        string shown = trimmed.Length > 40 ? trimmed[..40] + "…" : trimmed;
        error = $"expected a length of time such as 30s, 5m, 12h, 7d, 2w or 1mo, found '{shown}'";
        return null;
    }

    /// <summary>Writes a window as it is read.</summary>
    /// <param name="window">The window.</param>
    public static string Write(BudgetWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return string.Create(CultureInfo.InvariantCulture, $"{window.Count}{Array.Find(Units, x => x.Unit == window.Unit).Text}");
    }
}
