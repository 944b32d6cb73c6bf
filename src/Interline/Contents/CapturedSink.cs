using System.IO.Pipelines;
using Interline.Calls;

namespace Interline.Contents;

/// <summary>Gives an answer on as it is and keeps a copy of its beginning.</summary>
public sealed class CapturedSink : IAnswerSink
{
    private readonly IAnswerSink _inner;
    private readonly ContentLog _log;
    private readonly int _most;
    private byte[] _kept = [];
    private Tee? _tee;

    internal CapturedSink(IAnswerSink inner, ContentLog log, int most)
    {
        _inner = inner;
        _log = log;
        _most = most;
    }

    /// <inheritdoc />
    public PipeWriter Body => _tee ??= new Tee(this, _inner.Body);

    /// <summary>Bytes the answer had.</summary>
    internal long Length { get; private set; }

    /// <summary>How many of them are kept.</summary>
    internal int KeptLength { get; private set; }

    /// <summary>Whether there was no room for more.</summary>
    internal bool Shed { get; private set; }

    /// <summary>The beginning of the answer.</summary>
    internal ReadOnlyMemory<byte> Kept => _kept.AsMemory(0, KeptLength);

    /// <summary>Bytes set aside in the log for it.</summary>
    internal int Reserved => _kept.Length;

    /// <inheritdoc />
    public void Begin(Call call, in AnswerHead head) => _inner.Begin(call, head);

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        int take = Math.Min(bytes.Length, _most - KeptLength);
        if (take <= 0 || Shed)
        {
            return;
        }

        if (KeptLength + take > _kept.Length)
        {
            int size = Math.Min(_most, Math.Max(KeptLength + take, Math.Max(2048, _kept.Length * 2)));
            if (!_log.TryReserve(size - _kept.Length))
            {
                Shed = true;
                return;
            }

            Array.Resize(ref _kept, size);
        }

        bytes[..take].CopyTo(_kept.AsSpan(KeptLength));
        KeptLength += take;
    }

    private sealed class Tee(CapturedSink sink, PipeWriter inner) : PipeWriter
    {
        private Memory<byte> _given;

        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            sink.Keep(_given.Span[..bytes]);
            _given = _given[bytes..];
            inner.Advance(bytes);
        }

        public override Memory<byte> GetMemory(int sizeHint = 0) => _given = inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);
    }
}
