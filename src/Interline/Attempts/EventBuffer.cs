using System.Buffers;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Sse;

namespace Interline.Attempts;

/// <summary>The bytes of a stream on their way: whole events that have come, and at most one that is not yet whole.</summary>
/// <param name="framing">How events follow each other.</param>
internal struct EventBuffer(StreamFraming framing)
{
    /// <summary>Largest single event held; images inside events are the largest known.</summary>
    private const int MaxEventBytes = 64 << 20;

    private readonly bool _isArray = framing == StreamFraming.JsonArray;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
    private SseScanner _scanner;
    private JsonArrayScanner _elements;
    private int _to;

    /// <summary>Where the event that is read next begins.</summary>
    public int From { get; private set; }

    /// <summary>Room for what comes next; makes some if there is too little.</summary>
    /// <exception cref="IOException">The event is too large.</exception>
    public Memory<byte> Free()
    {
        if (From == _to)
        {
            From = _to = 0;
        }
        else if (_buffer.Length - _to < 1024)
        {
            MakeRoom();
        }

        return _buffer.AsMemory(_to);
    }

    /// <summary>Bytes have come.</summary>
    /// <param name="count">How many.</param>
    public void Add(int count) => _to += count;

    /// <summary>Finds the next event that is whole; it stays where it is until <see cref="Take"/>.</summary>
    /// <param name="final">Whether nothing more will come.</param>
    /// <param name="found">The event.</param>
    public bool Next(bool final, out SseEvent found)
    {
        ReadOnlySpan<byte> bytes = _buffer.AsSpan(From.._to);
        return _isArray ? _elements.TryRead(bytes, final, out found) : _scanner.TryRead(bytes, final, out found);
    }

    /// <summary>The bytes of an event just found.</summary>
    /// <param name="found">The event.</param>
    public readonly ReadOnlySpan<byte> Block(in SseEvent found) => _buffer.AsSpan(From, found.Length);

    /// <summary>The bytes from a place up to the next event.</summary>
    /// <param name="start">The place, not after <see cref="From"/>.</param>
    public readonly ReadOnlySpan<byte> Since(int start) => _buffer.AsSpan(start, From - start);

    /// <summary>Goes on to the event behind.</summary>
    /// <param name="found">The event just found.</param>
    public void Take(in SseEvent found) => From += found.Length;

    /// <summary>The data of an event. On several lines, which no provider is known to do, it is joined in memory of its own.</summary>
    /// <param name="block">The event.</param>
    /// <param name="found">Where its fields stand.</param>
    public static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> block, scoped in SseEvent found)
    {
        if (found.DataLines == 1)
        {
            return block[found.Data];
        }

        byte[] joined = new byte[block.Length];
        return joined.AsSpan(0, SseScanner.JoinData(block, joined));
    }

    /// <summary>Gives the memory back. Once.</summary>
    public readonly void Return() => ArrayPool<byte>.Shared.Return(_buffer);

    private void MakeRoom()
    {
        if (From > 0)
        {
            _buffer.AsSpan(From.._to).CopyTo(_buffer);
            _to -= From;
            From = 0;
        }

        if (_buffer.Length - _to >= 1024)
        {
            return;
        }

        if (_to > MaxEventBytes)
        {
            throw new IOException("event too large");
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _to).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
