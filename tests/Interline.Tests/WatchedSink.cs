using System.IO.Pipelines;
using Interline.Calls;

namespace Interline.Tests;

/// <summary>A client that has a look at something each time before it is given anything.</summary>
internal sealed class WatchedSink(Action look) : IAnswerSink
{
    private readonly WatchedWriter _writer = new(look);

    /// <inheritdoc />
    public PipeWriter Body => _writer;

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head)
    {
    }

    private sealed class WatchedWriter(Action look) : PipeWriter
    {
        private readonly PipeWriter _inner = Create(Stream.Null);

        public override void Advance(int bytes) => _inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => _inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => _inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            look();
            return _inner.FlushAsync(cancellationToken);
        }
    }
}
