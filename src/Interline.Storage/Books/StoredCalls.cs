using System.Collections.Immutable;
using System.Data.Common;
using Interline.Books;
using Interline.Ledger;
using Interline.Ledger.Journal;
using Interline.Protocols;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>Rows of <c>interline_call</c> back into records.</summary>
internal sealed class StoredCalls
{
    private const int MostKept = 50_000;
    private const int MostAtOnce = 500;

    private readonly Dictionary<int, string> _texts = [];

    /// <summary>A row with the numbers of its texts still in it.</summary>
    internal sealed record Row(long Segment, int Seq, ulong Run, CallRecord Record, int[] Names, int Mark);

    /// <summary>Reads a row of <see cref="CallRow.Columns"/>.</summary>
    public static Row Read(DbDataReader row)
    {
        var names = new int[16];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = row.IsDBNull(5 + i) ? 0 : row.GetInt32(5 + i);
        }

        int flags = row.GetInt16(22);

        // Tokens of a call whose usage is unknown are nothing this program writes; they are shown, so that the chain tells of them.
        Usage tokens = Tokens(row, 27);
        var record = new CallRecord
        {
            Number = row.GetInt64(4),
            StartedAt = CallRow.Time(row.GetInt64(2)),
            Operation = "",
            Group = "",
            SnapshotVersion = "",
            Seed = 0,
            Status = row.GetInt16(21),
            Streamed = (flags & CallRow.Streamed) != 0,
            Estimated = (flags & CallRow.Estimated) != 0,
            Attempts = row.GetInt32(23),
            Retries = row.GetInt32(24),
            Fallbacks = row.GetInt32(25),
            MalformedEvents = row.GetInt32(26),
            Usage = (flags & CallRow.UsageKnown) != 0 || tokens != default ? tokens : null,
            Cost = Money(row, 37),
            ListPrice = Money(row, 38),
            BilledPrice = Money(row, 39),
            Duration = CallRow.Span(row.GetInt64(40)),
            FirstByte = row.IsDBNull(41) ? null : CallRow.Span(row.GetInt64(41)),
            Overhead = row.IsDBNull(42) ? null : CallRow.Span(row.GetInt64(42)),
        };
        return new Row(row.GetInt64(0), row.GetInt32(1), (ulong)row.GetInt64(3), record, names, row.GetInt32(43));
    }

    /// <summary>Reads ten token classes from a column on; null is none.</summary>
    public static Usage Tokens(DbDataReader row, int from) => new()
    {
        Input = Count(row, from),
        CacheRead = Count(row, from + 1),
        CacheWrite = Count(row, from + 2),
        CacheWrite1h = Count(row, from + 3),
        InputAudio = Count(row, from + 4),
        InputImage = Count(row, from + 5),
        Output = Count(row, from + 6),
        Reasoning = Count(row, from + 7),
        OutputAudio = Count(row, from + 8),
        OutputImage = Count(row, from + 9),
    };

    /// <summary>Puts the texts into rows.</summary>
    public async Task<List<StoredCall>> WithTextsAsync(SqlSession session, List<Row> rows, CancellationToken cancel)
    {
        await LearnAsync(session, rows.SelectMany(static x => x.Names), cancel);
        return rows.ConvertAll(x => new StoredCall(x.Run.ToString("x16") + x.Record.Number.ToString("x16"), WithTexts(x)));
    }

    /// <summary>The texts of some numbers; 0 and numbers that are gone have none.</summary>
    public async Task LearnAsync(SqlSession session, IEnumerable<int> numbers, CancellationToken cancel)
    {
        if (_texts.Count > MostKept)
        {
            _texts.Clear();
        }

        foreach (int[] some in numbers.Where(x => x != 0 && !_texts.ContainsKey(x)).Distinct().ToArray().Chunk(MostAtOnce))
        {
            if (session.Dialect == SqlDialect.Postgres)
            {
                foreach ((int id, string text) in await session.ListAsync("select id, text from interline_name where id = any($1)", static x => (x.GetInt32(0), x.GetString(1)), cancel, some.Select(static x => (long)x).ToArray()))
                {
                    _texts[id] = text;
                }

                continue;
            }

            foreach (int id in some)
            {
                if (await session.FirstAsync("select text from interline_name where id = $1", static x => x.GetString(0), cancel, id) is { } text)
                {
                    _texts[id] = text;
                }
            }
        }
    }

    /// <summary>Text of a number; null for none.</summary>
    public string? Text(int number) => _texts.GetValueOrDefault(number);

    /// <summary>The record with its texts, once they are learned.</summary>
    public CallRecord WithTexts(Row row) => row.Record with
    {
        Operation = Text(row.Names[0]) ?? "",
        Group = Text(row.Names[1]) ?? "",
        DeploymentId = Text(row.Names[2]),
        Provider = Text(row.Names[3]),
        UpstreamModel = Text(row.Names[4]),
        KeyId = Text(row.Names[5]),
        TeamId = Text(row.Names[6]),
        UserId = Text(row.Names[7]),
        Customer = Text(row.Names[8]),
        Tags = Text(row.Names[9]) is { } tags ? ImmutableArray.Create(NameBook.TagsOf(tags)) : [],
        Error = RecordForm.ErrorOf(Text(row.Names[10])),
        Finish = RecordForm.FinishOf(Text(row.Names[11])),
        PriceSource = Text(row.Names[12]),
        PriceVersion = Text(row.Names[13]),
        PlanVersion = Text(row.Names[14]),
        SnapshotVersion = Text(row.Names[15]) ?? "",
    };

    private static long Count(DbDataReader row, int column) => row.IsDBNull(column) ? 0 : row.GetInt64(column);

    private static decimal? Money(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDecimal(column);
}
