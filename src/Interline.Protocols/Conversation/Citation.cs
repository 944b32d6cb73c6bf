namespace Interline.Protocols.Conversation;

/// <summary>Where a stretch of an answer's text comes from.</summary>
public sealed record Citation
{
    /// <summary>The format's own object, written back by the same format.</summary>
    public RawJson Json { get; init; }

    /// <summary>Whose <see cref="Json"/> is; null if it was made by the gateway.</summary>
    public WireFormat? Format { get; init; }

    /// <summary>Paths inside <see cref="Json"/> that the other properties do not say: other formats lose these.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>The source's address.</summary>
    public string? Url { get; init; }

    /// <summary>The source's title.</summary>
    public string? Title { get; init; }

    /// <summary>The words of the source.</summary>
    public string? CitedText { get; init; }

    /// <summary>Start of the stretch in the answer's text, in characters from 0; null if not said.</summary>
    public int? Start { get; init; }

    /// <summary>End of the stretch, exclusive.</summary>
    public int? End { get; init; }
}
