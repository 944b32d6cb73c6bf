using Interline.Books;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Storage.Books;
using Interline.Storage.Databases;
using Interline.Testing;

namespace Interline.Storage.Tests.Books;

public sealed class BookKeeperTests
{
    public static TheoryData<SqlDialect> Both => TestDatabase.Both;

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Calls_come_back_as_they_were_settled(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        List<CallRecord> settled = shop.Settle(1, 60);
        await shop.WriteAsync();

        foreach (CallRecord record in settled)
        {
            StoredCall? stored = await shop.Reader.FindAsync(shop.Id(record.Number), CancellationToken.None);
            stored!.Record.Tags.ShouldBe(record.Tags);
            (stored.Record with { Tags = [] }).ShouldBe(record with { Tags = [], Cost = stored.Record.Cost });
            stored.Record.Cost.ShouldBe(record.Cost);
            stored.Id.ShouldBe(shop.Id(record.Number));
        }

        shop.Keeper.Written.ShouldBe(60);
        shop.Keeper.Waiting.ShouldBe(0);
        shop.Keeper.WaitingBytes.ShouldBe(0);
        (await shop.Reader.FindAsync(shop.Id(61), CancellationToken.None)).ShouldBeNull();
        (await shop.Reader.FindAsync("x", CancellationToken.None)).ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Whichever_step_it_dies_at_each_call_is_booked_once(SqlDialect dialect)
    {
        string[] steps = ["names", "partitions", "transaction", "choose", "calls", "sums", "chain", "commit", "done"];
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        List<string> ids = [];
        decimal billed = 0;
        foreach (string step in steps)
        {
            foreach (CallRecord record in shop.Settle(1, 20))
            {
                ids.Add(shop.Id(record.Number));
                billed += record.BilledPrice ?? 0;
            }

            int batches = 0;
            shop.Keeper.Writer.Between = x =>
            {
                if (x == step && ++batches == 2)
                {
                    throw new InvalidOperationException("killed");
                }
            };
            await Should.ThrowAsync<InvalidOperationException>(shop.WriteAsync);
            shop.Kill();
            await shop.WriteAsync();
        }

        (await shop.CallsAsync()).Select(x => x.Id).Order(StringComparer.Ordinal).ShouldBe(ids.Order(StringComparer.Ordinal));
        (await SumAsync(shop)).ShouldBe((ids.Count, billed));
        shop.Keeper.Known.ShouldBe(0);
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
        (await new LedgerVerification(shop.Database, null).SumsAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_failure_and_a_second_try_in_the_same_process_book_once(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        int failures = 0;
        shop.Settle(1, 50);
        shop.Keeper.Writer.Between = x =>
        {
            if (++failures % 11 == 3)
            {
                throw new InvalidOperationException(x);
            }
        };
        for (int i = 0; i < 500 && shop.Keeper.Waiting > 0; i++)
        {
            try
            {
                await shop.WriteAsync();
            }
            catch (InvalidOperationException)
            {
                // Again.
            }
        }

        (await SumAsync(shop)).Calls.ShouldBe(50);
        (await shop.NumberAsync("select count(*) from interline_call")).ShouldBe(50);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_journal_that_is_replayed_without_its_checkpoint_doubles_nothing(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        shop.Settle(1, 10);
        await shop.WriteAsync();
        (long Calls, decimal Billed) once = await SumAsync(shop);
        for (int i = 0; i < 3; i++)
        {
            await shop.ExecuteAsync("delete from interline_journal");
            shop.Kill();
            await shop.WriteAsync();
            shop.Keeper.Known.ShouldBe(i == 0 ? 10 : 0);
        }

        (await SumAsync(shop)).ShouldBe(once);
        (await shop.NumberAsync("select count(*) from interline_call")).ShouldBe(10);
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_call_settled_twice_is_booked_once(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        CallRecord one = Bookshop.Plain(1, shop.Time.GetUtcNow());
        shop.Ledger.Settle(in one);
        shop.Ledger.Settle(in one);
        await shop.WriteAsync();
        shop.Ledger.Settle(in one);
        shop.Ledger.Settle(Bookshop.Plain(2, shop.Time.GetUtcNow()));
        await shop.WriteAsync();

        (await SumAsync(shop)).ShouldBe((2, 6m));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_call_that_was_interrupted_is_booked_at_what_was_set_aside(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        shop.Ledger.Open(Bookshop.Opened(Bookshop.Plain(1, shop.Time.GetUtcNow())));
        string id = shop.Id(1);
        shop.Kill();
        shop.Kill();
        await shop.WriteAsync();

        StoredCall call = (await shop.CallsAsync()).ShouldHaveSingleItem();
        call.Id.ShouldBe(id);
        call.Record.ShouldSatisfyAllConditions(
            x => x.BilledPrice.ShouldBe(0.75m),
            x => x.Estimated.ShouldBeTrue(),
            x => x.PriceSource.ShouldBe(RecordForm.Interrupted),
            x => x.KeyId.ShouldBe("k"));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Sums_are_those_of_the_calls(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect, new BookOptions { BatchCalls = 100 });
        List<CallRecord> settled = shop.Settle(1, 700);
        await shop.WriteAsync();

        foreach (UsagePeriod period in Enum.GetValues<UsagePeriod>())
        {
            foreach (UsageDimension dimension in Enum.GetValues<UsageDimension>())
            {
                var query = new UsageQuery { From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.MaxValue, Period = period, Dimension = dimension, ByModel = true, ByProvider = true };
                IReadOnlyList<UsageRow> rows = await shop.Reader.SumAsync(query, CancellationToken.None);
                rows.ShouldBe(Expected(settled, query), $"{period} {dimension}");
            }
        }

        (await new LedgerVerification(shop.Database, null).SumsAsync(CancellationToken.None)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Unusual_texts_and_months_are_no_trouble(SqlDialect dialect)
    {
        await using Bookshop shop = await Bookshop.OpenAsync(dialect);
        CallRecord one = Bookshop.Plain(1, shop.Time.GetUtcNow());
        string[] odd = ["'; drop table interline_call; --", "a\0b", "\ud800", new string('ß', 5000), "", "\u001f", "Ünï ☃"];
        for (int i = 0; i < odd.Length; i++)
        {
            shop.Ledger.Settle(one with { Number = i + 1, Customer = odd[i], Tags = [odd[i], "x"] });
        }

        shop.Ledger.Settle(one with { Number = 100, StartedAt = new(1999, 12, 31, 23, 59, 59, TimeSpan.Zero), Cost = decimal.MaxValue, Attempts = int.MaxValue });
        shop.Ledger.Settle(one with { Number = 101, StartedAt = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero), Usage = new() { Input = long.MaxValue / 4 } });
        await shop.WriteAsync();

        foreach (string text in odd)
        {
            (await shop.CallsAsync(new() { Customer = text })).Count.ShouldBe(1, text);
            (await shop.CallsAsync(new() { Tag = text })).Count.ShouldBe(1);
        }

        (await shop.CallsAsync()).Count.ShouldBe(odd.Length + 2);
        (await shop.VerifyAsync()).ShouldAllBe(x => x.Verdict == SegmentVerdict.Whole);
    }

    [Fact]
    public async Task While_the_database_is_away_calls_wait_in_the_journal_and_it_says_so()
    {
        using var server = new PostgresServer();
        await using Database database = Database.Open(server.CreateDatabase(), TimeProvider.System);
        await new Migrator(database, TimeProvider.System).ApplyAsync(CancellationToken.None);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("interline-books-");
        using (var ledger = new JournaledLedger(new JournalOptions(folder.FullName), 1, TimeProvider.System))
        {
            await using var keeper = new BookKeeper(database, ledger.Queue, 1, new BookOptions { Every = TimeSpan.FromMilliseconds(20) }, TimeProvider.System, () => 0);
            keeper.Start();
            ledger.Settle(Bookshop.Plain(1, now));
            await Until.TrueAsync(() => keeper.Written == 1);
            keeper.LastError.ShouldBeNull();
            server.Stop();
            ledger.Settle(Bookshop.Plain(2, now));
            await Until.TrueAsync(() => keeper.FailingSince is not null);
            keeper.LastError.ShouldNotBeNullOrEmpty();
            keeper.Waiting.ShouldBe(1);
            server.Start();
            await Until.TrueAsync(() => keeper.Written == 2 && keeper.FailingSince is null);
            keeper.Waiting.ShouldBe(0);
        }

        var reader = new UsageReader(database);
        (await reader.SumAsync(new() { From = now, To = now.AddTicks(10_000_000), Period = UsagePeriod.Month }, CancellationToken.None)).ShouldHaveSingleItem().Calls.ShouldBe(2);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Many_nodes_write_at_once_and_every_call_counts_once()
    {
        await using TestDatabase test = await TestDatabase.MigratedAsync(SqlDialect.Postgres);
        const int Nodes = 4, Calls = 600;
        await Task.WhenAll(Enumerable.Range(1, Nodes).Select(async node =>
        {
            DirectoryInfo folder = Directory.CreateTempSubdirectory("interline-books-");
            using (var ledger = new JournaledLedger(new JournalOptions(folder.FullName), (ulong)node, TimeProvider.System))
            {
                var keeper = new BookKeeper(test.Database, ledger.Queue, (ulong)node, new BookOptions { BatchCalls = 20, SegmentCalls = 100 }, TimeProvider.System, () => 0);
                for (int i = 1; i <= Calls; i++)
                {
                    ledger.Settle(Bookshop.Plain(i, DateTimeOffset.UnixEpoch.AddDays(i % 60)) with { KeyId = "k" + (i % 7), Customer = "c" + ((i * node) % 50) });
                }

                await keeper.CatchUpAsync(CancellationToken.None);
            }

            folder.Delete(recursive: true);
        }));

        var reader = new UsageReader(test.Database);
        (await reader.SumAsync(new() { From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.MaxValue, Period = UsagePeriod.Month, ByPeriod = false }, CancellationToken.None))
            .ShouldHaveSingleItem().ShouldSatisfyAllConditions(x => x.Calls.ShouldBe(Nodes * Calls), x => x.BilledPrice.ShouldBe(Nodes * Calls * 3m));
        (await new LedgerVerification(test.Database, null).SumsAsync(CancellationToken.None)).ShouldBeEmpty();
        await foreach (SegmentReport report in new LedgerVerification(test.Database, null).SegmentsAsync(CancellationToken.None))
        {
            report.Verdict.ShouldBe(SegmentVerdict.Whole, report.Problem);
        }
    }

    private static async Task<(long Calls, decimal Billed)> SumAsync(Bookshop shop)
    {
        IReadOnlyList<UsageRow> rows = await shop.Reader.SumAsync(new() { From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.MaxValue, ByPeriod = false }, CancellationToken.None);
        return rows is [var row] ? (row.Calls, row.BilledPrice) : (0, 0);
    }

    /// <summary>The sums, by another way.</summary>
    private static IReadOnlyList<UsageRow> Expected(List<CallRecord> calls, UsageQuery query) =>
    [
        .. calls.SelectMany(x => Ids(x, query.Dimension).Select(id => (Call: x, Id: id)))
            .GroupBy(x => (Period: query.Period switch
            {
                UsagePeriod.Hour => new DateTimeOffset(x.Call.StartedAt.Date, TimeSpan.Zero).AddHours(x.Call.StartedAt.Hour),
                UsagePeriod.Day => new DateTimeOffset(x.Call.StartedAt.Date, TimeSpan.Zero),
                _ => new DateTimeOffset(x.Call.StartedAt.Year, x.Call.StartedAt.Month, 1, 0, 0, 0, TimeSpan.Zero),
            }, x.Id, x.Call.Group, x.Call.Provider))
            .OrderBy(x => x.Key.Period).ThenBy(x => x.Key.Id, StringComparer.Ordinal).ThenBy(x => x.Key.Group, StringComparer.Ordinal).ThenBy(x => x.Key.Provider, StringComparer.Ordinal)
            .Select(x => new UsageRow
            {
                Period = x.Key.Period,
                Id = x.Key.Id,
                Model = x.Key.Group,
                Provider = x.Key.Provider,
                Calls = x.Count(),
                Failed = x.Count(y => y.Call.Error is not null || y.Call.Status >= 400),
                Estimated = x.Count(y => y.Call.Estimated),
                Tokens = new()
                {
                    Input = x.Sum(y => y.Call.Usage?.Input ?? 0),
                    CacheRead = x.Sum(y => y.Call.Usage?.CacheRead ?? 0),
                    Output = x.Sum(y => y.Call.Usage?.Output ?? 0),
                    Reasoning = x.Sum(y => y.Call.Usage?.Reasoning ?? 0),
                    OutputAudio = x.Sum(y => y.Call.Usage?.OutputAudio ?? 0),
                },
                UpstreamCost = x.Sum(y => y.Call.Cost ?? 0),
                ListPrice = x.Sum(y => y.Call.ListPrice ?? 0),
                BilledPrice = x.Sum(y => y.Call.BilledPrice ?? 0),
                DurationMs = (long)x.Sum(y => y.Call.Duration.TotalMilliseconds),
            }),
    ];

    private static IEnumerable<string?> Ids(CallRecord call, UsageDimension dimension) => dimension switch
    {
        UsageDimension.Everything => [null],
        UsageDimension.Tag => call.Tags.Distinct(),
        UsageDimension.Member => call.TeamId is null || call.UserId is null ? [] : [$"{call.TeamId}/{call.UserId}"],
        _ => ((string?[])[dimension switch
        {
            UsageDimension.Key => call.KeyId,
            UsageDimension.Team => call.TeamId,
            UsageDimension.User => call.UserId,
            UsageDimension.Customer => call.Customer,
            _ => call.DeploymentId,
        }]).Where(x => x is not null),
    };
}
