using System.Buffers;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Translation;

/// <summary>One streamed answer on its way from one wire format into another.</summary>
internal sealed class StreamTranslation(IAnswerStreamReader reader, IAnswerStreamWriter writer, ToolCallIds ids, CallerToolNames? names, SignatureKeeper keeper) : IDisposable
{
    private readonly List<StreamEvent> _events = [];

    /// <summary>Translates one event.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="data">Its data.</param>
    /// <param name="output">Gets whole frames of the caller's format; often none.</param>
    /// <returns>Null, or why the event cannot be read; then nothing more can.</returns>
    public ApiError? Event(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        ApiError? error = reader.Read(name, data, _events);
        Write(output);
        return error;
    }

    /// <summary>The provider's stream has ended well: says what has to be said last.</summary>
    /// <param name="output">Gets whole frames.</param>
    public void End(IBufferWriter<byte> output)
    {
        reader.Close(_events);
        Write(output);
    }

    /// <summary>The answer has failed in its middle.</summary>
    /// <param name="error">How.</param>
    /// <param name="output">Gets whole frames.</param>
    public void Fail(ApiError error, IBufferWriter<byte> output) => writer.Write(new AnswerFailed(error), output);

    /// <inheritdoc />
    public void Dispose() => writer.Dispose();

    private void Write(IBufferWriter<byte> output)
    {
        foreach (StreamEvent e in _events)
        {
            // A failure is told once, by whoever has hidden the provider's key in its text.
            if (e is not AnswerFailed)
            {
                StreamEvent named = ids.Give(names?.Give(e) ?? e);
                keeper.Add(named);
                writer.Write(named, output);
            }
        }

        _events.Clear();
    }
}
