namespace Interline.Core.Catalog;

/// <summary>From what people write into a base-URL variable or <c>api_base</c> to the base URL that is called.</summary>
public static class BaseUrl
{
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

        string? text = string.IsNullOrWhiteSpace(given) ? provider.BaseUrl : given.Trim();
        if (text is null || Parse(text, provider.BaseUrl) is not { } url)
        {
            return null;
        }

        string path = url.AbsolutePath.TrimEnd('/');
        var built = new UriBuilder(url.Scheme, url.Host, url.Port, Complete(path, provider.OpenAIBasePath, native));
        return new Uri(built.Uri.AbsoluteUri.TrimEnd('/'));
    }

    private static string Complete(string path, string? basePath, bool native)
    {
        if (basePath is null || path.EndsWith(basePath, StringComparison.Ordinal))
        {
            return path;
        }

        bool isBeginning = path.Length == 0 || basePath.StartsWith(path + "/", StringComparison.Ordinal);
        return isBeginning ? basePath : native ? path : path + basePath;
    }

    private static Uri? Parse(string text, string? usual)
    {
        bool hasScheme = text.Contains("://", StringComparison.Ordinal);
        string whole = hasScheme ? text : "http://" + (text.StartsWith(':') ? "127.0.0.1" + text : text);
        if (!Uri.TryCreate(whole, UriKind.Absolute, out Uri? url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)
            || url.UserInfo.Length > 0)
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
