using Interline.Core.Catalog;
using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>Reads what a deployment says of its model, over what the catalogue says. What does not fit is a warning: a wrong price in a file never stops a call.</summary>
internal static class ModelInfoReader
{
    /// <summary>Reads facts and prices. Prices may stand in either section; those of <c>litellm_params</c> win.</summary>
    /// <param name="parameters"><c>litellm_params</c>.</param>
    /// <param name="info"><c>model_info</c>.</param>
    /// <param name="catalog">Catalogue.</param>
    /// <param name="provider">Provider of the deployment.</param>
    /// <param name="upstreamModel">Model as the provider knows it.</param>
    public static (ModelInfo? Model, Price? Price, Price? ListPrice) Read(SectionReader parameters, SectionReader info, ICatalog catalog, ProviderInfo provider, string upstreamModel)
    {
        string? baseModel = info.Text("base_model");
        ModelInfo? known = Known(catalog, provider, baseModel ?? upstreamModel)
            ?? (baseModel is null ? null : catalog.ByName(baseModel).Select(static found => found.Model).FirstOrDefault());

        // The same sections again, but a price that is no number must not cost the deployment.
        var prices = new SectionReader(parameters.Scope, parameters.Mapping, parameters.Path, ConfigSeverity.Warning);
        Price? price = PriceReader.Read(prices, PriceReader.Read(info, known?.Price));
        parameters.Skip([.. prices.Read]);

        string? mode = info.Text("mode");
        long? window = info.Whole("max_input_tokens");
        long? total = info.Whole("max_tokens");
        long? output = info.Whole("max_output_tokens") ?? total;
        ModelCapabilities capabilities = known?.Capabilities ?? ModelCapabilities.None;
        foreach ((string key, ModelCapabilities capability) in LiteLLMCapabilities.Keys)
        {
            capabilities = info.Flag(key) switch
            {
                true => capabilities | capability,
                false => capabilities & ~capability,
                null => capabilities,
            };
        }

        if (known is null && price is null && mode is null && window is null && output is null && capabilities == ModelCapabilities.None)
        {
            return (null, null, null);
        }

        ModelInfo basis = known ?? new ModelInfo { Provider = provider.ModelsFrom, Id = upstreamModel, Source = "config" };
        return (
            basis with
            {
                Mode = mode ?? basis.Mode,
                ContextWindow = window ?? basis.ContextWindow,
                MaxOutput = output ?? basis.MaxOutput,
                Capabilities = capabilities,
                Price = price,
            },
            price,
            known?.Price);
    }

    private static ModelInfo? Known(ICatalog catalog, ProviderInfo provider, string model)
    {
        if (model.Length == 0 || model.Contains('*', StringComparison.Ordinal))
        {
            return null;
        }

        if (catalog.Model(provider, model) is { } found)
        {
            return found;
        }

        // base_model may carry a provider: azure/gpt-4o-mini is priced as azure's.
        int slash = model.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && catalog.Provider(model[..slash]) is { } other ? catalog.Model(other, model[(slash + 1)..]) : null;
    }
}
