using System.Buffers;
using System.Buffers.Binary;
using Interline.Protocols.Conversation;

namespace Interline.Recovery;

/// <summary>
/// Events that went to the client as they came. They are only copied: what they say is read when the stream breaks, which it mostly does not, or when there are
/// too many of them to be kept.
/// </summary>
internal sealed class PassedEvents(IAnswerStreamReader reader, IAnswerStreamWriter writer, SentAnswer sent) : IDisposable
{
    /// <summary>Bytes kept before they are read: some 300 events, more than most answers have.</summary>
    private const int MostBytes = 64 << 10;

    private readonly List<StreamEvent> _events = [];
    private ArrayBufferWriter<byte>? _unseen;
    private byte[]? _buffer;
    private int _length;

    /// <summary>Keeps an event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data.</param>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        if (!sent.CanGoOn)
        {
            return;
        }

        int size = 8 + name.Length + data.Length;
        if (_length + size > (_buffer?.Length ?? 0) && !MakeRoom(size))
        {
            Tell(name, data);
            return;
        }

        Span<byte> to = _buffer.AsSpan(_length, size);
        BinaryPrimitives.WriteInt32LittleEndian(to, name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], data.Length);
        name.CopyTo(to[8..]);
        data.CopyTo(to[(8 + name.Length)..]);
        _length += size;
    }

    /// <summary>Reads what is kept: from then on the answer and the writer stand where the client does.</summary>
    public void Read()
    {
        int at = 0;
        while (at < _length)
        {
            ReadOnlySpan<byte> from = _buffer.AsSpan(at, _length - at);
            int name = BinaryPrimitives.ReadInt32LittleEndian(from);
            int data = BinaryPrimitives.ReadInt32LittleEndian(from[4..]);
            Tell(from.Slice(8, name), from.Slice(8 + name, data));
            at += 8 + name + data;
        }

        _length = 0;
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _length = 0;
        }
    }

    /// <summary>Makes room; false if the event is too large to be kept at all.</summary>
    private bool MakeRoom(int size)
    {
        if (_length + size > MostBytes)
        {
            Read();
        }

        int needed = _length + size;
        if (needed > MostBytes)
        {
            return false;
        }

        if (_buffer is null || _buffer.Length < needed)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Min(MostBytes, (_buffer?.Length ?? 2048) * 2)));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            if (_buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        return true;
    }

    private void Tell(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data)
    {
        _events.Clear();
        if (reader.Read(name, data, _events) is not null)
        {
            // Forwarded, and yet not understood: nobody knows what the client makes of it.
            sent.Spoil();
            return;
        }

        _unseen ??= new ArrayBufferWriter<byte>(1024);
        foreach (StreamEvent e in _events)
        {
            sent.Observe(e);
            writer.Write(e, _unseen);
            _unseen.ResetWrittenCount();
        }
    }
}
