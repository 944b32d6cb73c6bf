using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Interline.Calls;
using Interline.Ledger;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Translation;

namespace Interline.Attempts;

/// <content>Plain answers: read whole, checked, settled, then given on. So a cut or malformed one is carried by another attempt, and its cost is in a header.</content>
internal sealed partial class Attempt
{
    /// <summary>Largest plain answer held; a larger one is refused.</summary>
    private const int MaxAnswerBytes = 128 << 20;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ApiError?> ForwardPlainAsync(HttpResponseMessage response, string? type)
    {
        bool encoded = UnaskedEncoding.Is(response);
        long? announced = encoded ? null : response.Content.Headers.ContentLength;
        byte[] buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(announced ?? 8192, 512, 1 << 20));
        try
        {
            int length = 0;
            Stream body = response.Content.ReadAsStream(_watch.Token);

            // What undoes an encoding holds memory of its own; the body itself goes with the response.
            await using Stream? undone = encoded ? UnaskedEncoding.Undo(response, body) : null;
            Stream stream = undone ?? body;
            while (announced is null || length < announced)
            {
                if (length == buffer.Length)
                {
                    if (length >= MaxAnswerBytes)
                    {
                        return new(ErrorKind.Malformed, 502, $"{Provider} answered with more than {MaxAnswerBytes >> 20} MiB.");
                    }

                    buffer = Grow(buffer, length);
                }

                int read = await stream.ReadAsync(buffer.AsMemory(length), _watch.Token).ConfigureAwait(false);
                if (read == 0)
                {
                    break;
                }

                length += read;
            }

            AnswerFacts facts = Lane.SniffAnswer(buffer.AsSpan(0, length));
            if (!facts.Valid || !Utf8.IsValid(buffer.AsSpan(0, length)))
            {
                return new(ErrorKind.Malformed, 502, $"{Provider} answered {(int)response.StatusCode} with something that is not an answer of its format.");
            }

            if (facts.Error is not null)
            {
                return Read(facts.Error.Status, buffer.AsSpan(0, length), null);
            }

            // Before it is translated: also an answer that nobody can read is paid for.
            CallCost.Note(_call, _target.Deployment, Meter.Plain(facts, buffer.AsSpan(0, length), facts.ServiceTier ?? AskedTier));
            ArrayBufferWriter<byte>? translated = null;
            if (_translation is not null)
            {
                translated = new ArrayBufferWriter<byte>(length + 256);
                if (Translate(buffer.AsSpan(0, length), translated) is { } unreadable)
                {
                    return unreadable with { Message = WithoutKey(unreadable.Message) };
                }

                type = AttemptTranslation.PlainType;
            }

            if (MustStream(out ApiError? late))
            {
                return late;
            }

            Begin(new AnswerHead((int)response.StatusCode, type, translated?.WrittenCount ?? length, IsStream: false, response));
            Book();
            _watch.Pause();
            Write(translated is null ? buffer.AsSpan(0, length) : translated.WrittenSpan);
            await _sink.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            return null;
        }
        catch (InvalidDataException)
        {
            return new(ErrorKind.Malformed, 502, $"{Provider} answered with a body that is not encoded as its Content-Encoding says.");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Whether a stream has to be given: a client that has asked for one reads nothing from anything else, and where its head went while it waited nothing else can follow.</summary>
    private bool MustStream([NotNullWhen(true)] out ApiError? error)
    {
        error = _call.Facts.Stream && (_call.Lane.Conversation is not null || _sink.HoldHead())
            ? new(ErrorKind.Malformed, 502, $"{Provider} answered with no stream though one was asked for.") : null;
        return error is not null;
    }

    private ApiError? Translate(ReadOnlySpan<byte> body, ArrayBufferWriter<byte> output)
    {
        try
        {
            return _translation!.Answer(body, output);
        }
        catch (Exception e) when (AttemptTranslation.IsFault(e))
        {
            return AttemptTranslation.Fault(e, "answer");
        }
    }

    /// <summary>Answers that are no JSON: passed on as they come, once their first bytes are there.</summary>
    private async ValueTask<ApiError?> ForwardBinaryAsync(HttpResponseMessage response, string? type)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(16 << 10);
        long passed = 0;
        try
        {
            Stream stream = response.Content.ReadAsStream(_watch.Token);
            int read = await stream.ReadAsync(buffer, _watch.Token).ConfigureAwait(false);
            if (read == 0)
            {
                return new(ErrorKind.Malformed, 502, $"{Provider} answered {(int)response.StatusCode} with nothing.");
            }

            // Speech is known by its request, so that its cost can be in a header; what is known by its length is noted again at the end.
            CallCost.Note(_call, _target.Deployment, Meter.Unread(read, AskedTier));
            if (MustStream(out ApiError? late))
            {
                return late;
            }

            Begin(new AnswerHead((int)response.StatusCode, type, response.Content.Headers.ContentLength, IsStream: false, response));
            _watch.Enter(AttemptStage.NextEvent, _gap);
            while (read > 0)
            {
                passed += read;
                Write(buffer.AsSpan(0, read));
                _watch.Pause();
                await _sink.Body.FlushAsync(CancellationToken.None).ConfigureAwait(false);
                _watch.Touch();
                read = await stream.ReadAsync(buffer, _watch.Token).ConfigureAwait(false);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (passed > 0)
            {
                CallCost.Note(_call, _target.Deployment, Meter.Unread(passed, AskedTier));
            }
        }
    }

    private void Write(ReadOnlySpan<byte> bytes) => BuffersExtensions.Write(_sink.Body, bytes);
}
