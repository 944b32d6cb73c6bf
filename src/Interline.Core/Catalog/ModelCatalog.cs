using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Interline.Core.Catalog;

/// <summary>A provider and the model of it that a name means.</summary>
/// <param name="Provider">The provider.</param>
/// <param name="Model">The model; send <see cref="ModelInfo.AliasOf"/> upstream when it is set, else <see cref="ModelInfo.Id"/>.</param>
public sealed record CatalogMatch(ProviderInfo Provider, ModelInfo Model);

/// <summary>
/// The providers and models that are known: what was shipped (<c>catalog/*.json</c>) and what the configuration adds over it.
/// Immutable and safe for many threads; models are read from the file when they are first asked for.
/// </summary>
public sealed class ModelCatalog
{
    /// <summary>Whose models are looked at first when a name comes without a provider: who makes models before who resells them, so that
    /// <c>gpt-4o</c> is OpenAI's although Azure and OpenRouter list it too. Ids as in <see cref="ProviderInfo.ModelsFrom"/>.</summary>
    private static readonly ImmutableArray<string> Makers =
    [
        "openai", "anthropic", "google", "mistral", "cohere", "xai", "deepseek", "perplexity", "ai21", "moonshot", "zai", "zhipu", "alibaba", "meta",
        "voyage", "jina", "minimax", "groq", "cerebras", "together", "fireworks",
    ];

    private static readonly Lazy<ModelCatalog> Shipped = new(() => new ModelCatalog(
        ProviderFile.Read(Resource("providers.json")),
        new Lazy<ModelFile>(() => new ModelFile(Resource("models.json"))),
        []));

    // Plain dictionaries that nobody changes: building frozen ones costs more of the start than their faster reading ever gives back here.
    private readonly Dictionary<string, ProviderInfo> _providers;
    private readonly Lazy<ModelFile> _file;
    private readonly Dictionary<string, ModelInfo> _added;

    private ModelCatalog(ImmutableArray<ProviderInfo> providers, Lazy<ModelFile> file, Dictionary<string, ModelInfo> added)
    {
        Providers = providers;
        _providers = providers.ToDictionary(provider => provider.Id, StringComparer.Ordinal);
        _file = file;
        _added = added;
    }

    private static readonly Lazy<string> ShippedVersion = new(() => Convert.ToHexStringLower(SHA256.HashData(Resource("models.json")))[..12]);

    /// <summary>What was shipped.</summary>
    public static ModelCatalog BuiltIn => Shipped.Value;

    /// <summary>Version of the shipped prices: a short hash of <c>models.json</c>. Made when first asked for, since it costs a start a millisecond.</summary>
    public static string BuiltInVersion => ShippedVersion.Value;

    /// <summary>All providers, by id.</summary>
    public ImmutableArray<ProviderInfo> Providers { get; }

    /// <summary>How many models are known.</summary>
    public int ModelCount => Keys().Count();

    /// <summary>The provider with this id, which is also the prefix in <c>provider/model</c>; null if there is none.</summary>
    public ProviderInfo? FindProvider(string id) => _providers.GetValueOrDefault(id);

    /// <summary>Splits <c>provider/model</c> at the first slash.</summary>
    /// <param name="name">Name as in a config, such as <c>together_ai/meta-llama/Llama-3-70b-chat-hf</c>.</param>
    /// <param name="provider">The provider, if what stands before the slash is one.</param>
    /// <param name="model">What stands after it; may be a pattern.</param>
    /// <returns>False if there is no slash or no such provider.</returns>
    public bool TrySplit(string name, [NotNullWhen(true)] out ProviderInfo? provider, out string model)
    {
        ArgumentNullException.ThrowIfNull(name);
        int slash = name.IndexOf('/', StringComparison.Ordinal);
        provider = slash > 0 ? FindProvider(name[..slash]) : null;
        model = provider is null ? name : name[(slash + 1)..];
        return provider is not null;
    }

    /// <summary>What is known of a model of a provider. See <see cref="FindModel(string, string)"/>.</summary>
    public ModelInfo? FindModel(ProviderInfo provider, string id)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return FindModel(provider.ModelsFrom, id);
    }

    /// <summary>
    /// What is known of a model. Found by its exact id, else by one of three spellings that name the very same model: without Gemini's <c>models/</c>,
    /// with Fireworks' <c>accounts/fireworks/models/</c>, and a fine-tuned <c>ft:base:org::id</c> by its <c>ft:base</c>. Nothing is guessed from
    /// dates or similar names, because the price hangs on it.
    /// </summary>
    /// <param name="modelsFrom">Provider id as in <see cref="ProviderInfo.ModelsFrom"/>.</param>
    /// <param name="id">Model id.</param>
    /// <returns>The model, or null if it is not known.</returns>
    public ModelInfo? FindModel(string modelsFrom, string id)
    {
        ArgumentNullException.ThrowIfNull(modelsFrom);
        ArgumentNullException.ThrowIfNull(id);
        if (FindExact(modelsFrom, id) is { } model)
        {
            return model;
        }

        if (id.StartsWith("ft:", StringComparison.Ordinal) && id.IndexOf(':', 3) is var end and > 0)
        {
            return FindExact(modelsFrom, id[..end]) is { } tuned ? tuned with { Id = id } : null;
        }

        return modelsFrom switch
        {
            "google" or "vertex" when id.StartsWith("models/", StringComparison.Ordinal) => FindExact(modelsFrom, id["models/".Length..]),
            "fireworks" when !id.Contains('/', StringComparison.Ordinal) => FindExact(modelsFrom, "accounts/fireworks/models/" + id),
            _ => null,
        };
    }

    /// <summary>
    /// Every provider that has a model of exactly this name, who makes it first. <see cref="ProviderInfo.VariantOf">Other spellings</see> of a provider are left out.
    /// </summary>
    /// <param name="name">Model name without provider, such as <c>gpt-4o</c>.</param>
    /// <returns>Empty if nobody has it.</returns>
    public ImmutableArray<CatalogMatch> FindByName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        List<CatalogMatch> matches = [];
        foreach (ProviderInfo provider in Providers)
        {
            if (provider.VariantOf is null && FindExact(provider.ModelsFrom, name) is { } model)
            {
                matches.Add(new CatalogMatch(provider, model));
            }
        }

        return [.. matches.OrderBy(match => Rank(match.Provider)).ThenBy(match => match.Provider.Id == match.Provider.ModelsFrom ? 0 : 1)];
    }

    /// <summary>All models of a provider, by id. Reads each of them.</summary>
    /// <param name="modelsFrom">Provider id as in <see cref="ProviderInfo.ModelsFrom"/>.</param>
    public IEnumerable<ModelInfo> ModelsOf(string modelsFrom) => Keys()
        .Where(key => key.StartsWith(ModelFile.Key(modelsFrom, ""), StringComparison.Ordinal))
        .Select(key => key[(modelsFrom.Length + 1)..])
        .Order(StringComparer.Ordinal)
        .Select(id => FindExact(modelsFrom, id)!);

    /// <summary>This catalogue with models and providers over it; one that has the provider and id of a known one replaces it, the last one wins.</summary>
    public ModelCatalog With(IEnumerable<ModelInfo> models, IEnumerable<ProviderInfo>? providers = null)
    {
        Dictionary<string, ModelInfo> added = new(_added, StringComparer.Ordinal);
        foreach (ModelInfo model in models)
        {
            added[ModelFile.Key(model.Provider, model.Id)] = model;
        }

        Dictionary<string, ProviderInfo> all = new(_providers, StringComparer.Ordinal);
        foreach (ProviderInfo provider in providers ?? [])
        {
            all[provider.Id] = provider;
        }

        return new ModelCatalog([.. all.Values.OrderBy(provider => provider.Id, StringComparer.Ordinal)], _file, added);
    }

    private static int Rank(ProviderInfo provider) => Makers.IndexOf(provider.ModelsFrom) is var index and >= 0 ? index : Makers.Length;

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(ModelCatalog).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidDataException($"The resource {name} is missing from the assembly.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private ModelInfo? FindExact(string modelsFrom, string id) =>
        _added.TryGetValue(ModelFile.Key(modelsFrom, id), out ModelInfo? model) || _file.Value.TryGet(modelsFrom, id, out model) ? model : null;

    private IEnumerable<string> Keys() => _added.Count == 0 ? _file.Value.Keys : _file.Value.Keys.Union(_added.Keys);
}
