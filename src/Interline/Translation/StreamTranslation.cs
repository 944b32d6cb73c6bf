using System.Buffers;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Recovery;

namespace Interline.Translation;

/// <summary>One streamed answer on its way from one wire format into another, or into an answer that it carries on.</summary>
/// <param name="reader">Reads the provider's format.</param>
/// <param name="writer">Writes the caller's.</param>
/// <param name="ids">Names tool calls.</param>
/// <param name="names">Gives tools the caller's names; null if they have them.</param>
/// <param name="keeper">Keeps what is signed; null if the caller's format carries it.</param>
/// <param name="carried">The answer as it can be carried on, with the writer; null if it cannot.</param>
internal sealed class StreamTranslation(
    IAnswerStreamReader reader,
    IAnswerStreamWriter writer,
    ToolCallIds ids,
    CallerToolNames? names,
    SignatureKeeper? keeper,
    CarriedStream? carried) : IDisposable
{
    private readonly List<StreamEvent> _events = [];
    private readonly AnswerJoin? _join = carried is { IsBroken: true } ? carried.Join() : null;

    /// <summary>Translates one event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="output">Gets whole frames of the caller's format; often none.</param>
    /// <returns>Null, or why the event cannot be read or what failure it tells; then nothing more can.</returns>
    public ApiError? Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        ApiError? error = reader.Read(name, data, _events);
        ApiError? failed = Write(output);
        return error ?? failed;
    }

    /// <summary>The provider's stream has ended well: says what has to be said last.</summary>
    /// <param name="output">Gets whole frames.</param>
    /// <returns>Null, or why the answer is not whole in its reader's eyes; nothing is written of that.</returns>
    public ApiError? End(IBufferWriter<byte> output)
    {
        reader.Close(_events);
        return Write(output);
    }

    /// <summary>The answer has failed in its middle.</summary>
    /// <param name="error">How.</param>
    /// <param name="output">Gets whole frames.</param>
    public void Fail(ApiError error, IBufferWriter<byte> output) => writer.Write(new AnswerFailed(error), output);

    /// <inheritdoc />
    public void Dispose()
    {
        // What is carried on needs its writer still.
        if (carried is null)
        {
            writer.Dispose();
        }
    }

    private ApiError? Write(IBufferWriter<byte> output)
    {
        ApiError? error = null;
        foreach (StreamEvent e in _events)
        {
            // A failure is told once, by whoever has hidden the provider's key in its text.
            if (e is AnswerFailed failed)
            {
                error = failed.Error;
            }
            else
            {
                StreamEvent named = ids.Give(names?.Give(e) ?? e);
                keeper?.Add(named);
                error ??= Give(named, output);
            }
        }

        _events.Clear();
        return error;
    }

    private ApiError? Give(StreamEvent e, IBufferWriter<byte> output)
    {
        if (_join is not null)
        {
            return _join.Pass(e, output) is { } why ? carried!.Diverged(why) : null;
        }

        carried?.Sent.Observe(e);
        writer.Write(e, output);
        return null;
    }
}
