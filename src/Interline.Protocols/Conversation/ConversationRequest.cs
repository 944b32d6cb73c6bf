namespace Interline.Protocols.Conversation;

/// <summary>What a caller asks of a model, in no wire format. Null everywhere: not said, the provider's default.</summary>
/// <param name="Model">The model's name as given; empty where the format has it in the address.</param>
/// <param name="Messages">The conversation so far. System and developer messages stand where the format had them among the others.</param>
public sealed record ConversationRequest(string Model, IReadOnlyList<Message> Messages)
{
    /// <summary>Instructions that the format holds apart from the messages (Anthropic <c>system</c>, Responses <c>instructions</c>, Gemini <c>systemInstruction</c>); they come before all messages.</summary>
    public IReadOnlyList<Part> Instructions { get; init; } = [];

    /// <summary>True if <see cref="Instructions"/> were a list though a plain text would do.</summary>
    public bool InstructionsAsParts { get; init; }

    /// <summary>The tools offered; null if nothing was said, which in some formats is not the same as none.</summary>
    public IReadOnlyList<Tool>? Tools { get; init; }

    /// <summary>How tools are to be chosen.</summary>
    public ToolChoice? ToolChoice { get; init; }

    /// <summary>Whether several tools may be called at once.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>What form the answer's text must have.</summary>
    public ResponseFormat? ResponseFormat { get; init; }

    /// <summary>How tokens are drawn.</summary>
    public Sampling Sampling { get; init; } = Sampling.None;

    /// <summary>Most tokens the answer may have, reasoning included.</summary>
    public JsonNumber? MaxOutputTokens { get; init; }

    /// <summary>How the format spelled <see cref="MaxOutputTokens"/> (<c>max_tokens</c>); null: the usual way.</summary>
    public string? MaxOutputTokensSpelling { get; init; }

    /// <summary>How much the model is to reason.</summary>
    public ReasoningSettings? Reasoning { get; init; }

    /// <summary>How long answers are to be: <c>low</c>, <c>medium</c>, <c>high</c>.</summary>
    public string? Verbosity { get; init; }

    /// <summary>What the answer may be made of: <c>text</c>, <c>audio</c>, <c>image</c>, in lower case.</summary>
    public IReadOnlyList<string>? OutputModalities { get; init; }

    /// <summary>Price and speed class, in the format's word.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>The caller's own name for the person who asks.</summary>
    public string? EndUser { get; init; }

    /// <summary>Notes of the caller, an object of strings.</summary>
    public RawJson? Metadata { get; init; }

    /// <summary>Whether the provider may keep the answer.</summary>
    public bool? Store { get; init; }

    /// <summary>Requests with the same key are likely to share a cached prompt.</summary>
    public string? PromptCacheKey { get; init; }

    /// <summary>Whether a stream is wanted; null: not said.</summary>
    public bool? Stream { get; init; }

    /// <summary>How the stream is to be sent.</summary>
    public StreamOptions? StreamOptions { get; init; }

    /// <summary>Fields of the request that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}
