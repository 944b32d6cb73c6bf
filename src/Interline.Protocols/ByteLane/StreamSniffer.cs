using Interline.Protocols.Errors;

namespace Interline.Protocols.ByteLane;

/// <summary>What to do with one event of a stream that passes by.</summary>
public enum EventVerdict
{
    /// <summary>A proper event: forward its bytes.</summary>
    Forward,

    /// <summary>Carries usage and nothing else: forward it only to a client that asked.</summary>
    UsageOnly,

    /// <summary>The end marker: forward it; whatever follows is not part of the answer.</summary>
    Done,

    /// <summary>The provider reports a failure in the stream.</summary>
    Error,

    /// <summary>Not of the format: never forwarded.</summary>
    Malformed,
}

/// <summary>Watches the events of one streamed answer pass by. Not thread-safe; one per answer.</summary>
public abstract class StreamSniffer
{
    /// <summary>Usage as last stated.</summary>
    public Usage? Usage { get; protected set; }

    /// <summary>What was made or read that is no token, where the stream says.</summary>
    public Units? Units { get; protected set; }

    /// <summary>Bytes of text that have passed, visible and reasoning and arguments of tools, as they stood in the JSON: for an estimate, should usage never come.</summary>
    public long TextBytes { get; protected set; }

    /// <summary>Why the answer ended; unknown until said.</summary>
    public FinishReason Finish { get; protected set; }

    /// <summary>Tier that serves it, where the answer says.</summary>
    public string? ServiceTier { get; protected set; }

    /// <summary>Whether the stream has said that the answer is whole.</summary>
    public bool IsComplete { get; protected set; }

    /// <summary>Whether an event has come that nothing has to follow: a connection that breaks after it has broken nothing. What does follow is not for the client, unless it is another answer.</summary>
    public bool IsOver { get; protected set; }

    /// <summary>Whether the last event stated usage.</summary>
    public bool UsageInEvent { get; protected set; }

    /// <summary>Whether an event has come that is part of an answer. A stream may open with others (Azure's prompt filter results), and fail after them.</summary>
    public bool HasBegun { get; protected set; }

    /// <summary>The error the provider reported in the stream.</summary>
    public ApiError? Error { get; protected set; }

    /// <summary>Looks at one event.</summary>
    /// <param name="name">The <c>event:</c> field, empty if absent.</param>
    /// <param name="data">The joined <c>data:</c> lines, not empty.</param>
    public abstract EventVerdict Inspect(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data);
}
