namespace Interline.Ledger.Journal;

/// <summary>Where and how a journal is kept.</summary>
/// <param name="Folder">Its folder, for one process at a time; made if missing.</param>
public sealed record JournalOptions(string Folder)
{
    /// <summary>Smallest <see cref="SegmentBytes"/>.</summary>
    public const int SmallestSegment = 4096;

    /// <summary>Bytes of a file, from <see cref="SmallestSegment"/>. Set aside on the disk when it is made, so that a full disk is an error there and not a crash later.</summary>
    public int SegmentBytes { get; init; } = 16 << 20;

    /// <summary>Bytes all files may take before no more calls are opened, at least four files. Calls under way are settled beyond it.</summary>
    public long MaxBytes { get; init; } = 1L << 30;

    /// <summary>
    /// How often what was written is forced to the disk, away from the calls; null leaves that to the operating system. Only a crash of the machine asks for it: what
    /// a killed process has written is safe either way.
    /// </summary>
    public TimeSpan? SyncEvery { get; init; }
}

/// <summary>A place in a journal.</summary>
/// <param name="Segment">Number of the file, from 1.</param>
/// <param name="Offset">Byte in it.</param>
public readonly record struct JournalPosition(long Segment, long Offset) : IComparable<JournalPosition>
{
    /// <inheritdoc />
    public int CompareTo(JournalPosition other) => Segment != other.Segment ? Segment.CompareTo(other.Segment) : Offset.CompareTo(other.Offset);

    /// <summary>Whether one comes before the other.</summary>
    public static bool operator <(JournalPosition left, JournalPosition right) => left.CompareTo(right) < 0;

    /// <summary>Whether one comes after the other.</summary>
    public static bool operator >(JournalPosition left, JournalPosition right) => left.CompareTo(right) > 0;

    /// <summary>Whether one does not come after the other.</summary>
    public static bool operator <=(JournalPosition left, JournalPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one does not come before the other.</summary>
    public static bool operator >=(JournalPosition left, JournalPosition right) => left.CompareTo(right) >= 0;
}
