using System.Buffers;
using System.Collections;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>A field of one wire format, kept as it was spelled.</summary>
/// <param name="Name">The field's name, unescaped.</param>
/// <param name="Value">Its value.</param>
/// <param name="Understood">True if the model says the same elsewhere and the field is kept for its spelling only: other formats lose nothing by leaving it out.</param>
public readonly record struct NativeField(string Name, RawJson Value, bool Understood = false)
{
    /// <summary>Paths inside an understood value that the model does not say after all (<c>thinking.display</c> is <c>display</c>): other formats lose these.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];
}

/// <summary>
/// The fields of an object that the model has no place for, with the format they came from: that format writes them back, another reports them lost.
/// An object read from a wire format always has them, if only empty; one without was made by the gateway, and a writer completes it with what its format expects.
/// </summary>
public sealed class NativeFields : IReadOnlyList<NativeField>
{
    private readonly List<NativeField> _fields;

    /// <summary>No fields yet, of an object read from <paramref name="format"/>.</summary>
    /// <param name="format">The format the object was read from.</param>
    /// <param name="fields">Its fields, in order.</param>
    public NativeFields(WireFormat format, params IEnumerable<NativeField> fields)
    {
        Format = format;
        _fields = [.. fields];
    }

    /// <summary>The format they came from.</summary>
    public WireFormat Format { get; }

    /// <inheritdoc/>
    public int Count => _fields.Count;

    /// <inheritdoc/>
    public NativeField this[int index] => _fields[index];

    /// <summary>The value of a field, the last one if it was given twice; null if there is none.</summary>
    /// <param name="name">The field's name.</param>
    public RawJson? Find(string name)
    {
        int at = _fields.FindLastIndex(f => string.Equals(f.Name, name, StringComparison.Ordinal));
        return at < 0 ? null : _fields[at].Value;
    }

    /// <summary>The fields without one: whoever changes what an <see cref="NativeField.Understood"/> field says must take it away.</summary>
    /// <param name="name">The field's name.</param>
    public NativeFields Without(string name) => new(Format, _fields.Where(f => !string.Equals(f.Name, name, StringComparison.Ordinal)));

    /// <summary>Writes all fields, between the start and the end of an object.</summary>
    /// <param name="w">Inside an object.</param>
    public void WriteTo(Utf8JsonWriter w)
    {
        foreach (NativeField field in _fields)
        {
            w.WritePropertyName(field.Name);
            field.Value.WriteTo(w);
        }
    }

    /// <summary>The fields as one JSON object.</summary>
    public RawJson ToObject()
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            w.WriteStartObject();
            WriteTo(w);
            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }

    /// <inheritdoc/>
    public IEnumerator<NativeField> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds a field while the object is still being read.</summary>
    internal void Add(NativeField field) => _fields.Add(field);
}
