using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Core.Catalog;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Configuration without a file: every provider whose key (or, for a local server, base URL) is in the environment.</summary>
public static class EnvironmentConfig
{
    private static readonly FrozenSet<string> CallableWires = FrozenSet.ToFrozenSet(["openai", "anthropic", "gemini"], StringComparer.Ordinal);

    /// <summary>
    /// Each such provider as the pattern <c>provider/*</c>, and each of its priced chat and embedding models under its plain name.
    /// A plain name that several providers have becomes one group of all of them.
    /// </summary>
    /// <param name="environment">Value of an environment variable, or null.</param>
    /// <param name="catalog">Providers and models.</param>
    public static Snapshot Read(Func<string, string?> environment, ICatalog catalog)
    {
        var scope = new ReadScope(new ProblemList("environment"), environment);
        var wildcards = ImmutableArray.CreateBuilder<ModelGroup>();
        var plain = new OrderedDictionary<string, List<Deployment>>(StringComparer.Ordinal);
        var servers = new HashSet<Uri>();
        foreach (string id in catalog.ProviderIds)
        {
            if (catalog.Provider(id) is not { VariantOf: null } provider || !CallableWires.Contains(provider.Wire) || Wildcard(scope, provider) is not { } wildcard)
            {
                continue;
            }

            wildcards.Add(new(wildcard.Group, [wildcard]));

            // The catalogue has several ids for some servers (openai, text-completion-openai): under a plain name each server counts once.
            if (servers.Add(wildcard.BaseUrl))
            {
                AddPlain(plain, wildcard, catalog);
            }
        }

        string identity = string.Join('\n', wildcards.Select(static group => $"{group.Name} {group.Deployments[0].BaseUrl}"));
        return new Snapshot
        {
            Version = ConfigReader.Version(identity),
            Groups = plain.ToFrozenDictionary(static entry => entry.Key, static entry => new ModelGroup(entry.Key, [.. entry.Value]), StringComparer.Ordinal),
            Wildcards = [.. wildcards.OrderBy(static group => group.Name, Comparer<string>.Create(ModelNamePattern.CompareSpecificity))],
            Names = [.. wildcards.Select(static group => group.Name), .. plain.Keys],
            Router = new RouterSettings { HeartbeatInterval = RouterSettingsReader.DefaultHeartbeat },
            General = new GeneralSettings(),
        };
    }

    private static Deployment? Wildcard(ReadScope scope, ProviderInfo provider)
    {
        (string Name, string Value)? key = scope.FirstVariable(provider.KeyVariables);
        (string Name, string Value)? server = scope.FirstVariable(provider.BaseUrlVariables);

        // A local server is there when its address is said; without that, a try at its usual port would list models nobody serves.
        if ((provider.KeyOptional ? server ?? key : key) is null || (server?.Value ?? provider.BaseUrl) is not { } written)
        {
            return null;
        }

        if (BaseUrl.For(provider, written) is not { } url || (key is not null && EndpointReader.UsableKey(key.Value.Value) is null))
        {
            return null;
        }

        var deployment = new Deployment
        {
            Id = "",
            Group = $"{provider.Id}/*",
            Provider = provider,
            UpstreamModel = "*",
            BaseUrl = url,
            AnthropicBaseUrl = BaseUrl.ForAnthropicBeside(provider, url),
            ApiKey = key is null ? null : EndpointReader.UsableKey(key.Value.Value),
            Parameters = provider.Parameters,
        };
        return deployment with { Id = DeploymentId.Of(deployment, 0) };
    }

    private static void AddPlain(OrderedDictionary<string, List<Deployment>> plain, Deployment wildcard, ICatalog catalog)
    {
        foreach (ModelInfo model in catalog.Models(wildcard.Provider))
        {
            if (model.Price is null || model.Mode is not ("chat" or "embedding"))
            {
                continue;
            }

            if (!plain.TryGetValue(model.Id, out List<Deployment>? members))
            {
                plain.Add(model.Id, members = []);
            }

            Deployment deployment = wildcard with { Group = model.Id, UpstreamModel = model.AliasOf ?? model.Id, Model = model, Mode = model.Mode, Price = model.Price, ListPrice = model.Price };
            members.Add(deployment with { Id = DeploymentId.Of(deployment, 0) });
        }
    }
}
