using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Conversation;

/// <summary>
/// All doors of one wire format onto the conversation model. A call whose caller and provider speak different formats goes through two of these:
/// the caller's reads the request and writes the answer, the provider's writes the request and reads the answer. Stateless; streams have a reader and a writer each.
/// </summary>
public abstract class ConversationFormat
{
    /// <summary>The format.</summary>
    public abstract WireFormat Format { get; }

    /// <summary>Byte lane a provider of this format is called by.</summary>
    /// <param name="stream">Whether a stream is asked for.</param>
    public abstract Lane Lane(bool stream);

    /// <summary>Byte lane a provider of this format counts tokens by; null if the format has none.</summary>
    public virtual Lane? CountLane => null;

    /// <summary>Reads a request body.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="request">The request. Model and stream are missing where the format has them in the address.</param>
    /// <param name="error">A 400 that says what is wrong and where.</param>
    public abstract bool TryReadRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error);

    /// <summary>Writes a request body.</summary>
    /// <param name="request">The request; its model is the provider's name for it.</param>
    /// <param name="target">What is known of the model that is called.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public abstract void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses);

    /// <summary>Reads a request to count tokens.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="request">The conversation to count.</param>
    /// <param name="error">A 400 that says what is wrong and where.</param>
    public virtual bool TryReadCountRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error) =>
        TryReadRequest(body, out request, out error);

    /// <summary>Writes a request to count tokens, for <see cref="CountLane"/>.</summary>
    /// <param name="request">The conversation to count.</param>
    /// <param name="target">What is known of the model that is called.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public virtual void WriteCountRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses) =>
        throw new NotSupportedException($"{Format} has no way to count tokens.");

    /// <summary>Reads the answer of <see cref="CountLane"/>.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="tokens">The count.</param>
    /// <returns>False if the body is no such answer.</returns>
    public virtual bool TryReadCount(ReadOnlySpan<byte> body, out long tokens)
    {
        tokens = 0;
        return false;
    }

    /// <summary>Writes a count of tokens.</summary>
    /// <param name="tokens">The count.</param>
    /// <param name="output">Where the JSON goes.</param>
    public virtual void WriteCount(long tokens, IBufferWriter<byte> output) =>
        throw new NotSupportedException($"{Format} has no way to count tokens.");

    /// <summary>Reads a whole plain answer.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="error"><see cref="ErrorKind.Malformed"/> if the body is no answer; the provider's own error where it stands in a good answer's place.</param>
    public abstract bool TryReadAnswer(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error);

    /// <summary>Writes a whole plain answer.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="defaults">What an answer needs and another format's may lack.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public abstract void WriteAnswer(Answer answer, AnswerDefaults defaults, IBufferWriter<byte> output, LossList losses);

    /// <summary>A reader for one streamed answer.</summary>
    public abstract IAnswerStreamReader NewStreamReader();

    /// <summary>A writer for one streamed answer.</summary>
    /// <param name="defaults">What an answer needs and another format's may lack.</param>
    /// <param name="losses">What could not be said.</param>
    public abstract IAnswerStreamWriter NewStreamWriter(AnswerDefaults defaults, LossList losses);
}

/// <summary>What a request's writer may know of the model that is called.</summary>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="ProviderId">The provider's id in the catalogue, such as <c>deepseek</c>.</param>
public sealed record TargetModel(string Model, string ProviderId)
{
    /// <summary>Most tokens the model can answer with; null if not known. Formats that require a limit take it where the caller gave none.</summary>
    public long? MaxOutput { get; init; }

    /// <summary>Whether the model reasons when asked to; null if not known.</summary>
    public bool? Reasons { get; init; }
}

/// <summary>What an answer needs and another format's answer may lack.</summary>
/// <param name="Id">Id of the answer: letters, digits, <c>-</c> and <c>_</c>, unique to the call; formats put their own prefix before it.</param>
/// <param name="Created">The time in seconds since 1970.</param>
/// <param name="Model">The model as the caller asked for it.</param>
/// <param name="IncludeUsage">Whether a stream is to end with its usage, in formats where that is the caller's choice.</param>
public sealed record AnswerDefaults(string Id, long Created, string Model, bool IncludeUsage);

/// <summary>Reads the events of one streamed answer. Not thread-safe.</summary>
public interface IAnswerStreamReader
{
    /// <summary>True after the last event, or a malformed one: nothing more is read.</summary>
    bool Ended { get; }

    /// <summary>Reads the data of one event.</summary>
    /// <param name="name">The <c>event:</c> field, empty if absent.</param>
    /// <param name="data">The joined <c>data:</c> lines, not empty.</param>
    /// <param name="events">Gets what it says; nothing after the end.</param>
    /// <returns>Null, or <see cref="ErrorKind.Malformed"/> if the data is not of the format: then it says nothing, and nothing more is read.</returns>
    ApiError? Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IList<StreamEvent> events);

    /// <summary>The connection ended: gives <see cref="AnswerEnded"/> if the format lets an answer end so, <see cref="AnswerFailed"/> if it was cut, nothing if it had ended before.</summary>
    /// <param name="events">Gets the last event.</param>
    void Close(IList<StreamEvent> events);
}

/// <summary>Writes the events of one streamed answer, framing included. Not thread-safe.</summary>
public interface IAnswerStreamWriter : IDisposable
{
    /// <summary>Writes what one event says; many say nothing by themselves, and are told with the next that does.</summary>
    /// <param name="e">The event.</param>
    /// <param name="output">Gets whole frames only.</param>
    void Write(StreamEvent e, IBufferWriter<byte> output);
}
