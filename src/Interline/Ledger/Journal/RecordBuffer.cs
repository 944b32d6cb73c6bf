using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Interline.Ledger.Journal;

/// <summary>Where a record is written before it goes into the journal. One for each thread, used again and again.</summary>
internal sealed class RecordBuffer
{
    /// <summary>Texts whose bytes are kept, a power of two, and how long they may be: the id of a key has 64 characters.</summary>
    private const int Known = 256, KnownBytes = 80;

    private readonly (string? Text, int Length)[] _known = new (string?, int)[Known];
    private readonly byte[] _knownBytes = new byte[Known * KnownBytes];
    private byte[] _bytes = new byte[2048];
    private int _at;

    public Span<byte> Written => _bytes.AsSpan(0, _at);

    /// <summary>Begins anew, leaving room for a header.</summary>
    public void Clear(int room) => _at = room;

    public void Byte(byte value)
    {
        Need(1);
        _bytes[_at++] = value;
    }

    /// <summary>A whole number, small ones in few bytes, whatever their sign.</summary>
    public void Number(long value)
    {
        Need(10);
        Unsigned((ulong)((value << 1) ^ (value >> 63)));
    }

    /// <summary>Text; at most <see cref="StoredText.Longest"/> characters, and control characters become spaces.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Need(2);
            BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_at), ushort.MaxValue);
            _at += 2;
            return;
        }

        string text = value.Length > StoredText.Longest ? StoredText.Shorten(value) : value;
        Need(2 + (text.Length * 3));
        int length = Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_at + 2));
        StoredText.Clean(_bytes.AsSpan(_at + 2, length));
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(_at), (ushort)length);
        _at += 2 + length;
    }

    /// <summary>
    /// The same for a text that comes with call after call: names of the configuration, ids of accounts. Its bytes are kept and found by reference; a place for each of so many
    /// hashes, and who comes last has it.
    /// </summary>
    public void Name(string? value)
    {
        if (value is null)
        {
            Text(null);
            return;
        }

        int place = RuntimeHelpers.GetHashCode(value) & (Known - 1);
        ref (string? Text, int Length) known = ref _known[place];
        Span<byte> bytes = _knownBytes.AsSpan(place * KnownBytes, KnownBytes);
        if (ReferenceEquals(known.Text, value))
        {
            Need(KnownBytes);

            // All of the place: so many bytes at once cost less than as many as there are.
            bytes.CopyTo(_bytes.AsSpan(_at));
            _at += known.Length;
            return;
        }

        int from = _at;
        Text(value);
        if (_at - from <= KnownBytes)
        {
            _bytes.AsSpan(from, _at - from).CopyTo(bytes);
            known = (value, _at - from);
        }
    }

    /// <summary>Money, in the one form that all equal values have.</summary>
    public void Money(decimal value)
    {
        Need(14);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        int scale = (bits[3] >> 16) & 0xff;
        if (bits[2] != 0)
        {
            // Above 18 quintillion units of its last digit; hardly ever, so it may take its time.
            decimal.GetBits(value / 1.0000000000000000000000000000m, bits);
            scale = (bits[3] >> 16) & 0xff;
        }

        byte sign = (byte)(bits[3] < 0 ? 0x80 : 0);
        if (bits[2] != 0)
        {
            _bytes[_at] = (byte)(scale | sign | 0x40);
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_at + 1), bits[0]);
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_at + 5), bits[1]);
            BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(_at + 9), bits[2]);
            _at += 13;
            return;
        }

        ulong units = (uint)bits[0] | ((ulong)(uint)bits[1] << 32);
        while (scale > 0 && units % 10 == 0)
        {
            units /= 10;
            scale--;
        }

        _bytes[_at++] = (byte)(scale | (units == 0 ? 0 : sign));
        Unsigned(units);
    }

    private void Unsigned(ulong value)
    {
        while (value >= 0x80)
        {
            _bytes[_at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_at++] = (byte)value;
    }

    private void Need(int bytes)
    {
        if (_bytes.Length - _at < bytes)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _at + bytes));
        }
    }
}

/// <summary>The form of texts that callers choose in the journal and the books: bounded, and without control characters.</summary>
public static class StoredText
{
    /// <summary>Most characters; three bytes each still fit into an index of PostgreSQL.</summary>
    public const int Longest = 800;

    /// <summary>A text as it is stored.</summary>
    /// <param name="text">The text.</param>
    public static string Of(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text.Length > Longest ? Shorten(text) : text);
        Clean(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Its beginning and a digest of all of it, so that two long texts stay two.</summary>
    internal static string Shorten(string text) =>
        string.Concat(text.AsSpan(0, 700), "…", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)));

    internal static void Clean(Span<byte> utf8)
    {
        for (int at = utf8.IndexOfAnyInRange((byte)0, (byte)0x1f); at >= 0; at = utf8.IndexOfAnyInRange((byte)0, (byte)0x1f))
        {
            utf8[at] = (byte)' ';
            utf8 = utf8[(at + 1)..];
        }
    }
}
