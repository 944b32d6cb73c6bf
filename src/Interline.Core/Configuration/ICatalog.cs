using Interline.Core.Catalog;

namespace Interline.Core.Configuration;

/// <summary>What configuration needs to know of providers and models.</summary>
public interface ICatalog
{
    /// <summary>Ids of all providers, most usual first where two serve the same.</summary>
    IEnumerable<string> ProviderIds { get; }

    /// <summary>A provider by id, which is also its prefix in <c>provider/model</c>; null if unknown.</summary>
    /// <param name="idOrPrefix">Such as <c>groq</c>.</param>
    ProviderInfo? Provider(string idOrPrefix);

    /// <summary>A model of a provider; null if unknown.</summary>
    /// <param name="provider">Provider.</param>
    /// <param name="model">Model as the provider knows it.</param>
    ModelInfo? Model(ProviderInfo provider, string model);

    /// <summary>Providers that have a model of this name, most usual first, so that <c>gpt-4o</c> is OpenAI's.</summary>
    /// <param name="plainModelName">Model name without a provider.</param>
    IEnumerable<(ProviderInfo Provider, ModelInfo Model)> ByName(string plainModelName);

    /// <summary>All models of a provider.</summary>
    /// <param name="provider">Provider.</param>
    IEnumerable<ModelInfo> Models(ProviderInfo provider);
}
