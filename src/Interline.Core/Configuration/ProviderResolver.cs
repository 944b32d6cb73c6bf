using Interline.Core.Catalog;

namespace Interline.Core.Configuration;

/// <summary>Which provider a deployment's <c>model</c> names, and what is left of it for the provider.</summary>
/// <param name="Provider">Provider; null if none can be told.</param>
/// <param name="UpstreamModel">Model as the provider knows it; may hold <c>*</c>.</param>
/// <param name="Error">Why none can be told, or what is missing besides; null if nothing is wrong.</param>
/// <param name="Suggestion">Nearest names.</param>
internal readonly record struct ResolvedProvider(ProviderInfo? Provider, string UpstreamModel, string? Error = null, string? Suggestion = null);

/// <summary>LiteLLM's rules: <c>custom_llm_provider</c>; else the part before the first slash if it is a provider; else the bare name looked up; else the base URL.</summary>
internal static class ProviderResolver
{
    private const string GeminiResource = "models/";

    /// <summary>Provider of a server that speaks OpenAI's format and of which nothing else is known; used where the catalogue has none of this id.</summary>
    public static ProviderInfo CustomOpenAI { get; } = new()
    {
        Id = "custom_openai",
        DisplayName = "OpenAI-compatible server",
        Wire = "openai",
        KeyOptional = true,
        ModelsFrom = "custom_openai",
    };

    /// <summary>Resolves a model string.</summary>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="model">Value of <c>model</c>, not empty.</param>
    /// <param name="forced">Value of <c>custom_llm_provider</c>; null if absent.</param>
    /// <param name="hasBase">Whether the deployment gives a base URL of its own.</param>
    public static ResolvedProvider Resolve(ICatalog catalog, string model, string? forced, bool hasBase)
    {
        int slash = model.IndexOf('/', StringComparison.Ordinal);
        string prefix = slash > 0 ? model[..slash] : "";
        if (forced is not null)
        {
            // LiteLLM strips the prefix only where it says the same as the key.
            string rest = prefix == forced ? model[(slash + 1)..] : model;
            return ById(catalog, forced) is { } provider ? Named(provider, rest) : Unknown(catalog, forced, model);
        }

        if (prefix.Length > 0 && ById(catalog, prefix) is { } byPrefix)
        {
            return Named(byPrefix, model[(slash + 1)..]);
        }

        if (prefix.Length > 0 && KnownKeys.OtherProviders.Contains(prefix))
        {
            return Unknown(catalog, prefix, model);
        }

        if (model == "*" && catalog.Provider("openai") is { } openai)
        {
            return new(openai, model);
        }

        // A bare name only: aggregators have models called vendor/model, and would get the key and the call meant for the vendor.
        if (slash < 0)
        {
            foreach ((ProviderInfo provider, ModelInfo _) in catalog.ByName(model))
            {
                return new(provider, model);
            }
        }

        return hasBase ? new(ById(catalog, CustomOpenAI.Id), model) : Unknown(catalog, prefix, model);
    }

    private static ProviderInfo? ById(ICatalog catalog, string id) => catalog.Provider(id) ?? (id == CustomOpenAI.Id ? CustomOpenAI : null);

    /// <summary>A model as its provider is asked for it. Gemini's API names one by its resource, <c>models/NAME</c>, and the path that is called has that already.</summary>
    public static string UpstreamModel(ProviderInfo provider, string model) =>
        provider.Wire == "gemini" && model.StartsWith(GeminiResource, StringComparison.Ordinal) ? model[GeminiResource.Length..] : model;

    private static ResolvedProvider Named(ProviderInfo provider, string rest) => rest.Length > 0
        ? new(provider, UpstreamModel(provider, rest))
        : new(provider, rest, $"no model after the provider '{provider.Id}'");

    private static ResolvedProvider Unknown(ICatalog catalog, string id, string model)
    {
        if (KnownKeys.OtherProviders.Contains(id))
        {
            return new(null, model, $"the provider '{id}' is not supported yet");
        }

        return id.Length > 0
            ? new(null, model, $"unknown provider '{id}'; give a known one, or api_base for an OpenAI-compatible server", Nearest.Text(id, catalog.ProviderIds))
            : new(null, model, "no provider can be told from this name; write provider/model, or give api_base for an OpenAI-compatible server", Nearest.Text(model, catalog.ProviderIds));
    }
}
