using System.Buffers;
using Interline.Protocols.Sse;

namespace Interline.Protocols.ByteLane;

/// <summary>
/// Finds the elements of one JSON array in bytes that arrive cut anywhere: inside a string, inside an escape, inside a UTF-8 sequence.
/// The counterpart of <see cref="SseScanner"/> for streams that are an array (<see cref="StreamFraming.JsonArray"/>): nothing is copied and nothing changed.
/// What is found has the shape of an event: its length covers the bracket, comma and white space before the element, its data is the element.
/// The closing bracket and what stands behind it come out as blocks without data. No byte is looked at twice, and the state does not grow.
/// Elements are not checked to be JSON; values that stand without an array around them are found too.
/// </summary>
public struct JsonArrayScanner
{
    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> Between = SearchValues.Create("\"{}[]"u8);

    private int _scanned;
    private int _start;
    private int _depth;
    private Place _place;
    private bool _opened;

    private enum Place : byte
    {
        /// <summary>Between elements: before the first, or behind one.</summary>
        Outside,

        /// <summary>In an object or array, outside its strings.</summary>
        Inside,

        /// <summary>In a string.</summary>
        Text,

        /// <summary>Behind a backslash.</summary>
        Escape,

        /// <summary>In a number or word that is an element itself.</summary>
        Word,

        /// <summary>Behind the array.</summary>
        Closed,
    }

    /// <summary>Looks for the end of the block that begins at the start of <paramref name="bytes"/>. A false answer is resumed where it stopped.</summary>
    /// <param name="bytes">All bytes of the block that are there so far, from its first.</param>
    /// <param name="final">Whether the stream has ended, so that what is there is all there is.</param>
    /// <param name="found">The element, or what stands between and behind elements.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, bool final, out SseEvent found)
    {
        while (_scanned < bytes.Length)
        {
            if (_place == Place.Closed)
            {
                found = Block(bytes.Length, unterminated: false);
                return true;
            }

            if (Step(bytes))
            {
                found = Element(_scanned, _scanned, unterminated: false);
                return true;
            }

            if (_place == Place.Closed)
            {
                int end = _scanned;
                while (end < bytes.Length && IsSpace(bytes[end]))
                {
                    end++;
                }

                found = Block(end, unterminated: false);
                return true;
            }
        }

        if (final && bytes.Length > 0)
        {
            // A word ends with the stream; everything else, and an array without its bracket, was cut.
            found = _place == Place.Outside ? Block(bytes.Length, unterminated: true) : Element(bytes.Length, bytes.Length, unterminated: true);
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>Goes on to the next byte that matters; true if an element ends right before <see cref="_scanned"/>.</summary>
    private bool Step(ReadOnlySpan<byte> bytes)
    {
        switch (_place)
        {
            case Place.Outside:
                Outside(bytes[_scanned]);
                _scanned++;
                return false;
            case Place.Escape:
                _scanned++;
                _place = Place.Text;
                return false;
            case Place.Word:
                if (IsSpace(bytes[_scanned]) || bytes[_scanned] is (byte)',' or (byte)']')
                {
                    return true;
                }

                _scanned++;
                return false;
            case Place.Text:
                return Found(bytes, InText) && InString(bytes[_scanned - 1]);
            default:
                return Found(bytes, Between) && InValue(bytes[_scanned - 1]);
        }
    }

    /// <summary>Goes behind the next of some bytes; false if none has come yet.</summary>
    private bool Found(ReadOnlySpan<byte> bytes, SearchValues<byte> wanted)
    {
        int at = bytes[_scanned..].IndexOfAny(wanted);
        _scanned = at < 0 ? bytes.Length : _scanned + at + 1;
        return at >= 0;
    }

    private void Outside(byte b)
    {
        if (IsSpace(b) || b == ',')
        {
            return;
        }

        if (b == '[' && !_opened)
        {
            _opened = true;
        }
        else if (b == ']')
        {
            _place = Place.Closed;
        }
        else
        {
            _start = _scanned;
            _depth = b is (byte)'{' or (byte)'[' ? 1 : 0;
            _place = _depth > 0 ? Place.Inside : b == '"' ? Place.Text : Place.Word;
        }
    }

    private bool InString(byte b)
    {
        if (b == '\\')
        {
            _place = Place.Escape;
            return false;
        }

        _place = Place.Inside;
        return _depth == 0;
    }

    private bool InValue(byte b)
    {
        switch (b)
        {
            case (byte)'"':
                _place = Place.Text;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            default:
                return --_depth <= 0;
        }
    }

    private static bool IsSpace(byte b) => b is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t';

    private SseEvent Element(int length, int end, bool unterminated)
    {
        SseEvent found = new() { Length = length, Data = _start..end, DataLines = 1, Unterminated = unterminated };
        (_scanned, _start, _depth, _place, _opened) = (0, 0, 0, Place.Outside, true);
        return found;
    }

    private SseEvent Block(int length, bool unterminated)
    {
        _scanned = 0;
        return new SseEvent { Length = length, Unterminated = unterminated };
    }
}
