using System.Buffers.Binary;
using Interline.Ledger.Journal;

namespace Interline.Tests.Ledger.Journal;

/// <summary>Files of the journal that are used again: what is left in them of earlier calls.</summary>
public sealed class UsedAgainTests : IDisposable
{
    private const string Between = "retired.segment";

    private readonly Journals _journals = new();

    public void Dispose() => _journals.Dispose();

    [Fact]
    public void A_file_that_is_past_is_used_again_and_one_at_most_is_kept_for_it()
    {
        using JournaledLedger ledger = _journals.Start(1);
        int used = Use(ledger, 1, 300);

        used.ShouldBeGreaterThan(5);
        Directory.GetFiles(_journals.Folder).Length.ShouldBeLessThanOrEqualTo(5, "the lock, the present file, the one before it, the next one, one to be used again");
        ledger.Dispose();
        Directory.GetFiles(_journals.Folder).Select(Path.GetFileName).ShouldNotContain(Between);
    }

    [Fact]
    public void What_is_left_of_an_earlier_life_is_no_record_wherever_the_new_ones_end()
    {
        using JournaledLedger ledger = _journals.Start(1);
        int last = 100;
        Use(ledger, 1, last);
        for (int i = 0; i < 40; i++)
        {
            // The present file has records of two lives, and of some of the old ones the calls would seem to be under way.
            ledger.Open(Journals.Opened(++last));
            using (Journals killed = _journals.Killed())
            using (JournaledLedger next = killed.Start(2))
            {
                next.InterruptedCalls.ShouldBe(1);
                next.Damaged.ShouldBe(0);
                next.Queue.Written(1, ledger.Queue.Position);
                Journals.Waiting(next).Select(x => x.Number).ShouldBe([last]);
            }

            ledger.Settle(Journals.Settled(last));
            Journals.Waiting(ledger).Count.ShouldBe(1);
        }
    }

    [Fact]
    public void A_record_torn_over_an_old_one_is_as_if_it_had_never_been()
    {
        using JournaledLedger ledger = _journals.Start(1);
        int last = 200;
        Use(ledger, 1, last);
        JournalPosition from;
        byte[] before;
        do
        {
            from = ledger.Queue.Tail;
            before = Bytes(_journals, from.Segment);
            ledger.Settle(Journals.Settled(++last));
        }
        while (ledger.Queue.Tail.Segment != from.Segment);

        byte[] after = Bytes(_journals, from.Segment);
        JournalPosition position = ledger.Queue.Position;
        int size = (int)(ledger.Queue.Tail.Offset - from.Offset);
        for (int cut = 0; cut < size; cut++)
        {
            using Journals killed = _journals.Killed();
            after.AsSpan(0, (int)from.Offset + cut).CopyTo(before);
            bool whole = before.AsSpan((int)from.Offset, size).SequenceEqual(after.AsSpan((int)from.Offset, size));
            File.WriteAllBytes(PathOf(killed, from.Segment), before);
            using JournaledLedger next = killed.Start(2);
            next.Queue.Written(1, position);

            next.Damaged.ShouldBe(0);
            Journals.Waiting(next).Exists(x => x.Number == last).ShouldBe(whole);
        }
    }

    [Fact]
    public void A_page_of_an_earlier_life_among_new_ones_is_told_and_costs_its_own_records_alone()
    {
        using JournaledLedger ledger = _journals.Start(1);
        int last = 200;
        Use(ledger, 1, last);
        while (ledger.Queue.Tail.Offset > 1000)
        {
            ledger.Settle(Journals.Settled(++last));
            Journals.Waiting(ledger);
        }

        long segment = ledger.Queue.Tail.Segment;
        byte[] old = Bytes(_journals, segment);
        int at = (int)ledger.Queue.Tail.Offset;
        JournalPosition position = ledger.Queue.Position;
        ledger.Settle(Journals.Settled(++last));
        int to = (int)ledger.Queue.Tail.Offset;
        ledger.Settle(Journals.Settled(++last));
        ledger.Queue.Tail.Segment.ShouldBe(segment);

        // The machine crashed: the first of two new records is not on the disk.
        using Journals killed = _journals.Killed();
        byte[] bytes = Bytes(killed, segment);
        old.AsSpan(at, to - at).CopyTo(bytes.AsSpan(at));
        old.AsSpan(at, to - at).IndexOfAnyExcept((byte)0).ShouldBeGreaterThanOrEqualTo(0, "there are old records");
        File.WriteAllBytes(PathOf(killed, segment), bytes);
        using JournaledLedger next = killed.Start(2);
        next.Queue.Written(1, position);

        next.Damaged.ShouldBe(1);
        Journals.Waiting(next).Select(x => x.Number).ShouldBe([last]);
    }

    [Fact]
    public void A_file_between_two_lives_is_nothing_to_the_next_process_with_whatever_header()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Open(Journals.Opened(1));
        ledger.Settle(Journals.Settled(2));
        using Journals killed = _journals.Killed();
        byte[] file = File.ReadAllBytes(killed.Files[0]);
        foreach (long number in (long[])[1, 2, 3])
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(16), number);
            File.WriteAllBytes(Path.Combine(killed.Folder, Between), file);
            using JournaledLedger next = killed.Start(2);
            next.Damaged.ShouldBe(0);
            next.InterruptedCalls.ShouldBe(number == 1 ? 1 : 0, "once, and not again by the file between two lives");
            File.Exists(Path.Combine(killed.Folder, Between)).ShouldBeFalse();
        }
    }

    [Fact]
    public void A_new_name_without_its_new_header_is_set_aside_and_told()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Settle(Journals.Settled(1));
        using Journals killed = _journals.Killed();
        File.Copy(killed.Files[0], PathOf(killed, 9));
        using JournaledLedger next = killed.Start(2);

        next.Damaged.ShouldBe(1);
        Journals.Waiting(next).Select(x => x.Number).ShouldBe([1L]);
    }

    [Fact]
    public void It_is_forced_to_the_disk_also_where_its_file_is_used_again()
    {
        using JournaledLedger ledger = _journals.Start(1);
        for (int i = 0; i < 20; i++)
        {
            Use(ledger, 1 + (i * 10), 10);
            ledger.Sync();
            ledger.Trouble.ShouldBeNull();
        }
    }

    /// <summary>Calls that are opened, settled and booked.</summary>
    /// <returns>How many files they took.</returns>
    private static int Use(JournaledLedger ledger, int first, int count)
    {
        long from = ledger.Queue.Tail.Segment;
        for (int i = first; i < first + count; i++)
        {
            ledger.Open(Journals.Opened(i));
            ledger.Settle(Journals.Settled(i));
            Journals.Waiting(ledger).Count.ShouldBe(1);
        }

        return (int)(ledger.Queue.Tail.Segment - from);
    }

    private static byte[] Bytes(Journals journals, long segment)
    {
        using FileStream from = new(PathOf(journals, segment), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[from.Length];
        from.ReadExactly(bytes);
        return bytes;
    }

    private static string PathOf(Journals journals, long segment) => Path.Combine(journals.Folder, $"{segment:x12}.journal");
}
