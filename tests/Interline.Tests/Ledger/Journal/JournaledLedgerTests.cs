using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols.Errors;

namespace Interline.Tests.Ledger.Journal;

public sealed class JournaledLedgerTests : IDisposable
{
    private readonly Journals _journals = new();

    public void Dispose() => _journals.Dispose();

    [Fact]
    public void What_is_settled_waits_for_the_books_in_order_and_once()
    {
        using JournaledLedger ledger = _journals.Start(1);
        for (int i = 1; i <= 50; i++)
        {
            ledger.Open(Journals.Opened(i));
            ledger.Settle(Journals.Settled(i));
        }

        ledger.Queue.Waiting.ShouldBe(50);
        ledger.Queue.WaitingBytes.ShouldBeGreaterThan(0);
        Journals.Waiting(ledger).Select(x => (x.Run, x.Number)).ShouldBe(Enumerable.Range(1, 50).Select(x => (1UL, (long)x)));
        Journals.Waiting(ledger).ShouldBeEmpty();
        ledger.Queue.Waiting.ShouldBe(0);
        ledger.Queue.WaitingBytes.ShouldBe(0);
        ledger.Find(50)!.Value.Group.ShouldBe("gpt");
    }

    [Fact]
    public void What_was_not_moved_past_is_read_again()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Settle(Journals.Settled(1));

        Journals.Waiting(ledger, advance: false).Count.ShouldBe(1);
        Journals.Waiting(ledger, advance: false).Count.ShouldBe(1);
    }

    [Fact]
    public void A_killed_process_leaves_settled_calls_to_the_next_and_calls_under_way_as_interrupted()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Open(Journals.Opened(1));
        ledger.Open(Journals.Opened(2, 0.25m));
        ledger.Open(Journals.Opened(3, null));
        ledger.Settle(Journals.Settled(1));

        using Journals killed = _journals.Killed();
        using JournaledLedger next = killed.Start(2);

        next.InterruptedCalls.ShouldBe(2);
        next.RecoveredCalls.ShouldBe(3);
        next.Damaged.ShouldBe(0);
        next.Queue.Writers.ShouldBe([1UL]);
        List<(ulong Run, long Number, CallRecord Record)> waiting = Journals.Waiting(next);
        waiting.Select(x => (x.Run, x.Number)).ShouldBe([(1UL, 1L), (1UL, 2L), (1UL, 3L)]);
        waiting[1].Record.ShouldSatisfyAllConditions(
            x => x.StartedAt.ShouldBe(Journals.Opened(2).StartedAt),
            x => x.Cost.ShouldBe(0.25m),
            x => x.BilledPrice.ShouldBe(0.25m),
            x => x.Estimated.ShouldBeTrue(),
            x => x.Error.ShouldBe(ErrorKind.Server),
            x => x.PriceSource.ShouldBe(RecordForm.Interrupted),
            x => x.KeyId.ShouldBe("k1"),
            x => x.TeamId.ShouldBe("t1"),
            x => x.UserId.ShouldBe("u1"),
            x => x.Customer.ShouldBe("c1"),
            x => x.Tags.ShouldBe(["a", "b"]));
        waiting[2].Record.Cost.ShouldBeNull();
    }

    [Fact]
    public void A_process_that_dies_while_taking_over_leaves_the_same_to_the_next()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Open(Journals.Opened(1));
        ledger.Settle(Journals.Settled(2));
        using Journals once = _journals.Killed();
        using JournaledLedger second = once.Start(2);
        using Journals twice = once.Killed();
        using JournaledLedger third = twice.Start(3);

        third.InterruptedCalls.ShouldBe(0);
        Journals.Waiting(third).Select(x => (x.Run, x.Number)).ShouldBe([(1UL, 2L), (1UL, 1L)]);
    }

    [Fact]
    public void A_record_torn_at_any_byte_is_as_if_it_had_never_been()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Open(Journals.Opened(1));
        ledger.Open(Journals.Opened(2));
        ledger.Settle(Journals.Settled(1));
        long before = ledger.Queue.Tail.Offset;
        ledger.Settle(Journals.Settled(2));
        long size = ledger.Queue.Tail.Offset - before;

        for (int cut = 0; cut < size; cut++)
        {
            using Journals killed = _journals.Killed();
            byte[] bytes = File.ReadAllBytes(killed.Files[0]);
            bytes.AsSpan((int)before + cut).Clear();
            bool whole = bytes.AsSpan().SequenceEqual(File.ReadAllBytes(killed.Files[0]));
            File.WriteAllBytes(killed.Files[0], bytes);
            using JournaledLedger next = killed.Start(2);

            next.InterruptedCalls.ShouldBe(whole ? 0 : 1);
            next.Damaged.ShouldBe(0);
            Journals.Waiting(next).Select(x => x.Number).ShouldBe([1L, 2L]);
        }
    }

    [Fact]
    public void A_changed_byte_is_noticed_and_costs_its_own_record_alone()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Settle(Journals.Settled(1));
        long from = ledger.Queue.Tail.Offset;
        ledger.Settle(Journals.Settled(2));
        long to = ledger.Queue.Tail.Offset - 8;
        ledger.Settle(Journals.Settled(3));

        for (long at = from; at < to; at++)
        {
            using Journals killed = _journals.Killed();
            byte[] bytes = File.ReadAllBytes(killed.Files[0]);
            bytes[at] ^= 0x10;
            File.WriteAllBytes(killed.Files[0], bytes);
            using JournaledLedger next = killed.Start(2);

            next.Damaged.ShouldBe(1);
            Journals.Waiting(next).Select(x => x.Number).ShouldBe([1L, 3L]);
        }
    }

    [Fact]
    public void Garbage_is_set_aside_and_the_rest_is_read()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Settle(Journals.Settled(1));
        using Journals killed = _journals.Killed();
        File.WriteAllBytes(Path.Combine(killed.Folder, "000000000000.journal"), [.. Enumerable.Range(0, 5000).Select(x => (byte)(x * 37))]);
        File.WriteAllBytes(Path.Combine(killed.Folder, "000000000002.journal"), new byte[4096]);
        File.WriteAllBytes(Path.Combine(killed.Folder, "000000000003.journal"), [1]);
        File.WriteAllText(Path.Combine(killed.Folder, "readme.journal"), "hello");

        using JournaledLedger next = killed.Start(2);

        next.Damaged.ShouldBe(1);
        Journals.Waiting(next).Select(x => x.Number).ShouldBe([1L]);
        File.Exists(Path.Combine(killed.Folder, "000000000000.journal.damaged")).ShouldBeTrue();
    }

    [Fact]
    public async Task Many_threads_lose_nothing_and_files_go_when_they_are_read()
    {
        using JournaledLedger ledger = _journals.Start(1);
        const int Threads = 4, Each = 2000;
        var seen = new HashSet<long>();
        Task[] writers =
        [
            .. Enumerable.Range(0, Threads).Select(thread => Task.Run(() =>
            {
                for (int i = 1; i <= Each; i++)
                {
                    ledger.Open(Journals.Opened((thread * Each) + i));
                    ledger.Settle(Journals.Settled((thread * Each) + i));
                }
            })),
        ];
        Task all = Task.WhenAll(writers);
        while (!all.IsCompleted)
        {
            Journals.Waiting(ledger).ShouldAllBe(x => seen.Add(x.Number));
        }

        await all;
        Journals.Waiting(ledger).ShouldAllBe(x => seen.Add(x.Number));
        seen.Count.ShouldBe(Threads * Each);
        _journals.Files.Length.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public void At_whatever_moment_a_process_is_killed_each_call_is_booked_once()
    {
        var draw = new Random(11);
        for (int round = 0; round < 60; round++)
        {
            using var journals = new Journals();
            using JournaledLedger ledger = journals.Start(1);
            HashSet<long> open = [], settled = [], booked = [];
            long last = 0;
            int steps = draw.Next(1, 400);
            for (int i = 0; i < steps; i++)
            {
                switch (draw.Next(5))
                {
                    case 0 or 1:
                        ledger.Open(Journals.Opened(++last));
                        open.Add(last);
                        break;
                    case 2 or 3 when open.Count > 0:
                        long number = open.ElementAt(draw.Next(open.Count));
                        ledger.Settle(Journals.Settled(number));
                        open.Remove(number);
                        settled.Add(number);
                        break;
                    case 4 when draw.Next(4) == 0:
                        Journals.Waiting(ledger).ShouldAllBe(x => booked.Add(x.Number));
                        break;
                }
            }

            JournalPosition position = ledger.Queue.Position;
            using Journals killed = journals.Killed();
            using JournaledLedger next = killed.Start(2);
            next.Queue.Written(1, position);
            next.InterruptedCalls.ShouldBe(open.Count);
            List<(ulong Run, long Number, CallRecord Record)> waiting = Journals.Waiting(next);
            waiting.ShouldAllBe(x => x.Run == 1 && booked.Add(x.Number));
            waiting.Where(x => x.Record.PriceSource == RecordForm.Interrupted).Select(x => x.Number).Order().ShouldBe(open.Order());
            booked.Order().ShouldBe(open.Concat(settled).Order());
        }
    }

    [Fact]
    public void A_long_call_does_not_hold_the_files_of_others()
    {
        using JournaledLedger ledger = _journals.Start(1);
        ledger.Open(Journals.Opened(1));
        for (int i = 2; i < 500; i++)
        {
            ledger.Open(Journals.Opened(i));
            ledger.Settle(Journals.Settled(i));
            Journals.Waiting(ledger);
        }

        _journals.Files.Length.ShouldBeLessThanOrEqualTo(3);
        using (Journals killed = _journals.Killed())
        using (JournaledLedger next = killed.Start(2))
        {
            next.InterruptedCalls.ShouldBe(1);
        }

        ledger.Settle(Journals.Settled(1));
        Journals.Waiting(ledger).Select(x => x.Number).ShouldBe([1L]);
        using (Journals killed = _journals.Killed())
        using (JournaledLedger next = killed.Start(2))
        {
            next.InterruptedCalls.ShouldBe(0);
        }
    }

    [Fact]
    public void A_full_journal_says_so_still_settles_and_is_well_again_when_it_was_read()
    {
        using JournaledLedger ledger = _journals.Start(1, _journals.Options with { MaxBytes = 4 * 4096 });
        int opened = 0;
        while (!ledger.IsFull)
        {
            ledger.Open(Journals.Opened(++opened));
            opened.ShouldBeLessThan(1000);
        }

        for (int i = 1; i <= opened; i++)
        {
            ledger.Settle(Journals.Settled(i));
        }

        ledger.IsFull.ShouldBeTrue();
        Journals.Waiting(ledger).Count.ShouldBe(opened);
        ledger.IsFull.ShouldBeFalse();
    }

    [Fact]
    public void Two_processes_do_not_share_a_folder()
    {
        using JournaledLedger ledger = _journals.Start(1);
        Should.Throw<IOException>(() => _journals.Start(2)).Message.ShouldContain("in use by another process");
        ledger.Dispose();
        using JournaledLedger next = _journals.Start(2);
        next.InterruptedCalls.ShouldBe(0);
    }

    [Fact]
    public void A_record_larger_than_a_file_gets_a_larger_file()
    {
        using JournaledLedger ledger = _journals.Start(1);
        string large = new('ß', 800);
        ledger.Settle(Journals.Settled(1) with { Group = large, UserId = large, TeamId = large });
        ledger.Settle(Journals.Settled(2));
        Journals.Waiting(ledger).Select(x => (x.Number, x.Record.Group.Length)).ShouldBe([(1L, 800), (2L, 3)]);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_call()
    {
        using JournaledLedger ledger = _journals.Start(1, new JournalOptions(_journals.Folder));
        OpenCall open = Journals.Opened(1);
        CallRecord settled = Journals.Settled(1);
        for (int i = 0; i < 100; i++)
        {
            ledger.Open(in open);
            ledger.Settle(in settled);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            ledger.Open(in open);
            ledger.Settle(in settled);
        }

        // The smallest object has 24 bytes; what a runtime allocates once on the way (a lock that was waited for, say) is not a call's.
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1000 * 24);
    }

    [Fact]
    public void It_is_forced_to_the_disk_as_often_as_asked()
    {
        using JournaledLedger ledger = _journals.Start(1, _journals.Options with { SyncEvery = TimeSpan.FromMilliseconds(50) });
        for (int i = 1; i < 100; i++)
        {
            ledger.Settle(Journals.Settled(i));
            _journals.Time.Advance(TimeSpan.FromMilliseconds(20));
        }

        ledger.Trouble.ShouldBeNull();
        Journals.Waiting(ledger).Count.ShouldBe(99);
        _journals.Time.Advance(TimeSpan.FromSeconds(1));
        ledger.Trouble.ShouldBeNull();
    }
}
