using System.Globalization;
using System.Text;

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
            byte[] chunk = [.. Encoding.ASCII.GetBytes(size.ToString("x", CultureInfo.InvariantCulture)), .. "\r\n"u8, .. bytes.AsSpan(from, size), .. "\r\n"u8];
            Write(chunk);
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

    /// <summary>Sends raw text.</summary>
    public FakeAnswer Write(string raw) => Write(Encoding.UTF8.GetBytes(raw));

    /// <summary>Sends raw bytes.</summary>
    public FakeAnswer Write(byte[] raw) => raw.Length == 0 ? this : Add(new(FakeStepKind.Write, raw, Task.CompletedTask));

    private static string Head(int status, string contentType, string framing, params (string Name, string Value)[] headers) =>
        $"HTTP/1.1 {status} Fake\r\nContent-Type: {contentType}\r\n{framing}\r\n{string.Concat(headers.Select(x => $"{x.Name}: {x.Value}\r\n"))}\r\n";

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
}

/// <summary>One step of an answer.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Bytes">What to send.</param>
/// <param name="Gate">What to wait for.</param>
public sealed record FakeStep(FakeStepKind Kind, ReadOnlyMemory<byte> Bytes, Task Gate);
