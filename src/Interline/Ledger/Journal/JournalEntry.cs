using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Interline.Ledger.Journal;

/// <summary>What a record of the journal is about. The values stand in files.</summary>
internal enum EntryKind : byte
{
    /// <summary>A call is under way.</summary>
    Open = 1,

    /// <summary>A call was settled.</summary>
    Settle = 2,
}

/// <summary>
/// One record as it lies in a file, from a multiple of eight bytes on: size of all of it (4 bytes), CRC-32C of what follows it (4), run (8), number (8), kind (1), payload.
/// Little-endian. The run is the random part of call ids, so that records of an earlier process keep their ids when they are carried on by a later one. In a file the sum has
/// the mark of the file's present life on it (<see cref="JournalSegment"/>).
/// </summary>
internal readonly ref struct JournalEntry
{
    public const int HeaderSize = 25;

    /// <summary>More than any record has: its texts are bounded. What says that it is larger is none.</summary>
    private const int Largest = 1 << 16;

    public EntryKind Kind { get; private init; }

    public ulong Run { get; private init; }

    public long Number { get; private init; }

    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Bytes { get; private init; }

    public ReadOnlySpan<byte> Payload => Bytes[HeaderSize..];

    /// <summary>Bytes from one record to the next.</summary>
    /// <param name="size">Size of the first.</param>
    public static int Padded(int size) => (size + 7) & ~7;

    /// <summary>Reads the record at the start of some bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="mark">What its sum is marked with.</param>
    /// <param name="entry">The record.</param>
    /// <returns>False if there is none, or not all of it.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, uint mark, out JournalEntry entry)
    {
        entry = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (size < HeaderSize || size > Math.Min(bytes.Length, Largest) || bytes[24] is not ((byte)EntryKind.Open or (byte)EntryKind.Settle)
            || (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) ^ mark) != Sum(bytes[..(int)size]))
        {
            return false;
        }

        entry = Known(bytes[..(int)size]);
        return true;
    }

    /// <summary>The record at the start of bytes this process has written itself.</summary>
    /// <param name="bytes">The bytes.</param>
    public static JournalEntry Written(ReadOnlySpan<byte> bytes) => Known(bytes[..(int)BinaryPrimitives.ReadUInt32LittleEndian(bytes)]);

    /// <summary>Fills in the header of a record whose payload is there.</summary>
    /// <param name="record">All of it.</param>
    /// <param name="kind">Kind.</param>
    /// <param name="run">Run.</param>
    /// <param name="number">Number.</param>
    public static void Seal(Span<byte> record, EntryKind kind, ulong run, long number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)record.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(record[8..], run);
        BinaryPrimitives.WriteInt64LittleEndian(record[16..], number);
        record[24] = (byte)kind;
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Sum(record));
    }

    /// <summary>Puts a mark on the sum of a record, or takes it off.</summary>
    /// <param name="record">The record.</param>
    /// <param name="mark">The mark.</param>
    public static void Mark(Span<byte> record, uint mark) =>
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], BinaryPrimitives.ReadUInt32LittleEndian(record[4..]) ^ mark);

    private static JournalEntry Known(ReadOnlySpan<byte> bytes) => new()
    {
        Run = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        Number = BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]),
        Kind = (EntryKind)bytes[24],
        Bytes = bytes,
    };

    // The size goes in too, and first: zeros of any length would otherwise have the same sum.
    private static uint Sum(ReadOnlySpan<byte> record)
    {
        uint sum = BitOperations.Crc32C(uint.MaxValue, (uint)record.Length);
        ReadOnlySpan<byte> rest = record[8..];
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(rest);
        foreach (ulong word in words)
        {
            sum = BitOperations.Crc32C(sum, word);
        }

        foreach (byte one in rest[(words.Length * 8)..])
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return ~sum;
    }
}
