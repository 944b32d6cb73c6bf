using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Sse;
using Interline.Translation;

namespace Interline.Attempts;

/// <content>
/// Streams: whole events pass as they are, as soon as they are whole. Nothing goes to the client before the first valid event;
/// a stream that breaks off later ends with an error in its own format, never with a clean finish.
/// </content>
internal sealed partial class Attempt
{
    /// <summary>Largest single event held; images inside events are the largest known.</summary>
    private const int MaxEventBytes = 64 << 20;

    /// <summary>Most bytes of events that may stand before an answer.</summary>
    private const int MaxHeldBytes = 1 << 20;

    /// <summary>One pass of a stream through a buffer that holds at most one event that is not yet whole.</summary>
    private sealed class StreamPass(Attempt attempt, HttpResponseMessage response, string type)
    {
        private readonly StreamSniffer _sniffer = attempt.Lane.NewStreamSniffer();
        private readonly StreamTranslation? _translation = attempt._translation?.Stream();
        private readonly PipeWriter _out = attempt._sink.Body;
        private byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        private readonly bool _isArray = attempt.Lane.Framing == StreamFraming.JsonArray;
        private SseScanner _scanner;
        private JsonArrayScanner _elements;
        private int _from;
        private int _to;
        private bool _committed;
        private bool _written;
        private long _statedBytes;
        private ApiError? _early;
        private ApiError? _unreadable;
        private ArrayBufferWriter<byte>? _held;

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<ApiError?> RunAsync()
        {
            ApiError? broken = null;
            bool done = false;
            try
            {
                Stream stream = response.Content.ReadAsStream(attempt._watch.Token);
                while (!done)
                {
                    Room();
                    int read = await stream.ReadAsync(_buffer.AsMemory(_to), attempt._watch.Token).ConfigureAwait(false);
                    _to += read;
                    if (_committed)
                    {
                        // Bytes are a sign of life, also those of an event that is not yet whole. Before the first event they are not: it may be garbage that drips.
                        attempt._watch.Touch();
                    }

                    done = Pass(final: read == 0) || read == 0;
                    if (_early is not null)
                    {
                        _translation?.Dispose();
                        ArrayPool<byte>.Shared.Return(_buffer);
                        return _early;
                    }

                    // A translated stream has its end written when it is over (EndAsync).
                    if ((done || _sniffer.IsOver) && _translation is null && _sniffer is { IsComplete: true, Error: null })
                    {
                        Note();
                        attempt.Book();
                    }

                    if (_written)
                    {
                        await FlushAsync().ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                broken = attempt.Failure(e, "reading the stream");
            }

            ArrayPool<byte>.Shared.Return(_buffer);
            using (_translation)
            {
                return await EndAsync(broken ?? _unreadable).ConfigureAwait(false);
            }
        }

        /// <summary>Passes on what is whole; true at the end marker, or when the attempt has failed.</summary>
        private bool Pass(bool final)
        {
            int run = _from;
            while (Next(final, out SseEvent found))
            {
                ReadOnlySpan<byte> block = _buffer.AsSpan(_from, found.Length);

                // By the standard an event without data is none, whatever else it holds.
                bool isEmpty = found.DataLines == 0 || (found.DataLines == 1 && block[found.Data].IsEmpty);
                EventVerdict verdict = isEmpty ? EventVerdict.Forward : Inspect(block, found);
                bool forward = verdict switch
                {
                    EventVerdict.Forward => true,
                    EventVerdict.UsageOnly => attempt._call.Facts.IncludeUsage || attempt._call.Snapshot.Snapshot.General.AlwaysIncludeStreamUsage,
                    EventVerdict.Done => true,
                    EventVerdict.Error => true,
                    _ => false,
                };
                if (!_committed)
                {
                    // Comments say nothing about whether an answer will come, so they do not count and are not kept.
                    if (verdict is EventVerdict.Malformed or EventVerdict.Error or EventVerdict.Done)
                    {
                        _early = Early(verdict, block);
                        return true;
                    }

                    if (isEmpty)
                    {
                        _from += found.Length;
                        run = _from;
                        continue;
                    }

                    if (!_sniffer.HasBegun)
                    {
                        if (forward && Hold(block, found) is { } unreadable)
                        {
                            Note();
                            _early = unreadable;
                            return true;
                        }

                        _from += found.Length;
                        run = _from;
                        continue;
                    }

                    Commit();
                }

                if (_translation is not null)
                {
                    bool over = Translate(verdict, isEmpty, block, found);
                    _from += found.Length;
                    run = _from;
                    if (over)
                    {
                        return true;
                    }

                    continue;
                }

                bool cost = _sniffer.UsageInEvent && forward && attempt._call.Snapshot.Snapshot.General.IncludeCostInStreamingUsage;
                ReadOnlySpan<byte> shown = verdict == EventVerdict.Error ? attempt.WithoutKey(block) : block;
                if (!forward || cost || found.Unterminated || shown != block)
                {
                    Write(run, _from);
                    if (forward)
                    {
                        WriteOne(shown, found, cost);
                    }
                    else if (verdict == EventVerdict.Malformed)
                    {
                        attempt._call.MalformedEvents++;
                    }

                    run = _from + found.Length;
                }

                _from += found.Length;
                if (verdict == EventVerdict.Done)
                {
                    Write(run, _from);
                    return true;
                }
            }

            Write(run, _from);
            return false;
        }

        private bool Next(bool final, out SseEvent found)
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(_from.._to);
            return _isArray ? _elements.TryRead(bytes, final, out found) : _scanner.TryRead(bytes, final, out found);
        }

        private EventVerdict Inspect(ReadOnlySpan<byte> block, in SseEvent found)
        {
            EventVerdict verdict = _sniffer.Inspect(block[found.Name], Data(block, found));
            if (_sniffer.UsageInEvent)
            {
                _statedBytes = _sniffer.TextBytes;
            }

            return verdict;
        }

        /// <summary>The data of an event. On several lines, which no provider is known to do, it is joined in memory of its own.</summary>
        private static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> block, scoped in SseEvent found)
        {
            if (found.DataLines == 1)
            {
                return block[found.Data];
            }

            byte[] joined = new byte[block.Length];
            return joined.AsSpan(0, SseScanner.JoinData(block, joined));
        }

        /// <summary>Gives the client what an event says in its own format; true if it was the last.</summary>
        private bool Translate(EventVerdict verdict, bool isEmpty, ReadOnlySpan<byte> block, in SseEvent found)
        {
            if (isEmpty)
            {
                return false;
            }

            switch (verdict)
            {
                case EventVerdict.Malformed:
                    attempt._call.MalformedEvents++;
                    return false;
                case EventVerdict.Error:
                    Fail(Shown(_sniffer.Error!));
                    _written = true;
                    return true;
                default:
                    _unreadable = Translate(block, found, _out);
                    _written = true;
                    return verdict == EventVerdict.Done || _unreadable is not null;
            }
        }

        private ApiError? Translate(ReadOnlySpan<byte> block, in SseEvent found, IBufferWriter<byte> output)
        {
            try
            {
                return Read(block, found, output) is { } unreadable ? Shown(unreadable) : null;
            }
            catch (Exception e) when (AttemptTranslation.IsFault(e))
            {
                return AttemptTranslation.Fault(e, "answer");
            }
        }

        private ApiError? Read(ReadOnlySpan<byte> block, in SseEvent found, IBufferWriter<byte> output) =>
            _translation!.Event(block[found.Name], Data(block, found), output);

        private void Note() => CallCost.Note(attempt._call, attempt._target.Deployment, Used());

        private Used Used() => attempt.Meter.Streamed(_sniffer, _statedBytes, _sniffer.ServiceTier ?? attempt.AskedTier);

        private ApiError Shown(ApiError error) => error with { Message = attempt.WithoutKey(error.Message) };

        private ApiError Early(EventVerdict verdict, ReadOnlySpan<byte> block) => verdict switch
        {
            EventVerdict.Error => Shown(_sniffer.Error!),
            EventVerdict.Done => new(ErrorKind.Malformed, 502, $"{attempt.Provider} ended its stream without an answer."),
            _ => new(ErrorKind.Malformed, 502, $"{attempt.Provider} began its stream with something that is not an event of its format ({block.Length} bytes)."),
        };

        /// <summary>Keeps events that stand before the answer until there is one: they belong to it, and prove nothing.</summary>
        private ApiError? Hold(ReadOnlySpan<byte> block, in SseEvent found)
        {
            _held ??= new ArrayBufferWriter<byte>(1024);
            if (_held.WrittenCount + block.Length > MaxHeldBytes)
            {
                throw new IOException("too much before the answer");
            }

            if (_translation is not null)
            {
                return Translate(block, found, _held);
            }

            _held.Write(block);
            return null;
        }

        private void Commit()
        {
            _committed = true;
            attempt.Begin(new AnswerHead((int)response.StatusCode, _translation is null ? type : attempt._call.Lane.StreamType, null, IsStream: true, response));
            attempt._watch.Enter(AttemptStage.NextEvent, attempt._gap);
            if (_held is not null)
            {
                attempt.Write(_held.WrittenSpan);
                _held = null;
            }
        }

        private void Write(int from, int to)
        {
            if (to > from)
            {
                attempt.Write(_buffer.AsSpan(from, to - from));
                _written = true;
            }
        }

        /// <summary>Writes an event that does not pass exactly as it came: with its cost, or with the blank line it lacks.</summary>
        private void WriteOne(ReadOnlySpan<byte> block, in SseEvent found, bool cost)
        {
            // A usage object that says nothing is not given a cost: there an estimate would pass for the provider's word.
            if (cost && _sniffer.Usage is { Total: > 0 } && CallCost.Of(attempt._call, attempt._target.Deployment, Used()) is { } usd)
            {
                block = UsageCost.Insert(block, usd);
            }

            attempt.Write(block);
            if (found.Unterminated)
            {
                attempt.Write(block is [.., (byte)'\n'] ? "\n"u8 : "\n\n"u8);
            }

            _written = true;
        }

        private async ValueTask FlushAsync()
        {
            _written = false;
            ValueTask<FlushResult> flush = _out.FlushAsync(CancellationToken.None);
            if (!flush.IsCompleted)
            {
                attempt._watch.Pause();
            }

            FlushResult result = await flush.ConfigureAwait(false);
            attempt._watch.Touch();
            if (result.IsCompleted)
            {
                throw new OperationCanceledException();
            }
        }

        /// <summary>Makes room for at least one read.</summary>
        private void Room()
        {
            if (_from == _to)
            {
                _from = _to = 0;
                return;
            }

            if (_buffer.Length - _to >= 1024)
            {
                return;
            }

            if (_from > 0)
            {
                _buffer.AsSpan(_from.._to).CopyTo(_buffer);
                _to -= _from;
                _from = 0;
            }

            if (_buffer.Length - _to < 1024)
            {
                if (_to > MaxEventBytes)
                {
                    throw new IOException("event too large");
                }

                _buffer = Grow(_buffer, _to);
            }
        }

        private async ValueTask<ApiError?> EndAsync(ApiError? broken)
        {
            if (!_committed)
            {
                if (_sniffer.Usage is { Total: > 0 })
                {
                    Note();
                }

                return broken ?? new(ErrorKind.Network, 502, $"{attempt.Provider} closed its stream before the first event.");
            }

            Call call = attempt._call;
            Note();
            if (_sniffer.Error is not null)
            {
                call.Error = _sniffer.Error;
                return null;
            }

            // What cannot be read is no whole answer, however well the stream ended.
            broken = _sniffer.IsOver && _unreadable is null ? null : broken;
            broken ??= _sniffer.IsComplete ? Closed() : new(ErrorKind.Network, 502, $"{attempt.Provider} ended its stream in the middle of the answer. What came before is not the whole answer.");
            call.Error = broken;
            attempt.Book();
            if (broken is not null && broken.Kind != ErrorKind.ClientGone)
            {
                // The client may itself be at the point of leaving, and the watch is spent: no token, and the server ends a dead connection.
                if (_translation is null)
                {
                    attempt.Write(call.Lane.WriteErrorEvent(broken));
                }
                else
                {
                    // It knows whether anything has been written: an array may not be open yet.
                    Fail(broken);
                }

                await _out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }
            else if (broken is null && _translation is not null)
            {
                await _out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }

            return null;
        }

        /// <summary>Says what a whole stream ends with; an error if its reader does not take it for whole.</summary>
        private ApiError? Closed()
        {
            try
            {
                return _translation?.End(_out) is { } failed ? Shown(failed) : null;
            }
            catch (Exception e) when (AttemptTranslation.IsFault(e))
            {
                return AttemptTranslation.Fault(e, "answer");
            }
        }

        /// <summary>Tells a failure by the writer of the caller's format, or without it if it cannot even do that.</summary>
        private void Fail(ApiError error)
        {
            try
            {
                _translation!.Fail(error, _out);
            }
            catch (Exception e) when (AttemptTranslation.IsFault(e))
            {
                attempt.Write(attempt._call.Lane.WriteErrorEvent(error));
            }
        }
    }
}
