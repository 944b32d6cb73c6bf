using System.Buffers;
using System.IO.Pipelines;
using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.Sse;
using Interline.Translation;

namespace Interline.Attempts;

/// <content>What of a stream goes to the client, and when.</content>
internal sealed partial class Attempt
{
    /// <summary>Most bytes of events that may stand before an answer.</summary>
    private const int MaxHeldBytes = 1 << 20;

    private sealed partial class StreamPass
    {
        private ArrayBufferWriter<byte>? _held;

        /// <summary>Gives the client what an event says in its own format; true if it was the last.</summary>
        private bool Translate(EventVerdict verdict, ReadOnlySpan<byte> block, in SseEvent found)
        {
            if (verdict == EventVerdict.Malformed)
            {
                _attempt._call.MalformedEvents++;
                return false;
            }

            _failed = Translate(block, found, _out);
            _written = true;
            return verdict == EventVerdict.Done || _sniffer.IsOver || _failed is not null;
        }

        private ApiError? Translate(ReadOnlySpan<byte> block, in SseEvent found, IBufferWriter<byte> output)
        {
            try
            {
                return _translation!.Event(block[found.Name], EventBuffer.Data(block, found), output) is { } unreadable ? Shown(unreadable) : null;
            }
            catch (Exception e) when (AttemptTranslation.IsFault(e))
            {
                return AttemptTranslation.Fault(e, "answer");
            }
        }

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

            _carried?.Pass(block[found.Name], EventBuffer.Data(block, found));
            _held.Write(block);
            return null;
        }

        private void Commit()
        {
            _committed = true;
            if (_carried is { IsBroken: true })
            {
                _attempt.BeginJoined();
            }
            else
            {
                _attempt.Begin(new AnswerHead((int)_response.StatusCode, _translation is null ? _type : _attempt._call.Lane.StreamType, null, IsStream: true, _response));
            }

            _attempt._watch.Enter(AttemptStage.NextEvent, _attempt._gap);
            if (_held is not null)
            {
                _attempt.Write(_held.WrittenSpan);
                _held = null;
            }
        }

        /// <summary>Writes what has passed since a place.</summary>
        private void Write(int from)
        {
            if (_buffer.From > from)
            {
                _attempt.Write(_buffer.Since(from));
                _written = true;
            }
        }

        /// <summary>Writes an event that does not pass exactly as it came: with its cost, or with the blank line it lacks.</summary>
        private void WriteOne(ReadOnlySpan<byte> block, in SseEvent found, bool cost)
        {
            // A usage object that says nothing is not given a cost: there an estimate would pass for the provider's word.
            if (cost && _sniffer.Usage is { Total: > 0 } && CallCost.Of(_attempt._call, _attempt._target.Deployment, Used()) is { } usd)
            {
                block = UsageCost.Insert(block, usd);
            }

            _attempt.Write(block);
            if (found.Unterminated)
            {
                _attempt.Write(block is [.., (byte)'\n'] ? "\n"u8 : "\n\n"u8);
            }

            _written = true;
        }

        /// <summary>Tells the client of a provider's failure in the provider's own bytes, where they are of its format and nobody can carry the answer on.</summary>
        private void TellRaw(EventVerdict verdict, ReadOnlySpan<byte> block, in SseEvent found)
        {
            if (verdict == EventVerdict.Error && _translation is null && _carried is null)
            {
                WriteOne(_attempt.WithoutKey(block), found, cost: false);
                _told = true;
            }
        }

        private async ValueTask FlushAsync()
        {
            _written = false;
            ValueTask<FlushResult> flush = _out.FlushAsync(CancellationToken.None);
            if (!flush.IsCompleted)
            {
                _attempt._watch.Pause();
            }

            FlushResult result = await flush.ConfigureAwait(false);
            _attempt._watch.Touch();
            if (result.IsCompleted)
            {
                throw new OperationCanceledException();
            }
        }
    }
}
