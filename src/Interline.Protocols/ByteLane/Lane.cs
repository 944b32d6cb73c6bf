using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.ByteLane;

/// <summary>
/// What can be known and changed about a wire format's bytes without building a conversation: peek, sniff, write and read an error, heartbeat.
/// One per wire format and per operation. Stateless; what has state per answer is the <see cref="StreamSniffer"/>.
/// </summary>
public abstract class Lane
{
    /// <summary>Name in logs and decisions, such as <c>openai.chat</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Path below a provider's base URL, such as <c>/chat/completions</c>; <c>{model}</c> in it is replaced by the provider's name of the model.</summary>
    public abstract string UpstreamPath { get; }

    /// <summary>Whether <see cref="UpstreamPath"/> names the model, so that the body does not.</summary>
    public virtual bool ModelInPath => false;

    /// <summary>Wire format a provider must speak to be called with these bytes, as in the catalogue: <c>openai</c>, <c>anthropic</c>, …</summary>
    public abstract string Wire { get; }

    /// <summary>Whether answers are JSON documents that can be checked and sniffed; false for audio and other binary answers, which pass unread.</summary>
    public virtual bool AnswersJson => true;

    /// <summary>Whether <c>stream_options.include_usage</c> is a parameter of this format.</summary>
    public virtual bool HasUsageOption => false;

    /// <summary>Whether a deployment's default parameters, which are spelled as OpenAI's, stand at the top of a body of this format by those names.</summary>
    public virtual bool TakesDefaults => true;

    /// <summary>Of OpenAI's parameters, those that mean the same in this format, for <see cref="TakesDefaults"/>; null if all do.</summary>
    public virtual FrozenSet<string>? SharedParameters => null;

    /// <summary>The format's doors onto the conversation model; null for operations that are no conversation and are never translated.</summary>
    public virtual ConversationFormat? Conversation => null;

    /// <summary>Whether a request only asks how many tokens a conversation has.</summary>
    public virtual bool CountsTokens => false;

    /// <summary>Whether providers do it for nothing, as counting tokens.</summary>
    public virtual bool IsFree => CountsTokens;

    /// <summary>Whether an answer of this content type is JSON that can be checked and sniffed. Asked of each answer, because of some operations the caller chooses.</summary>
    /// <param name="contentType">The answer's content type; null if absent.</param>
    public virtual bool Sniffs(string? contentType) => AnswersJson;

    /// <summary>What a call used that is no token, of what the answer lets be counted and what only the request says (an image's size, the text to be spoken).</summary>
    /// <param name="request">The request body.</param>
    /// <param name="answer">What the answer lets be counted; null for nothing.</param>
    public virtual Units? Measure(ReadOnlySpan<byte> request, Units? answer) => answer;

    /// <summary>The lane of a request with this query; a few formats say there how the answer is to be framed.</summary>
    /// <param name="query">The query with its question mark; empty if there is none.</param>
    public virtual Lane For(ReadOnlySpan<char> query) => this;

    /// <summary>A header that every request of the format has, and its value where the caller gave none (<c>anthropic-version</c>).</summary>
    public virtual KeyValuePair<string, string>? VersionHeader => null;

    /// <summary>Headers of a caller that a provider of the same format gets as they were sent, in lower case (<c>anthropic-beta</c>).</summary>
    public virtual ImmutableArray<string> RequestHeaders => [];

    /// <summary>How the pieces of a streamed answer follow each other.</summary>
    public virtual StreamFraming Framing => StreamFraming.Events;

    /// <summary>Content type of a streamed answer.</summary>
    public string StreamType => Framing == StreamFraming.JsonArray ? "application/json" : "text/event-stream";

    /// <summary>Reads from a request body what routing and splicing need, and refuses what is plainly not of this format.</summary>
    /// <param name="body">The whole request body.</param>
    /// <param name="contentType">The request's content type, null if absent.</param>
    /// <param name="facts">What was found; meaningful only if null is returned.</param>
    /// <returns>Null, or a 400 that says what was wrong and where.</returns>
    public abstract ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts);

    /// <summary>Reads usage, finish and in-band errors off a whole plain answer.</summary>
    /// <param name="body">The whole answer body.</param>
    public abstract AnswerFacts SniffAnswer(ReadOnlySpan<byte> body);

    /// <summary>A sniffer for one streamed answer.</summary>
    public abstract StreamSniffer NewStreamSniffer();

    /// <summary>Reads a provider's error answer.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="body">The body, possibly cut, possibly not JSON.</param>
    public abstract UpstreamError ReadError(int status, ReadOnlySpan<byte> body);

    /// <summary>Writes an error body in this format's envelope.</summary>
    /// <param name="error">The error.</param>
    public abstract byte[] WriteError(ApiError error);

    /// <summary>Writes an error as a stream event of this format, framing included, to be sent where an answer breaks off.</summary>
    /// <param name="error">The error.</param>
    public abstract byte[] WriteErrorEvent(ApiError error);

    /// <summary>Writes an error as a whole stream of this format, framing included, to be sent where a stream was begun and nothing of an answer has come.</summary>
    /// <param name="error">The error.</param>
    public virtual byte[] WriteLoneErrorEvent(ApiError error) => WriteErrorEvent(error);

    /// <summary>Bytes that keep a waiting stream's client alive between the events of an answer and mean nothing in this format.</summary>
    public virtual ReadOnlySpan<byte> Heartbeat => ": keep-alive\n\n"u8;

    /// <summary>The same before the first event: a comment, for a client may take any event, also one that means nothing, for the beginning of the answer.</summary>
    public ReadOnlySpan<byte> EarlyHeartbeat => Framing == StreamFraming.JsonArray ? "\n"u8 : ": keep-alive\n\n"u8;
}

/// <summary>A provider's error answer as read.</summary>
/// <param name="Error">What it says.</param>
/// <param name="InFormat">Whether the body is a proper envelope of the format, so that the caller may get its bytes as they are.</param>
public readonly record struct UpstreamError(ApiError Error, bool InFormat);

/// <summary>How the pieces of a streamed answer follow each other.</summary>
public enum StreamFraming
{
    /// <summary>An event stream (<c>text/event-stream</c>).</summary>
    Events,

    /// <summary>The elements of one JSON array, written as they come (Gemini without <c>alt=sse</c>).</summary>
    JsonArray,
}
