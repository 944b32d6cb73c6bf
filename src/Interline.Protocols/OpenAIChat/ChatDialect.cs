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
        ChatDialect dialect = target.ProviderId switch
        {
            "openai" or "azure" => OpenAI,
            "openrouter" => new() { MaxTokensField = "max_tokens", ReasoningField = "reasoning", ReasoningDetails = true, CacheControl = true, OpenSampling = true, OpenValues = true },
            "deepseek" => new() { MaxTokensField = "max_tokens", ReasoningField = "reasoning_content", OpenValues = true },
            "gemini" or "vertex_ai" => new() { MaxTokensField = "max_tokens", GoogleSignatures = true, OpenValues = true },
            _ => new() { MaxTokensField = "max_tokens", OpenValues = true },
        };
        bool openAI = target.ProviderId is "openai" or "azure";
        bool reasons = openAI && (target.Reasons ?? IsNamedAsReasoning(target.Model));
        return dialect with
        {
            Effort = openAI ? reasons : target.Reasons is not false,
            Reasons = reasons,
            MaxOutput = target.MaxOutput is > 0 ? target.MaxOutput : null,
        };
    }

    /// <summary>Whether OpenAI's name of a model says that it reasons: <c>o1</c>, <c>o3-…</c>, <c>gpt-5…</c> and later, fine-tuned or not, but not those of ChatGPT (<c>gpt-5-chat…</c>).</summary>
    private static bool IsNamedAsReasoning(string model)
    {
        ReadOnlySpan<char> name = model.AsSpan(model.LastIndexOf('/') + 1);
        name = name.StartsWith("ft:", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        return name switch
        {
            ['o' or 'O', >= '1' and <= '9', ..] => true,
            ['g' or 'G', 'p' or 'P', 't' or 'T', '-', >= '5' and <= '9', ..] => !name.Contains("-chat", StringComparison.OrdinalIgnoreCase),
            _ => false,
        };
    }

    /// <summary>Name of the output limit: <c>max_completion_tokens</c> or, for most other providers, <c>max_tokens</c>.</summary>
    public string MaxTokensField { get; init; } = "max_completion_tokens";

    /// <summary>Field of an assistant's message that takes earlier reasoning (<c>reasoning_content</c>, <c>reasoning</c>); null: none is sent back.</summary>
    public string? ReasoningField { get; init; }

    /// <summary>True if <c>reasoning_effort</c> may be sent; a model that does not reason refuses it.</summary>
    public bool Effort { get; init; } = true;

    /// <summary>True for OpenAI's reasoning models, which refuse settings of sampling other than the defaults.</summary>
    public bool Reasons { get; init; }

    /// <summary>Most tokens the model can answer with, at least 1; null if not known.</summary>
    public long? MaxOutput { get; init; }

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
