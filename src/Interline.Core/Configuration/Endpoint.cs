using Interline.Core.Catalog;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>Where a deployment is called and with which key.</summary>
/// <param name="BaseUrl">Base URL without a trailing slash.</param>
/// <param name="Key">Key; null if there is none.</param>
/// <param name="Missing">What is missing to call it; null if nothing is.</param>
internal readonly record struct Endpoint(Uri BaseUrl, Secret? Key, string? Missing = null);

/// <summary>Finds base URL and key: what the deployment says, else the provider's variables, else (for the base) the catalogue.</summary>
internal static class EndpointReader
{
    /// <summary>Stands where no base URL is known. It is never called.</summary>
    public static Uri Unknown { get; } = new("http://unknown.invalid");

    /// <summary>Reads <c>api_base</c> or <c>base_url</c> and <c>api_key</c>. Without a base that can be called the deployment is there and lacks it, which is told.</summary>
    public static Endpoint Read(SectionReader section, ProviderInfo provider)
    {
        string baseKey = section.Has("api_base") ? "api_base" : "base_url";
        section.Skip("api_base", "base_url");
        string? own = section.Text(baseKey);
        (string Name, string Value)? variable = section.Scope.FirstVariable(provider.BaseUrlVariables);
        string? written = own ?? variable?.Value ?? provider.BaseUrl;
        if (written is null)
        {
            string variables = provider.BaseUrlVariables.IsEmpty ? "" : $", or set {string.Join(" or ", provider.BaseUrlVariables)}";
            string missing = $"no base URL is known for the provider '{provider.Id}'; give api_base{variables}";
            return Lacking(section, provider, "model", missing);
        }

        // A variable such as OLLAMA_HOST is written without a scheme by custom; in a file that is a slip.
        bool noScheme = own is not null && !own.Contains("://", StringComparison.Ordinal);
        if (noScheme || BaseUrl.For(provider, written) is not { } url)
        {
            return Lacking(section, provider, own is not null ? baseKey : "model", own is not null || variable is null
                ? "expected an absolute http or https URL"
                : $"expected an absolute http or https URL in the environment variable {variable.Value.Name}");
        }

        return new(url, Key(section, provider, url, ownBase: own is not null));
    }

    /// <summary>A key as it may stand in a header; null if it is empty or has a character that no header takes.</summary>
    public static Secret? UsableKey(string? key) =>
        key?.Trim() is { Length: > 0 } text && !text.Any(static c => c is < ' ' or > '~') ? new Secret(text) : null;

    private static Endpoint Lacking(SectionReader section, ProviderInfo provider, string key, string missing)
    {
        section.Scope.Problems.Error(section.ValuePlace(key), section.PathOf(key), missing);
        return new(Unknown, Key(section, provider, Unknown, ownBase: false), missing);
    }

    private static Secret? Key(SectionReader section, ProviderInfo provider, Uri url, bool ownBase)
    {
        string? own = section.Text("api_key");
        if (own is not null)
        {
            if (UsableKey(own) is not { } key)
            {
                section.Refuse("api_key", "holds a character that no header can carry");
                return null;
            }

            return key;
        }

        ProblemList problems = section.Scope.Problems;
        Place place = section.PlaceOf("model");
        if (section.Scope.FirstVariable(provider.KeyVariables) is { } variable && UsableKey(variable.Value) is { } found)
        {
            // LiteLLM does this too, silently. The owner of the file chose the host, so it is allowed, but a key should not travel unseen.
            if (ownBase && !IsOwnHost(section.Scope, provider, url))
            {
                problems.Warning(place, section.PathOf("model"), $"the key in {variable.Name} will be sent to {url.Host}, which is not {provider.DisplayName}'s own host; give api_key to say so");
            }

            return found;
        }

        if (!provider.KeyOptional && !provider.KeyVariables.IsEmpty)
        {
            problems.Warning(place, section.PathOf("model"), $"no key: give api_key or set {string.Join(" or ", provider.KeyVariables)}");
        }

        return null;
    }

    private static bool IsOwnHost(ReadScope scope, ProviderInfo provider, Uri url) =>
        provider.BaseUrlVariables.Select(scope.Variable).Append(provider.BaseUrl)
            .Any(known => known is not null && BaseUrl.For(provider, known) is { } own && string.Equals(own.Host, url.Host, StringComparison.OrdinalIgnoreCase));
}
