using Interline.Accounts;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols;
using Interline.Testing;

namespace Interline.Tests.Ledger.Journal;

/// <summary>A journal in a folder of its own, and calls for it.</summary>
internal sealed class Journals : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-journal-");

    public FakeTime Time { get; } = new();

    public string Folder => Path.Combine(_folder.FullName, "journal");

    public string[] Files => [.. Directory.GetFiles(Folder, "*.journal").Order(StringComparer.Ordinal)];

    public JournalOptions Options => new(Folder) { SegmentBytes = 4096, MaxBytes = 1 << 20 };

    public static OpenCall Opened(long number, decimal? reserved = 0.5m) => new()
    {
        Number = number,
        StartedAt = Noon.AddSeconds(number),
        Operation = "openai.chat",
        Group = "gpt",
        Principal = new Principal { Role = Role.Caller, KeyId = "k1", TeamId = "t1", UserId = "u1" },
        Customer = "c1",
        Tags = ["a", "b"],
        Reserved = reserved,
    };

    public static CallRecord Settled(long number) => new()
    {
        Number = number,
        StartedAt = Noon.AddSeconds(number),
        Operation = "openai.chat",
        Group = "gpt",
        DeploymentId = "d1",
        Provider = "openai",
        UpstreamModel = "gpt-x",
        Status = 200,
        Streamed = number % 2 == 0,
        Finish = FinishReason.Stop,
        Usage = new Usage { Input = 10 * number, Output = number, CacheRead = 3 },
        Cost = 0.000123m * number,
        ListPrice = 0.000125m * number,
        BilledPrice = 0.0002m * number,
        PriceVersion = "p1",
        PriceSource = "catalog",
        KeyId = "k1",
        TeamId = "t1",
        UserId = "u1",
        Customer = "c1",
        Tags = ["a", "b"],
        Attempts = 1,
        Duration = TimeSpan.FromMilliseconds(1234),
        FirstByte = TimeSpan.FromMilliseconds(100),
        Overhead = TimeSpan.FromMilliseconds(-1),
        SnapshotVersion = "v1",
        Seed = 0,
    };

    public JournaledLedger Start(ulong run, JournalOptions? options = null) => new(options ?? Options, run, Time);

    /// <summary>All that waits for the books, in order, without moving on.</summary>
    public static List<(ulong Run, long Number, CallRecord Record)> Waiting(JournaledLedger ledger, bool advance = true)
    {
        List<(ulong, long, CallRecord)> all = [];
        var batch = new JournalBatch();
        while (ledger.Queue.Read(7, batch))
        {
            foreach (ref readonly JournaledCall call in batch.Calls)
            {
                all.Add((call.Run, call.Record.Number, call.Record));
            }

            if (!advance)
            {
                break;
            }

            ledger.Queue.Advance(batch.To);
        }

        return all;
    }

    /// <summary>The files as a killed process would leave them at this moment.</summary>
    public Journals Killed()
    {
        var copy = new Journals();
        Directory.CreateDirectory(copy.Folder);
        foreach (string file in Directory.GetFiles(Folder).Where(static x => Path.GetFileName(x) != "lock"))
        {
            try
            {
                using FileStream from = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using FileStream to = File.Create(Path.Combine(copy.Folder, Path.GetFileName(file)));
                from.CopyTo(to);
            }
            catch (FileNotFoundException)
            {
                // The next file is made ready by another thread, and got its name a moment ago; nothing is in it.
            }
        }

        return copy;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
