using System.Globalization;
using System.Text;
using Interline.Testing.Faults;

namespace Interline.Testing;

/// <summary>What a <see cref="FakeProvider"/> does with one request, as the steps it takes on the raw connection once the request has been read.</summary>
public sealed class FakeAnswer
{
    private readonly List<FakeStep> _steps = [];

    /// <summary>The steps, in order.</summary>
    public IReadOnlyList<FakeStep> Steps => _steps;

    /// <summary>An answer with a JSON body.</summary>
    public static FakeAnswer Json(string body, int status = 200, params (string Name, string Value)[] headers) =>
        Body("application/json", Encoding.UTF8.GetBytes(body), status, headers);

    /// <summary>An answer with any body and its length.</summary>
    public static FakeAnswer Body(string contentType, byte[] body, int status = 200, params (string Name, string Value)[] headers) =>
        new FakeAnswer().Write(Head(status, contentType, $"Content-Length: {body.Length}", headers)).Write(body);

    /// <summary>A whole event stream: the text goes out in pieces of the given sizes, over and over; none sends it in one.</summary>
    public static FakeAnswer Stream(string events, params int[] sizes) => StreamHead().Events(events, sizes).End();

    /// <summary>Reads the request and never says a word.</summary>
    public static FakeAnswer HangBeforeHeaders() => new FakeAnswer().Hang();

    /// <summary>Sends the headers of a stream, perhaps some events, and then nothing more.</summary>
    public static FakeAnswer HangInStream(string events = "") => StreamHead().Events(events).Hang();

    /// <summary>Sends the headers of a plain answer and part of its body, then nothing more.</summary>
    public static FakeAnswer HangInBody(string body, int missing) =>
        new FakeAnswer().Write(Head(200, "application/json", $"Content-Length: {Encoding.UTF8.GetByteCount(body) + missing}")).Write(body).Hang();

    /// <summary>Sends the headers of a stream, perhaps some events, and cuts the connection without the end of the body.</summary>
    public static FakeAnswer CutStream(string events = "") => StreamHead().Events(events).Close();

    /// <summary>Sends the headers of a stream and some events, and ends the body properly, whatever the events say.</summary>
    public static FakeAnswer EndStream(string events = "") => StreamHead().Events(events).End();

    /// <summary>Cuts the connection before any answer.</summary>
    public static FakeAnswer Cut() => new FakeAnswer().Close();

    /// <summary>Announces a longer body than it sends, and closes.</summary>
    public static FakeAnswer ShortBody(string body, int missing) =>
        new FakeAnswer().Write(Head(200, "application/json", $"Content-Length: {Encoding.UTF8.GetByteCount(body) + missing}")).Write(body).Close();

    /// <summary>Sends the caller elsewhere.</summary>
    public static FakeAnswer Redirect(string location, int status = 307) => Json("{}", status, ("Location", location));

    /// <summary>Something that is not HTTP.</summary>
    public static FakeAnswer Garbage() => new FakeAnswer().Write("SSH-2.0-OpenSSH_9.6\r\n\u0001\u0002\r\n\r\n").Close();

    /// <summary>The head of a chunked event stream; go on with <see cref="Events"/>, <see cref="Gate"/>, <see cref="Hang"/>, <see cref="End"/>, <see cref="Close"/>.</summary>
    public static FakeAnswer StreamHead(params (string Name, string Value)[] headers) =>
        new FakeAnswer().Write(Head(200, "text/event-stream; charset=utf-8", "Transfer-Encoding: chunked", headers));

    /// <summary>The head of a chunked JSON document that grows (Gemini's streams without <c>alt=sse</c>); go on as with <see cref="StreamHead"/>.</summary>
    public static FakeAnswer ArrayHead() => new FakeAnswer().Write(Head(200, "application/json; charset=UTF-8", "Transfer-Encoding: chunked"));

    /// <summary>Sends text as HTTP chunks of the given sizes, over and over; none sends it in one.</summary>
    public FakeAnswer Events(string text, params int[] sizes)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        int from = 0;
        for (int i = 0; from < bytes.Length; i++)
        {
            int size = sizes.Length == 0 ? bytes.Length : Math.Clamp(sizes[i % sizes.Length], 1, bytes.Length - from);
            Write(Chunk(bytes.AsSpan(from, size)));
            from += size;
        }

        return this;
    }

    /// <summary>Waits until the test opens the gate.</summary>
    public FakeAnswer Gate(Task gate) => Add(new(FakeStepKind.Gate, default, gate));

    /// <summary>Ends a chunked body properly.</summary>
    public FakeAnswer End() => Write("0\r\n\r\n");

    /// <summary>Does nothing more until the caller hangs up.</summary>
    public FakeAnswer Hang() => Add(new(FakeStepKind.Hang, default, Task.CompletedTask));

    /// <summary>Closes the connection.</summary>
    public FakeAnswer Close() => Add(new(FakeStepKind.Close, default, Task.CompletedTask));

    /// <summary>Waits by the machine's clock, or until the caller hangs up.</summary>
    public FakeAnswer Wait(TimeSpan wait) => wait == TimeSpan.Zero ? this : Add(new(FakeStepKind.Wait, default, Task.CompletedTask) { Pause = wait });

    /// <summary>Resets the connection.</summary>
    public FakeAnswer Reset() => Add(new(FakeStepKind.Reset, default, Task.CompletedTask));

    /// <summary>Sends raw bytes again and again until the caller hangs up.</summary>
    public FakeAnswer Forever(byte[] raw, TimeSpan every) => Add(new(FakeStepKind.Forever, raw, Task.CompletedTask) { Pause = every });

    /// <summary>What a provider that misbehaves does, on a connection that was made: what should have failed before is reset.</summary>
    public static FakeAnswer Of(Reply reply)
    {
        FakeAnswer answer = new FakeAnswer().Wait(reply.Wait);
        switch (reply.Start)
        {
            case ReplyStart.Head:
                break;
            case ReplyStart.Garbage:
                return answer.Write("SSH-2.0-OpenSSH_9.6\r\n\r\n").Close();
            case ReplyStart.Silence:
                return answer.Hang();
            default:
                return answer.Reset();
        }

        string framing = reply.Length is { } length ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n") : "Transfer-Encoding: chunked\r\n";
        string type = reply.ContentType is null ? "" : $"Content-Type: {reply.ContentType}\r\n";
        answer.Write(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {reply.Status} Fake\r\n{type}{(reply.Status == 204 ? "" : framing)}{string.Concat(reply.Headers.Select(x => $"{x.Name}: {x.Value}\r\n"))}\r\n"));
        foreach (ReplyPiece piece in reply.Pieces)
        {
            answer.Wait(piece.Wait).Write(reply.Length is null ? Chunk(piece.Bytes.Span) : piece.Bytes.ToArray());
        }

        if (reply.Forever is { } more)
        {
            return answer.Forever(Chunk(more.Bytes.Span), more.Wait);
        }

        return reply.End switch
        {
            ReplyEnd.Cut => answer.Close(),
            ReplyEnd.Hang => answer.Hang(),
            _ => reply.Length is null && reply.Status != 204 ? answer.End() : answer,
        };
    }

    /// <summary>Sends raw text.</summary>
    public FakeAnswer Write(string raw) => Write(Encoding.UTF8.GetBytes(raw));

    /// <summary>Sends raw bytes.</summary>
    public FakeAnswer Write(byte[] raw) => raw.Length == 0 ? this : Add(new(FakeStepKind.Write, raw, Task.CompletedTask));

    private static string Head(int status, string contentType, string framing, params (string Name, string Value)[] headers) =>
        $"HTTP/1.1 {status} Fake\r\nContent-Type: {contentType}\r\n{framing}\r\n{string.Concat(headers.Select(x => $"{x.Name}: {x.Value}\r\n"))}\r\n";

    private static byte[] Chunk(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? [] : [.. Encoding.ASCII.GetBytes(bytes.Length.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. bytes, .. "\r\n"u8];

    private FakeAnswer Add(FakeStep step)
    {
        _steps.Add(step);
        return this;
    }
}

/// <summary>Kinds of steps.</summary>
public enum FakeStepKind
{
    /// <summary>Send bytes in one write.</summary>
    Write,

    /// <summary>Wait for the test.</summary>
    Gate,

    /// <summary>Wait for the caller to hang up.</summary>
    Hang,

    /// <summary>Close the connection.</summary>
    Close,

    /// <summary>Reset the connection.</summary>
    Reset,

    /// <summary>Wait by the machine's clock.</summary>
    Wait,

    /// <summary>Send bytes again and again.</summary>
    Forever,
}

/// <summary>One step of an answer.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Bytes">What to send.</param>
/// <param name="Gate">What to wait for.</param>
public sealed record FakeStep(FakeStepKind Kind, ReadOnlyMemory<byte> Bytes, Task Gate)
{
    /// <summary>How long to wait.</summary>
    public TimeSpan Pause { get; init; }
}
