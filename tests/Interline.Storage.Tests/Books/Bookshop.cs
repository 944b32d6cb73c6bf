using System.Collections.Immutable;
using Interline.Accounts;
using Interline.Books;
using Interline.Core.Configuration;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols;
using Interline.Protocols.Errors;
using Interline.Storage.Books;
using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests.Books;

/// <summary>A database, a journal in a folder of its own, and who carries calls from one to the other. Time stands still.</summary>
internal sealed class Bookshop : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-books-");
    private readonly Random _draw = new(5);
    private readonly TestDatabase _test;
    private ulong _run = 0xabc0000000000000;

    private Bookshop(TestDatabase test) => _test = test;

    public FakeTime Time { get; } = new();

    public Database Database => _test.Database;

    public JournaledLedger Ledger { get; private set; } = null!;

    public BookKeeper Keeper { get; private set; } = null!;

    public BookOptions Options { get; private set; } = new() { BatchCalls = 7 };

    public UsageReader Reader => new(Database);

    public static async Task<Bookshop> OpenAsync(SqlDialect dialect, BookOptions? options = null)
    {
        var shop = new Bookshop(await TestDatabase.MigratedAsync(dialect));
        shop.Options = options ?? shop.Options;
        shop.Begin();
        return shop;
    }

    /// <summary>Begins (again) with a new process's run over the same journal.</summary>
    public void Begin()
    {
        _run++;
        Ledger = new JournaledLedger(new JournalOptions(Path.Combine(_folder.FullName, "journal")) { SegmentBytes = 8192, MaxBytes = 1 << 22 }, _run, Time);
        Keeper = new BookKeeper(Database, Ledger.Queue, _run, Options, Time, () => 0.5);
    }

    /// <summary>As if the process had been killed, and a new one begun.</summary>
    public void Kill()
    {
        Ledger.Dispose();
        Begin();
    }

    public ulong Run => _run;

    public string Id(long number) => _run.ToString("x16") + number.ToString("x16");

    public async Task<List<StoredCall>> CallsAsync(CallQuery? query = null)
    {
        List<StoredCall> all = [];
        await foreach (StoredCall call in Reader.CallsAsync(query ?? new(), CancellationToken.None))
        {
            all.Add(call);
        }

        return all;
    }

    public async Task<List<SegmentReport>> VerifyAsync(Secret? key = null, params Secret[] earlier)
    {
        List<SegmentReport> all = [];
        await foreach (SegmentReport report in new LedgerVerification(Database, key, earlier).SegmentsAsync(CancellationToken.None))
        {
            all.Add(report);
        }

        return all;
    }

    public Task<int> ExecuteAsync(string sql, params SqlValue[] values) => Database.WriteAsync((session, token) => session.ExecuteAsync(sql, token, values), CancellationToken.None);

    public Task<long> NumberAsync(string sql) => Database.ReadAsync((session, token) => session.FirstAsync(sql, static x => Convert.ToInt64(x.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), token), CancellationToken.None);

    /// <summary>A call drawn at random, within the two months around the clock's.</summary>
    public CallRecord Draw(long number)
    {
        string? Some(string name, int many) => _draw.Next(5) == 0 ? null : name + _draw.Next(many);
        decimal? cost = _draw.Next(6) == 0 ? null : _draw.Next(1, 1_000_000) * 0.000000137m;
        return new CallRecord
        {
            Number = number,
            StartedAt = Time.GetUtcNow().AddSeconds(-_draw.Next(45 * 86400)).AddTicks(-_draw.Next(1_000_000) * 10L),
            Operation = "openai.chat",
            Group = "model" + _draw.Next(3),
            DeploymentId = Some("d", 4),
            Provider = Some("provider", 2),
            UpstreamModel = Some("up", 3),
            Status = _draw.Next(10) == 0 ? 500 : 200,
            Streamed = _draw.Next(2) == 0,
            Error = _draw.Next(8) == 0 ? ErrorKind.RateLimit : null,
            Finish = (FinishReason)_draw.Next(4),
            Usage = _draw.Next(7) == 0 ? null : new Usage { Input = _draw.Next(10_000), Output = _draw.Next(5000), CacheRead = _draw.Next(2) * _draw.Next(9000), Reasoning = _draw.Next(3) * 10, OutputAudio = _draw.Next(2) },
            Estimated = _draw.Next(9) == 0,
            Cost = cost,
            ListPrice = cost * 1.1m,
            BilledPrice = cost * 1.25m,
            PriceVersion = Some("v", 2),
            PriceSource = "catalog",
            KeyId = Some("key", 5),
            TeamId = Some("team", 3),
            UserId = Some("user", 4),
            Customer = Some("customer", 6),
            Tags = [.. Enumerable.Range(0, _draw.Next(3)).Select(_ => "tag" + _draw.Next(3))],
            Attempts = 1 + _draw.Next(2),
            Duration = TimeSpan.FromMilliseconds(_draw.Next(5000)),
            FirstByte = _draw.Next(3) == 0 ? null : TimeSpan.FromMilliseconds(_draw.Next(900)),
            Overhead = _draw.Next(3) == 0 ? null : TimeSpan.FromMicroseconds(_draw.Next(900)),
            SnapshotVersion = "s1",
            Seed = 0,
        };
    }

    public static CallRecord Plain(long number, DateTimeOffset at) => new()
    {
        Number = number, StartedAt = at, Operation = "openai.chat", Group = "gpt", Status = 200, Cost = 1, ListPrice = 2, BilledPrice = 3, KeyId = "k", TeamId = "t", UserId = "u",
        DeploymentId = "d", Provider = "p", Tags = ["x", "y"], SnapshotVersion = "s", Seed = 0,
    };

    public static OpenCall Opened(in CallRecord record) => new()
    {
        Number = record.Number, StartedAt = record.StartedAt, Operation = record.Operation, Group = record.Group, Customer = record.Customer, Tags = record.Tags, Reserved = 0.75m,
        Principal = new Principal { Role = Role.Caller, KeyId = record.KeyId, TeamId = record.TeamId, UserId = record.UserId },
    };

    public List<CallRecord> Settle(int from, int count)
    {
        List<CallRecord> settled = [];
        for (int i = from; i < from + count; i++)
        {
            CallRecord record = Draw(i);
            Ledger.Open(Opened(in record));
            Ledger.Settle(in record);
            settled.Add(record);
        }

        return settled;
    }

    public Task WriteAsync() => Keeper.CatchUpAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        Ledger.Dispose();
        await _test.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
