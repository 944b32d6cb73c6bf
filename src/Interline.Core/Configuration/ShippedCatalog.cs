using Interline.Core.Catalog;

namespace Interline.Core.Configuration;

/// <summary>What configuration needs of a <see cref="ModelCatalog"/>.</summary>
/// <param name="catalog">The catalogue.</param>
public sealed class ShippedCatalog(ModelCatalog catalog) : ICatalog
{
    /// <summary>Over what was shipped.</summary>
    public static ShippedCatalog BuiltIn { get; } = new(ModelCatalog.BuiltIn);

    /// <inheritdoc />
    public IEnumerable<string> ProviderIds => catalog.Providers.Select(static provider => provider.Id);

    /// <inheritdoc />
    public ProviderInfo? Provider(string idOrPrefix) =>
        catalog.FindProvider(idOrPrefix) is not { } provider ? null
        : provider.OpenAIBasePath is null ? provider

        // Its own format has no room yet, and it speaks OpenAI's too: better called that way than not at all.
        : provider with { Wire = "openai" };

    /// <inheritdoc />
    public ModelInfo? Model(ProviderInfo provider, string model) => catalog.FindModel(provider, model);

    /// <inheritdoc />
    public IEnumerable<(ProviderInfo Provider, ModelInfo Model)> ByName(string plainModelName) =>
        catalog.FindByName(plainModelName).Select(match => (Provider(match.Provider.Id)!, match.Model));

    /// <inheritdoc />
    public IEnumerable<ModelInfo> Models(ProviderInfo provider) => catalog.ModelsOf(provider.ModelsFrom);
}
