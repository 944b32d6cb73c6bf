namespace Interline.Core.Catalog;

/// <summary>From what people write into a base-URL variable or <c>api_base</c> to the base URL that is called.</summary>
public static class BaseUrl
{
    private static readonly string[] AnthropicEndings = ["/v1/messages/count_tokens", "/v1/messages", "/v1"];

    /// <summary>The base that is called in the provider's own wire format.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="given">What the user gave; null or blank takes <see cref="ProviderInfo.BaseUrl"/>.</param>
    /// <returns>An http or https URL; null if there is none or it is no such URL. Of a format that is not called (yet) it is what was given, query and all.</returns>
    public static Uri? For(ProviderInfo provider, string? given)
    {
        ArgumentNullException.ThrowIfNull(provider);
        return provider.Wire switch
        {
            "openai" => ForOpenAI(provider, given),
            "anthropic" => ForAnthropic(provider, given),
            "gemini" => ForGemini(provider, given),
            _ => Text(provider, given) is { } text && Uri.TryCreate(text.TrimEnd('/'), UriKind.Absolute, out Uri? url) && IsWeb(url) ? url : null,
        };
    }

    /// <summary>
    /// The base to which <c>/chat/completions</c> is added.
    /// A scheme that is missing becomes <c>http</c> (<c>OLLAMA_HOST=gpu:11434</c>), a port that is missing with it the provider's usual one, an address
    /// to listen on (<c>0.0.0.0</c>, <c>[::]</c>) the loopback, and a path that is only the beginning of <see cref="ProviderInfo.OpenAIBasePath"/>
    /// (mostly: no path) the whole of it. Any other path is the user's own and stays; only a server of another format gets the path added to it.
    /// </summary>
    /// <param name="provider">The provider.</param>
    /// <param name="given">What the user gave; null or blank takes <see cref="ProviderInfo.BaseUrl"/>.</param>
    /// <returns>An http or https URL without trailing slash, query and fragment; null if there is none, it is no such URL, or the provider does not speak OpenAI's format.</returns>
    public static Uri? ForOpenAI(ProviderInfo provider, string? given)
    {
        ArgumentNullException.ThrowIfNull(provider);
        bool native = provider is { Wire: "openai", NativeWire: null };
        if (!native && provider.OpenAIBasePath is null)
        {
            return null;
        }

        return Parse(provider, given) is { } url ? At(url, Complete(url.AbsolutePath.TrimEnd('/'), provider.OpenAIBasePath, native)) : null;
    }

    /// <summary>
    /// The base to which <c>/v1/messages</c> is added. People write the host, <c>…/v1</c> or the whole path of the endpoint: its <c>/v1</c>,
    /// <c>/v1/messages</c> or <c>/v1/messages/count_tokens</c> is taken off. Any other path (<c>/anthropic</c>) is the user's own and stays.
    /// </summary>
    /// <param name="provider">The provider.</param>
    /// <param name="given">What the user gave; null or blank takes <see cref="ProviderInfo.BaseUrl"/>.</param>
    /// <returns>An http or https URL without trailing slash, query and fragment; null if there is none or it is no such URL.</returns>
    public static Uri? ForAnthropic(ProviderInfo provider, string? given)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (Parse(provider, given) is not { } url)
        {
            return null;
        }

        string path = url.AbsolutePath.TrimEnd('/');
        string written = Array.Find(AnthropicEndings, ending => path.EndsWith(ending, StringComparison.Ordinal)) ?? "";
        return At(url, path[..^written.Length]);
    }

    /// <summary>
    /// The base to which <c>/models/{model}:generateContent</c> is added. What was written of that path is taken off again, and so is <c>/openai</c> behind a
    /// version (Google's OpenAI dialect stands there); a host alone gets <c>/v1beta</c>. Any other path, such as Vertex AI's up to <c>/publishers/google</c>, stays.
    /// </summary>
    /// <param name="provider">The provider.</param>
    /// <param name="given">What the user gave; null or blank takes <see cref="ProviderInfo.BaseUrl"/>.</param>
    /// <returns>An http or https URL without trailing slash, query and fragment; null if there is none or it is no such URL.</returns>
    public static Uri? ForGemini(ProviderInfo provider, string? given)
    {
        ArgumentNullException.ThrowIfNull(provider);
        if (Parse(provider, given) is not { } url)
        {
            return null;
        }

        string path = url.AbsolutePath.TrimEnd('/');
        int models = (path + "/").IndexOf("/models/", StringComparison.Ordinal);
        path = models < 0 ? path : path[..models];
        path = path.EndsWith("/v1beta/openai", StringComparison.Ordinal) ? path[..^"/openai".Length] : path;
        return At(url, path.Length == 0 ? "/v1beta" : path);
    }

    /// <summary>
    /// The base to which <c>/v1/messages</c> is added at a provider that speaks Anthropic's format beside OpenAI's, from the base it is called at in OpenAI's. On
    /// another host than the catalogue's it is known only where the base ends as the catalogue's does: a user's proxy need not serve both.
    /// </summary>
    /// <param name="provider">The provider.</param>
    /// <param name="openAI">What <see cref="ForOpenAI"/> gave.</param>
    /// <returns>A URL on the same host without trailing slash; null if the provider has no <see cref="ProviderInfo.AnthropicBasePath"/> or it is not known there.</returns>
    public static Uri? ForAnthropicBeside(ProviderInfo provider, Uri openAI)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(openAI);
        if (provider.AnthropicBasePath is not { } beside)
        {
            return null;
        }

        string path = openAI.AbsolutePath.TrimEnd('/');
        if (provider.OpenAIBasePath is { } server)
        {
            return path.EndsWith(server, StringComparison.Ordinal) ? At(openAI, path[..^server.Length] + beside) : null;
        }

        Uri? usual = ForOpenAI(provider, given: null);
        bool known = usual is not null && (usual.Authority == openAI.Authority || usual.AbsolutePath.TrimEnd('/') == path);
        return known ? At(openAI, beside) : null;
    }

    private static Uri At(Uri host, string path) => new(new UriBuilder(host.Scheme, host.Host, host.Port, path).Uri.AbsoluteUri.TrimEnd('/'));

    private static string? Text(ProviderInfo provider, string? given) => string.IsNullOrWhiteSpace(given) ? provider.BaseUrl : given.Trim();

    private static bool IsWeb(Uri url) => url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps;

    private static string Complete(string path, string? basePath, bool native)
    {
        if (basePath is null || path.EndsWith(basePath, StringComparison.Ordinal))
        {
            return path;
        }

        bool isBeginning = path.Length == 0 || basePath.StartsWith(path + "/", StringComparison.Ordinal);
        return isBeginning ? basePath : native ? path : path + basePath;
    }

    private static Uri? Parse(ProviderInfo provider, string? given)
    {
        if (Text(provider, given) is not { } text)
        {
            return null;
        }

        string? usual = provider.BaseUrl;
        bool hasScheme = text.Contains("://", StringComparison.Ordinal);
        string whole = hasScheme ? text : "http://" + (text.StartsWith(':') ? "127.0.0.1" + text : text);
        if (!Uri.TryCreate(whole, UriKind.Absolute, out Uri? url) || !IsWeb(url) || url.UserInfo.Length > 0)
        {
            return null;
        }

        UriBuilder builder = new(url);
        if (!hasScheme && url.IsDefaultPort && usual is not null && Uri.TryCreate(usual, UriKind.Absolute, out Uri? usualUrl))
        {
            builder.Port = usualUrl.Port;
        }

        if (url.Host is "0.0.0.0" or "[::]")
        {
            builder.Host = "127.0.0.1";
        }

        return builder.Uri;
    }
}
