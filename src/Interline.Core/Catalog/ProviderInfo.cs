using System.Collections.Immutable;

namespace Interline.Core.Catalog;

/// <summary>One provider as the catalogue describes it: data, not code. Source: <c>catalog/providers.json</c>.</summary>
public sealed record ProviderInfo
{
    /// <summary>Id and prefix in <c>provider/model</c>, such as <c>groq</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Wire format it speaks: <c>openai</c>, <c>anthropic</c>, <c>gemini</c>, … Only formats with a room under Protocols can be called.</summary>
    public required string Wire { get; init; }

    /// <summary>Wire format it mainly speaks, where <see cref="Wire"/> is the one it speaks beside it; null where they are one.</summary>
    public string? NativeWire { get; init; }

    /// <summary>
    /// Base URL without a trailing slash; null where every user has an own one. By <see cref="Wire"/> is added to it: <c>openai</c> <c>/chat/completions</c>,
    /// <c>anthropic</c> <c>/v1/messages</c>, <c>gemini</c> <c>/models/{model}:generateContent</c>.
    /// </summary>
    public string? BaseUrl { get; init; }

    /// <summary>
    /// Path under the server at which OpenAI's format stands, such as <c>/v1</c>: a base URL that somebody gives without it is completed by
    /// <see cref="Catalog.BaseUrl.ForOpenAI"/>. On a provider of another wire format it says that the server speaks OpenAI's format too.
    /// </summary>
    public string? OpenAIBasePath { get; init; }

    /// <summary>
    /// Path on the same host at which Anthropic's format stands beside OpenAI's, such as <c>/anthropic</c> or <c>/</c>: <c>/v1/messages</c> is added to it and the
    /// key goes there in <see cref="KeyHeader"/> too. Null where there is none. <see cref="Catalog.BaseUrl.ForAnthropicBeside"/> makes an address of it.
    /// </summary>
    public string? AnthropicBasePath { get; init; }

    /// <summary>Environment variables that may hold its key, most usual first; empty where none is needed.</summary>
    public ImmutableArray<string> KeyVariables { get; init; } = [];

    /// <summary>Environment variables that may hold its base URL.</summary>
    public ImmutableArray<string> BaseUrlVariables { get; init; } = [];

    /// <summary>Header that carries the key; <c>Authorization</c> carries it as a Bearer token.</summary>
    public string KeyHeader { get; init; } = "Authorization";

    /// <summary>Whether it works without a key (local servers).</summary>
    public bool KeyOptional { get; init; }

    /// <summary>Id of the provider of which this is only another spelling (<c>ollama_chat</c> of <c>ollama</c>); a config may name it, nothing offers it.</summary>
    public string? VariantOf { get; init; }

    /// <summary>Provider id in <c>catalog/models.json</c>, where its models and prices stand.</summary>
    public required string ModelsFrom { get; init; }

    /// <summary>What it does with request parameters.</summary>
    public ParameterRules Parameters { get; init; } = ParameterRules.None;
}
