using System.Globalization;

namespace Interline.Core.Configuration;

/// <summary>Lengths of time as LiteLLM's budgets write them.</summary>
internal static class Durations
{
    private static readonly (string Unit, long Seconds)[] Units =
        [("mo", 30 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3600), ("m", 60), ("s", 1), ("", 1)];

    /// <summary>Longest one, 100 years: far beyond any budget, far below what a time can hold.</summary>
    private const double LongestSeconds = 100d * 365 * 86_400;

    /// <summary>Reads one: a number above 0 and <c>s</c>, <c>m</c>, <c>h</c>, <c>d</c>, <c>w</c> or <c>mo</c> (30 days); without a unit, seconds. Null if it is none.</summary>
    public static TimeSpan? Parse(string text)
    {
        text = text.Trim();
        (string unit, long seconds) = Array.Find(Units, known => text.EndsWith(known.Unit, StringComparison.Ordinal));
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count) && count > 0
            ? TimeSpan.FromSeconds(Math.Min(count * seconds, LongestSeconds))
            : null;
    }
}
