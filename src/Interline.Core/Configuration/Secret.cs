namespace Interline.Core.Configuration;

/// <summary>A credential. It prints as <c>***</c> and has no property to serialise, so it cannot reach a log, an error or a JSON document by accident.</summary>
public sealed class Secret : IEquatable<Secret>
{
    private readonly string _value;

    /// <summary>Wraps a credential.</summary>
    /// <param name="value">The credential, not empty.</param>
    public Secret(string value)
    {
        ArgumentException.ThrowIfNullOrEmpty(value);
        _value = value;
    }

    /// <summary>The credential itself, for the one place that sends it. A method and not a property, so that no serialiser finds it.</summary>
    public string Reveal() => _value;

    /// <inheritdoc />
    public override string ToString() => "***";

    /// <inheritdoc />
    public bool Equals(Secret? other) => other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as Secret);

    /// <inheritdoc />
    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);
}
