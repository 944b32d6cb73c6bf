using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Makes a concrete group of a wildcard's.</summary>
internal static class WildcardGroup
{
    /// <summary>The group of a name that fits a wildcard.</summary>
    /// <param name="wildcard">Group whose name is a pattern.</param>
    /// <param name="name">Name that fits it.</param>
    /// <param name="catalog">Where facts of the filled model are found; null leaves them unknown.</param>
    public static ModelGroup Fill(ModelGroup wildcard, string name, ICatalog? catalog)
    {
        ImmutableArray<string> captures = ModelNamePattern.Captures(wildcard.Name, name);
        return new(name, [.. wildcard.Deployments.Select(deployment => Fill(deployment, captures, catalog))]);
    }

    private static Deployment Fill(Deployment deployment, ImmutableArray<string> captures, ICatalog? catalog)
    {
        if (!deployment.UpstreamModel.Contains('*', StringComparison.Ordinal))
        {
            return deployment;
        }

        string model = ProviderResolver.UpstreamModel(deployment.Provider, ModelNamePattern.Fill(deployment.UpstreamModel, captures));
        ModelInfo? known = catalog?.Model(deployment.Provider, model);
        return deployment with
        {
            UpstreamModel = model,
            Model = deployment.Model ?? known,
            Price = deployment.Price ?? known?.Price,
            ListPrice = deployment.ListPrice ?? known?.Price,
            Mode = deployment.Mode ?? known?.Mode,
        };
    }
}
