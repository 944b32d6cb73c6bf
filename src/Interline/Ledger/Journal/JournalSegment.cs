using System.Buffers.Binary;
using System.Globalization;
using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Interline.Ledger.Journal;

/// <summary>
/// One file of the journal, mapped into memory: a store into it is in the operating system's hands at once and outlives a killed process, without a system call. Begins with
/// a header: magic (8 bytes), run that wrote it (8), number (8), zeros. Not thread-safe, and not to be touched once it is disposed.
///
/// A file that is past is used again under the next number, with its mapping and its pages: to unmap and delete one and to make another costs more than all that is written
/// into it. Nothing is cleared. The sum of each record has a mark on it that follows from the file's number and run, and numbers only grow, so what is left of an earlier life
/// is no record in this one, wherever the new records end and whatever pages reach the disk before a crash of the machine, in whatever order. In between the file has a name that
/// no start reads: it is renamed first (<see cref="TryRetire"/>), then gets its new header, then its new name (<see cref="Renew"/>). A process killed on the way leaves a file
/// that the next one deletes, and everything in it was in the books. If a machine crashes and the new name is on the disk without the new header, the numbers differ: such a
/// file is set aside and told. Whoever wants more has it forced to the disk: <see cref="Sync"/> includes the name.
/// </summary>
internal sealed unsafe class JournalSegment : IDisposable
{
    public const int HeaderSize = 32;

    private const string Extension = ".journal";

    /// <summary>Name of a file between two lives.</summary>
    private const string Retired = "retired.segment";

    private static readonly ulong Magic = BinaryPrimitives.ReadUInt64LittleEndian("ILJRNL02"u8);

    private readonly string _folder;
    private readonly SafeFileHandle _handle;
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _bytes;
    private string _path;
    private uint _mark;
    private bool _named;

    private JournalSegment(string path, FileStream stream, long number)
    {
        (_path, _folder, _handle) = (path, Path.GetDirectoryName(path)!, stream.SafeFileHandle);
        Number = number;
        Size = (int)stream.Length;
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, Size);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _bytes);
    }

    public long Number { get; private set; }

    /// <summary>Run of the process that wrote it.</summary>
    public ulong Writer => BinaryPrimitives.ReadUInt64LittleEndian(Span(8, 8));

    public int Size { get; }

    /// <summary>Where its records end: where the next goes for the one that is written to, what was found for older ones.</summary>
    public int End { get; set; } = HeaderSize;

    /// <summary>Makes a file. Its room on the disk is taken here: a store into a mapped file that the disk has no room for would end the process.</summary>
    public static JournalSegment Create(string folder, long number, ulong writer, int size)
    {
        string path = PathOf(folder, number);
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
            segment.Begin(number, writer);
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
        File.Delete(Path.Combine(folder, Retired));
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
                segment._mark = MarkOf(number, segment.Writer);
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
        Span<byte> to = Span(End, record.Length);
        record.CopyTo(to);
        JournalEntry.Mark(to, _mark);
        End += JournalEntry.Padded(record.Length);
    }

    public bool HasRoom(int size) => End + JournalEntry.Padded(size) <= Size;

    /// <summary>The record at a place below an end that this process has written itself, or found good before.</summary>
    public JournalEntry At(int offset) => JournalEntry.Written(Span(offset, Size - offset));

    /// <summary>A copy of the record at such a place, to be written into another file.</summary>
    public byte[] Copy(int offset)
    {
        byte[] record = At(offset).Bytes.ToArray();
        JournalEntry.Mark(record, _mark);
        return record;
    }

    /// <summary>
    /// Finds the next good record from a place on. What is none is passed over: a torn record at the end with nothing behind it, or, after a crash of the machine, a page that
    /// never reached the disk, with good records behind it; or what an earlier life has left.
    /// </summary>
    /// <param name="offset">Where to look; then where it was found.</param>
    /// <param name="entry">The record.</param>
    public bool Find(ref int offset, out JournalEntry entry)
    {
        while (offset + JournalEntry.HeaderSize <= Size)
        {
            if (JournalEntry.TryRead(Span(offset, Size - offset), _mark, out entry))
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
    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Sync()
    {
        _view.Flush();
        if (!_named)
        {
            // Flushing a mapping leaves out what data can be read without; a new name is part of that.
            RandomAccess.FlushToDisk(_handle);
            _named = true;
        }
    }

    /// <summary>Takes its name from a file that is past, so that it can be used again; one file of a folder at a time.</summary>
    /// <returns>False if the system does not let it: then it is to be deleted.</returns>
    public bool TryRetire()
    {
        try
        {
            Rename(Path.Combine(_folder, Retired));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Begins a new life of a retired file.</summary>
    /// <exception cref="IOException">It cannot be renamed; it is still retired then.</exception>
    public void Renew(long number, ulong writer)
    {
        // The header before the name: under its new name the file has to be right at every moment.
        Begin(number, writer);
        Rename(PathOf(_folder, number));
        _named = false;
    }

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

    private static string PathOf(string folder, long number) => Path.Combine(folder, number.ToString("x12", CultureInfo.InvariantCulture) + Extension);

    /// <summary>One for each number of a run, since an odd factor takes no two to the same. The run, for after a crash of the machine numbers may come once more.</summary>
    private static uint MarkOf(long number, ulong writer) => ((uint)number * 0x9E3779B1) ^ (uint)(writer ^ (writer >> 32));

    private void Begin(long number, ulong writer)
    {
        (Number, End, _mark) = (number, HeaderSize, MarkOf(number, writer));
        BinaryPrimitives.WriteInt64LittleEndian(Span(16, 8), number);
        BinaryPrimitives.WriteUInt64LittleEndian(Span(8, 8), writer);
        BinaryPrimitives.WriteUInt64LittleEndian(Span(0, 8), Magic);
    }

    private void Rename(string path)
    {
        File.Move(_path, path, overwrite: true);
        _path = path;
    }

    private Span<byte> Span(int offset, int length) => new(_bytes + offset, length);
}
