using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.Errors;
using Interline.Translation;

namespace Interline.Attempts;

/// <content>How a stream ends: whole, in time to be carried by another attempt, or with an error in the client's own format.</content>
internal sealed partial class Attempt
{
    private sealed partial class StreamPass
    {
        private async ValueTask<ApiError?> EndAsync(ApiError? broken)
        {
            if (!_committed)
            {
                if (_sniffer.Usage is { Total: > 0 })
                {
                    Note();
                }

                return broken ?? new(ErrorKind.Network, 502, $"{_attempt.Provider} closed its stream before the first event.");
            }

            Note();
            Call call = _attempt._call;
            broken = Outcome(broken);
            if (broken is not null && !_sniffer.IsComplete && !_attempt._watch.TotalExpired && _carried?.TryBreak(broken) == true)
            {
                if (_written)
                {
                    // What came before the break is the client's, however long the next attempt takes.
                    await _out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                }

                return broken;
            }

            call.Error = broken;
            _attempt.Book();
            if (broken is { Kind: not ErrorKind.ClientGone } && !_told)
            {
                Tell(broken);
                _written = true;
            }

            if (_written || (broken is null && _translation is not null))
            {
                // The client may itself be at the point of leaving, and the watch is spent: no token, and the server ends a dead connection.
                await _out.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            }

            _carried?.Dispose();
            return null;
        }

        /// <summary>Null if the answer is whole; else what it lacks.</summary>
        private ApiError? Outcome(ApiError? broken)
        {
            if (_failed is not null)
            {
                // What cannot be read is no whole answer, however well the stream ended.
                return _failed;
            }

            return (_sniffer.IsOver ? null : broken)
                ?? (_sniffer.IsComplete ? Closed() : new(ErrorKind.Network, 502, $"{_attempt.Provider} ended its stream in the middle of the answer. What came before is not the whole answer."));
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

        /// <summary>Tells a failure: by the writer of the caller's format where there is one, since it knows whether an array is open yet.</summary>
        private void Tell(ApiError error)
        {
            try
            {
                if (_translation is not null)
                {
                    _translation.Fail(error, _out);
                    return;
                }
            }
            catch (Exception e) when (AttemptTranslation.IsFault(e))
            {
                // A writer that cannot even do that: without it.
            }

            _attempt.Write(_attempt._call.Lane.WriteErrorEvent(error));
        }

        private void Note() => CallCost.Note(_attempt._call, _attempt._target.Deployment, Used());

        private Used Used() => _attempt.Meter.Streamed(_sniffer, _statedBytes, _sniffer.ServiceTier ?? _attempt.AskedTier);

        private ApiError Shown(ApiError error) => error with { Message = _attempt.WithoutKey(error.Message) };
    }
}
