using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Interline.Calls;
using Interline.Testing.Faults;

namespace Interline.Simulation;

/// <summary>A caller's connection in memory: may read slowly, may leave at a moment of the clock.</summary>
public sealed class VirtualClient : IAnswerSink, IDisposable
{
    private readonly VirtualWaits _waits;
    private readonly ArrayBufferWriter<byte> _received = new(1024);
    private readonly ClientWriter _writer;
    private readonly CancellationTokenSource _left;

    /// <summary>Connects.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="stays">After how long it leaves; null if it stays.</param>
    public VirtualClient(TimeProvider time, TimeSpan? stays = null)
    {
        _waits = new VirtualWaits(time);
        _writer = new ClientWriter(this);
        _left = stays is { } until ? new CancellationTokenSource(until, time) : new CancellationTokenSource();
    }

    /// <inheritdoc />
    public PipeWriter Body => _writer;

    /// <summary>Cancelled when it leaves.</summary>
    public CancellationToken Left => _left.Token;

    /// <summary>How long it takes to read what is flushed; null for no time.</summary>
    public Func<TimeSpan>? Slowness { get; init; }

    /// <summary>Told once, when the first bytes reach it.</summary>
    public Action? FirstBytes { get; init; }

    /// <summary>How often an answer was begun.</summary>
    public int Begun { get; private set; }

    public int Status { get; private set; }

    public bool IsStream { get; private set; }

    /// <summary>Whether bytes were written before an answer was begun.</summary>
    public bool WrittenBefore { get; private set; }

    /// <summary>Whether it was given an error instead of an answer.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Flushes that wait for it.</summary>
    public int Waiting => _waits.Count;

    /// <summary>All bytes so far.</summary>
    public string Text => Encoding.UTF8.GetString(_received.WrittenSpan);

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
        Begun++;
        Status = head.Status;
        IsStream = head.IsStream;
    }

    /// <summary>Gives it an error as an answer of its own.</summary>
    public void Refuse(int status, ReadOnlySpan<byte> body)
    {
        IsRefused = true;
        Status = status;
        _received.Write(body);
    }

    /// <inheritdoc />
    public void Dispose() => _left.Dispose();

    private async ValueTask<FlushResult> FlushAsync()
    {
        if (!_left.IsCancellationRequested && Slowness?.Invoke() is { } wait && wait > TimeSpan.Zero)
        {
            try
            {
                await _waits.ForAsync(wait, _left.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // It left while it was being written to.
            }
        }

        return new FlushResult(isCanceled: false, isCompleted: _left.IsCancellationRequested);
    }

    private sealed class ClientWriter(VirtualClient client) : PipeWriter
    {
        public override void Advance(int bytes)
        {
            client.WrittenBefore |= client.Begun == 0;
            if (client._received.WrittenCount == 0 && bytes > 0)
            {
                client.FirstBytes?.Invoke();
            }

            client._received.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => client._received.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => client._received.GetSpan(sizeHint);

        public override void CancelPendingFlush()
        {
        }

        public override void Complete(Exception? exception = null)
        {
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => client.FlushAsync();
    }
}
