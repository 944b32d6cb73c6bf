// How fast calls get into the books, how large they are there, and how fast months are read: `dotnet run -c Release --project bench/books -- 1000000`.
// The way is the real one: journal, book keeper, database. 60 days of calls of 200 keys, 20 teams, 500 users, 2,000 customers, 12 models.
using System.Diagnostics;
using System.Globalization;
using Interline.Accounts;
using Interline.Bench;
using Interline.Books;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Storage.Books;
using Interline.Storage.Databases;
using Interline.Testing;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
int calls = 1_000_000;
if (args.Length > 0 && !int.TryParse(args[0], NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out calls))
{
    Console.WriteLine("bench/books [calls=1000000] [sqlite] [postgres]    books so many calls into each database, reads months and prunes; about 6 minutes for a million on both");
    return args[0] is "-h" or "--help" ? 0 : 2;
}

string[] kinds = args.Length > 1 ? args[1..] : ["sqlite", "postgres"];
DateTimeOffset end = new(2026, 8, 1, 0, 0, 0, TimeSpan.Zero);
var traffic = new Traffic(calls, end.AddDays(-60), end);
foreach (string kind in kinds)
{
    string folder = Directory.CreateTempSubdirectory("interline-bench-").FullName;
    string url = kind == "sqlite" ? "sqlite://" + Path.Combine(folder, "books.db") : PostgresServer.Shared.CreateDatabase();
    Console.WriteLine($"{kind}, {calls:N0} calls");
    await using (Database database = Database.Open(url, TimeProvider.System))
    {
        await new Migrator(database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        await RunAsync(database, folder);
    }

    Directory.Delete(folder, recursive: true);
}

return 0;

async Task RunAsync(Database database, string folder)
{
    using var ledger = new JournaledLedger(new JournalOptions(Path.Combine(folder, "journal")) { MaxBytes = 4L << 30 }, 7, TimeProvider.System);
    var keeper = new BookKeeper(database, ledger.Queue, 7, new BookOptions(), TimeProvider.System, () => 0.5);
    CallRecord record = traffic.Call(1);
    Warm(ledger, record);
    long start = Stopwatch.GetTimestamp();
    TimeSpan journal = default;
    for (int i = 1; i <= calls; i++)
    {
        record = traffic.Call(i);
        OpenCall open = Traffic.Open(in record);
        long before = Stopwatch.GetTimestamp();
        ledger.Open(in open);
        ledger.Settle(in record);
        journal += Stopwatch.GetElapsedTime(before);
    }

    Console.WriteLine($"  journal: open and settle {journal.TotalMicroseconds / calls:F2} us a call, {ledger.Queue.WaitingBytes / calls} bytes a call");
    TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
    start = Stopwatch.GetTimestamp();
    await keeper.CatchUpAsync(CancellationToken.None);
    TimeSpan took = Stopwatch.GetElapsedTime(start);
    cpu = Process.GetCurrentProcess().TotalProcessorTime - cpu;
    Console.WriteLine($"  books: {calls / took.TotalSeconds:N0} calls a second, {cpu.TotalMicroseconds / calls:F1} us CPU of ours a call");
    if (database.Dialect == SqlDialect.Postgres)
    {
        await AskAsync(database, "analyze");
        Console.WriteLine($"  size: {await AskAsync(database, "select pg_database_size(current_database())") / calls:N0} bytes a call in all");
        Console.WriteLine($"  sums: {await AskAsync(database, "select count(*) from interline_usage"):N0} rows, {await AskAsync(database, "select pg_total_relation_size('interline_usage')") / 1_048_576.0:F0} MB");
    }
    else
    {
        long size = await AskAsync(database, "select page_count * page_size from pragma_page_count(), pragma_page_size()");
        Console.WriteLine($"  size: {size / calls:N0} bytes a call in all");
        Console.WriteLine($"  sums: {await AskAsync(database, "select count(*) from interline_usage"):N0} rows");
    }

    await ViewsAsync(database);
    await PruneAsync(database, ledger);
}

async Task ViewsAsync(Database database)
{
    var reader = new UsageReader(database);
    DateTimeOffset month = end.AddMonths(-1);
    var query = new UsageQuery { From = month, To = end };
    await ViewAsync("everything by model and day", x => reader.SumAsync(query with { ByModel = true }, x));
    await ViewAsync("one team by day", x => reader.SumAsync(query with { Dimension = UsageDimension.Team, Ids = ["team-7"] }, x));
    await ViewAsync("one key by model and day", x => reader.SumAsync(query with { Dimension = UsageDimension.Key, Ids = [Traffic.Key(7)], ByModel = true }, x));
    await ViewAsync("all keys of the month", x => reader.SumAsync(query with { Dimension = UsageDimension.Key, Period = UsagePeriod.Month }, x));
    await ViewAsync("all keys by day", x => reader.SumAsync(query with { Dimension = UsageDimension.Key }, x));
    await ViewAsync("all customers of the month", x => reader.SumAsync(query with { Dimension = UsageDimension.Customer, Period = UsagePeriod.Month }, x));
    await ViewAsync("newest 100 calls of a key", async x => await ListAsync(reader, new CallQuery { KeyId = Traffic.Key(3), Most = 100 }, x));
    await ViewAsync("newest 100 failed calls of a team", async x => await ListAsync(reader, new CallQuery { TeamId = "team-3", Failed = true, Most = 100 }, x));
}

static async Task<IReadOnlyList<StoredCall>> ListAsync(UsageReader reader, CallQuery query, CancellationToken cancel)
{
    List<StoredCall> all = [];
    await foreach (StoredCall call in reader.CallsAsync(query, cancel))
    {
        all.Add(call);
    }

    return all;
}

static async Task ViewAsync<T>(string name, Func<CancellationToken, ValueTask<IReadOnlyList<T>>> ask)
{
    var times = new double[40];
    int rows = 0;
    for (int i = 0; i < times.Length; i++)
    {
        long start = Stopwatch.GetTimestamp();
        rows = (await ask(CancellationToken.None)).Count;
        times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    Array.Sort(times);
    Console.WriteLine($"  {name,-34} {rows,6} rows  p50 {times[20],7:F1} ms  p95 {times[38],7:F1} ms");
}

async Task PruneAsync(Database database, JournaledLedger ledger)
{
    // A day after the first month's end, with 30 days to keep: the older half goes.
    var time = new FakeTime();
    time.Advance(end.AddDays(1) - time.GetUtcNow());
    var keeper = new BookKeeper(database, ledger.Queue, 7, new BookOptions { CallRetention = TimeSpan.FromDays(30), HourRetention = TimeSpan.FromDays(30) }, time, () => 0.5);
    long before = await AskAsync(database, "select count(*) from interline_call");
    long start = Stopwatch.GetTimestamp();
    await keeper.PruneAsync(CancellationToken.None);
    TimeSpan took = Stopwatch.GetElapsedTime(start);
    Console.WriteLine($"  prune: {before - await AskAsync(database, "select count(*) from interline_call"):N0} calls in {took.TotalSeconds:F2} s");
}

static Task<long> AskAsync(Database database, string sql) =>
    database.ReadAsync((session, token) => session.FirstAsync(sql, static x => Convert.ToInt64(x.GetValue(0), CultureInfo.InvariantCulture), token), CancellationToken.None);

static void Warm(JournaledLedger ledger, CallRecord record)
{
    OpenCall open = Traffic.Open(in record);
    for (int i = 0; i < 20_000; i++)
    {
        ledger.Open(open with { Number = -1 - i });
        if (i % 2 == 0)
        {
            ledger.Find(1);
        }
    }
}
