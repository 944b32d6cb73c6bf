using System.Data.Common;
using System.Text;
using Interline.Contents;
using Interline.Storage.Books;
using Interline.Storage.Databases;

namespace Interline.Storage.Contents;

/// <summary>A content as a row of <c>interline_content</c>.</summary>
internal readonly struct ContentRow
{
    /// <summary>The columns, in the order they are read in.</summary>
    public const string Columns = "id, started, key_id, team_id, user_id, request, request_bytes, answer, answer_bytes";

    // What a row and its places in the indexes take beside the texts, about.
    private const int Overhead = 200;

    private const string Insert = $"insert into interline_content ({Columns}, size)";

    private readonly StoredContent _content;

    public ContentRow(StoredContent content)
    {
        _content = content with { Id = Storable(content.Id), Request = Storable(content.Request), Answer = Storable(content.Answer) };
        Size = Overhead + Encoding.UTF8.GetByteCount(_content.Request) + Encoding.UTF8.GetByteCount(_content.Answer);
    }

    /// <summary>Bytes the row counts for.</summary>
    public long Size { get; }

    /// <summary>Writes rows; those whose call is there already stay as they are.</summary>
    public static Task WriteAsync(SqlSession session, ContentRow[] rows, CancellationToken cancel) =>
        session.Dialect == SqlDialect.Postgres ? WriteAtOnceAsync(session, rows, cancel) : WriteEachAsync(session, rows, cancel);

    public static StoredContent Read(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        StartedAt = DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(1) * TimeSpan.TicksPerMicrosecond),
        KeyId = row.IsDBNull(2) ? null : row.GetString(2),
        TeamId = row.IsDBNull(3) ? null : row.GetString(3),
        UserId = row.IsDBNull(4) ? null : row.GetString(4),
        Request = row.GetString(5),
        RequestBytes = row.GetInt64(6),
        Answer = row.GetString(7),
        AnswerBytes = row.GetInt64(8),
    };

    /// <summary>A text that both databases take: PostgreSQL has no NUL in texts, and one of them would cost the whole batch.</summary>
    public static string Storable(string text) => text.Replace('\0', '\uFFFD');

    private static Task<int> WriteAtOnceAsync(SqlSession session, ContentRow[] rows, CancellationToken cancel) => session.ExecuteAsync(
        Insert + " select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
        cancel,
        Array.ConvertAll(rows, static x => (string?)x._content.Id),
        Array.ConvertAll(rows, static x => CallRow.Micros(x._content.StartedAt)),
        Array.ConvertAll(rows, static x => x._content.KeyId),
        Array.ConvertAll(rows, static x => x._content.TeamId),
        Array.ConvertAll(rows, static x => x._content.UserId),
        Array.ConvertAll(rows, static x => (string?)x._content.Request),
        Array.ConvertAll(rows, static x => x._content.RequestBytes),
        Array.ConvertAll(rows, static x => (string?)x._content.Answer),
        Array.ConvertAll(rows, static x => x._content.AnswerBytes),
        Array.ConvertAll(rows, static x => x.Size));

    private static async Task WriteEachAsync(SqlSession session, ContentRow[] rows, CancellationToken cancel)
    {
        foreach (ContentRow row in rows)
        {
            StoredContent content = row._content;
            await session.ExecuteAsync(
                Insert + " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict (id) do nothing",
                cancel,
                content.Id,
                CallRow.Micros(content.StartedAt),
                content.KeyId,
                content.TeamId,
                content.UserId,
                content.Request,
                content.RequestBytes,
                content.Answer,
                content.AnswerBytes,
                row.Size);
        }
    }
}
