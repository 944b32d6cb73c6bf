using System.Globalization;

namespace Interline.Core.Configuration.Yaml;

/// <summary>What a scalar is by YAML 1.1, the version PyYAML (and so LiteLLM) reads.</summary>
public enum YamlScalarType
{
    /// <summary>Nothing: empty, <c>~</c>, <c>null</c>.</summary>
    Null,

    /// <summary><c>true</c>, <c>yes</c>, <c>on</c> and their opposites.</summary>
    Boolean,

    /// <summary>Whole number.</summary>
    Integer,

    /// <summary>Number with a point; without one it is text, as PyYAML reads it (<c>1e3</c>).</summary>
    Float,

    /// <summary>Text, quoted or not.</summary>
    Text,
}

/// <summary>A single value.</summary>
public sealed class YamlScalar : YamlNode
{
    /// <summary>Makes a scalar.</summary>
    /// <param name="place">Where it begins.</param>
    /// <param name="text">Its characters without quotes.</param>
    /// <param name="type">Its type.</param>
    public YamlScalar(Place place, string text, YamlScalarType type)
        : base(place, 1)
    {
        Text = text;
        Type = type;
    }

    /// <summary>Its characters as written, without quotes and with escapes resolved.</summary>
    public string Text { get; }

    /// <summary>Its type.</summary>
    public YamlScalarType Type { get; }

    /// <summary>Whether it is nothing.</summary>
    public bool IsNull => Type == YamlScalarType.Null;

    /// <inheritdoc />
    public override string Kind => Type switch
    {
        YamlScalarType.Null => "nothing",
        YamlScalarType.Boolean => "true or false",
        YamlScalarType.Integer or YamlScalarType.Float => "a number",
        _ => "text",
    };

    /// <summary>Truth value of a boolean, or of text that says <c>true</c> or <c>false</c>; null otherwise.</summary>
    public bool? Boolean => Type is YamlScalarType.Boolean or YamlScalarType.Text
        ? Text.ToUpperInvariant() switch
        {
            "TRUE" or "YES" or "ON" => true,
            "FALSE" or "NO" or "OFF" => false,
            _ => null,
        }
        : null;

    /// <summary>Value of a number, or of text that is one (<c>"10"</c>, <c>"3e-7"</c>); null otherwise, and where it is infinite or beyond a decimal.</summary>
    public decimal? Number => Type switch
    {
        YamlScalarType.Integer => YamlNumbers.Integer(Text),
        YamlScalarType.Float => YamlNumbers.Float(Text),
        YamlScalarType.Text when decimal.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) => value,
        _ => null,
    };
}
