namespace Interline.Ledger.Journal;

/// <summary>
/// The ledger that survives a killed process. A call is opened and settled by a record in the journal each; from there <see cref="Queue"/> leads to the books. What an
/// earlier process left behind is taken over at the start: settled calls wait in the queue like any others, and calls that were under way are settled as interrupted, at
/// what was set aside for them. A call settled twice is booked once, by the books. The newest calls are also kept in memory. Thread-safe.
/// </summary>
public sealed class JournaledLedger : ILedger, IDisposable
{
    private readonly CallJournal _journal;
    private readonly InMemoryLedger _recent;
    private readonly ulong _run;

    /// <summary>Opens the journal, and takes over what is there.</summary>
    /// <param name="options">Where it is.</param>
    /// <param name="run">Random part of this process's call ids: the same 64 bits that <see cref="Gateway"/> gets.</param>
    /// <param name="time">The clock.</param>
    /// <param name="kept">Calls kept in memory, at least 1.</param>
    /// <exception cref="IOException">Another process has the folder, it cannot be written, or the disk is full.</exception>
    /// <exception cref="InvalidDataException">It was written by a newer version.</exception>
    public JournaledLedger(JournalOptions options, ulong run, TimeProvider time, int kept = InMemoryLedger.DefaultCapacity)
    {
        _run = run;
        _recent = new InMemoryLedger(kept);
        _journal = new CallJournal(options, run, time);
        try
        {
            TakeOver();
            Queue = new JournalReader(_journal);
        }
        catch
        {
            _journal.Dispose();
            throw;
        }
    }

    /// <summary>Settled calls on their way to the books.</summary>
    public JournalReader Queue { get; }

    /// <summary>Calls of an earlier process that were under way when it died.</summary>
    public int InterruptedCalls { get; private set; }

    /// <summary>Settled calls of earlier processes that were found in the journal, interrupted ones included; the books may have some already.</summary>
    public long RecoveredCalls { get; private set; }

    /// <summary>Places in the journal that could not be read although something was written after them; not 0 only after a crash of the machine, or damage.</summary>
    public int Damaged => _journal.Damaged;

    /// <summary>What is wrong with the journal's disk; null if nothing is.</summary>
    public string? Trouble => _journal.Trouble;

    /// <inheritdoc />
    public bool IsFull => _journal.IsFull;

    /// <inheritdoc />
    public void Open(in OpenCall call) => _journal.Append(RecordForm.Open(in call, _run), settles: false);

    /// <inheritdoc />
    public void Settle(in CallRecord record)
    {
        _journal.Append(RecordForm.Settle(in record, _run), settles: true);
        _recent.Settle(in record);
    }

    /// <inheritdoc />
    public CallRecord? Find(long number) => _recent.Find(number);

    /// <summary>Forces what was written to the disk now.</summary>
    public void Sync() => _journal.Sync();

    /// <summary>Closes the journal. What is not in the books yet stays in it for the next process.</summary>
    public void Dispose() => Queue.Close();

    private void TakeOver()
    {
        var texts = new TextTable();
        Dictionary<(ulong Run, long Number), JournalPosition> open = [];
        long settled = 0;
        foreach (JournalSegment segment in _journal.Found)
        {
            int expected = JournalSegment.HeaderSize;
            for (int at = expected; segment.Find(ref at, out JournalEntry entry); at = expected)
            {
                _journal.Damaged += at == expected ? 0 : 1;
                expected = at + JournalEntry.Padded(entry.Bytes.Length);
                if (entry.Kind == EntryKind.Open)
                {
                    open[(entry.Run, entry.Number)] = new(segment.Number, at);
                }
                else
                {
                    open.Remove((entry.Run, entry.Number));
                    settled++;
                }
            }

            segment.End = expected;
        }

        foreach (((ulong run, long number), JournalPosition place) in open.OrderBy(static x => x.Value))
        {
            CallRecord record = RecordForm.ReadInterrupted(_journal.Segment(place.Segment)!.At((int)place.Offset).Payload, number, texts);
            _journal.Append(RecordForm.Settle(in record, run), settles: true);
        }

        InterruptedCalls = open.Count;
        RecoveredCalls = settled + open.Count;
        _journal.AddFound(settled);
    }
}
