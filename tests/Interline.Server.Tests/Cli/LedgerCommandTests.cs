using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Interline.Books;
using Interline.Cli.Books;
using Interline.Cli.Commands;
using Interline.Ledger;

namespace Interline.Server.Tests.Cli;

/// <summary><c>interline ledger</c>, over books that are made up.</summary>
public sealed class LedgerCommandTests
{
    private static readonly CheckedSegment Whole = new("a1/1", 10, "whole", IsBroken: false, IsChecked: true, null);
    private static readonly CheckedSegment Pruned = new("a1/2", 20, "pruned", IsBroken: false, IsChecked: true, null);
    private static readonly CheckedSegment Broken = new("b2/1", 5, "broken", IsBroken: true, IsChecked: true, "Call 3 of 5 was changed.");
    private static readonly CheckedSegment Unchecked = new("c3/1", 7, "unchecked", IsBroken: false, IsChecked: false, "It was chained with a key: give the key.");

    [Fact]
    public async Task Whole_books_are_whole()
    {
        (int exit, string output, _) = await RunAsync(new Books([Whole, Pruned]), "verify");
        exit.ShouldBe(0);
        output.ShouldContain("a1/1  10 calls");
        output.ShouldEndWith("whole: 2 segments, 30 calls\n");
    }

    [Theory]
    [InlineData(0, "whole: 0 segments, 0 calls\n")]
    [InlineData(1, "a1/1  1 call\nwhole: 1 segment, 1 call\n")]
    [InlineData(2, "a1/2  1 call\nwhole: 2 segments, 2 calls\n")]
    public async Task One_is_one_and_all_else_is_many(int count, string end)
    {
        CheckedSegment[] segments = [.. Enumerable.Range(1, count).Select(x => Whole with { Name = $"a1/{x}", Calls = 1 })];
        (await RunAsync(new Books(segments), "verify")).Output.ShouldEndWith(end);
        if (count == 1)
        {
            (await RunAsync(new Books([Broken with { Calls = 1 }]), "verify")).Output.ShouldEndWith("broken: 1 of 1 segment, 1 call\n");
            (await RunAsync(new Books([Unchecked]), "verify")).Output.ShouldEndWith("not checked: 1 of 1 segment, 7 calls\n");
        }
    }

    [Fact]
    public async Task Broken_books_say_where()
    {
        (int exit, string output, _) = await RunAsync(new Books([Whole, Broken, Unchecked]), "verify");
        exit.ShouldBe(1);
        output.ShouldContain("b2/1  5 calls: Call 3 of 5 was changed.");
        output.ShouldEndWith("broken: 1 of 3 segments, 22 calls\n");
    }

    [Fact]
    public async Task Books_that_cannot_be_checked_are_not_called_whole()
    {
        (await RunAsync(new Books([Whole, Unchecked]), "verify")).Exit.ShouldBe(2);
        (int exit, _, string errors) = await RunAsync(null, "verify");
        exit.ShouldBe(2);
        errors.ShouldContain("there is no database");
        (int failed, _, string why) = await RunAsync(new Books([Whole]) { Fails = true }, "verify");
        failed.ShouldBe(2);
        why.ShouldContain("could not be read to their end");
    }

    [Theory]
    [InlineData("csv", 3)]
    [InlineData("jsonl", 2)]
    public async Task Calls_are_exported_to_a_file(string format, int lines)
    {
        string file = Path.Combine(Path.GetTempPath(), $"interline-export-{Guid.NewGuid():n}");
        try
        {
            var books = new Books([]);
            (int exit, _, string errors) = await RunAsync(books, "export", "--from", "2026-11-01", "--to", "2026-12-01T00:00:00Z", "--format", format, "-o", file);
            exit.ShouldBe(0, errors);
            errors.ShouldContain("2 calls");
            books.Asked.ShouldBe(new CallQuery { From = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero), To = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero) });
            string[] written = await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken);
            written.Length.ShouldBe(lines);
            if (format == "jsonl")
            {
                JsonDocument.Parse(written[1]).RootElement.GetProperty("model_group").GetString().ShouldBe("gpt");
            }

            (int again, _, string refused) = await RunAsync(books, "export", "-o", file);
            again.ShouldBe(2);
            refused.ShouldContain("not whole");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("--from", "then")]
    [InlineData("--from", "2026-12-01", "--to", "2026-11-01")]
    public async Task A_stretch_of_time_that_cannot_be_is_refused(params string[] arguments)
    {
        (int exit, _, string errors) = await RunAsync(new Books([]), ["export", .. arguments]);
        exit.ShouldBe(2);
        errors.ShouldContain("--from and --to");
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(Books? books, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter { NewLine = "\n" };
        Command command = LedgerCommand.Create((_, _) => ValueTask.FromResult<(ILedgerAccess?, string?)>((books, books is null ? "there is no database" : null)));
        int exit = await command.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), errors.ToString());
    }

    private sealed class Books(CheckedSegment[] segments) : ILedgerAccess, IUsageReader
    {
        public bool Fails { get; init; }

        public CallQuery? Asked { get; private set; }

        public IUsageReader Reader => this;

        public async IAsyncEnumerable<CheckedSegment> VerifyAsync([EnumeratorCancellation] CancellationToken cancel)
        {
            await ValueTask.CompletedTask;
            foreach (CheckedSegment segment in segments)
            {
                yield return segment;
            }

            if (Fails)
            {
                throw new IOException("the connection broke");
            }
        }

        public async IAsyncEnumerable<StoredCall> CallsAsync(CallQuery query, [EnumeratorCancellation] CancellationToken cancel)
        {
            await ValueTask.CompletedTask;
            Asked = query;
            for (int i = 1; i <= 2; i++)
            {
                yield return new StoredCall($"{i:x32}", new CallRecord { Number = i, StartedAt = DateTimeOffset.UnixEpoch, Operation = "openai.chat", Group = "gpt", Status = 200, SnapshotVersion = "v", Seed = 1 });
            }
        }

        public ValueTask<IReadOnlyList<UsageRow>> SumAsync(UsageQuery query, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask<StoredCall?> FindAsync(string id, CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
