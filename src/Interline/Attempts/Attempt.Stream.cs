using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Sse;
using Interline.Recovery;
using Interline.Translation;

namespace Interline.Attempts;

/// <content>
/// Streams: whole events pass as they are, as soon as they are whole. Nothing goes to the client before the first valid event;
/// a stream that breaks off later is carried on by another attempt or ends with an error in its own format, never with a clean finish.
/// </content>
internal sealed partial class Attempt
{
    /// <summary>One pass of a stream through a buffer that holds at most one event that is not yet whole.</summary>
    private sealed partial class StreamPass
    {
        private readonly Attempt _attempt;
        private readonly HttpResponseMessage _response;
        private readonly string _type;
        private readonly StreamSniffer _sniffer;
        private readonly CarriedStream? _carried;
        private readonly StreamTranslation? _translation;
        private readonly PipeWriter _out;
        private EventBuffer _buffer;
        private bool _committed;
        private bool _written;
        private long _statedBytes;

        /// <summary>How it failed before anything went to the client.</summary>
        private ApiError? _early;

        /// <summary>How it failed after that.</summary>
        private ApiError? _failed;

        /// <summary>Whether the client has been told of that by the provider's own bytes.</summary>
        private bool _told;

        /// <summary>Whether the event looked at last is UTF-8: else a client reads other letters than were sent.</summary>
        private bool _isText = true;

        public StreamPass(Attempt attempt, HttpResponseMessage response, string type)
        {
            _attempt = attempt;
            _response = response;
            _type = type;
            _sniffer = attempt.Lane.NewStreamSniffer();
            _carried = attempt._call.Carried ?? CarriedStream.Of(attempt._call, attempt._target.Deployment);
            _translation = attempt._translation is { } translation ? translation.Stream(_carried)
                : _carried is { IsBroken: true } ? new StreamTranslation(attempt.Lane.Conversation!.NewStreamReader(), _carried.Writer(), new ToolCallIds(attempt._call.Id), null, null, _carried)
                : null;
            _out = attempt._sink.Body;
            _buffer = new EventBuffer(attempt.Lane.Framing);
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        public async ValueTask<ApiError?> RunAsync()
        {
            ApiError? broken = null;
            bool done = false;
            try
            {
                Stream stream = _response.Content.ReadAsStream(_attempt._watch.Token);
                while (!done)
                {
                    int read = await stream.ReadAsync(_buffer.Free(), _attempt._watch.Token).ConfigureAwait(false);
                    _buffer.Add(read);
                    if (_committed)
                    {
                        // Bytes are a sign of life, also those of an event that is not yet whole. Before the first event they are not: it may be garbage that drips.
                        _attempt._watch.Touch();
                    }

                    done = Pass(final: read == 0) || read == 0;
                    if (_early is not null)
                    {
                        break;
                    }

                    // A translated stream has its end written when it is over (EndAsync).
                    if ((done || _sniffer.IsOver) && _translation is null && _failed is null && _sniffer.IsComplete)
                    {
                        Note();
                        _attempt.Book();
                    }

                    if (_written && _failed is null)
                    {
                        await FlushAsync().ConfigureAwait(false);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                broken = _attempt.Failure(e, "reading the stream");
            }

            _buffer.Return();
            using (_translation)
            {
                return _early ?? await EndAsync(broken).ConfigureAwait(false);
            }
        }

        /// <summary>Passes on what is whole; true at the end marker, or when the attempt has failed.</summary>
        private bool Pass(bool final)
        {
            int run = _buffer.From;
            while (_buffer.Next(final, out SseEvent found))
            {
                ReadOnlySpan<byte> block = _buffer.Block(found);

                // By the standard an event without data is none, whatever else it holds.
                bool isEmpty = found.DataLines == 0 || (found.DataLines == 1 && block[found.Data].IsEmpty);
                bool over = _sniffer.IsOver;
                EventVerdict verdict = isEmpty ? EventVerdict.Forward : Inspect(block, found);
                if (over && _sniffer.IsOver && !isEmpty)
                {
                    Write(run);
                    return true;
                }

                bool forward = verdict is EventVerdict.Forward or EventVerdict.Done || (verdict == EventVerdict.UsageOnly && WantsUsage);

                // What the end of the body has cut is not for the client, even if it seems to say nothing.
                forward &= !isEmpty || !found.Unterminated;
                if (!_committed && !Open(verdict, isEmpty, forward, block, found))
                {
                    if (_early is not null)
                    {
                        return true;
                    }

                    _buffer.Take(found);
                    run = _buffer.From;
                    continue;
                }

                _failed = Broken(verdict);
                if (_failed is not null)
                {
                    Write(run);
                    TellRaw(verdict, block, found);
                    return true;
                }

                if (verdict == EventVerdict.Done && !_sniffer.IsComplete)
                {
                    // The end of what is not whole: its client is told that, not the end.
                    Write(run);
                    return true;
                }

                if (_translation is not null)
                {
                    bool told = !isEmpty && Translate(verdict, block, found);
                    _buffer.Take(found);
                    run = _buffer.From;
                    if (told)
                    {
                        return true;
                    }

                    continue;
                }

                if (_carried is not null && forward && !isEmpty)
                {
                    _carried.Pass(block[found.Name], EventBuffer.Data(block, found));
                }

                bool cost = _sniffer.UsageInEvent && forward && _attempt._call.Snapshot.Snapshot.General.IncludeCostInStreamingUsage;
                if (!forward || cost || found.Unterminated)
                {
                    Write(run);
                    if (forward)
                    {
                        WriteOne(block, found, cost);
                    }
                    else if (verdict == EventVerdict.Malformed)
                    {
                        _attempt._call.MalformedEvents++;
                    }

                    run = _buffer.From + found.Length;
                }

                _buffer.Take(found);
                if (verdict == EventVerdict.Done)
                {
                    Write(run);
                    return true;
                }
            }

            Write(run);
            return false;
        }

        private bool WantsUsage => _attempt._call.Facts.IncludeUsage || _attempt._call.Snapshot.Snapshot.General.AlwaysIncludeStreamUsage;

        /// <summary>Looks at an event before the answer has begun; false if it does not begin it.</summary>
        private bool Open(EventVerdict verdict, bool isEmpty, bool forward, ReadOnlySpan<byte> block, in SseEvent found)
        {
            if (verdict is EventVerdict.Malformed or EventVerdict.Error or EventVerdict.Done)
            {
                _early = Early(verdict, block);
                return false;
            }

            if (isEmpty)
            {
                // Comments say nothing about whether an answer will come, so they do not count and are not kept.
                return false;
            }

            if (!_sniffer.HasBegun)
            {
                if (forward && Hold(block, found) is { } unreadable)
                {
                    Note();
                    _early = unreadable;
                }

                return false;
            }

            Commit();
            return true;
        }

        private EventVerdict Inspect(ReadOnlySpan<byte> block, in SseEvent found)
        {
            _isText = Utf8.IsValid(block);
            EventVerdict verdict = _isText ? _sniffer.Inspect(block[found.Name], EventBuffer.Data(block, found)) : EventVerdict.Malformed;
            if (_sniffer.UsageInEvent)
            {
                _statedBytes = _sniffer.TextBytes;
            }

            return verdict;
        }

        private ApiError Early(EventVerdict verdict, ReadOnlySpan<byte> block) => verdict switch
        {
            EventVerdict.Error => Shown(_sniffer.Error!),
            EventVerdict.Done => new(ErrorKind.Malformed, 502, $"{_attempt.Provider} ended its stream without an answer."),
            _ => new(ErrorKind.Malformed, 502, $"{_attempt.Provider} began its stream with something that is not an event of its format ({block.Length} bytes)."),
        };

        /// <summary>
        /// How an event breaks the answer off; null if it does not. What is no event is left out, but where another can carry the answer on, or where it is one with letters that are
        /// none: it may have held some of the answer.
        /// </summary>
        private ApiError? Broken(EventVerdict verdict) => verdict switch
        {
            EventVerdict.Error => Shown(_sniffer.Error!),
            EventVerdict.Malformed when (_carried is not null || !_isText) && !_sniffer.IsComplete =>
                new(ErrorKind.Malformed, 502, $"{_attempt.Provider} sent something that is not an event of its format in the middle of its stream."),
            _ => null,
        };
    }
}
