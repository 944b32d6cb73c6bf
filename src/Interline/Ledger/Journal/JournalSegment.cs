using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace Interline.Ledger.Journal;

/// <summary>
/// One file of the journal, mapped into memory: a store into it is in the operating system's hands at once and outlives a killed process, without a system call. Begins with
/// a header: magic (8 bytes), run that wrote it (8), number (8), zeros. Not thread-safe, and not to be touched once it is disposed.
/// </summary>
internal sealed unsafe class JournalSegment : IDisposable
{
    public const int HeaderSize = 32;

    private const string Extension = ".journal";
    private static readonly ulong Magic = BinaryPrimitives.ReadUInt64LittleEndian("ILJRNL01"u8);

    private readonly string _path;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;

    private JournalSegment(string path, FileStream stream, long number)
    {
        _path = path;
        Number = number;
        Size = (int)stream.Length;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Size);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    public long Number { get; }

    /// <summary>Run of the process that wrote it.</summary>
    public ulong Writer => BinaryPrimitives.ReadUInt64LittleEndian(Span(8, 8));

    public int Size { get; }

    /// <summary>Where its records end: where the next goes for the one that is written to, what was found for older ones.</summary>
    public int End { get; set; } = HeaderSize;

    /// <summary>Makes a file. Its room on the disk is taken here: a store into a mapped file that the disk has no room for would end the process.</summary>
    public static JournalSegment Create(string folder, long number, ulong writer, int size)
    {
        string path = Path.Combine(folder, number.ToString("x12", CultureInfo.InvariantCulture) + Extension);
        var stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            PreallocationSize = size,
        });
        try
        {
            stream.SetLength(size);
            var segment = new JournalSegment(path, stream, number);
            BinaryPrimitives.WriteInt64LittleEndian(segment.Span(16, 8), number);
            BinaryPrimitives.WriteUInt64LittleEndian(segment.Span(8, 8), writer);
            BinaryPrimitives.WriteUInt64LittleEndian(segment.Span(0, 8), Magic);
            return segment;
        }
        catch
        {
            stream.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Opens the files of a folder, by number. What was made and never written to is deleted; what is no journal any more is renamed and left.</summary>
    public static List<JournalSegment> OpenAll(string folder, out int setAside)
    {
        setAside = 0;
        List<JournalSegment> segments = [];
        foreach (string path in Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal))
        {
            if (!long.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long number))
            {
                continue;
            }

            if (new FileInfo(path).Length < HeaderSize)
            {
                File.Delete(path);
                continue;
            }

            var segment = new JournalSegment(path, new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, 0), number);
            if (BinaryPrimitives.ReadUInt64LittleEndian(segment.Span(0, 8)) == Magic && BinaryPrimitives.ReadInt64LittleEndian(segment.Span(16, 8)) == number)
            {
                segments.Add(segment);
            }
            else if (segment.Span(0, segment.Size).IndexOfAnyExcept((byte)0) < 0)
            {
                segment.Delete();
            }
            else
            {
                segment.Dispose();
                File.Move(path, path + ".damaged", overwrite: true);
                setAside++;
            }
        }

        return segments;
    }

    /// <summary>Writes a record at <see cref="End"/>; there must be room.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        record.CopyTo(Span(End, record.Length));
        End += JournalEntry.Padded(record.Length);
    }

    public bool HasRoom(int size) => End + JournalEntry.Padded(size) <= Size;

    /// <summary>The record at a place below an end that this process has written itself, or found good before.</summary>
    public JournalEntry At(int offset) => JournalEntry.Written(Span(offset, Size - offset));

    /// <summary>
    /// Finds the next good record from a place on. What is none is passed over: a torn record at the end with nothing behind it, or, after a crash of the machine, a page that
    /// never reached the disk, with good records behind it.
    /// </summary>
    /// <param name="offset">Where to look; then where it was found.</param>
    /// <param name="entry">The record.</param>
    public bool Find(ref int offset, out JournalEntry entry)
    {
        while (offset + JournalEntry.HeaderSize <= Size)
        {
            if (JournalEntry.TryRead(Span(offset, Size - offset), out entry))
            {
                return true;
            }

            int written = Span(offset, Size - offset).IndexOfAnyExcept((byte)0);
            if (written < 0)
            {
                break;
            }

            // A record's first bytes may be zero too, so not the byte itself but the place it belongs to.
            offset = Math.Max(offset + 8, (offset + written) & ~7);
        }

        entry = default;
        return false;
    }

    /// <summary>Forces what was written to the disk.</summary>
    public void Sync() => _view.Flush();

    public void Delete()
    {
        Dispose();
        File.Delete(_path);
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }

    private Span<byte> Span(int offset, int length) => new(_bytes + offset, length);
}
