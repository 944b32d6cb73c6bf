using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Interline.Core.Catalog;
using Interline.Core.Configuration.Yaml;
using Interline.Core.Pricing;
using Interline.Core.Routing;

namespace Interline.Core.Configuration;

/// <summary>Reads one item of <c>model_list</c>. What is wrong with it is told in full; then it is left out, and the others load.</summary>
internal sealed class DeploymentReader(ReadScope scope, ICatalog catalog, ParameterLayers layers, bool dropParams)
{
    /// <summary>Variable that says which environment this is, for <c>model_info.supported_environments</c>.</summary>
    private const string EnvironmentVariable = "LITELLM_ENVIRONMENT";

    /// <summary>Reads an item: one deployment, one for each of several organisations, or none if it cannot be used.</summary>
    /// <param name="item">Item.</param>
    /// <param name="path">Its path.</param>
    public DeploymentReading Read(YamlNode item, string path)
    {
        if (item is not YamlMapping mapping)
        {
            scope.Problems.Error(item.Place, path, $"expected a mapping with model_name and litellm_params, found {item.Kind}");
            return new([], null);
        }

        var outer = new SectionReader(scope, mapping, path);
        string? group = Required(outer, "model_name");
        YamlMapping? parameters = outer.Section("litellm_params");
        if (parameters is null && !outer.Failed)
        {
            Missing(outer, "litellm_params");
        }

        SectionReader info = new(scope, outer.Section("model_info") ?? new YamlMapping(mapping.Place, []), $"{path}.model_info", ConfigSeverity.Warning);
        IgnoredKeys.Tell(outer, "model_list", KnownKeys.ModelItem);
        if (parameters is null)
        {
            return new([], group);
        }

        string inner = $"{path}.litellm_params";
        var section = new SectionReader(scope, layers.Over(parameters, inner), inner);
        section.Skip("litellm_credential_name");
        Deployment? deployment = Deployment(section, info, group ?? "");
        double? weight = (double?)section.Number("weight");
        ImmutableArray<string?> organizations = Organizations(section);

        // Read for one that is left out too: a key misspelt there is told with the rest.
        ImmutableArray<KeyValuePair<string, string>> defaults = DefaultParameters.Read(section);
        deployment = deployment is null ? null : deployment with { DefaultParameters = defaults };

        string? id = info.Text("id");
        bool elsewhere = IsElsewhere(info);
        IgnoredKeys.Tell(info, "model_info", KnownKeys.ModelInfo);
        return deployment is null || group is null || outer.Failed || section.Failed || elsewhere
            ? new([], group, elsewhere)
            : new([.. organizations.Select(organization => new DeploymentDraft(deployment with { Organization = organization }, id, weight, mapping.Place, path))], group);
    }

    private bool IsElsewhere(SectionReader info)
    {
        ImmutableArray<string> environments = info.Texts("supported_environments");
        string? here = scope.Variable(EnvironmentVariable);
        if (environments.IsEmpty || (here is not null && environments.Contains(here)))
        {
            return false;
        }

        scope.Problems.Note(info.PlaceOf("supported_environments"), info.PathOf("supported_environments"), $"left out: {EnvironmentVariable} is {(here is null ? "not set" : $"'{here}'")}");
        return true;
    }

    private static string? Required(SectionReader section, string key)
    {
        string? text = section.Text(key);
        if (text is null && !section.Failed)
        {
            Missing(section, key);
        }

        return text;
    }

    private static void Missing(SectionReader section, string key)
    {
        // A misspelt key is both unknown and missing: the missing one names it.
        string? misspelt = Nearest.Text(key, section.Mapping.Entries.Select(static entry => entry.Key));
        section.Refuse(key, misspelt is null ? $"expected {key}, found nothing" : $"expected {key}, found nothing but '{misspelt}'");
    }

    private Deployment? Deployment(SectionReader section, SectionReader info, string group)
    {
        (ResolvedProvider resolved, string? missing) = Resolve(section);

        // Without a provider the rest is still read, so that its mistakes are told too.
        ProviderInfo provider = resolved.Provider ?? ProviderResolver.CustomOpenAI;
        Endpoint? endpoint = null;
        if (resolved.Provider is null || missing is not null)
        {
            endpoint = missing is null ? null : new Endpoint(EndpointReader.Unknown, null);
            section.Skip("api_base", "base_url", "api_key");
        }
        else
        {
            endpoint = EndpointReader.Read(section, provider);
        }

        (ModelInfo? facts, Price? price, Price? listPrice) = ModelInfoReader.Read(section, info, catalog, provider, resolved.UpstreamModel ?? "");
        string? mode = info.Text("mode") ?? (facts is null ? null : facts.Mode);
        var deployment = new Deployment
        {
            Id = "",
            Group = group,
            Provider = provider,
            UpstreamModel = resolved.UpstreamModel ?? "",
            BaseUrl = endpoint?.BaseUrl ?? new Uri("http://localhost"),
            AnthropicBaseUrl = endpoint is { } found ? BaseUrl.ForAnthropicBeside(provider, found.BaseUrl) : null,
            ApiKey = endpoint?.Key,
            ExtraHeaders = Headers(section),
            Mode = mode,
            BaseModel = info.Text("base_model"),
            Missing = missing ?? endpoint?.Missing,
            Order = section.Count("order"),
            Rpm = section.Whole("rpm"),
            Tpm = section.Whole("tpm"),
            Timeout = section.Seconds("timeout"),
            StreamTimeout = section.Seconds("stream_timeout"),
            StreamRecovery = StreamRecoveries.Read(section),
            NumRetries = section.Count("num_retries") is { } retries ? Skipping(section, retries) : section.Count("max_retries"),
            CooldownTime = section.Seconds("cooldown_time", zero: true),
            AllowedFails = section.Count("allowed_fails"),
            AllowedFailsPolicy = PolicyReader.AllowedFails(section, "allowed_fails_policy"),
            RetryPolicy = PolicyReader.Retries(section, "retry_policy"),
            MaxParallelRequests = section.Count("max_parallel_requests"),
            Budget = PolicyReader.Budget(section, "max_budget", "budget_duration"),
            Tags = section.Texts("tags"),
            TagPatterns = TagPatterns(section),
            RegionName = section.Text("region_name"),
            Parameters = provider.Parameters,
            DropParams = section.Flag("drop_params") ?? dropParams,
            DropAlways = DropAlways(section),
            Model = facts,
            Price = price,
            ListPrice = listPrice,
        };
        WarnOfStars(section, deployment);
        return endpoint is null ? null : deployment;
    }

    // Which provider and model, and what is missing to say so though the provider is known.
    private (ResolvedProvider Resolved, string? Missing) Resolve(SectionReader section)
    {
        string? model = section.Text("model");
        string? forced = section.Text("custom_llm_provider");
        bool hasBase = section.Has("api_base") || section.Has("base_url");
        if (model is null)
        {
            string? unset = section.Failed ? null : MissingModel(section);
            return unset is null ? default : (new(ProviderResolver.CustomOpenAI, ""), unset);
        }

        ResolvedProvider resolved = ProviderResolver.Resolve(catalog, model, forced, hasBase);
        if (resolved is { Error: { } missing, Provider: not null })
        {
            scope.Problems.Error(section.ValuePlace("model"), section.PathOf("model"), missing);
            return (resolved, missing);
        }

        if (resolved.Error is { } error)
        {
            section.Refuse(forced is null ? "model" : "custom_llm_provider", error, resolved.Suggestion);
        }

        return (resolved, null);
    }

    // A variable that is not set is something outside the file: the deployment is there, and cannot be called until it is.
    private static string? MissingModel(SectionReader section)
    {
        if (section.Mapping.Find("model") is { } entry && ReadScope.ReferenceOf(entry.Value) is { } variable)
        {
            string missing = $"the environment variable {variable}, which names its model, is not set";
            section.Scope.Problems.Error(entry.Value.Place, section.PathOf("model"), missing);
            return missing;
        }

        Missing(section, "model");
        return null;
    }

    private static ImmutableArray<string> TagPatterns(SectionReader section)
    {
        ImmutableArray<string> patterns = section.Texts("tag_regex");
        foreach (string pattern in patterns)
        {
            try
            {
                _ = new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, TimeSpan.FromSeconds(1));
            }
            catch (Exception e) when (e is ArgumentException or NotSupportedException)
            {
                section.Refuse("tag_regex", $"expected regular expressions without look-around and back references, found '{pattern}'");
            }
        }

        return patterns;
    }

    // max_retries is LiteLLM's retry inside its HTTP client; num_retries says the same one floor up and wins.
    private static int Skipping(SectionReader section, int retries)
    {
        section.Skip("max_retries");
        return retries;
    }

    private static void WarnOfStars(SectionReader section, Deployment deployment)
    {
        int asked = deployment.Group.AsSpan().Count('*');
        int used = deployment.UpstreamModel.AsSpan().Count('*');
        if (used > asked && deployment.Group.Length > 0)
        {
            section.Scope.Problems.Warning(section.PlaceOf("model"), section.PathOf("model"), $"has more stars than the model_name '{deployment.Group}'; those are sent as they are");
        }
    }

    private ImmutableArray<string?> Organizations(SectionReader section)
    {
        if (section.Node("organization") is not YamlSequence list)
        {
            return [section.Text("organization")];
        }

        var found = ImmutableArray.CreateBuilder<string?>();
        for (int index = 0; index < list.Items.Length; index++)
        {
            string path = $"{section.PathOf("organization")}[{index}]";
            if (list.Items[index] is YamlScalar scalar)
            {
                found.Add(scope.Follow(scalar, path) is { IsNull: false, Text: { Length: > 0 } text } ? text : null);
            }
            else
            {
                section.Refuse("organization", "expected a list of texts");
            }
        }

        return found.Count > 0 ? found.ToImmutable() : [null];
    }

    private static ImmutableArray<KeyValuePair<string, Secret>> Headers(SectionReader section)
    {
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, Secret>>();
        foreach (string key in (ReadOnlySpan<string>)["headers", "extra_headers"])
        {
            if (section.Section(key) is { } mapping)
            {
                HeaderReader.Read(new SectionReader(section.Scope, mapping, section.PathOf(key), ConfigSeverity.Warning), headers);
            }
        }

        return headers.ToImmutable();
    }

    private static FrozenSet<string> DropAlways(SectionReader section)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (YamlNode item in section.List("additional_drop_params")?.Items ?? [])
        {
            if (item is not YamlScalar { IsNull: false } scalar)
            {
                section.Refuse("additional_drop_params", "expected a list of parameter names");
            }
            else if (scalar.Text == "model" || scalar.Text.AsSpan().ContainsAny('.', '[', '*'))
            {
                section.Scope.Problems.Ignored("additional_drop_params", scalar.Text, scalar.Place, section.PathOf("additional_drop_params"), $"'{scalar.Text}': only top-level parameters other than model can be dropped, has no effect");
            }
            else
            {
                names.Add(scalar.Text);
            }
        }

        return names.ToFrozenSet(StringComparer.Ordinal);
    }
}
