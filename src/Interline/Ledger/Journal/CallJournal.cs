namespace Interline.Ledger.Journal;

/// <summary>
/// An append-only journal in mapped files. A record is safe from a killed process as soon as <see cref="Append"/> has returned. One process at a time; thread-safe.
/// </summary>
internal sealed class CallJournal : IDisposable
{
    private readonly JournalOptions _options;
    private readonly ulong _run;
    private readonly FileStream _lockFile;
    private readonly ITimer? _timer;

    // Taken in this order. _making is for who makes the next file, ahead of its use; _syncing keeps files alive while they are forced to the disk.
    private readonly Lock _lock = new();
    private readonly Lock _making = new();
    private readonly Lock _syncing = new();

    private readonly List<JournalSegment> _segments;
    private JournalSegment _current;
    private JournalSegment? _spare;
    private JournalSegment? _retired;
    private bool _preparing;
    private bool _disposed;
    private long _bytes;
    private long _settled;
    private long _synced;

    /// <summary>Opens a folder and begins a file of its own; what is there stays as it is.</summary>
    /// <exception cref="IOException">Another process has it, or there is no room.</exception>
    public CallJournal(JournalOptions options, ulong run, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SegmentBytes, JournalOptions.SmallestSegment);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBytes, 4L * options.SegmentBytes);
        (_options, _run) = (options, run);
        _lockFile = LockFolder(options.Folder);
        try
        {
            _segments = JournalSegment.OpenAll(options.Folder, out int setAside);
            Damaged = setAside;
            Found = [.. _segments];
            _current = JournalSegment.Create(options.Folder, _segments is [.., var last] ? last.Number + 1 : 1, run, options.SegmentBytes);
            _segments.Add(_current);
            _bytes = _segments.Sum(static x => (long)x.Size);
            Measure();
            if (options.SyncEvery is { } every)
            {
                _timer = time.CreateTimer(static x => ((CallJournal)x!).Sync(), this, every, every);
            }
        }
        catch
        {
            _lockFile.Dispose();
            throw;
        }
    }

    /// <summary>Files of earlier processes, oldest first; their ends are for the reader to find.</summary>
    public IReadOnlyList<JournalSegment> Found { get; }

    /// <summary>Files, or stretches in them, that could not be read although something was written after them.</summary>
    public int Damaged { get; set; }

    /// <summary>Whether no more calls should be opened.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Why the next file could not be made, or the files not forced to the disk; null if nothing is wrong.</summary>
    public string? Trouble => SpareTrouble ?? SyncTrouble;

    /// <summary>Settled calls ever written here.</summary>
    public long Settled => Interlocked.Read(ref _settled);

    private string? SpareTrouble { get; set; }

    private string? SyncTrouble { get; set; }

    /// <summary>Where the next record goes.</summary>
    public JournalPosition Tail
    {
        get
        {
            lock (_lock)
            {
                return new(_current.Number, _current.End);
            }
        }
    }

    /// <summary>Writes a record.</summary>
    /// <param name="record">The record, sealed.</param>
    /// <param name="settles">Whether it settles a call.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">There is no room on the disk, not even what was set aside ahead.</exception>
    public JournalPosition Append(ReadOnlySpan<byte> record, bool settles)
    {
        JournalPosition at;
        bool prepare;
        lock (_lock)
        {
            at = AppendLocked(record);
            _settled += settles ? 1 : 0;
            prepare = !_preparing && _spare is null && _current.End > _current.Size / 2;
            _preparing |= prepare;
        }

        if (prepare)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static x => x.Prepare(), this, preferLocal: false);
        }

        return at;
    }

    /// <summary>Writes open calls once more at the end, so that the files they stand in can go; but those of them that are settled by then are left out.</summary>
    /// <param name="held">The calls and where they stand; then the new places of those that were written.</param>
    /// <param name="looked">Up to where it is known that they are not settled.</param>
    public void Carry(Dictionary<(ulong Run, long Number), JournalPosition> held, JournalPosition looked)
    {
        // No call can settle in between: a call carried after it was settled would seem to be under way for ever.
        lock (_lock)
        {
            RemoveSettled(held, looked, new(_current.Number, _current.End));
            foreach (((ulong Run, long Number) call, JournalPosition place) in held.ToArray())
            {
                held[call] = AppendLocked(Segment(place.Segment)!.Copy((int)place.Offset));
            }
        }
    }

    /// <summary>Counts settled calls that were there at the start.</summary>
    public void AddFound(long settled) => Interlocked.Add(ref _settled, settled);

    /// <summary>Leaves out the calls that are settled in a stretch of the journal.</summary>
    public void RemoveSettled(Dictionary<(ulong Run, long Number), JournalPosition> held, JournalPosition from, JournalPosition to)
    {
        for (JournalSegment? segment = Segment(from.Segment); segment is not null && segment.Number <= to.Segment && held.Count > 0; segment = After(segment.Number))
        {
            int end = segment.Number == to.Segment ? (int)to.Offset : segment.End;
            for (int at = segment.Number == from.Segment ? (int)from.Offset : JournalSegment.HeaderSize; at < end && segment.Find(ref at, out JournalEntry entry) && at < end; at += JournalEntry.Padded(entry.Bytes.Length))
            {
                if (entry.Kind == EntryKind.Settle)
                {
                    held.Remove((entry.Run, entry.Number));
                }
            }
        }
    }

    /// <summary>The file of a number; null if it is gone.</summary>
    public JournalSegment? Segment(long number)
    {
        lock (_lock)
        {
            return _segments.Find(x => x.Number == number);
        }
    }

    /// <summary>The file after one; null if there is none.</summary>
    public JournalSegment? After(long number)
    {
        lock (_lock)
        {
            return _segments.Find(x => x.Number > number);
        }
    }

    /// <summary>Bytes from a place to the end.</summary>
    public long BytesFrom(JournalPosition place)
    {
        lock (_lock)
        {
            return _segments.Where(x => x.Number >= place.Segment).Sum(x => Math.Max(0, x.End - (x.Number == place.Segment ? place.Offset : JournalSegment.HeaderSize)));
        }
    }

    /// <summary>Deletes the files before one; one of them at most is kept, to be used again.</summary>
    public void DeleteBefore(long number)
    {
        List<JournalSegment> gone;
        JournalSegment? kept = null;
        lock (_lock)
        {
            gone = _segments.FindAll(x => x.Number < number);
            _segments.RemoveAll(x => x.Number < number);
            _bytes -= gone.Sum(static x => (long)x.Size);
            Measure();
            if (_retired is null && _bytes <= _options.MaxBytes - (2L * _options.SegmentBytes))
            {
                kept = gone.Find(x => x.Size == _options.SegmentBytes);
            }
        }

        lock (_syncing)
        {
            // Oldest first: should the process die in between, no call is left open whose settlement went before it.
            foreach (JournalSegment segment in gone)
            {
                if (segment != kept || !segment.TryRetire())
                {
                    segment.Delete();
                    kept = segment == kept ? null : kept;
                }
            }
        }

        Keep(kept);
    }

    /// <summary>Makes the next file ahead of its use, if it is not there.</summary>
    public void Prepare()
    {
        lock (_making)
        {
            try
            {
                if (!_disposed)
                {
                    _spare ??= Next(_options.SegmentBytes);
                    SpareTrouble = null;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                SpareTrouble = e.Message;
            }
        }

        lock (_lock)
        {
            _preparing = false;
            Measure();
        }
    }

    /// <summary>Forces what was written to the disk.</summary>
    public void Sync()
    {
        lock (_syncing)
        {
            JournalSegment[] written;
            lock (_lock)
            {
                written = _disposed ? [] : [.. _segments.Where(x => x.Number >= _synced)];
                _synced = _current.Number;
            }

            try
            {
                foreach (JournalSegment segment in written)
                {
                    segment.Sync();
                }

                SyncTrouble = null;
            }
            catch (IOException e)
            {
                _synced = 0;
                SyncTrouble = e.Message;
            }
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock)
        {
            lock (_making)
            {
                lock (_syncing)
                {
                    if (_disposed)
                    {
                        return;
                    }

                    _disposed = true;
                    _spare?.Delete();
                    _retired?.Delete();
                    _segments.ForEach(static x => x.Dispose());
                    _segments.Clear();
                    _lockFile.Dispose();
                }
            }
        }
    }

    private static FileStream LockFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        try
        {
            return new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new IOException($"The journal in {folder} is in use by another process. Each process needs a folder of its own: stop the other one, or set another folder.", e);
        }
    }

    private JournalPosition AppendLocked(ReadOnlySpan<byte> record)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (!_current.HasRoom(record.Length))
        {
            Rotate(JournalSegment.HeaderSize + JournalEntry.Padded(record.Length));
        }

        var at = new JournalPosition(_current.Number, _current.End);
        _current.Append(record);
        return at;
    }

    private void Rotate(int needed)
    {
        lock (_making)
        {
            if (_spare is { } small && small.Size < needed)
            {
                small.Delete();
                _spare = null;
            }

            // Assigned only when it is there: a failure leaves everything as it was, and the next call tries again.
            _current = _spare ?? Next(Math.Max(_options.SegmentBytes, needed));
            _spare = null;
        }

        _segments.Add(_current);
        _bytes += _current.Size;
        Measure();
    }

    /// <summary>The file after the present one: one that is past, or a new one.</summary>
    private JournalSegment Next(int size)
    {
        long number = _current.Number + 1;
        if (_retired is not { } past || past.Size != size)
        {
            return JournalSegment.Create(_options.Folder, number, _run, size);
        }

        past.Renew(number, _run);

        // Not before: as long as it is here no other file takes its name.
        _retired = null;
        return past;
    }

    private void Keep(JournalSegment? past)
    {
        lock (_making)
        {
            if (_disposed)
            {
                past?.Delete();
            }
            else
            {
                _retired ??= past;
            }
        }
    }

    private void Measure() => IsFull = SpareTrouble is not null || _bytes > _options.MaxBytes - _options.SegmentBytes;
}
