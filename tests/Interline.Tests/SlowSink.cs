using System.IO.Pipelines;
using Interline.Calls;

namespace Interline.Tests;

/// <summary>A client that does not read until it is told to go on.</summary>
internal sealed class SlowSink : IAnswerSink
{
    private readonly TaskCompletionSource _flushing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SlowWriter _writer;

    public SlowSink() => _writer = new SlowWriter(this);

    /// <summary>Completes when the engine waits for this client.</summary>
    public Task Flushing => _flushing.Task;

    /// <inheritdoc />
    public PipeWriter Body => _writer;

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
    }

    /// <summary>Reads at last.</summary>
    public void GoOn() => _goOn.SetResult();

    private sealed class SlowWriter(SlowSink sink) : PipeWriter
    {
        private readonly PipeWriter _inner = Create(Stream.Null);

        public override void Advance(int bytes) => _inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => _inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => new(SlowlyAsync(cancellationToken));

        private async Task<FlushResult> SlowlyAsync(CancellationToken cancel)
        {
            await Task.Yield();
            sink._flushing.TrySetResult();
            await sink._goOn.Task.WaitAsync(cancel);
            return await _inner.FlushAsync(cancel);
        }
    }
}
