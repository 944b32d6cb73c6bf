using System.Collections.Immutable;
using System.Text;

namespace Interline.Testing.Faults;

/// <summary>One way to misbehave.</summary>
/// <param name="Name">Its name in tables and reports.</param>
/// <param name="Streamed">Whether it can befall a stream.</param>
/// <param name="Plain">Whether it can befall a plain answer.</param>
/// <param name="Make">Makes the reply.</param>
public sealed record Fault(string Name, bool Streamed, bool Plain, Func<FaultyAnswer, Reply> Make)
{
    public override string ToString() => Name;
}

/// <summary>The answer that a fault befalls.</summary>
/// <param name="Dialect">The provider's format.</param>
/// <param name="Streamed">Whether a stream was asked for.</param>
/// <param name="Words">The answer's text in pieces.</param>
public sealed record FaultyAnswer(Dialect Dialect, bool Streamed, ImmutableArray<string> Words)
{
    public string Text => string.Concat(Words);

    /// <summary>The answer as it should be.</summary>
    public Reply Whole => Streamed ? Reply.Stream(Dialect.Events(Words)) : Reply.Body(Dialect.Answer(Text));

    /// <summary>The events of a stream up to a number of words.</summary>
    public ImmutableArray<string> Until(int words) => [.. Dialect.Opening, .. Words.Take(words).Select(Dialect.Piece)];

    /// <summary>The events of a stream from a number of words on.</summary>
    public ImmutableArray<string> From(int words) => [.. Words.Skip(words).Select(Dialect.Piece), .. Dialect.Closing, .. Dialect.Done.Length > 0 ? [Dialect.Done] : Array.Empty<string>()];

    public Reply Error(int status, string message, string? code = null, params (string, string)[] headers) => Reply.Body(Dialect.Error(status, message, code), status, "application/json", headers);

    /// <summary>A stream of any text.</summary>
    public static Reply Events(params IEnumerable<string>[] events) => Reply.Stream(events.SelectMany(x => x));

    /// <summary>The answer with its bytes changed.</summary>
    public Reply Rewritten(Func<string, string> change)
    {
        Reply whole = Whole;
        ImmutableArray<ReplyPiece> pieces = [.. whole.Pieces.Select(x => x with { Bytes = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(x.Bytes.Span))) })];
        return whole with { Pieces = pieces, Length = Streamed ? null : pieces.Sum(x => x.Bytes.Length) };
    }
}
