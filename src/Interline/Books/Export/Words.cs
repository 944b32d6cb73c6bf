using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace Interline.Books.Export;

/// <summary>How values are written in exports.</summary>
internal static class Words
{
    /// <summary>An enumeration's value as <c>snake_case</c>.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Cache<T>.All.TryGetValue(value, out string? word) ? word : value.ToString();

    /// <summary>A moment in UTC.</summary>
    public static string Of(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffffffZ", CultureInfo.InvariantCulture);

    /// <summary>A number.</summary>
    public static string Of(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>An amount, exact.</summary>
    public static string? Of(decimal? amount) => amount is { } known ? Money.Shortest(known).ToString(CultureInfo.InvariantCulture) : null;

    /// <summary>Milliseconds to three places.</summary>
    public static string Of(TimeSpan time) => time.TotalMilliseconds.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>A flag.</summary>
    public static string Of(bool flag) => flag ? "true" : "false";

    private static class Cache<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> All =
            Enum.GetValues<T>().Distinct().ToFrozenDictionary(x => x, x => JsonNamingPolicy.SnakeCaseLower.ConvertName(x.ToString()));
    }
}
