using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Accounts;
using Interline.Credentials;
using Interline.Protocols.Errors;

namespace Interline.Server.Credentials;

/// <summary>
/// Documents of credentials: <c>credential_values</c> that are no secret, <c>sealed</c> for all others, <c>credential_info</c>. What is not known to be harmless is sealed.
/// </summary>
internal static class CredentialDocument
{
    private const int LongestName = 200;
    private const int MostValues = 50;

    // Regions and projects are not among them: they become a part of the address, and what is sealed cannot be changed in the database.
    private static readonly HashSet<string> Open = new(["api_base", "base_url", "api_version", "custom_llm_provider", "organization"], StringComparer.Ordinal);

    /// <summary>Why a name is none; null if it is one.</summary>
    public static ApiError? CheckName(string? name) =>
        name is { Length: > 0 and <= LongestName } && !name.Any(char.IsControl) ? null : Bad("credential_name", $"expected a name of 1 to {LongestName} characters");

    /// <summary>Lays what a request gives over a document.</summary>
    /// <param name="document">The document; changed, unless an error comes back.</param>
    /// <param name="name">Name of the credential.</param>
    /// <param name="body">The request.</param>
    /// <param name="sealer">Seals.</param>
    public static ApiError? Lay(JsonObject document, string name, JsonElement body, ISealer sealer)
    {
        bool hasValues = body.TryGetProperty("credential_values", out JsonElement values) && values.ValueKind != JsonValueKind.Null;
        if (hasValues && (values.ValueKind != JsonValueKind.Object || values.EnumerateObject().Count() > MostValues))
        {
            return Bad("credential_values", $"expected an object of at most {MostValues} values");
        }

        if (hasValues && values.GetRawText().Contains("os.environ", StringComparison.Ordinal))
        {
            return Bad("credential_values", "a variable of the environment can be named in the configuration file only: from here it could be sent anywhere. Give the value itself; it is sealed");
        }

        if (body.TryGetProperty("credential_info", out JsonElement info) && info.ValueKind != JsonValueKind.Null)
        {
            if (info.ValueKind != JsonValueKind.Object)
            {
                return Bad("credential_info", "expected an object");
            }

            document["credential_info"] = JsonNode.Parse(info.GetRawText());
        }

        return LayValues(document, name, hasValues ? values : default, sealer);
    }

    private static ApiError? LayValues(JsonObject document, string name, JsonElement values, ISealer sealer)
    {
        string? before = document["bound_to"]?.GetValue<string>();
        JsonObject open = document["credential_values"] as JsonObject ?? [];
        JsonObject kept = document["sealed"] as JsonObject ?? [];
        JsonProperty[] given = values.ValueKind == JsonValueKind.Object ? [.. values.EnumerateObject()] : [];
        foreach (JsonProperty value in given.Where(static x => Open.Contains(x.Name)))
        {
            Set(open, value.Name, value.Value.ValueKind == JsonValueKind.Null ? null : JsonNode.Parse(value.Value.GetRawText()));
        }

        if (Target(open, document["credential_info"]) is not { } target)
        {
            return Bad("credential_values.api_base", "a credential is bound to where it may be sent: give an api_base that is an address of http or https (a base_url beside it has to be of the same host), or credential_info.custom_llm_provider");
        }

        string bound = target.BoundTo(name);
        JsonProperty[] secrets = [.. given.Where(static x => !Open.Contains(x.Name))];
        if (before is not null && before != bound && kept.Any(x => !secrets.Any(y => y.Name == x.Key)))
        {
            return Bad("credential_values", "the credential would be sent elsewhere, and its secrets stay with the address they were given for. Give them again");
        }

        foreach (JsonProperty secret in secrets)
        {
            Set(kept, secret.Name, secret.Value.ValueKind == JsonValueKind.Null ? null : JsonValue.Create(sealer.Seal(secret.Value.GetRawText(), bound)));
        }

        document.Remove("credential_values");
        document.Remove("sealed");
        document["credential_values"] = open;
        document["sealed"] = kept;
        document["bound_to"] = bound;
        return null;
    }

    private static CredentialTarget? Target(JsonObject values, JsonNode? info)
    {
        using var open = JsonDocument.Parse(values.ToJsonString());
        using JsonDocument? about = info is null ? null : JsonDocument.Parse(info.ToJsonString());
        return CredentialTarget.Of(open.RootElement, about?.RootElement ?? default);
    }

    private static void Set(JsonObject at, string name, JsonNode? value)
    {
        at.Remove(name);
        if (value is not null)
        {
            at[name] = value;
        }
    }

    /// <summary>As it is shown: secrets as <c>****</c>.</summary>
    public static void Write(Utf8JsonWriter json, AccountRow row)
    {
        using var document = JsonDocument.Parse(row.Document!);
        JsonElement root = document.RootElement;
        json.WriteStartObject();
        json.WriteString("credential_name"u8, row.Id);
        json.WriteStartObject("credential_values"u8);
        foreach (JsonProperty value in Fields(root, "credential_values"))
        {
            value.WriteTo(json);
        }

        foreach (JsonProperty secret in Fields(root, "sealed"))
        {
            json.WriteString(secret.Name, "****"u8);
        }

        json.WriteEndObject();
        json.WriteStartObject("credential_info"u8);
        foreach (JsonProperty value in Fields(root, "credential_info"))
        {
            value.WriteTo(json);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>A 400 that names the field.</summary>
    public static ApiError Bad(string field, string what) => new(ErrorKind.BadRequest, 400, $"{field}: {what}.") { Param = field };

    private static JsonElement.ObjectEnumerator Fields(JsonElement root, string name) =>
        root.TryGetProperty(name, out JsonElement fields) && fields.ValueKind == JsonValueKind.Object ? fields.EnumerateObject() : default;
}
