using System.Globalization;
using System.Text.RegularExpressions;

namespace Interline.Core.Configuration.Yaml;

/// <summary>Types and values of plain scalars by YAML 1.1. Source: PyYAML 6, <c>resolver.py</c> and <c>constructor.py</c>.</summary>
internal static partial class YamlNumbers
{
    /// <summary>Longest text looked at as a number; anything longer is text, so that no pattern runs over megabytes.</summary>
    private const int LongestNumber = 100;

    /// <summary>Type of a scalar that was written without quotes and without a tag.</summary>
    public static YamlScalarType TypeOfPlain(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return YamlScalarType.Null;
            case "yes" or "Yes" or "YES" or "no" or "No" or "NO" or "true" or "True" or "TRUE" or "false" or "False" or "FALSE"
                or "on" or "On" or "ON" or "off" or "Off" or "OFF":
                return YamlScalarType.Boolean;
        }

        // Everything below begins with a digit, a sign or a point: most text is settled by its first character.
        if (text.Length > LongestNumber || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.'))
        {
            return YamlScalarType.Text;
        }

        return IntegerPattern().IsMatch(text) ? YamlScalarType.Integer
            : FloatPattern().IsMatch(text) ? YamlScalarType.Float
            : YamlScalarType.Text;
    }

    /// <summary>Value of text of type integer; null beyond what a decimal holds.</summary>
    public static decimal? Integer(string text)
    {
        (bool negative, string digits) = Clean(text);
        decimal? value = digits switch
        {
            "0" => 0,
            _ when digits.StartsWith("0b", StringComparison.Ordinal) => Based(digits.AsSpan(2), 2),
            _ when digits.StartsWith("0x", StringComparison.Ordinal) => Based(digits.AsSpan(2), 16),
            _ when digits.Contains(':', StringComparison.Ordinal) => Sexagesimal(digits),
            _ when digits.StartsWith('0') => Based(digits.AsSpan(1), 8),
            _ => Parse(digits),
        };
        return negative ? -value : value;
    }

    /// <summary>Value of text of type float; null for infinity, not-a-number and what a decimal does not hold.</summary>
    public static decimal? Float(string text)
    {
        (bool negative, string digits) = Clean(text);
        decimal? value = digits.Contains(':', StringComparison.Ordinal) ? Sexagesimal(digits) : Parse(digits);
        return negative ? -value : value;
    }

    private static (bool Negative, string Digits) Clean(string text)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        return (digits.StartsWith('-'), digits.TrimStart('+', '-'));
    }

    private static decimal? Parse(string digits) =>
        decimal.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) ? value : null;

    private static decimal? Based(ReadOnlySpan<char> digits, int radix)
    {
        decimal value = 0;
        foreach (char digit in digits)
        {
            if (value > long.MaxValue)
            {
                return null;
            }

            value = (value * radix) + (char.IsAsciiDigit(digit) ? digit - '0' : char.ToLowerInvariant(digit) - 'a' + 10);
        }

        return value;
    }

    // 1:30 is ninety: YAML 1.1 counts such numbers in sixties.
    private static decimal? Sexagesimal(string digits)
    {
        decimal value = 0;
        foreach (string part in digits.Split(':'))
        {
            if (value > long.MaxValue || Parse(part) is not { } place)
            {
                return null;
            }

            value = (value * 60) + place;
        }

        return value;
    }

    [GeneratedRegex(
        @"^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex IntegerPattern();

    [GeneratedRegex(
        @"^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*"
        + @"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex FloatPattern();
}
