using System.Text.Json;

namespace Interline.Credentials;

/// <summary>Where a credential may be sent: one origin, or one provider at its usual addresses.</summary>
/// <param name="Kind"><c>at</c> or <c>provider</c>.</param>
/// <param name="Value">Origin such as <c>https://api.example.com</c>, or id of the provider.</param>
public sealed record CredentialTarget(string Kind, string Value)
{
    /// <summary>Kind of a target that is an origin.</summary>
    public const string At = "at";

    /// <summary>Kind of a target that is a provider.</summary>
    public const string Provider = "provider";

    private const string ProviderField = "custom_llm_provider";

    /// <summary>What the secrets of a credential are sealed for.</summary>
    /// <param name="name">Its name.</param>
    public string BoundTo(string name) => $"credential {name} {Kind} {Value}";

    /// <inheritdoc />
    public override string ToString() => Kind == At ? Value : $"the provider {Value}";

    /// <summary>The target of a credential: its address if it has one, else its provider.</summary>
    /// <param name="values"><c>credential_values</c>, an object.</param>
    /// <param name="info"><c>credential_info</c>, an object, or undefined.</param>
    /// <returns>Null if neither is said, or the address is none.</returns>
    public static CredentialTarget? Of(JsonElement values, JsonElement info)
    {
        string? address = Text(values, "api_base");
        string? other = Text(values, "base_url");
        if ((address ?? other) is { } first)
        {
            // Two that differ would leave it to a reader's taste where the secret goes.
            return Origin(first) is { } origin && Origin(other ?? first) == origin ? new CredentialTarget(At, origin) : null;
        }

        return (Text(values, ProviderField) ?? Text(info, ProviderField)) is { Length: > 0 } provider ? new CredentialTarget(Provider, provider.ToLowerInvariant()) : null;
    }

    /// <summary>Scheme, host and port of an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>Null if it is no address of http or https, or has an account in it.</returns>
    public static string? Origin(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "https" or "http") && uri.UserInfo.Length == 0 ? $"{uri.Scheme}://{uri.IdnHost.ToLowerInvariant()}:{uri.Port}" : null;

    internal static string? Text(JsonElement at, string name) =>
        at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
