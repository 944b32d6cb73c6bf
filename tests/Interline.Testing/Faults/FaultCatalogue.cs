using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;

namespace Interline.Testing.Faults;

/// <summary>
/// What providers do instead of answering. The kinds follow what the public Failover Bench tries and what users of other gateways have reported; the answers,
/// the amounts and the order are our own. A fault belongs here if a caller could be shown silence, garbage or a false success by it.
/// </summary>
public static class FaultCatalogue
{
    /// <summary>After how many words an answer breaks in the middle.</summary>
    public const int Middle = 5;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Answered as it should be.</summary>
    public static readonly Fault Healthy = new("healthy", true, true, x => x.Whole);

    /// <summary>All of them, <see cref="Healthy"/> included.</summary>
    public static ImmutableArray<Fault> All { get; } =
    [
        Healthy,

        // Statuses.
        Both("429", x => x.Error(429, "Slow down.", "rate_limit_exceeded")),
        Both("429, Retry-After 2", x => x.Error(429, "Slow down.", "rate_limit_exceeded", ("Retry-After", "2"))),
        Both("429, Retry-After as a date", x => x.Error(429, "Slow down.", "rate_limit_exceeded", ("Retry-After", "Sat, 01 Aug 2026 12:00:03 GMT"))),
        Both("429, retry-after-ms 1500", x => x.Error(429, "Slow down.", "rate_limit_exceeded", ("retry-after-ms", "1500"))),
        Both("429, Retry-After an hour", x => x.Error(429, "Slow down.", "rate_limit_exceeded", ("Retry-After", "3600"))),
        Both("429, quota spent", x => x.Error(429, "You exceeded your current quota.", "insufficient_quota")),
        Both("500", x => x.Error(500, "Something broke.")),
        Both("502, a page", x => Reply.Body("<html><body>Bad gateway</body></html>", 502, "text/html")),
        Both("503", x => x.Error(503, "Too busy.")),
        Both("503, Retry-After 1", x => x.Error(503, "Too busy.", null, ("Retry-After", "1"))),
        Both("503, no body", x => Reply.Body("", 503, null)),
        Both("529", x => Reply.Body(Dialect.Anthropic.Error(529, "Overloaded"), 529)),
        Both("504", x => x.Error(504, "Too late.")),
        Both("408", x => x.Error(408, "Too slow.")),
        Both("409", x => x.Error(409, "Conflict.")),
        Both("401", x => x.Error(401, "Incorrect API key.", "invalid_api_key")),
        Both("403", x => x.Error(403, "This key was revoked.", "key_revoked")),
        Both("402", x => x.Error(402, "Pay first.")),
        Both("400", x => x.Error(400, "`temperature` is too hot.")),
        Both("400, context", x => x.Error(400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded")),
        Both("400, content policy", x => x.Error(400, "The request was rejected by our safety system.", "content_policy_violation")),
        Both("404", x => x.Error(404, "No such model.", "model_not_found")),
        Both("413", x => x.Error(413, "The request is too large.")),
        Both("422", x => x.Error(422, "Cannot be processed.")),
        Both("error with half a body", x => Half(x.Error(500, "Something broke, and this is how."))),
        Both("refused key, a body that drips", x => x.Error(401, "Incorrect API key.", "invalid_api_key").Rechunked(() => 1, () => Second)),
        Both("redirect", x => Reply.Body("", 307, null, ("Location", "http://elsewhere.test/v1"))),
        Both("no content", x => Reply.Body("", 204, null)),

        // No answer.
        Both("refused", _ => Reply.None(ReplyStart.Refused)),
        Both("reset", _ => Reply.None(ReplyStart.Reset)),
        Both("not HTTP", _ => Reply.None(ReplyStart.Garbage)),
        Both("unknown host", _ => Reply.None(ReplyStart.Unresolved)),
        Both("no TLS", _ => Reply.None(ReplyStart.NoTls)),
        Both("silence", _ => Reply.None(ReplyStart.Silence)),
        Both("slow head", x => x.Whole with { Wait = 3 * Second }),
        Both("head too late", x => x.Whole with { Wait = 300 * Second }),
        Both("head, then silence", x => x.Whole with { Length = x.Whole.Length, Pieces = [], End = ReplyEnd.Hang }),
        Both("head, then reset", x => x.Whole with { Pieces = [], End = ReplyEnd.Cut }),

        // A good status and no good answer.
        Both("200, nothing", x => x.Streamed ? FaultyAnswer.Events() : Reply.Body("")),
        Both("200, a page", _ => Reply.Body("<html><body>Log in</body></html>", 200, "text/html")),
        Both("200, an error", x => Reply.Body(x.Dialect.Error(503, "No capacity."))),
        Both("200, an answer without an answer", x => Reply.Body(x.Dialect.Nothing)),
        Both("200, other JSON", _ => Reply.Body("{\"hello\":1}")),
        Both("200, no content type", x => x.Whole with { ContentType = null }),
        Both("the other kind of answer", x => (x with { Streamed = !x.Streamed }).Whole),
        Both("gzip", Gzip),
        Both("invalid UTF-8", InvalidUtf8),
        Plain("half a JSON", x => Reply.Body(Encoding.UTF8.GetBytes(x.Dialect.Answer(x.Text))[..^60])),
        Plain("cut in the body", x => Half(x.Whole)),
        Plain("cut in chunks", x => Half(x.Whole) with { Length = null }),
        Plain("silence in the body", x => Half(x.Whole) with { End = ReplyEnd.Hang }),
        Plain("a body that drips", x => x.Whole.Rechunked(() => 40, () => Second / 10)),
        Plain("a body that drips too slowly", x => x.Whole.Rechunked(() => 1, () => 5 * Second)),
        Plain("two answers in one", x => Reply.Body(x.Dialect.Answer(x.Text) + x.Dialect.Answer(x.Text))),
        Plain("length too short", x => x.Whole with { Length = x.Whole.Length - 25 }),
        Plain("no usage", x => x.Rewritten(WithoutUsage)),

        // Streams that are whole and look odd.
        Streamed("comments before", x => FaultyAnswer.Events([": thinking\n\n", "retry: 3000\n\n", ": still\n\n"], x.Dialect.Events(x.Words))),
        Streamed("comments between", x => FaultyAnswer.Events(x.Dialect.Events(x.Words).SelectMany(e => (string[])[e, ": ping\n\n"]))),
        Streamed("id and event fields", x => x.Rewritten(e => e.StartsWith("event", StringComparison.Ordinal) ? "id: 1\n" + e : "event: message\nid: 7\n" + e)),
        Streamed("no space after data:", x => x.Rewritten(e => e.Replace("data: ", "data:", StringComparison.Ordinal))),
        Streamed("CRLF", x => x.Rewritten(e => e.ReplaceLineEndings("\r\n"))),
        Streamed("pieces of 1 to 3 bytes", x => { int n = 0; return x.Whole.Rechunked(() => 1 + (n++ % 3), () => default); }),
        Streamed("one piece", x => Reply.Stream([string.Concat(x.Dialect.Events(x.Words))])),
        Streamed("data on two lines", x => x.Rewritten(TwoLines)),
        Streamed("last event unended", x => Trimmed(x.Whole, 1)),
        Streamed("no usage at all", x => x.Rewritten(WithoutUsage)),
        Streamed("an event of 3 MB", x => { string big = new('x', 3 << 20); return FaultyAnswer.Events(x.Until(2), [": " + big + "\n\n"], x.From(2)); }),
        Streamed("slow words", x => x.Whole.Rechunked(() => int.MaxValue, () => 2 * Second)),
        Streamed("comments while waiting", x => FaultyAnswer.Events(x.Until(2), [": a\n\n", ": b\n\n", ": c\n\n"], x.From(2)).Rechunked(() => int.MaxValue, () => 4 * Second)),
        Streamed("no end marker", x => FaultyAnswer.Events(x.Until(x.Words.Length), x.Dialect.Closing)),
        Streamed("cut after the end", x => x.Whole with { End = ReplyEnd.Cut }),
        Streamed("open after the end", x => x.Whole with { End = ReplyEnd.Hang }),
        // Where the finish is the end (Gemini), words behind it are not words behind the end.
        Streamed("more words after the end", x => x.Dialect.Done.Length == 0 ? x.Whole : FaultyAnswer.Events(x.Dialect.Events(x.Words), [x.Dialect.Piece("zombie"), x.Dialect.Piece("zombie")])),
        Streamed("endless words after the end", x => x.Dialect.Done.Length == 0 ? x.Whole : x.Whole with { Forever = new(Second / 10, Encoding.UTF8.GetBytes(x.Dialect.Piece("zombie"))) }),
        Streamed("finish twice", x => FaultyAnswer.Events(x.Until(x.Words.Length), x.Dialect.Closing, x.Dialect.Closing, [x.Dialect.Done])),
        Streamed("a torn event too many", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Torn], x.From(Middle))),

        // Streams that break before the first word.
        Streamed("comments for ever", _ => FaultyAnswer.Events() with { Forever = new(5 * Second, ": waiting\n\n"u8.ToArray()) }),
        Streamed("an end marker alone", x => FaultyAnswer.Events([x.Dialect.Done])),
        Streamed("error first", x => FaultyAnswer.Events([x.Dialect.ErrorEvent("No capacity.")])),
        Streamed("error after the opening", x => FaultyAnswer.Events(x.Dialect.Opening.Take(1), [x.Dialect.ErrorEvent("No capacity.")])),
        Streamed("torn event first", x => FaultyAnswer.Events([x.Dialect.Torn], x.Dialect.Events(x.Words))),
        Streamed("cut in the first event", x => FaultyAnswer.Events(x.Until(0), [x.Dialect.Piece(x.Words[0])[..20]]) with { End = ReplyEnd.Cut }),
        Streamed("a page as a stream", _ => FaultyAnswer.Events(["<html>\n<body>Log in</body>\n\n"])),

        // Streams that break in the middle.
        Streamed("cut in the middle", x => FaultyAnswer.Events(x.Until(Middle)) with { End = ReplyEnd.Cut }),
        Streamed("cut in an event", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Piece(x.Words[Middle])[..30]]) with { End = ReplyEnd.Cut }),
        Streamed("ended in the middle", x => FaultyAnswer.Events(x.Until(Middle))),
        Streamed("ended in an event", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Piece(x.Words[Middle])[..30]])),
        Streamed("ended before the finish", x => FaultyAnswer.Events(x.Until(x.Words.Length))),
        Streamed("end marker without a finish", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Done])),
        Streamed("silence in the middle", x => FaultyAnswer.Events(x.Until(Middle)) with { End = ReplyEnd.Hang }),
        Streamed("silence in an event", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Piece(x.Words[Middle])[..30]]) with { End = ReplyEnd.Hang }),
        Streamed("error in the middle", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.ErrorEvent("Lost it.")])),
        Streamed("error in the middle, then the end", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.ErrorEvent("Lost it.")], [x.Dialect.Done])),
        Streamed("error in the middle, left open", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.ErrorEvent("Lost it.")]) with { End = ReplyEnd.Hang }),
        Streamed("error after all words", x => FaultyAnswer.Events(x.Until(x.Words.Length), [x.Dialect.ErrorEvent("Lost it.")])),
        Streamed("a torn event instead of a word", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Torn], x.From(Middle + 1))),
        Streamed("a torn event, then the end", x => FaultyAnswer.Events(x.Until(Middle), [x.Dialect.Torn])),
        Streamed("words for a day, then cut", x => FaultyAnswer.Events(x.Until(Middle)).Rechunked(() => int.MaxValue, () => 9 * Second) with { End = ReplyEnd.Cut }),
    ];

    /// <summary>
    /// Faults by which a caller can still be shown something false. The table says what and to whom, the simulation leaves them out, and a test
    /// holds that there are no others; who mends one takes it out here.
    /// </summary>
    public static ImmutableArray<string> Gaps { get; } =
    [
        "finish twice", "end marker without a finish", "a torn event instead of a word",
    ];

    /// <summary>A fault by its name.</summary>
    public static Fault Of(string name) => All.First(x => x.Name == name);

    private static Fault Both(string name, Func<FaultyAnswer, Reply> make) => new(name, true, true, make);

    private static Fault Plain(string name, Func<FaultyAnswer, Reply> make) => new(name, false, true, make);

    private static Fault Streamed(string name, Func<FaultyAnswer, Reply> make) => new(name, true, false, make);

    /// <summary>The first half of the body, and a cut; the whole length stays announced.</summary>
    private static Reply Half(Reply reply) => reply with { Pieces = [reply.Pieces[0] with { Bytes = reply.Pieces[0].Bytes[..(reply.Pieces[0].Bytes.Length / 2)] }], End = ReplyEnd.Cut };

    /// <summary>Without the last bytes.</summary>
    private static Reply Trimmed(Reply reply, int bytes) => reply with { Pieces = [.. reply.Pieces[..^1], reply.Pieces[^1] with { Bytes = reply.Pieces[^1].Bytes[..^bytes] }] };

    private static Reply Gzip(FaultyAnswer answer)
    {
        Reply whole = answer.Whole;
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (ReplyPiece piece in whole.Pieces)
            {
                zip.Write(piece.Bytes.Span);
            }
        }

        byte[] bytes = packed.ToArray();
        return whole with { Headers = [("Content-Encoding", "gzip")], Length = answer.Streamed ? null : bytes.Length, Pieces = [new(default, bytes)] };
    }

    private static Reply InvalidUtf8(FaultyAnswer answer)
    {
        Reply whole = answer.Whole;
        return whole with { Pieces = [.. whole.Pieces.Select(x => x with { Bytes = Spoilt(x.Bytes.ToArray()) })] };

        static byte[] Spoilt(byte[] bytes)
        {
            int at = bytes.AsSpan().IndexOf("bricht"u8);
            if (at >= 0)
            {
                bytes[at] = 0xFF;
            }

            return bytes;
        }
    }

    /// <summary>Spreads the data over two lines, at a comma between two fields.</summary>
    private static string TwoLines(string e)
    {
        int at = e.IndexOf(",\"", StringComparison.Ordinal);
        return at < 0 ? e : e[..(at + 1)] + "\ndata: " + e[(at + 1)..];
    }

    private static string WithoutUsage(string text)
    {
        foreach (string name in (string[])["usage", "usageMetadata"])
        {
            int from = text.IndexOf($",\"{name}\":{{", StringComparison.Ordinal);
            if (from >= 0)
            {
                int to = text.IndexOf('}', from) + 1;
                text = text[..from] + text[to..];
            }
        }

        return text;
    }
}
