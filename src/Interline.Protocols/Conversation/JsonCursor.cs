using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Conversation;

/// <summary>
/// Walks through a JSON document field by field and knows where it is, so that an error can name the place (<c>messages[2].content[0].text</c>).
/// The path is kept as positions in the bytes and only spelled out for an error. Used by the readers of all wire formats.
/// <code>
/// json.EnterObject();
/// while (json.NextField())           // at the field's value
/// {
///     switch (json.Name) { case "model": model = json.Text(); break; default: native.Keep(ref json); break; }
/// }
/// </code>
/// Every value that <see cref="NextField"/> or <see cref="NextElement"/> stops at must be read, entered or skipped before the next call.
/// </summary>
internal ref struct JsonCursor
{
    /// <summary>Deepest nesting read. Tool schemas of real requests stay below 30.</summary>
    public const int MaxDepth = 128;

    private readonly ReadOnlySpan<byte> _body;
    private readonly bool _mends;
    private readonly char[] _name = new char[64];
    private Utf8JsonReader _json;
    private Step[] _path = new Step[16];
    private int _depth;
    private int _nameLength;

    /// <summary>Stands before the document in <paramref name="body"/>; call <see cref="Start"/>.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="mends">Whether half a surrogate pair in a text is read as U+FFFD: models cut characters in two, and an answer is paid for. A request is refused instead.</param>
    public JsonCursor(ReadOnlySpan<byte> body, bool mends = false)
    {
        _body = body;
        _mends = mends;
        _json = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
    }

    /// <summary>What the value is.</summary>
    public readonly JsonTokenType Type => _json.TokenType;

    /// <summary>True at null.</summary>
    public readonly bool IsNull => _json.TokenType == JsonTokenType.Null;

    /// <summary>Name of the field whose value the cursor is at, unescaped; valid until the next field is gone to. For <c>switch</c>: nothing is allocated.</summary>
    public readonly ReadOnlySpan<char> Name => _nameLength >= 0 ? _name.AsSpan(0, _nameLength) : [];

    /// <summary>Name of the field as a string, of any length.</summary>
    public readonly string NameText => _nameLength >= 0 ? new string(Name) : Unescape(_path[_depth - 1]);

    /// <summary>Goes to the document's value.</summary>
    public void Start() => Advance();

    /// <summary>Goes past the document; it must end here.</summary>
    public void End()
    {
        if (_json.Read())
        {
            throw Fail("the end of the body");
        }
    }

    /// <summary>Enters the object the cursor is at.</summary>
    /// <param name="expected">What is expected, for the error.</param>
    public void EnterObject(string expected = "an object") => Enter(JsonTokenType.StartObject, expected);

    /// <summary>Enters the array the cursor is at.</summary>
    /// <param name="expected">What is expected, for the error.</param>
    public void EnterArray(string expected = "an array") => Enter(JsonTokenType.StartArray, expected);

    /// <summary>Goes to the value of the next field; false at the end of the object, which is then left.</summary>
    public bool NextField()
    {
        Advance();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            _depth--;
            return false;
        }

        ref Step step = ref _path[_depth - 1];
        step.Start = (int)_json.TokenStartIndex + 1;
        step.Length = _json.ValueSpan.Length;
        _nameLength = step.Length > _name.Length ? -1 : _json.CopyString(_name);
        Advance();
        return true;
    }

    /// <summary>Goes to the next element; false at the end of the array, which is then left.</summary>
    public bool NextElement()
    {
        Advance();
        if (_json.TokenType == JsonTokenType.EndArray)
        {
            _depth--;
            return false;
        }

        _path[_depth - 1].Index++;
        return true;
    }

    /// <summary>The string at the cursor.</summary>
    /// <param name="expected">What is expected, for the error.</param>
    public readonly string Text(string expected = "a string")
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            throw Fail(expected);
        }

        try
        {
            return _json.GetString()!;
        }
        catch (InvalidOperationException) when (_mends && Utf8.IsValid(_json.ValueSpan))
        {
            return Mended(_json.ValueSpan);
        }
    }

    /// <summary>The string at the cursor in UTF-8, a copy.</summary>
    /// <param name="expected">What is expected, for the error.</param>
    public readonly byte[] Utf8Text(string expected = "a string")
    {
        if (_json.TokenType != JsonTokenType.String)
        {
            throw Fail(expected);
        }

        if (!_json.ValueIsEscaped)
        {
            return _json.ValueSpan.ToArray();
        }

        byte[] text = new byte[_json.ValueSpan.Length];
        return text[.._json.CopyString(text)];
    }

    /// <summary>The number at the cursor, as spelled.</summary>
    public readonly JsonNumber Number() =>
        _json.TokenType == JsonTokenType.Number ? new JsonNumber(Encoding.ASCII.GetString(_json.ValueSpan)) : throw Fail("a number");

    /// <summary>The truth value at the cursor.</summary>
    public readonly bool Truth() => _json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Fail("true or false"),
    };

    /// <summary>Takes the whole value at the cursor as it is spelled.</summary>
    public RawJson Raw()
    {
        int start = (int)_json.TokenStartIndex;
        _json.Skip();
        return new RawJson(_body[start..(int)_json.BytesConsumed]);
    }

    /// <summary>Takes the whole value at the cursor as it is spelled, without a copy: bytes of the document.</summary>
    public ReadOnlySpan<byte> RawUtf8()
    {
        int start = (int)_json.TokenStartIndex;
        _json.Skip();
        return _body[start..(int)_json.BytesConsumed];
    }

    /// <summary>Whether the value at the cursor is this string. Nothing is allocated.</summary>
    /// <param name="text">The string, or null for none.</param>
    public readonly bool Is(string? text) => text is not null && _json.TokenType == JsonTokenType.String && _json.ValueTextEquals(text);

    /// <summary>Passes over the value at the cursor.</summary>
    public void Skip() => _json.Skip();

    /// <summary>Where the value at the cursor begins, for <see cref="Since"/>.</summary>
    public readonly int Position => (int)_json.TokenStartIndex;

    /// <summary>The bytes from a position to the end of what was read: a value, after it was walked through.</summary>
    /// <param name="position">From <see cref="Position"/>.</param>
    public readonly RawJson Since(int position) => new(_body[position..(int)_json.BytesConsumed]);

    /// <summary>Looks ahead: the string value of a field of the object the cursor is at; null if there is none. The cursor stays.</summary>
    /// <param name="field">The field's name.</param>
    public readonly string? Peek(ReadOnlySpan<byte> field)
    {
        Utf8JsonReader ahead = _json;
        return Seek(ref ahead, field) && ahead.TokenType == JsonTokenType.String ? ahead.GetString() : null;
    }

    /// <summary>Looks ahead: whether a field of the object the cursor is at is this string. The cursor stays, nothing is allocated.</summary>
    /// <param name="field">The field's name.</param>
    /// <param name="value">The string.</param>
    public readonly bool PeekIs(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        Utf8JsonReader ahead = _json;
        return Seek(ref ahead, field) && ahead.TokenType == JsonTokenType.String && ahead.ValueTextEquals(value);
    }

    /// <summary>Looks ahead: a whole number in a field of the object the cursor is at; null if there is none. The cursor stays.</summary>
    /// <param name="field">The field's name.</param>
    public readonly long? PeekWhole(ReadOnlySpan<byte> field)
    {
        Utf8JsonReader ahead = _json;
        return Seek(ref ahead, field) && ahead.TokenType == JsonTokenType.Number && ahead.TryGetInt64(out long whole) ? whole : null;
    }

    /// <summary>Looks ahead: whether the object the cursor is at has the field, and not as null. The cursor stays.</summary>
    /// <param name="field">The field's name.</param>
    public readonly bool Has(ReadOnlySpan<byte> field)
    {
        Utf8JsonReader ahead = _json;
        return Seek(ref ahead, field) && ahead.TokenType != JsonTokenType.Null;
    }

    /// <summary>Looks ahead: whether a field of the object the cursor is at is true. The cursor stays.</summary>
    /// <param name="field">The field's name.</param>
    public readonly bool Truth(ReadOnlySpan<byte> field)
    {
        Utf8JsonReader ahead = _json;
        return Seek(ref ahead, field) && ahead.TokenType == JsonTokenType.True;
    }

    private static bool Seek(ref Utf8JsonReader ahead, ReadOnlySpan<byte> field)
    {
        if (ahead.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            bool found = ahead.ValueTextEquals(field);
            ahead.Read();
            if (found)
            {
                return true;
            }

            ahead.Skip();
        }

        return false;
    }

    /// <summary>Reads the usage object at the cursor and keeps its spelling.</summary>
    /// <param name="read">The format's usage reader.</param>
    /// <param name="usage">What was used.</param>
    public RawJson Usage(UsageRead read, out Usage usage)
    {
        int start = (int)_json.TokenStartIndex;
        usage = read(ref _json);
        return new RawJson(_body[start..(int)_json.BytesConsumed]);
    }

    /// <summary>The error that the value at the cursor is not what it must be.</summary>
    /// <param name="expected">What it must be, such as <c>an array of strings</c>.</param>
    public readonly ShapeException Fail(string expected)
    {
        string path = Path();
        string got = _json.TokenType switch
        {
            JsonTokenType.StartObject => "an object",
            JsonTokenType.StartArray => "an array",
            JsonTokenType.String => "a string",
            JsonTokenType.Number => "a number",
            JsonTokenType.True or JsonTokenType.False => "a boolean",
            JsonTokenType.Null => "null",
            _ => "nothing",
        };
        return new ShapeException(path, $"{(path.Length == 0 ? "The body" : $"'{path}'")} must be {expected}, but is {got}.");
    }

    /// <summary>The error that something is wrong at the cursor.</summary>
    /// <param name="message">A sentence that follows the name of the place.</param>
    public readonly ShapeException FailWith(string message)
    {
        string path = Path();
        return new ShapeException(path, $"{(path.Length == 0 ? "The body" : $"'{path}'")} {message}");
    }

    /// <summary>The error for bytes that are not JSON, not UTF-8, or nested too deep.</summary>
    public readonly ApiError NotJson()
    {
        string path = Path();
        string why = TooDeep(_json)
            ? $"The body is nested deeper than {MaxDepth} levels."
            : $"The body is not valid JSON at byte {_json.BytesConsumed}.";
        return new ApiError(ErrorKind.BadRequest, 400, why) { Param = path.Length == 0 ? null : path };
    }

    /// <summary>True if a reader of <see cref="MaxDepth"/> stopped because of it: at a start token its depth does not yet count that token.</summary>
    /// <param name="json">The reader that threw.</param>
    public static bool TooDeep(in Utf8JsonReader json) => json.CurrentDepth >= MaxDepth - 1;

    /// <summary>A string's text with each half surrogate pair replaced; its escapes are valid, the reader has seen them.</summary>
    /// <param name="spelled">The string as it is spelled, without quotes.</param>
    private static string Mended(ReadOnlySpan<byte> spelled)
    {
        StringBuilder text = new(spelled.Length);
        int at = 0;
        while (at < spelled.Length)
        {
            int plain = spelled[at..].IndexOf((byte)'\\');
            plain = plain < 0 ? spelled.Length - at : plain;
            text.Append(Encoding.UTF8.GetString(spelled.Slice(at, plain)));
            at += plain;
            if (at < spelled.Length)
            {
                bool isCode = spelled[at + 1] == (byte)'u';
                text.Append(isCode ? (char)ushort.Parse(spelled.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Escaped(spelled[at + 1]));
                at += isCode ? 6 : 2;
            }
        }

        // The encoder takes each half that stands alone for U+FFFD, which is what the way back gives.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static char Escaped(byte letter) => letter switch
    {
        (byte)'n' => '\n',
        (byte)'t' => '\t',
        (byte)'r' => '\r',
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        _ => (char)letter,
    };

    private void Enter(JsonTokenType start, string expected)
    {
        if (_json.TokenType != start)
        {
            throw Fail(expected);
        }

        if (_depth == _path.Length)
        {
            Array.Resize(ref _path, _depth * 2);
        }

        _path[_depth++] = new Step { Index = -1 };
    }

    private void Advance()
    {
        if (!_json.Read())
        {
            throw new JsonException("The document ends too early.");
        }
    }

    private readonly string Path()
    {
        StringBuilder path = new();
        foreach (Step step in _path.AsSpan(0, _depth))
        {
            if (step.Index >= 0)
            {
                path.Append('[').Append(step.Index).Append(']');
            }
            else if (step.Length > 0)
            {
                string name = Spelled(step);
                path.Append(path.Length == 0 ? "" : ".").Append(name.Length > 64 ? name[..64] + "…" : name);
            }
        }

        return path.ToString();
    }

    /// <summary>A field's name for an error; as it is spelled where it is half a surrogate pair, since an error must not throw another.</summary>
    private readonly string Spelled(Step step)
    {
        try
        {
            return Unescape(step);
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(_body.Slice(step.Start, step.Length));
        }
    }

    /// <summary>A field's name from its position.</summary>
    private readonly string Unescape(Step step)
    {
        ReadOnlySpan<byte> spelled = _body.Slice(step.Start, step.Length);
        if (!spelled.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(spelled);
        }

        Utf8JsonReader name = new(_body.Slice(step.Start - 1, step.Length + 2));
        return name.Read() ? name.GetString()! : "";
    }

    /// <summary>One level of the path: an element of an array, or the position of a field's name.</summary>
    private struct Step
    {
        public int Index;
        public int Start;
        public int Length;
    }
}

/// <summary>Reads the usage object the reader is at.</summary>
/// <param name="reader">At the object; afterwards at its end.</param>
internal delegate Usage UsageRead(ref Utf8JsonReader reader);

/// <summary>A document that is JSON but not of its wire format. Thrown inside a reader, caught at its door and given back as an <see cref="ApiError"/>.</summary>
internal sealed class ShapeException(string path, string message) : Exception(message)
{
    /// <summary>The field that is to blame, such as <c>messages[0].role</c>; empty for the document itself.</summary>
    public string Path { get; } = path;

    /// <summary>The error as a value.</summary>
    public ApiError ToError() => new(ErrorKind.BadRequest, 400, Message) { Param = Path.Length == 0 ? null : Path };
}
