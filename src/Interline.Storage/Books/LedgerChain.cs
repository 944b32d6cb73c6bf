using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Interline.Core.Configuration;
using Interline.Ledger.Journal;
using Interline.Storage.Databases;

namespace Interline.Storage.Books;

/// <summary>
/// The hash chain over the calls one process books: each link is SHA-256 (HMAC with a key) of the link before, the call's run and number, and its bytes
/// (<see cref="RecordForm"/>). Every stretch of it has a row whose root outlives the calls; it begins with the root of the stretch before, the first of a process with the
/// root of the stretch that was closed last by anybody.
/// </summary>
internal sealed class LedgerChain : IDisposable
{
    public const int LinkSize = 32;

    private readonly byte[] _link = new byte[LinkSize];
    private readonly IncrementalHash _hash;

    // One hash object for all links: to begin a keyed one anew costs half of what making it costs.
    public LedgerChain(Secret? key)
    {
        IsKeyed = key is not null;
        _hash = key is null
            ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256)
            : IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key.Reveal()));
    }

    /// <summary>Whether links need the key.</summary>
    public bool IsKeyed { get; }

    /// <summary>The link reached.</summary>
    public byte[] Link
    {
        get => _link.AsSpan().ToArray();
        set => value.CopyTo(_link, 0);
    }

    /// <summary>Its beginning, as it stands in the row of the call added last.</summary>
    public int Mark => BinaryPrimitives.ReadInt32BigEndian(_link);

    /// <summary>Adds a call.</summary>
    public void Add(ulong run, long number, ReadOnlySpan<byte> form)
    {
        Span<byte> head = stackalloc byte[LinkSize + 16];
        _link.CopyTo(head);
        BinaryPrimitives.WriteUInt64BigEndian(head[LinkSize..], run);
        BinaryPrimitives.WriteInt64BigEndian(head[(LinkSize + 8)..], number);
        _hash.AppendData(head);
        _hash.AppendData(form);
        _hash.GetHashAndReset(_link);
    }

    public void Dispose() => _hash.Dispose();
}

/// <summary>A row of <c>interline_segment</c>: a stretch of the chain.</summary>
internal sealed record ChainSegment
{
    private const string Columns = "id, run, number, form, keyed, rows, first_started, last_started, previous, root, opened_at, closed_at, pruned_at";

    public const string Select = "select " + Columns + " from interline_segment ";

    public long Id { get; init; }

    public ulong Run { get; init; }

    public long Number { get; init; }

    public int Form { get; init; }

    public bool Keyed { get; init; }

    public long Rows { get; init; }

    public long FirstStarted { get; init; } = long.MaxValue;

    public long LastStarted { get; init; } = long.MinValue;

    public byte[] Previous { get; init; } = [];

    public byte[] Root { get; init; } = [];

    public long OpenedAt { get; init; }

    public long? ClosedAt { get; init; }

    public long? PrunedAt { get; init; }

    public static ChainSegment Read(System.Data.Common.DbDataReader row) => new()
    {
        Id = row.GetInt64(0),
        Run = (ulong)row.GetInt64(1),
        Number = row.GetInt64(2),
        Form = row.GetInt16(3),
        Keyed = row.GetInt16(4) != 0,
        Rows = row.GetInt64(5),
        FirstStarted = row.GetInt64(6),
        LastStarted = row.GetInt64(7),
        Previous = row.GetFieldValue<byte[]>(8),
        Root = row.GetFieldValue<byte[]>(9),
        OpenedAt = row.GetInt64(10),
        ClosedAt = row.IsDBNull(11) ? null : row.GetInt64(11),
        PrunedAt = row.IsDBNull(12) ? null : row.GetInt64(12),
    };

    /// <summary>The stretch a process is at; null if it has none yet.</summary>
    public static Task<ChainSegment?> NewestAsync(SqlSession session, ulong run, CancellationToken cancel) =>
        session.FirstAsync<ChainSegment>(Select + "where run = $1 order by number desc limit 1", Read, cancel, (long)run)!;

    /// <summary>Begins the stretch after this one.</summary>
    public static async Task<ChainSegment> BeginAsync(SqlSession session, ulong run, ChainSegment? before, bool keyed, long now, CancellationToken cancel)
    {
        if (before is { ClosedAt: null })
        {
            await session.ExecuteAsync("update interline_segment set closed_at = $2 where id = $1", cancel, before.Id, now);
        }

        byte[] previous = before?.Root
            ?? await session.FirstAsync("select root from interline_segment where closed_at is not null order by id desc limit 1", static x => x.GetFieldValue<byte[]>(0), cancel)
            ?? new byte[LedgerChain.LinkSize];
        var begun = new ChainSegment { Run = run, Number = (before?.Number ?? 0) + 1, Form = RecordForm.Version, Keyed = keyed, Previous = previous, Root = previous, OpenedAt = now };
        long id = await session.FirstAsync(
            """
            insert into interline_segment (run, number, form, keyed, rows, first_started, last_started, previous, root, opened_at)
            values ($1, $2, $3, $4, 0, $5, $6, $7, $7, $8) returning id
            """,
            static x => x.GetInt64(0),
            cancel,
            (long)run,
            begun.Number,
            begun.Form,
            keyed ? 1 : 0,
            begun.FirstStarted,
            begun.LastStarted,
            previous,
            now);
        return begun with { Id = id };
    }

    /// <summary>Notes how far it has come.</summary>
    public Task SaveAsync(SqlSession session, CancellationToken cancel) => session.ExecuteAsync(
        "update interline_segment set rows = $2, first_started = $3, last_started = $4, root = $5 where id = $1",
        cancel,
        Id,
        Rows,
        FirstStarted,
        LastStarted,
        Root);
}
