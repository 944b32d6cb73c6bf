using System.Text.Json;

namespace Interline.Accounts.Documents;

/// <summary>A deployment added at run time, as it is kept: an item of <c>model_list</c>, its credential sealed.</summary>
public sealed record ModelDocument
{
    /// <summary>Group it belongs to.</summary>
    public string? ModelName { get; init; }

    /// <summary>As in the configuration file, without what is in <see cref="Sealed"/>.</summary>
    public IReadOnlyDictionary<string, JsonElement>? LitellmParams { get; init; }

    /// <summary>As in the configuration file.</summary>
    public IReadOnlyDictionary<string, JsonElement>? ModelInfo { get; init; }

    /// <summary>Secret fields of <c>litellm_params</c>, each sealed.</summary>
    public IReadOnlyDictionary<string, string>? Sealed { get; init; }

    /// <summary>Fields nobody here reads, as they were given.</summary>
    [System.Text.Json.Serialization.JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; set; }
}
