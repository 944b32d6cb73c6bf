using System.Runtime.InteropServices;

namespace Interline.Ledger.Journal;

/// <summary>
/// The settled calls of a journal in their order, for the one who writes them to the books. The journal is the queue: while the books cannot be written, calls wait on
/// the disk and not in memory. Thread-safe; meant for one reader.
/// </summary>
public sealed class JournalReader
{
    private readonly CallJournal _journal;
    private readonly Lock _lock = new();
    private readonly TextTable _texts = new();
    private readonly Dictionary<ulong, JournalPosition> _written = [];

    // Calls under way as of where it has read to, and where they stand; the default where they are known to be settled further on.
    private readonly Dictionary<(ulong Run, long Number), JournalPosition> _open = [];
    private JournalPosition _at;
    private long _passed;

    internal JournalReader(CallJournal journal)
    {
        _journal = journal;
        _at = new(journal.After(0)!.Number, JournalSegment.HeaderSize);
        Writers = [.. journal.Found.Select(static x => x.Writer).Distinct()];
    }

    /// <summary>Runs of the earlier processes whose files are there; each may have a checkpoint in the books.</summary>
    public IReadOnlyList<ulong> Writers { get; }

    /// <summary>Settled calls that are not known to be in the books.</summary>
    public long Waiting => _journal.Settled - Interlocked.Read(ref _passed);

    /// <summary>Bytes of the journal that are not known to be in the books.</summary>
    public long WaitingBytes
    {
        get
        {
            lock (_lock)
            {
                return _journal.BytesFrom(_at);
            }
        }
    }

    /// <summary>Where the journal ends now.</summary>
    public JournalPosition Tail => _journal.Tail;

    /// <summary>Up to where everything is in the books.</summary>
    public JournalPosition Position
    {
        get
        {
            lock (_lock)
            {
                return _at;
            }
        }
    }

    /// <summary>Tells what the books have of a run's files: what lies before is not read again.</summary>
    /// <param name="writer">Run of the process that wrote the files.</param>
    /// <param name="to">Up to where.</param>
    public void Written(ulong writer, JournalPosition to)
    {
        lock (_lock)
        {
            _written[writer] = to;
        }
    }

    /// <summary>Reads the next settled calls, all from one file, without moving on: the same are read again until <see cref="Advance"/>.</summary>
    /// <param name="most">Most calls, from 1.</param>
    /// <param name="batch">Where they go.</param>
    /// <returns>False if there are none.</returns>
    public bool Read(int most, JournalBatch batch)
    {
        lock (_lock)
        {
            while (true)
            {
                JournalPosition tail = _journal.Tail;
                JournalSegment segment = _journal.Segment(_at.Segment) ?? throw new ObjectDisposedException(nameof(JournalReader));
                bool last = segment.Number == tail.Segment;
                Fill(batch, segment, last ? (int)tail.Offset : segment.End, most);
                if (batch.Count > 0)
                {
                    return true;
                }

                AdvanceLocked(batch.To);
                if (last)
                {
                    return false;
                }
            }
        }
    }

    /// <summary>Moves on: everything up to a place is in the books. Files that hold nothing else are deleted.</summary>
    /// <param name="to">The end of the batch.</param>
    public void Advance(JournalPosition to)
    {
        lock (_lock)
        {
            AdvanceLocked(to);
        }
    }

    /// <summary>Closes the journal, when nobody reads in it.</summary>
    internal void Close()
    {
        lock (_lock)
        {
            _journal.Dispose();
        }
    }

    private void Fill(JournalBatch batch, JournalSegment segment, int end, int most)
    {
        batch.Clear(segment.Writer);
        JournalPosition known = _written.GetValueOrDefault(segment.Writer);
        int at = (int)_at.Offset;
        while (batch.Count < most && at < end && segment.Find(ref at, out JournalEntry entry) && at < end)
        {
            if (entry.Kind == EntryKind.Settle && new JournalPosition(segment.Number, at) >= known)
            {
                batch.Add(in entry, _texts);
            }

            at += JournalEntry.Padded(entry.Bytes.Length);
        }

        batch.To = new(segment.Number, Math.Min(at, end));
        batch.From = _at;
    }

    private void AdvanceLocked(JournalPosition to)
    {
        JournalSegment segment = _journal.Segment(_at.Segment) ?? throw new ObjectDisposedException(nameof(JournalReader));
        int end = (int)to.Offset;
        long passed = 0;
        for (int at = (int)_at.Offset; at < end && segment.Find(ref at, out JournalEntry entry) && at < end; at += JournalEntry.Padded(entry.Bytes.Length))
        {
            if (entry.Kind == EntryKind.Settle)
            {
                _open.Remove((entry.Run, entry.Number));
                passed++;
            }
            else
            {
                _open[(entry.Run, entry.Number)] = new(segment.Number, at);
            }
        }

        Interlocked.Add(ref _passed, passed);
        _at = to;
        if (segment.Number != _journal.Tail.Segment && end >= segment.End)
        {
            _at = new(_journal.After(segment.Number)!.Number, JournalSegment.HeaderSize);
            CarryOpen();
            _journal.DeleteBefore(_at.Segment);
        }

        if (_journal.Trouble is not null)
        {
            _journal.Prepare();
        }
    }

    /// <summary>Calls that stand as open in files that are about to go are written once more, unless they are settled further on.</summary>
    private void CarryOpen()
    {
        Dictionary<(ulong Run, long Number), JournalPosition> held = [];
        foreach (((ulong Run, long Number) call, JournalPosition place) in _open)
        {
            if (place.Segment > 0 && place.Segment < _at.Segment)
            {
                held[call] = place;
            }
        }

        if (held.Count == 0)
        {
            return;
        }

        (ulong Run, long Number)[] all = [.. held.Keys];
        JournalPosition looked = _journal.Tail;
        _journal.RemoveSettled(held, _at, looked);
        if (held.Count > 0)
        {
            _journal.Carry(held, looked);
        }

        foreach ((ulong Run, long Number) call in all)
        {
            _open[call] = held.GetValueOrDefault(call);
        }
    }
}

/// <summary>Settled calls from one file of the journal. Used again and again.</summary>
public sealed class JournalBatch
{
    private readonly List<JournaledCall> _calls = [];
    private byte[] _forms = new byte[64 << 10];
    private int _used;

    /// <summary>Run of the process that wrote the file.</summary>
    public ulong Writer { get; private set; }

    /// <summary>Where it begins.</summary>
    public JournalPosition From { get; internal set; }

    /// <summary>Where it ends.</summary>
    public JournalPosition To { get; internal set; }

    /// <summary>How many calls.</summary>
    public int Count => _calls.Count;

    /// <summary>The calls, in the order they were settled. Good until the next reading.</summary>
    public ReadOnlySpan<JournaledCall> Calls => CollectionsMarshal.AsSpan(_calls);

    /// <summary>A call's bytes as they stand in the journal: what <see cref="RecordForm.Bytes"/> makes of it.</summary>
    /// <param name="call">The call.</param>
    public ReadOnlySpan<byte> Form(in JournaledCall call) => _forms.AsSpan(call.FormAt, call.FormLength);

    internal void Clear(ulong writer)
    {
        _calls.Clear();
        _used = 0;
        Writer = writer;
    }

    internal void Add(in JournalEntry entry, TextTable texts)
    {
        ReadOnlySpan<byte> form = entry.Payload;
        if (_forms.Length - _used < form.Length)
        {
            Array.Resize(ref _forms, Math.Max(_forms.Length * 2, _used + form.Length));
        }

        form.CopyTo(_forms.AsSpan(_used));
        _calls.Add(new JournaledCall(entry.Run, RecordForm.ReadSettled(form, entry.Number, texts)) { FormAt = _used, FormLength = form.Length });
        _used += form.Length;
    }
}

/// <summary>A settled call of the journal.</summary>
public readonly struct JournaledCall
{
    /// <summary>Its record, as far as it is kept. A field, so that it can be looked at where it lies: it is large.</summary>
    public readonly CallRecord Record;

    internal JournaledCall(ulong run, in CallRecord record) => (Run, Record) = (run, record);

    /// <summary>Random part of its id: the process it was made in.</summary>
    public ulong Run { get; }

    internal int FormAt { get; init; }

    internal int FormLength { get; init; }
}
