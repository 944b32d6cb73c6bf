namespace Interline.Server.Tests.Telemetry;

/// <summary>A stream whose reader has stopped: a write blocks until it is let go. As a full pipe does.</summary>
internal sealed class BlockedStream : Stream
{
    private readonly ManualResetEventSlim _open = new();
    private int _waiting;
    private int _most;

    /// <summary>Most writers that were blocked at once.</summary>
    public int MostWaiting => Volatile.Read(ref _most);

    /// <summary>Writers blocked now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public long Written { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public void Open() => _open.Set();

    public override void Write(byte[] buffer, int offset, int count)
    {
        int waiting = Interlocked.Increment(ref _waiting);
        _most = Math.Max(_most, waiting);
        _open.Wait();
        Interlocked.Decrement(ref _waiting);
        Written += count;
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _open.Dispose();
        }

        base.Dispose(disposing);
    }
}
