using Interline.Core.Pricing;

namespace Interline.Core.Catalog;

/// <summary>One model of one provider as the catalogue describes it. Source: <c>catalog/models.json</c>, the config file, or LiteLLM's price map.</summary>
public sealed record ModelInfo
{
    /// <summary>Provider id as in <see cref="ProviderInfo.ModelsFrom"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>Model id as the provider knows it.</summary>
    public required string Id { get; init; }

    /// <summary>Id by which the provider really knows it, when <see cref="Id"/> is only a usual name (<c>claude-3-opus</c>): send this one upstream.</summary>
    public string? AliasOf { get; init; }

    /// <summary>What it is for: chat, completion, embedding, image, audio.speech, audio.transcription, rerank, moderation, …</summary>
    public string Mode { get; init; } = "chat";

    /// <summary>Tokens of prompt and answer together, or of the prompt where the provider states that; null if unknown.</summary>
    public long? ContextWindow { get; init; }

    /// <summary>Largest answer in tokens; null if unknown.</summary>
    public long? MaxOutput { get; init; }

    /// <summary>What it can do, as far as known; a flag that is not set is unknown or false.</summary>
    public ModelCapabilities Capabilities { get; init; }

    /// <summary>Prices; null if unknown, which is never the same as free.</summary>
    public Price? Price { get; init; }

    /// <summary>Whether the sources state different prices; the newest was taken.</summary>
    public bool Disputed { get; init; }

    /// <summary>Whether the provider has deprecated it.</summary>
    public bool Deprecated { get; init; }

    /// <summary>Day from which the provider no longer serves it, where announced.</summary>
    public DateOnly? DeprecationDate { get; init; }

    /// <summary>Where the facts come from, such as <c>genai-prices, litellm</c>.</summary>
    public string Source { get; init; } = "";

    /// <summary>Day the newest source was taken.</summary>
    public DateOnly? AsOf { get; init; }
}

/// <summary>Capabilities of a model.</summary>
[Flags]
public enum ModelCapabilities
{
    /// <summary>None known.</summary>
    None = 0,

    /// <summary>Calls tools.</summary>
    Tools = 1 << 0,

    /// <summary>Several tool calls in one answer.</summary>
    ParallelTools = 1 << 1,

    /// <summary>Obeys <c>tool_choice</c>.</summary>
    ToolChoice = 1 << 2,

    /// <summary>Reads images.</summary>
    Vision = 1 << 3,

    /// <summary>Reads PDF documents.</summary>
    Pdf = 1 << 4,

    /// <summary>Hears audio.</summary>
    AudioInput = 1 << 5,

    /// <summary>Speaks audio.</summary>
    AudioOutput = 1 << 6,

    /// <summary>Sees video.</summary>
    VideoInput = 1 << 7,

    /// <summary>Answers by a JSON schema.</summary>
    JsonSchema = 1 << 8,

    /// <summary>Reasons before it answers.</summary>
    Reasoning = 1 << 9,

    /// <summary>Caches prompts.</summary>
    PromptCaching = 1 << 10,

    /// <summary>Takes system messages.</summary>
    SystemMessages = 1 << 11,

    /// <summary>Goes on from a given beginning of its answer.</summary>
    Prefill = 1 << 12,

    /// <summary>Searches the web by itself.</summary>
    WebSearch = 1 << 13,

    /// <summary>Uses a computer.</summary>
    ComputerUse = 1 << 14,
}
