using System.Buffers;
using System.Text.Json;
using Interline.Ledger;

namespace Interline.Server.Telemetry;

/// <summary>
/// One JSON line a call on standard output. Lines gather in memory and are written a few times a second by the timer's thread, so that no call waits for
/// a terminal or a pipe; when the reader does not keep up, lines are shed and counted, never queued without bound.
/// </summary>
public sealed class CallLog : IDisposable
{
    private const int Stripes = 8;
    private const int MaxPending = (4 << 20) / Stripes;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the end of the program waits for a write under way before it gives up the lines behind it.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? threadLine;

    [ThreadStatic]
    private static Utf8JsonWriter? threadJson;

    private readonly Stream _output;
    private readonly ITimer _timer;
    private readonly Lock _writing = new();
    private readonly Pending[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Pending())];
    private ArrayBufferWriter<byte> _spare = new();
    private long _shed;

    /// <summary>Over a stream.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="time">The clock.</param>
    public CallLog(Stream output, TimeProvider time)
    {
        _output = output;
        _timer = time.CreateTimer(static state => ((CallLog)state!).Flush(), this, Interval, Interval);
    }

    /// <summary>Lines shed because the reader did not keep up.</summary>
    public long Shed => Interlocked.Read(ref _shed);

    /// <summary>Adds a call's line.</summary>
    /// <param name="record">The call.</param>
    /// <param name="id">Its id.</param>
    public void Write(in CallRecord record, string id)
    {
        // Made outside any lock, and gathered by thread: an I/O thread that is preempted inside a lock leaves the others spinning for it.
        ArrayBufferWriter<byte> line = threadLine ??= new ArrayBufferWriter<byte>(1024);
        Utf8JsonWriter json = threadJson ??= new Utf8JsonWriter(line, new JsonWriterOptions { SkipValidation = true });
        line.ResetWrittenCount();
        json.Reset();
        CallJson.Write(json, record, id, whole: false);
        json.Flush();
        line.Write("\n"u8);
        Pending pending = _stripes[Environment.CurrentManagedThreadId & (Stripes - 1)];
        lock (pending.Lock)
        {
            if (pending.Lines.WrittenCount <= MaxPending)
            {
                pending.Lines.Write(line.WrittenSpan);
                return;
            }
        }

        Interlocked.Increment(ref _shed);
    }

    /// <summary>Writes what has gathered. While another thread is writing it does nothing: a blocked reader must hold that one thread and no more.</summary>
    public void Flush() => Flush(TimeSpan.Zero);

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        Flush(LastWait);
    }

    private void Flush(TimeSpan wait)
    {
        if (_writing.TryEnter(wait))
        {
            try
            {
                WritePending();
            }
            finally
            {
                _writing.Exit();
            }
        }
    }

    /// <summary>Under the lock of the writer.</summary>
    private void WritePending()
    {
        foreach (Pending pending in _stripes)
        {
            ArrayBufferWriter<byte> full;
            lock (pending.Lock)
            {
                full = pending.Lines;
                if (full.WrittenCount == 0)
                {
                    continue;
                }

                pending.Lines = _spare;
            }

            try
            {
                _output.Write(full.WrittenSpan);
                _output.Flush();
            }
            catch (IOException)
            {
                // Standard output is closed; calls go on without a log.
                Interlocked.Increment(ref _shed);
            }

            full.ResetWrittenCount();
            _spare = full;
        }
    }

    /// <summary>Lines of some threads that wait to be written.</summary>
    private sealed class Pending
    {
        public Lock Lock { get; } = new();

        public ArrayBufferWriter<byte> Lines { get; set; } = new();
    }
}
