using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Interline.Protocols;

namespace Interline.Ledger.Journal;

/// <summary>Reads what <see cref="RecordBuffer"/> wrote.</summary>
internal ref struct RecordReader(ReadOnlySpan<byte> payload, TextTable texts)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>Reads the version of the form.</summary>
    public void Check()
    {
        byte version = Byte();
        if (version != RecordForm.Version)
        {
            throw new InvalidDataException($"The journal holds records of form {version}, and this program reads form {RecordForm.Version}: it was written by a newer version. Run that version until the journal is written to the books.");
        }
    }

    public byte Byte()
    {
        byte value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Number()
    {
        ulong value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public string? Text()
    {
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest);
        if (length == ushort.MaxValue)
        {
            _rest = _rest[2..];
            return null;
        }

        string text = texts.Get(_rest.Slice(2, length));
        _rest = _rest[(2 + length)..];
        return text;
    }

    public decimal Money()
    {
        byte first = Byte();
        if ((first & 0x40) != 0)
        {
            var value = new decimal(BinaryPrimitives.ReadInt32LittleEndian(_rest), BinaryPrimitives.ReadInt32LittleEndian(_rest[4..]), BinaryPrimitives.ReadInt32LittleEndian(_rest[8..]), (first & 0x80) != 0, (byte)(first & 0x3f));
            _rest = _rest[12..];
            return value;
        }

        ulong units = Unsigned();
        return new decimal((int)units, (int)(units >> 32), 0, (first & 0x80) != 0, (byte)(first & 0x3f));
    }

    public Usage Usage() => new()
    {
        Input = Number(),
        CacheRead = Number(),
        CacheWrite = Number(),
        CacheWrite1h = Number(),
        InputAudio = Number(),
        InputImage = Number(),
        Output = Number(),
        Reasoning = Number(),
        OutputAudio = Number(),
        OutputImage = Number(),
    };

    public ImmutableArray<string> Tags()
    {
        int count = Byte();
        if (count == 0)
        {
            return [];
        }

        ImmutableArray<string>.Builder tags = ImmutableArray.CreateBuilder<string>(count);
        for (int i = 0; i < count; i++)
        {
            tags.Add(Text()!);
        }

        return tags.MoveToImmutable();
    }

    private ulong Unsigned()
    {
        ulong value = 0;
        int i = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte one = _rest[i++];
            value |= (ulong)(one & 0x7f) << shift;
            if (one < 0x80)
            {
                _rest = _rest[i..];
                return value;
            }
        }
    }
}

/// <summary>Texts that come again and again, each made once. A place for each of so many hashes; who comes last has it. Not thread-safe.</summary>
internal sealed class TextTable
{
    private const int Places = 8192;

    private readonly (byte[] Bytes, string Text)[] _places = new (byte[], string)[Places];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return "";
        }

        var hash = default(HashCode);
        hash.AddBytes(utf8);
        ref (byte[] Bytes, string Text) place = ref _places[hash.ToHashCode() & (Places - 1)];
        if (place.Bytes is null || !utf8.SequenceEqual(place.Bytes))
        {
            place = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        }

        return place.Text;
    }
}
