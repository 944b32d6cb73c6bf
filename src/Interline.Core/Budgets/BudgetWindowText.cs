using System.Globalization;

namespace Interline.Core.Budgets;

/// <summary>Windows as LiteLLM writes them: <c>30s</c>, <c>30m</c>, <c>30h</c>, <c>30d</c>, <c>1w</c>, <c>1mo</c>; and our own <c>rolling 30d</c> for one that always reaches back from now.</summary>
public static class BudgetWindowText
{
    /// <summary>Longest window, 100 years: far beyond any budget, far below what a date can hold.</summary>
    private const double LongestDays = 100 * 365;

    private const string RollingWord = "rolling ";

    private static readonly (string Text, WindowUnit Unit)[] Units =
        [("mo", WindowUnit.Month), ("w", WindowUnit.Week), ("d", WindowUnit.Day), ("h", WindowUnit.Hour), ("m", WindowUnit.Minute), ("s", WindowUnit.Second)];

    /// <summary>Reads a window.</summary>
    /// <param name="text">The text.</param>
    /// <param name="zone">Zone whose days count; null is UTC.</param>
    /// <param name="error">What is wrong with the text; null if nothing.</param>
    /// <returns>The window; null if the text is none.</returns>
    public static BudgetWindow? Parse(string text, TimeZoneInfo? zone, out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        error = null;
        string trimmed = text.Trim();
        string shown = trimmed.Length > 40 ? trimmed[..40] + "…" : trimmed;
        bool rolling = trimmed.StartsWith(RollingWord, StringComparison.Ordinal);
        trimmed = rolling ? trimmed[RollingWord.Length..].TrimStart() : trimmed;
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

            // By division: the length of what is far too long has no room in a TimeSpan.
            if (count <= LongestDays / new BudgetWindow(1, unit).Length.TotalDays)
            {
                return new BudgetWindow(count, unit, zone, rolling);
            }

            error = $"'{shown}' is longer than 100 years; leave the window out for a budget that never begins anew";
            return null;
        }

        error = $"expected a length of time such as 30s, 5m, 12h, 7d, 2w, 1mo or rolling 30d, found '{shown}'";
        return null;
    }

    /// <summary>Reads a window that was checked before.</summary>
    /// <param name="text">The text; null is none.</param>
    /// <param name="zone">Zone whose days count; null is UTC.</param>
    /// <returns>The window; null if the text is none.</returns>
    public static BudgetWindow? Read(string? text, TimeZoneInfo? zone = null) => text is null ? null : Parse(text, zone, out _);

    /// <summary>Writes a window as it is read.</summary>
    /// <param name="window">The window.</param>
    public static string Write(BudgetWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        return string.Create(CultureInfo.InvariantCulture, $"{(window.Rolling ? RollingWord : "")}{window.Count}{Array.Find(Units, x => x.Unit == window.Unit).Text}");
    }
}
