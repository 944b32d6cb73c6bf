using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Pricing;

namespace Interline.Core.Tests.Configuration;

/// <summary>A few providers and models, so that tests do not depend on the catalogue's data.</summary>
internal sealed class FakeCatalog : ICatalog
{
    private static readonly ProviderInfo[] Providers =
    [
        Provider("openai", "https://api.openai.com/v1", ["OPENAI_API_KEY"], ["OPENAI_BASE_URL"]),
        Provider("text-completion-openai", "https://api.openai.com/v1", ["OPENAI_API_KEY"], ["OPENAI_BASE_URL"]),
        Provider("groq", "https://api.groq.com/openai/v1", ["GROQ_API_KEY"], []),
        Provider("openrouter", "https://openrouter.ai/api/v1", ["OPENROUTER_API_KEY", "OR_API_KEY"], []),
        Provider("together_ai", "https://api.together.xyz/v1", ["TOGETHER_API_KEY"], []),
        Provider("hosted_vllm", null, ["HOSTED_VLLM_API_KEY"], ["HOSTED_VLLM_API_BASE"]) with { KeyOptional = true },
        Provider("ollama", "http://localhost:11434/v1", [], ["OLLAMA_API_BASE"]) with { KeyOptional = true, OpenAIBasePath = "/v1" },
        Provider("mirror", "https://mirror.example.com/v1", ["MIRROR_API_KEY"], []),
        Provider("anthropic", "https://api.anthropic.com", ["ANTHROPIC_API_KEY"], ["ANTHROPIC_BASE_URL"]) with { Wire = "anthropic", KeyHeader = "x-api-key" },
        Provider("gemini", "https://generativelanguage.googleapis.com/v1beta", ["GEMINI_API_KEY"], ["GEMINI_API_BASE"]) with { Wire = "gemini", KeyHeader = "x-goog-api-key" },
        Provider("twofold", "https://twofold.example.com/v1", ["TWOFOLD_API_KEY"], []) with { AnthropicBasePath = "/anthropic" },
        Provider("foreign", "https://foreign.example.com", ["FOREIGN_API_KEY"], []) with { Wire = "foreign" },
    ];

    private static readonly ModelInfo[] Models =
    [
        Model("openai", "gpt-4o", 2.5m, 10m) with { ContextWindow = 128_000, MaxOutput = 16_384, Capabilities = ModelCapabilities.Tools | ModelCapabilities.Vision },
        Model("openai", "gpt-4o-mini", 0.15m, 0.6m),
        Model("openai", "text-embedding-3-small", 0.02m, 0) with { Mode = "embedding" },
        Model("openai", "dall-e-3", 1, 1) with { Mode = "image" },
        Model("openai", "unpriced", 0, 0) with { Price = null },
        Model("groq", "llama-3.1-8b-instant", 0.05m, 0.08m),
        Model("mirror", "gpt-4o", 3, 12),
        Model("anthropic", "claude-sonnet-4-5", 3, 15),
        Model("gemini", "gemini-2.5-flash", 0.3m, 2.5m),
    ];

    public IEnumerable<string> ProviderIds => Providers.Select(provider => provider.Id);

    public ProviderInfo? Provider(string idOrPrefix) => Array.Find(Providers, provider => provider.Id == idOrPrefix);

    public ModelInfo? Model(ProviderInfo provider, string model) => Array.Find(Models, found => found.Provider == provider.ModelsFrom && found.Id == model);

    public IEnumerable<(ProviderInfo Provider, ModelInfo Model)> ByName(string plainModelName) =>
        Models.Where(model => model.Id == plainModelName).Select(model => (Provider(model.Provider)!, model));

    IEnumerable<ModelInfo> ICatalog.Models(ProviderInfo provider) => Models.Where(model => model.Provider == provider.ModelsFrom);

    private static ProviderInfo Provider(string id, string? baseUrl, string[] keys, string[] bases) => new()
    {
        Id = id,
        DisplayName = id,
        Wire = "openai",
        BaseUrl = baseUrl,
        KeyVariables = [.. keys],
        BaseUrlVariables = [.. bases],
        ModelsFrom = id == "text-completion-openai" ? "openai" : id,
    };

    private static ModelInfo Model(string provider, string id, decimal input, decimal output) => new()
    {
        Provider = provider,
        Id = id,
        Price = new Price { Input = input, Output = output, CacheRead = input / 2 },
    };
}
