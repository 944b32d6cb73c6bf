using System.IO.Pipelines;

namespace Interline.Calls;

/// <summary>Where an answer goes: the client's connection in the server, a pipe in the library.</summary>
public interface IAnswerSink
{
    /// <summary>The answer's body. Nothing may be written before <see cref="Begin"/>.</summary>
    PipeWriter Body { get; }

    /// <summary>Commits to an answer. Called once, before the first byte; from here on no other attempt is possible.</summary>
    /// <param name="call">The call, with what is known of its outcome; a plain answer's usage and cost are already there.</param>
    /// <param name="head">The answer's head.</param>
    void Begin(Call call, in AnswerHead head);

    /// <summary>Asks whether the head of an event stream has gone to the client while it waited. If not, none goes before <see cref="Begin"/>, which must follow.</summary>
    /// <returns>True if only an event stream can be given any more.</returns>
    bool HoldHead() => false;
}

/// <summary>Head of an answer.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Content type.</param>
/// <param name="Length">Length of the body in bytes; null if not known.</param>
/// <param name="IsStream">Whether it is an event stream.</param>
/// <param name="Upstream">The provider's head, for the headers a client may see; null for the gateway's own answers.</param>
public readonly record struct AnswerHead(int Status, string? ContentType, long? Length, bool IsStream, HttpResponseMessage? Upstream)
{
    /// <summary>
    /// Whether it goes before there is an answer, to keep the client alive. The call is then being worked on by another thread: only what was known when it began may be read of it.
    /// </summary>
    public bool IsEarly { get; init; }
}
