namespace Interline.Protocols.Conversation;

/// <summary>How tokens are drawn. Null: not said. Numbers keep their spelling.</summary>
public sealed record Sampling
{
    /// <summary>Nothing said.</summary>
    public static Sampling None { get; } = new();

    /// <summary>0 (always the likeliest) to 2 in most formats, to 1 in Anthropic's.</summary>
    public JsonNumber? Temperature { get; init; }

    /// <summary>Draw from the likeliest tokens up to this share, 0 to 1.</summary>
    public JsonNumber? TopP { get; init; }

    /// <summary>Draw from this many of the likeliest tokens.</summary>
    public JsonNumber? TopK { get; init; }

    /// <summary>Leave out tokens less likely than this share of the likeliest, 0 to 1.</summary>
    public JsonNumber? MinP { get; init; }

    /// <summary>Same seed, same answer, as far as the provider can.</summary>
    public JsonNumber? Seed { get; init; }

    /// <summary>-2 to 2: against tokens by how often they came.</summary>
    public JsonNumber? FrequencyPenalty { get; init; }

    /// <summary>-2 to 2: against tokens that came at all.</summary>
    public JsonNumber? PresencePenalty { get; init; }

    /// <summary>Factor against repetition, 1 for none; open models' servers have it.</summary>
    public JsonNumber? RepetitionPenalty { get; init; }

    /// <summary>Texts that end the answer.</summary>
    public IReadOnlyList<string>? Stop { get; init; }

    /// <summary>True if the one stop text was given by itself and not in a list.</summary>
    public bool StopAsText { get; init; }

    /// <summary>How many answers.</summary>
    public JsonNumber? Candidates { get; init; }

    /// <summary>Whether token probabilities are wanted.</summary>
    public bool? Logprobs { get; init; }

    /// <summary>How many likeliest tokens each.</summary>
    public JsonNumber? TopLogprobs { get; init; }
}

/// <summary>How much the model is to reason. Null: not said.</summary>
public sealed record ReasoningSettings
{
    /// <summary><c>none</c>, <c>minimal</c>, <c>low</c>, <c>medium</c>, <c>high</c>, <c>xhigh</c>, <c>max</c>, as given.</summary>
    public string? Effort { get; init; }

    /// <summary>Most tokens to spend.</summary>
    public JsonNumber? BudgetTokens { get; init; }

    /// <summary>Whether to reason at all.</summary>
    public bool? Enabled { get; init; }

    /// <summary>True if the model decides by itself how much (Anthropic's adaptive thinking, Gemini's dynamic budget).</summary>
    public bool Adaptive { get; init; }

    /// <summary>What kind of summary is wanted: <c>auto</c>, <c>concise</c>, <c>detailed</c>, as given.</summary>
    public string? Summary { get; init; }

    /// <summary>Whether the reasoning is to be left out of the answer.</summary>
    public bool? Hidden { get; init; }
}

/// <summary>What form the answer's text must have.</summary>
public enum ResponseFormatKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>Some JSON object.</summary>
    JsonObject,

    /// <summary>JSON of <see cref="ResponseFormat.Schema"/>.</summary>
    JsonSchema,

    /// <summary>What exactly one wire format has: <see cref="ResponseFormat.Json"/>.</summary>
    Opaque,
}

/// <summary>What form the answer's text must have.</summary>
/// <param name="Kind">The form.</param>
public sealed record ResponseFormat(ResponseFormatKind Kind)
{
    /// <summary>The JSON schema, as given.</summary>
    public RawJson? Schema { get; init; }

    /// <summary>The schema's name.</summary>
    public string? Name { get; init; }

    /// <summary>What the form is for.</summary>
    public string? Description { get; init; }

    /// <summary>Whether the answer must follow the schema to the letter; null for the format's default.</summary>
    public bool? Strict { get; init; }

    /// <summary>Whose <see cref="Json"/> it is.</summary>
    public WireFormat? Format { get; init; }

    /// <summary>The whole setting, for <see cref="ResponseFormatKind.Opaque"/>.</summary>
    public RawJson Json { get; init; }

    /// <summary>Fields of the setting that the model has no place for.</summary>
    public NativeFields? Native { get; init; }

    /// <summary>Fields of the setting's inner object, where the format wraps it (<c>json_schema</c> in chat).</summary>
    public NativeFields? InnerNative { get; init; }
}

/// <summary>How a stream is to be sent.</summary>
public sealed record StreamOptions
{
    /// <summary>Whether the usage is wanted at the end.</summary>
    public bool? IncludeUsage { get; init; }

    /// <summary>Options that the model has no place for.</summary>
    public NativeFields? Native { get; init; }
}
