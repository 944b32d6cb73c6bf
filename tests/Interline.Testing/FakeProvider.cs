using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Interline.Testing;

/// <summary>
/// A provider on a real socket of the loopback that does exactly what a test tells it, also what no server would do: hang anywhere, cut anywhere,
/// lie about lengths, speak no HTTP. Answers are taken from the script in order of arrival, then from <see cref="Otherwise"/>. Connections are kept alive.
/// <code>
/// await using var provider = new FakeProvider();
/// provider.Then(FakeAnswer.Json("{}", 503, ("Retry-After", "1"))).Then(FakeAnswer.Stream(events, 1, 7));
/// FakeRequest request = await provider.RequestAsync(1);   // the first request, once it has been read whole
/// await request.Stalled;                                   // its answer has reached a Hang: all bytes before it are sent
/// await request.Aborted;                                   // the caller hung up before the answer was over
/// </code>
/// </summary>
public sealed class FakeProvider : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<FakeAnswer> _script = new();
    private readonly List<FakeRequest> _requests = [];
    private readonly List<(int Number, TaskCompletionSource<FakeRequest> Waiter)> _waiters = [];
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;
    private int _connectionCount;

    /// <summary>Starts listening on a free port.</summary>
    public FakeProvider()
    {
        _listener.Start(512);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Base URL as a configuration names it.</summary>
    public Uri BaseUrl => new($"http://127.0.0.1:{Port}/v1");

    /// <summary>Makes the answer to a request for which the script has none.</summary>
    public Func<FakeRequest, FakeAnswer> Otherwise { get; set; } = static _ => FakeAnswer.Json("""{"error":{"message":"The script is at its end."}}""", 418);

    /// <summary>Whether requests are kept to be looked at; a provider that runs for long would keep too many.</summary>
    public bool KeepsRequests { get; init; } = true;

    /// <summary>The requests read so far, in order.</summary>
    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connectionCount);

    /// <summary>Adds an answer to the script.</summary>
    public FakeProvider Then(FakeAnswer answer)
    {
        _script.Enqueue(answer);
        return this;
    }

    /// <summary>Adds an answer several times.</summary>
    public FakeProvider Then(FakeAnswer answer, int times)
    {
        for (int i = 0; i < times; i++)
        {
            Then(answer);
        }

        return this;
    }

    /// <summary>The n-th request, counted from 1, once it has been read whole.</summary>
    public Task<FakeRequest> RequestAsync(int number)
    {
        lock (_requests)
        {
            if (_requests.Count >= number)
            {
                return Task.FromResult(_requests[number - 1]);
            }

            var waiter = new TaskCompletionSource<FakeRequest>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((number, waiter));
            return waiter.Task;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _connectionCount);
                Task serving = Task.Run(() => ServeAsync(socket));
                _connections.TryAdd(serving, 0);
                _ = serving.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // Stopped: between two accepts the listener says that it is not listening.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var incoming = new FakeConnection(socket, _stop.Token);
            try
            {
                while (await incoming.ReadRequestAsync() is { } request && await AnswerAsync(incoming, request))
                {
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The caller hung up, or the test is over.
            }
        }
    }

    /// <summary>Answers; false if the connection is to be closed.</summary>
    private async Task<bool> AnswerAsync(FakeConnection connection, FakeRequest request)
    {
        FakeAnswer? scripted = Record(request);
        FakeAnswer answer = scripted ?? Otherwise(request);
        try
        {
            foreach (FakeStep step in answer.Steps)
            {
                switch (step.Kind)
                {
                    case FakeStepKind.Write:
                        await connection.WriteAsync(step.Bytes);
                        break;
                    case FakeStepKind.Gate:
                        request.Stall();
                        await step.Gate.WaitAsync(_stop.Token);
                        break;
                    case FakeStepKind.Hang:
                        request.Stall();
                        await connection.UntilClosedAsync();
                        request.Abort();
                        return false;
                    case FakeStepKind.Wait:
                        await connection.WaitAsync(step.Pause);
                        break;
                    case FakeStepKind.Forever:
                        while (true)
                        {
                            await connection.WaitAsync(step.Pause);
                            await connection.WriteAsync(step.Bytes);
                        }

                    case FakeStepKind.Reset:
                        connection.Reset();
                        return false;
                    default:
                        connection.Close();
                        return false;
                }
            }

            return true;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            request.Abort();
            return false;
        }
    }

    private FakeAnswer? Record(FakeRequest request)
    {
        lock (_requests)
        {
            if (KeepsRequests)
            {
                _requests.Add(request);
            }

            _script.TryDequeue(out FakeAnswer? answer);
            foreach ((int number, TaskCompletionSource<FakeRequest> waiter) in _waiters)
            {
                if (number <= _requests.Count)
                {
                    waiter.TrySetResult(_requests[number - 1]);
                }
            }

            _waiters.RemoveAll(x => x.Number <= _requests.Count);
            return answer;
        }
    }

    /// <summary>One connection: enough of HTTP/1.1 to read requests.</summary>
    private sealed class FakeConnection(Socket socket, CancellationToken stop)
    {
        private byte[] _buffer = new byte[16 << 10];
        private int _length;

        public async Task<FakeRequest?> ReadRequestAsync()
        {
            int end;
            while ((end = _buffer.AsSpan(0, _length).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (!await FillAsync())
                {
                    return null;
                }
            }

            string[] lines = Encoding.Latin1.GetString(_buffer, 0, end).Split("\r\n");
            Take(end + 4);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            foreach (string line in lines.Skip(1))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }

            string[] first = lines[0].Split(' ');
            int length = headers.TryGetValue("Content-Length", out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : 0;
            while (_length < length)
            {
                if (!await FillAsync())
                {
                    return null;
                }
            }

            byte[] body = _buffer[..length];
            Take(length);
            return new FakeRequest(first[0], first[1], headers, body);
        }

        public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                bytes = bytes[await socket.SendAsync(bytes, stop)..];
            }
        }

        public async Task UntilClosedAsync()
        {
            try
            {
                while (await socket.ReceiveAsync(new byte[256], stop) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // Reset is closed, too.
            }
        }

        public void Close() => socket.Shutdown(SocketShutdown.Both);

        public void Reset()
        {
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
            socket.Close();
        }

        /// <summary>Waits, and notices within a fifth of a second that the other side has hung up.</summary>
        public async Task WaitAsync(TimeSpan wait)
        {
            TimeSpan slice = TimeSpan.FromMilliseconds(200);
            for (TimeSpan left = wait; left > TimeSpan.Zero; left -= slice)
            {
                await Task.Delay(left < slice ? left : slice, stop);
                if (socket.Poll(0, SelectMode.SelectRead) && socket.Available == 0)
                {
                    throw new IOException("The other side has hung up.");
                }
            }
        }

        private async Task<bool> FillAsync()
        {
            if (_length == _buffer.Length)
            {
                Array.Resize(ref _buffer, _length * 2);
            }

            int read = await socket.ReceiveAsync(_buffer.AsMemory(_length), stop);
            _length += read;
            return read > 0;
        }

        private void Take(int count)
        {
            _length -= count;
            _buffer.AsSpan(count, _length).CopyTo(_buffer);
        }
    }
}

/// <summary>One request that a <see cref="FakeProvider"/> got.</summary>
/// <param name="method">HTTP method.</param>
/// <param name="path">Path and query.</param>
/// <param name="headers">Headers by name, whatever their case.</param>
/// <param name="body">The body's bytes.</param>
public sealed class FakeRequest(string method, string path, IReadOnlyDictionary<string, string> headers, byte[] body)
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>HTTP method.</summary>
    public string Method => method;

    /// <summary>Path and query.</summary>
    public string Path => path;

    /// <summary>Headers by name.</summary>
    public IReadOnlyDictionary<string, string> Headers => headers;

    /// <summary>The body's bytes.</summary>
    public byte[] Body => body;

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(body);

    /// <summary>Completes when the answer has reached a hang or a gate: everything before it is sent.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Completes when the caller hung up before the answer was over.</summary>
    public Task Aborted => _aborted.Task;

    /// <summary>Whether the caller hung up before the answer was over.</summary>
    public bool WasAborted => _aborted.Task.IsCompleted;

    internal void Stall() => _stalled.TrySetResult();

    internal void Abort() => _aborted.TrySetResult();
}
