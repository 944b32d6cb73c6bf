using System.Collections.Frozen;
using System.Text.Json;
using Interline.Accounts;
using Interline.Core.Catalog;
using Interline.Core.Configuration;

namespace Interline.Credentials;

/// <summary>
/// Credentials added at run time, which deployments of run time name by <c>litellm_credential_name</c>. A credential goes to the target it was given for and nowhere else,
/// whatever a deployment says. Immutable.
/// </summary>
public sealed class CredentialBook
{
    /// <summary>Kind of the rows.</summary>
    public const string Kind = "credential";

    private readonly FrozenDictionary<string, string> _documents;
    private readonly ISealer _sealer;
    private readonly ICatalog _catalog;

    /// <summary>Over rows.</summary>
    /// <param name="rows">Rows of the account store; those of other kinds and deleted ones are left out.</param>
    /// <param name="sealer">Opens the secrets.</param>
    /// <param name="catalog">Providers.</param>
    public CredentialBook(IEnumerable<AccountRow> rows, ISealer sealer, ICatalog catalog)
    {
        _documents = rows.Where(static x => x is { Kind: Kind, Document: not null }).ToFrozenDictionary(static x => x.Id, static x => x.Document!, StringComparer.Ordinal);
        _sealer = sealer;
        _catalog = catalog;
    }

    /// <summary>What a credential gives to a deployment; what the deployment says itself wins.</summary>
    /// <param name="name">Name of the credential.</param>
    /// <param name="provider">Provider of the deployment: its <c>custom_llm_provider</c>, or what stands before the slash of its <c>model</c>; null if neither.</param>
    /// <param name="address">The deployment's own <c>api_base</c> or <c>base_url</c>; null if it has none.</param>
    public CredentialUse Use(string name, string? provider, string? address)
    {
        if (!_documents.TryGetValue(name, out string? text))
        {
            return CredentialUse.Refused($"there is no credential '{name}'");
        }

        using var document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        root.TryGetProperty("credential_values", out JsonElement values);
        root.TryGetProperty("credential_info", out JsonElement info);
        if (CredentialTarget.Of(values, info) is not { } target)
        {
            return CredentialUse.Refused($"the credential '{name}' does not say where it may be sent");
        }

        return Misfit(name, target, provider, address) is { } misfit ? CredentialUse.Refused(misfit) : Open(name, root, values, target);
    }

    private string? Misfit(string name, CredentialTarget target, string? provider, string? address)
    {
        string? origin = address is null ? null : CredentialTarget.Origin(address);
        if (target.Kind == CredentialTarget.At)
        {
            return address is null || origin == target.Value ? null : $"the credential '{name}' is for {target} and is not sent anywhere else; the deployment points to another address";
        }

        if (!SameProvider(target.Value, provider))
        {
            return $"the credential '{name}' is for {target}; the deployment is of another provider";
        }

        return address is null || (_catalog.Provider(target.Value)?.BaseUrl is { } usual && CredentialTarget.Origin(usual) is { } known && known == origin)
            ? null
            : $"the credential '{name}' is for {target} at its usual address, and the deployment has an address of its own. Give the credential that api_base";
    }

    private bool SameProvider(string one, string? other) =>
        other is not null && (string.Equals(one, other, StringComparison.OrdinalIgnoreCase) || (_catalog.Provider(one) is { } known && known.Id == _catalog.Provider(other)?.Id));

    private CredentialUse Open(string name, JsonElement root, JsonElement values, CredentialTarget target)
    {
        Dictionary<string, string> opened = new(StringComparer.Ordinal);
        foreach (JsonProperty value in values.EnumerateObject())
        {
            opened[value.Name] = value.Value.GetRawText();
        }

        if (root.TryGetProperty("sealed", out JsonElement secrets))
        {
            foreach (JsonProperty secret in secrets.EnumerateObject())
            {
                if (_sealer.Unseal(secret.Value.GetString()!, target.BoundTo(name)) is not { } plain)
                {
                    return CredentialUse.Refused($"the credential '{name}' cannot be opened: it was sealed by another master secret, or for another address. Give it again");
                }

                opened[secret.Name] = plain;
            }
        }

        return new CredentialUse(opened.ToFrozenDictionary(StringComparer.Ordinal), null);
    }
}

/// <summary>What a credential gives. It holds secrets and must not be printed.</summary>
public sealed class CredentialUse
{
    internal CredentialUse(FrozenDictionary<string, string> parameters, string? refusal) => (Parameters, Refusal) = (parameters, refusal);

    /// <summary>Fields for <c>litellm_params</c> by name, each as JSON text; empty if refused.</summary>
    public FrozenDictionary<string, string> Parameters { get; }

    /// <summary>Why it gives nothing; null if it gives.</summary>
    public string? Refusal { get; }

    internal static CredentialUse Refused(string why) => new(FrozenDictionary<string, string>.Empty, why);
}
