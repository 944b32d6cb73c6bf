using System.Text;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>One JSON value as it was spelled, in UTF-8: number spelling, key order and white space included. Equal when the bytes are.</summary>
public readonly struct RawJson : IEquatable<RawJson>
{
    private readonly byte[]? _bytes;

    /// <summary>Keeps a copy of <paramref name="utf8"/>.</summary>
    /// <param name="utf8">One complete, valid JSON value; not checked here.</param>
    public RawJson(ReadOnlySpan<byte> utf8) => _bytes = utf8.ToArray();

    /// <summary>Keeps the UTF-8 of <paramref name="json"/>.</summary>
    /// <param name="json">One complete, valid JSON value; not checked here.</param>
    public RawJson(string json) => _bytes = Encoding.UTF8.GetBytes(json);

    /// <summary>The literal <c>null</c>, also what <c>default</c> is.</summary>
    public static RawJson Null => default;

    /// <summary>The bytes of the value.</summary>
    public ReadOnlySpan<byte> Utf8 => _bytes ?? "null"u8;

    /// <summary>True for the literal <c>null</c>.</summary>
    public bool IsNull => Utf8.SequenceEqual("null"u8);

    /// <summary>True for an object.</summary>
    public bool IsObject => Utf8[0] == (byte)'{';

    /// <summary>Writes the value as it was spelled, on one line: JSON has line ends only between tokens, and in an event stream one would end the event's line.</summary>
    /// <param name="w">Where a value may be written.</param>
    public void WriteTo(Utf8JsonWriter w)
    {
        ReadOnlySpan<byte> utf8 = Utf8;
        if (!utf8.ContainsAny((byte)'\n', (byte)'\r'))
        {
            w.WriteRawValue(utf8, skipInputValidation: true);
            return;
        }

        byte[] line = utf8.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        w.WriteRawValue(line, skipInputValidation: true);
    }

    /// <inheritdoc/>
    public bool Equals(RawJson other) => Utf8.SequenceEqual(other.Utf8);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RawJson other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(Utf8);
        return hash.ToHashCode();
    }

    /// <summary>The JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Utf8);

    /// <summary>True if the bytes are equal.</summary>
    public static bool operator ==(RawJson left, RawJson right) => left.Equals(right);

    /// <summary>True if the bytes differ.</summary>
    public static bool operator !=(RawJson left, RawJson right) => !left.Equals(right);
}
