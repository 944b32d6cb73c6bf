using System.Text;
using System.Text.Json;

namespace Interline.Protocols.ByteLane;

/// <summary>Walks the top-level properties of a JSON body, to find those a provider's parameter rules are about.</summary>
public ref struct JsonParameters
{
    private Utf8JsonReader _reader;

    /// <summary>Starts at the first property.</summary>
    /// <param name="body">A body that <see cref="JsonPeek"/> has taken.</param>
    public JsonParameters(ReadOnlySpan<byte> body)
    {
        _reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = JsonPeek.MaxDepth });
        _reader.Read();
    }

    /// <summary>Where the name's token stands, with quotes.</summary>
    public int NameStart { get; private set; }

    /// <summary>Length of the name's token, with quotes.</summary>
    public int NameLength { get; private set; }

    /// <summary>Where the value stands.</summary>
    public int ValueStart { get; private set; }

    /// <summary>Offset behind the value.</summary>
    public int ValueEnd { get; private set; }

    /// <summary>The name.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Goes to the next property.</summary>
    public bool MoveNext()
    {
        if (!_reader.Read() || _reader.TokenType != JsonTokenType.PropertyName)
        {
            return false;
        }

        NameStart = (int)_reader.TokenStartIndex;
        Name = ReadName();
        NameLength = _reader.ValueSpan.Length + 2;
        _reader.Read();
        ValueStart = (int)_reader.TokenStartIndex;
        _reader.Skip();
        ValueEnd = (int)_reader.BytesConsumed;
        return true;
    }

    /// <summary>The name; as its raw bytes where they are no text, which no rule is about.</summary>
    private readonly string ReadName()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(_reader.ValueSpan);
        }
    }

    /// <summary>The edit that renames the current property.</summary>
    /// <param name="name">New name.</param>
    public readonly BodyEdit Rename(string name) => new(NameStart, NameLength, Encoding.UTF8.GetBytes(JsonSplice.Quote(name)));
}
