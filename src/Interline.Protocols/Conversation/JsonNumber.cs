using System.Globalization;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>A JSON number with its spelling: <c>1.0</c> stays <c>1.0</c>, and no digit is lost. Numbers of different spelling are different.</summary>
/// <param name="Spelling">A valid JSON number, such as <c>0.70</c> or <c>1e3</c>; null only in <c>default</c>, which is 0.</param>
public readonly record struct JsonNumber(string? Spelling)
{
    /// <summary>The nearest double; beyond its range infinity.</summary>
    public double Value => double.Parse(Spelling ?? "0", NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>The whole number nearest to it, clamped to the range of <see cref="long"/>.</summary>
    public long Whole => long.TryParse(Spelling, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole)
        ? whole
        : (long)Math.Clamp(Math.Round(Value), long.MinValue, long.MaxValue);

    /// <summary>A whole number in its usual spelling.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator JsonNumber(long value) => new(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A number in its shortest exact spelling.</summary>
    /// <param name="value">A finite number.</param>
    public static implicit operator JsonNumber(double value) => new(value.ToString("R", CultureInfo.InvariantCulture));

    /// <summary>Writes the number as it was spelled.</summary>
    /// <param name="w">Where a value may be written.</param>
    public void WriteTo(Utf8JsonWriter w) => w.WriteRawValue(Spelling ?? "0", skipInputValidation: true);

    /// <summary>The spelling.</summary>
    public override string ToString() => Spelling ?? "0";
}
