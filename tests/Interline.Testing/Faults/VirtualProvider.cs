using System.Net;
using System.Text;

namespace Interline.Testing.Faults;

/// <summary>
/// Providers in memory, on the clock of a test: each request is answered by a <see cref="Reply"/>, byte by byte at its times, and everything that was opened is
/// counted until it is closed. Completions run inline on the thread that moves the clock, so a run on one thread is the same every time.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class VirtualProvider(TimeProvider time)
{
    private readonly List<VirtualRequest> _requests = [];
    private readonly Lock _lock = new();
    private readonly VirtualWaits _waits = new(time);
    private int _open;

    /// <summary>Makes the reply to a request.</summary>
    public Func<VirtualRequest, Reply> Answer { get; set; } = static _ => Reply.Body("{}", 418);

    /// <summary>Told of each request before it is answered.</summary>
    public Action<VirtualRequest>? Asked { get; set; }

    /// <summary>The requests so far, in order.</summary>
    public IReadOnlyList<VirtualRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Answers that were given and not yet disposed of, and requests not yet answered.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Reads and requests that wait for the clock.</summary>
    public int Waiting => _waits.Count;

    /// <summary>Connections to any of them.</summary>
    public HttpMessageHandler Handler() => new VirtualHandler(this);

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using var sent = new MemoryStream();
        await request.Content!.CopyToAsync(sent, cancel);
        VirtualRequest asked;
        lock (_lock)
        {
            asked = new VirtualRequest(_requests.Count + 1, request.RequestUri!, request.Headers.TryGetValues("Authorization", out IEnumerable<string>? key) ? key.First() : "", Encoding.UTF8.GetString(sent.ToArray()), time.GetUtcNow());
            _requests.Add(asked);
        }

        Asked?.Invoke(asked);
        Reply reply = Answer(asked);
        Interlocked.Increment(ref _open);
        bool given = false;
        try
        {
            await _waits.ForAsync(reply.Start == ReplyStart.Silence ? Timeout.InfiniteTimeSpan : reply.Wait, cancel);
            if (Failure(reply.Start) is { } failure)
            {
                throw failure;
            }

            var response = new HttpResponseMessage((HttpStatusCode)reply.Status) { RequestMessage = request, Content = new StreamContent(new ReplyStream(this, asked, reply)) };
            response.Content.Headers.ContentLength = reply.Length;
            if (reply.ContentType is not null)
            {
                response.Content.Headers.TryAddWithoutValidation("Content-Type", reply.ContentType);
            }

            foreach ((string name, string value) in reply.Headers)
            {
                if (!response.Headers.TryAddWithoutValidation(name, value))
                {
                    response.Content.Headers.TryAddWithoutValidation(name, value);
                }
            }

            given = true;
            return response;
        }
        catch (OperationCanceledException)
        {
            asked.Leave(time.GetUtcNow());
            throw;
        }
        finally
        {
            if (!given)
            {
                Close(asked);
            }
        }
    }

    private static HttpRequestException? Failure(ReplyStart start) => start switch
    {
        ReplyStart.Refused => new HttpRequestException(HttpRequestError.ConnectionError, "refused"),
        ReplyStart.Reset => new HttpRequestException(HttpRequestError.ResponseEnded, "reset"),
        ReplyStart.Garbage => new HttpRequestException(HttpRequestError.InvalidResponse, "garbage"),
        ReplyStart.Unresolved => new HttpRequestException(HttpRequestError.NameResolutionError, "unresolved"),
        ReplyStart.NoTls => new HttpRequestException(HttpRequestError.SecureConnectionError, "no TLS"),
        _ => null,
    };

    private void Close(VirtualRequest request)
    {
        request.End(time.GetUtcNow());
        Interlocked.Decrement(ref _open);
    }

    private sealed class VirtualHandler(VirtualProvider provider) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => provider.SendAsync(request, cancellationToken);
    }

    /// <summary>The body of an answer.</summary>
    private sealed class ReplyStream(VirtualProvider provider, VirtualRequest request, Reply reply) : Stream
    {
        private readonly long _length = reply.Length ?? long.MaxValue;
        private int _next;
        private long _passed;
        private ReadOnlyMemory<byte> _left;
        private int _disposed;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ObjectDisposedException.ThrowIf(_disposed != 0, this);
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (_left.IsEmpty && _passed < _length)
                {
                    ReplyPiece piece;
                    if (_next < reply.Pieces.Length)
                    {
                        piece = reply.Pieces[_next++];
                    }
                    else if (reply.Forever is { } more)
                    {
                        piece = more;
                    }
                    else
                    {
                        if (reply.End == ReplyEnd.Cut)
                        {
                            throw new HttpIOException(HttpRequestError.ResponseEnded, "cut");
                        }

                        await provider._waits.ForAsync(reply.End == ReplyEnd.Hang ? Timeout.InfiniteTimeSpan : default, cancellationToken);
                        return 0;
                    }

                    await provider._waits.ForAsync(piece.Wait, cancellationToken);
                    _left = piece.Bytes;
                }
            }
            catch (OperationCanceledException)
            {
                request.Leave(provider.Now);
                throw;
            }

            int length = (int)Math.Min(Math.Min(buffer.Length, _left.Length), _length - _passed);
            _left.Span[..length].CopyTo(buffer.Span);
            _left = _left[length..];
            _passed += length;
            return length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nothing of the gateway may block.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing && Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                provider.Close(request);
            }

            base.Dispose(disposing);
        }
    }

    private DateTimeOffset Now => time.GetUtcNow();
}

/// <summary>One request that a <see cref="VirtualProvider"/> got.</summary>
/// <param name="number">Its number, from 1.</param>
/// <param name="uri">Where it went.</param>
/// <param name="authorization">The key.</param>
/// <param name="text">Its body.</param>
/// <param name="at">When it came.</param>
public sealed class VirtualRequest(int number, Uri uri, string authorization, string text, DateTimeOffset at)
{
    public int Number => number;

    public Uri Uri => uri;

    public string Authorization => authorization;

    public string Text => text;

    public DateTimeOffset At => at;

    /// <summary>When the caller gave it up; null if it did not.</summary>
    public DateTimeOffset? LeftAt { get; private set; }

    /// <summary>When everything of it was closed; null while it is open.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    internal void Leave(DateTimeOffset now) => LeftAt ??= now;

    internal void End(DateTimeOffset now) => ClosedAt = now;
}
