using Interline.Protocols.Conversation;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// What a provider of this format takes beyond, or other than, OpenAI itself. Only looked at for what came from another wire format:
/// what was read from this format is written back as it was.
/// </summary>
public sealed record ChatDialect
{
    /// <summary>OpenAI's own.</summary>
    public static ChatDialect OpenAI { get; } = new();

    /// <summary>What a provider takes.</summary>
    /// <param name="target">The model that is called.</param>
    public static ChatDialect Of(TargetModel target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return target.ProviderId switch
        {
            "openai" or "azure" => OpenAI,
            "openrouter" => new() { MaxTokensField = "max_tokens", ReasoningField = "reasoning", ReasoningDetails = true, CacheControl = true, OpenSampling = true, OpenValues = true },
            "deepseek" => new() { MaxTokensField = "max_tokens", ReasoningField = "reasoning_content", OpenValues = true },
            "gemini" or "vertex_ai" => new() { MaxTokensField = "max_tokens", GoogleSignatures = true, OpenValues = true },
            _ => new() { MaxTokensField = "max_tokens", OpenValues = true },
        };
    }

    /// <summary>Name of the output limit: <c>max_completion_tokens</c> or, for most other providers, <c>max_tokens</c>.</summary>
    public string MaxTokensField { get; init; } = "max_completion_tokens";

    /// <summary>Field of an assistant's message that takes earlier reasoning (<c>reasoning_content</c>, <c>reasoning</c>); null: none is sent back.</summary>
    public string? ReasoningField { get; init; }

    /// <summary>True if signed reasoning goes into <c>reasoning_details</c> (OpenRouter).</summary>
    public bool ReasoningDetails { get; init; }

    /// <summary>True if parts and tools may carry Anthropic's <c>cache_control</c>.</summary>
    public bool CacheControl { get; init; }

    /// <summary>True if <c>top_k</c>, <c>min_p</c> and <c>repetition_penalty</c> are taken (servers of open models).</summary>
    public bool OpenSampling { get; init; }

    /// <summary>True if signatures go into <c>extra_content.google.thought_signature</c> of a call or a message (Google's dialect).</summary>
    public bool GoogleSignatures { get; init; }

    /// <summary>True if more is taken than OpenAI's description allows: films, documents by address, any modality, class of service and number of stop texts.</summary>
    public bool OpenValues { get; init; }
}
