namespace Interline.Protocols.Conversation;

/// <summary>A model's whole answer, in no wire format.</summary>
/// <param name="Choices">The candidates, by index; mostly one. None if the prompt was blocked.</param>
public sealed record Answer(IReadOnlyList<Choice> Choices)
{
    /// <summary>The provider's id; null if the format has none.</summary>
    public string? Id { get; init; }

    /// <summary>The model that answered, as the provider names it.</summary>
    public string? Model { get; init; }

    /// <summary>When, in seconds since 1970; null if the format does not say.</summary>
    public long? Created { get; init; }

    /// <summary>What was used; null if not said.</summary>
    public Usage? Usage { get; init; }

    /// <summary>The provider's own usage object, costs and timings included. Written back by the same format, so whoever changes <see cref="Usage"/> takes it away.</summary>
    public NativeUsage? NativeUsage { get; init; }

    /// <summary>Price and speed class that served it.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The provider's name for the state of its servers.</summary>
    public string? SystemFingerprint { get; init; }

    /// <summary>Fields of the answer that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}

/// <summary>A usage object as its format has it.</summary>
/// <param name="Format">Whose it is.</param>
/// <param name="Json">The object.</param>
public sealed record NativeUsage(WireFormat Format, RawJson Json)
{
    /// <summary>Paths inside it that <see cref="Usage"/> does not say: other formats lose these.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];
}

/// <summary>One candidate of an answer.</summary>
/// <param name="Index">Its number, from 0.</param>
/// <param name="Message">What the model said, ready to be put into the next request.</param>
public sealed record Choice(int Index, Message Message)
{
    /// <summary>Why it ended.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>The provider's own word for it; null if it said none.</summary>
    public string? NativeFinish { get; init; }

    /// <summary>The stop text that was met, where the format says it.</summary>
    public string? StopSequence { get; init; }

    /// <summary>Probabilities of the tokens, as OpenAI Chat has them.</summary>
    public RawJson? Logprobs { get; init; }

    /// <summary>Fields of the candidate that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}
