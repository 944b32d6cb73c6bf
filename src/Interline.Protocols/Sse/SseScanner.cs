namespace Interline.Protocols.Sse;

/// <summary>One event found in a buffer: offsets from the start of the scanned bytes.</summary>
public readonly record struct SseEvent
{
    /// <summary>Bytes from the event's start to the end of its blank line.</summary>
    public required int Length { get; init; }

    /// <summary>Where the value of the <c>event:</c> field stands; length 0 if absent.</summary>
    public Range Name { get; init; }

    /// <summary>Where the value of the only <c>data:</c> line stands.</summary>
    public Range Data { get; init; }

    /// <summary>How many <c>data:</c> lines there are; 0 for comments, more than 1 wants <see cref="SseScanner.JoinData"/>.</summary>
    public int DataLines { get; init; }

    /// <summary>Whether the blank line was missing because the stream ended.</summary>
    public bool Unterminated { get; init; }
}

/// <summary>
/// Finds the events of a server-sent event stream in bytes that arrive cut anywhere: inside a line, inside CRLF, inside a UTF-8 sequence.
/// Nothing is copied and nothing changed, so an event's own bytes can be forwarded. Lines may end in LF, CRLF or CR.
/// Source: the event stream format of the HTML standard, section 9.2.6.
/// </summary>
public struct SseScanner
{
    private int _scanned;
    private int _lineStart;
    private int _nameStart, _nameEnd;
    private int _dataStart, _dataEnd;
    private int _dataLines;

    /// <summary>Looks for the end of the event that begins at the start of <paramref name="bytes"/>. A false answer is resumed where it stopped.</summary>
    /// <param name="bytes">All bytes of the event that are there so far, from its first.</param>
    /// <param name="final">Whether the stream has ended, so that what is there is all there is.</param>
    /// <param name="found">The event.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, bool final, out SseEvent found)
    {
        while (true)
        {
            int step = bytes[_scanned..].IndexOfAny((byte)'\n', (byte)'\r');
            if (step < 0)
            {
                _scanned = bytes.Length;
                break;
            }

            int lineEnd = _scanned + step;
            int next = lineEnd + 1;
            if (bytes[lineEnd] == '\r')
            {
                if (next == bytes.Length && !final)
                {
                    // The LF of a CRLF may still come; taking the CR for a line of its own would leave that LF to look like a blank line.
                    _scanned = lineEnd;
                    break;
                }

                if (next < bytes.Length && bytes[next] == '\n')
                {
                    next++;
                }
            }

            if (lineEnd == _lineStart)
            {
                found = Take(next, unterminated: false);
                return true;
            }

            Line(bytes, lineEnd);
            _scanned = _lineStart = next;
        }

        if (final && bytes.Length > 0)
        {
            if (_lineStart < bytes.Length)
            {
                Line(bytes, bytes.Length);
            }

            found = Take(bytes.Length, unterminated: true);
            return true;
        }

        found = default;
        return false;
    }

    /// <summary>Joins the data lines of an event that has several with LF, as the standard says.</summary>
    /// <param name="block">The event's bytes.</param>
    /// <param name="destination">At least as long as the event.</param>
    /// <returns>Bytes written.</returns>
    public static int JoinData(ReadOnlySpan<byte> block, Span<byte> destination)
    {
        int written = 0;
        bool first = true;
        block = WithoutMark(block);
        while (!block.IsEmpty)
        {
            int end = block.IndexOfAny((byte)'\n', (byte)'\r');
            ReadOnlySpan<byte> line = end < 0 ? block : block[..end];
            block = end < 0 ? default : block[(end + 1)..];
            if (line.StartsWith("data"u8) && (line.Length == 4 || line[4] == ':'))
            {
                if (!first)
                {
                    destination[written++] = (byte)'\n';
                }

                ReadOnlySpan<byte> value = Value(line, 4);
                value.CopyTo(destination[written..]);
                written += value.Length;
                first = false;
            }
        }

        return written;
    }

    private static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? bytes[3..] : bytes;

    private static ReadOnlySpan<byte> Value(ReadOnlySpan<byte> line, int nameLength)
    {
        if (line.Length <= nameLength + 1)
        {
            return default;
        }

        line = line[(nameLength + 1)..];
        return line[0] == ' ' ? line[1..] : line;
    }

    private void Line(ReadOnlySpan<byte> bytes, int end)
    {
        ReadOnlySpan<byte> line = bytes[_lineStart..end];
        if (_lineStart == 0)
        {
            line = WithoutMark(line);
        }

        if (line.StartsWith("data"u8) && (line.Length == 4 || line[4] == ':'))
        {
            _dataLines++;
            _dataEnd = end;
            _dataStart = end - Value(line, 4).Length;
        }
        else if (line.StartsWith("event:"u8))
        {
            _nameEnd = end;
            _nameStart = end - Value(line, 5).Length;
        }
    }

    private SseEvent Take(int length, bool unterminated)
    {
        var found = new SseEvent
        {
            Length = length,
            Name = _nameStart.._nameEnd,
            Data = _dataStart.._dataEnd,
            DataLines = _dataLines,
            Unterminated = unterminated,
        };
        this = default;
        return found;
    }
}
