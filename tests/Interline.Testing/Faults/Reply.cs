using System.Collections.Immutable;
using System.Text;

namespace Interline.Testing.Faults;

/// <summary>How a provider's answer begins.</summary>
public enum ReplyStart
{
    /// <summary>With a head.</summary>
    Head,

    /// <summary>The connection is refused.</summary>
    Refused,

    /// <summary>The connection is made and cut before any answer.</summary>
    Reset,

    /// <summary>Something comes that is not HTTP.</summary>
    Garbage,

    /// <summary>The host name is not known.</summary>
    Unresolved,

    /// <summary>No secure connection comes about.</summary>
    NoTls,

    /// <summary>The request is taken and nothing ever comes.</summary>
    Silence,
}

/// <summary>How a body ends.</summary>
public enum ReplyEnd
{
    /// <summary>As HTTP wants it.</summary>
    Proper,

    /// <summary>The connection is cut in the middle of the body.</summary>
    Cut,

    /// <summary>Nothing more comes and the connection stays open.</summary>
    Hang,
}

/// <summary>Part of a body.</summary>
/// <param name="Wait">How long it lets wait.</param>
/// <param name="Bytes">Its bytes.</param>
public readonly record struct ReplyPiece(TimeSpan Wait, ReadOnlyMemory<byte> Bytes);

/// <summary>What a misbehaving provider does with one request, whether it stands on a socket or on a virtual clock.</summary>
public sealed record Reply
{
    public ReplyStart Start { get; init; }

    /// <summary>How long the head, or the failure instead of one, lets wait.</summary>
    public TimeSpan Wait { get; init; }

    public int Status { get; init; } = 200;

    public string? ContentType { get; init; } = "application/json";

    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Announced length; null for a body in chunks.</summary>
    public long? Length { get; init; }

    public ImmutableArray<ReplyPiece> Pieces { get; init; } = [];

    /// <summary>What comes again and again after <see cref="Pieces"/>; null for nothing.</summary>
    public ReplyPiece? Forever { get; init; }

    public ReplyEnd End { get; init; }

    /// <summary>No answer at all.</summary>
    public static Reply None(ReplyStart start) => new() { Start = start };

    /// <summary>A body of known length.</summary>
    public static Reply Body(string body, int status = 200, string? type = "application/json", params (string, string)[] headers) => Body(Encoding.UTF8.GetBytes(body), status, type, headers);

    /// <summary>A body of known length.</summary>
    public static Reply Body(byte[] body, int status = 200, string? type = "application/json", params (string, string)[] headers) =>
        new() { Status = status, ContentType = type, Headers = [.. headers], Length = body.Length, Pieces = [new(default, body)] };

    /// <summary>An event stream.</summary>
    public static Reply Stream(IEnumerable<string> events, ReplyEnd end = ReplyEnd.Proper) =>
        new() { ContentType = "text/event-stream; charset=utf-8", Pieces = [.. events.Select(x => new ReplyPiece(default, Encoding.UTF8.GetBytes(x)))], End = end };

    /// <summary>The same with its body cut into other pieces.</summary>
    /// <param name="size">Size of the next piece in bytes, at least 1.</param>
    /// <param name="wait">How long it lets wait beyond what the body itself does.</param>
    public Reply Rechunked(Func<int> size, Func<TimeSpan> wait)
    {
        var pieces = ImmutableArray.CreateBuilder<ReplyPiece>();
        foreach (ReplyPiece piece in Pieces)
        {
            TimeSpan own = piece.Wait;
            for (int from = 0; from < piece.Bytes.Length;)
            {
                int length = Math.Clamp(size(), 1, piece.Bytes.Length - from);
                pieces.Add(new(own + wait(), piece.Bytes.Slice(from, length)));
                own = default;
                from += length;
            }
        }

        return this with { Pieces = pieces.ToImmutable() };
    }
}
