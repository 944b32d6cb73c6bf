using System.Collections.Frozen;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Interline.Core.Configuration;

/// <summary>
/// The JSON Schema (draft-07) of a configuration file, for editors. It helps and never forbids: unknown keys are allowed, as they are when the file is read.
/// What the reader reads is typed and described; what only LiteLLM knows is there to be completed, and says that it has no effect.
/// </summary>
public static class ConfigSchema
{
    /// <summary>Description of a key that has no effect here.</summary>
    public const string NoEffect = "Known from LiteLLM; not supported here yet, has no effect.";

    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    /// <summary>Writes the schema, with a line end behind it.</summary>
    /// <param name="output">Where to.</param>
    public static void Write(Stream output)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("$schema", "http://json-schema.org/draft-07/schema#");
            json.WriteString("title", "Interline configuration (LiteLLM's format)");
            Properties(json, SchemaKeys.TopLevel, KnownKeys.TopLevel);
            json.WriteStartObject("definitions");
            Section(json, "model", SchemaKeys.ModelItem, KnownKeys.ModelItem, "model_name", "litellm_params");
            Section(json, "litellm_params", [.. SchemaKeys.LiteLlmParams, .. Parameters()], KnownKeys.LiteLlmParams, "model");
            Section(json, "model_info", SchemaKeys.ModelInfo, KnownKeys.ModelInfo);
            Section(json, "router_settings", SchemaKeys.Router, KnownKeys.Router);
            Section(json, "litellm_settings", SchemaKeys.LiteLlmSettings, KnownKeys.LiteLlmSettings);
            Section(json, "general_settings", SchemaKeys.General, KnownKeys.General);
            Section(json, "content_log", SchemaKeys.ContentLog, ContentLogReader.Known);
            Section(json, "credential", SchemaKeys.Credential, KnownKeys.Credential, "credential_name", "credential_values");
            Section(json, "retry_policy", Counts(KnownKeys.RetryPolicy, "Tries after the first for this class of error."), []);
            Section(json, "allowed_fails_policy", Counts(KnownKeys.AllowedFailsPolicy, "Failures of this class in a minute before a deployment cools."), []);
            Section(json, "hedging", SchemaKeys.Hedging, KnownKeys.Hedging);
            Section(json, "budget", SchemaKeys.Budget, KnownKeys.Budget);
            Section(json, "group_limit", SchemaKeys.GroupLimit, KnownKeys.GroupLimit);
            Section(json, "routing_strategy_args", SchemaKeys.StrategyArguments, KnownKeys.StrategyArguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    private static IEnumerable<SchemaKey> Parameters() => KnownKeys.RequestParameters
        .Select(static name => new SchemaKey(name, KnownKeys.NumericParameters.Contains(name) ? "number" : "any", "Default for this request parameter, where the caller gives none."));

    private static SchemaKey[] Counts(FrozenSet<string> names, string description) => [.. names.Select(name => new SchemaKey(name, "count", description))];

    private static void Section(Utf8JsonWriter json, string name, IEnumerable<SchemaKey> keys, FrozenSet<string> known, params string[] required)
    {
        json.WriteStartObject(name);
        Properties(json, keys, known);
        if (required.Length > 0)
        {
            json.WriteStartArray("required");
            foreach (string key in required)
            {
                json.WriteStringValue(key);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Properties(Utf8JsonWriter json, IEnumerable<SchemaKey> keys, FrozenSet<string> known)
    {
        SchemaKey[] read = [.. keys];
        Types(json, "object", "null");
        json.WriteStartObject("properties");
        foreach (SchemaKey key in read.Concat(known.Except(read.Select(static x => x.Name)).Select(static name => new SchemaKey(name, "any", NoEffect))).OrderBy(static x => x.Name, StringComparer.Ordinal))
        {
            json.WriteStartObject(key.Name);
            json.WriteString("description", key.Description);
            Type(json, key.Type);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    // A number, a time or a truth may be text, and any value may be a reference to a variable.
    private static void Type(Utf8JsonWriter json, string type)
    {
        switch (type)
        {
            case "any":
                break;
            case "text":
                Types(json, "string", "number", "boolean", "null");
                break;
            case "flag":
                Types(json, "boolean", "string", "integer", "null");
                break;
            case "count":
                Types(json, "integer", "string", "null");
                break;
            case "number":
                Types(json, "number", "string", "null");
                break;
            case "texts":
                Types(json, "array", "string", "null");
                break;
            case "fallbacks":
                Types(json, "array", "null");
                json.WriteStartObject("items");
                Types(json, "object");
                json.WriteNumber("minProperties", 1);
                json.WriteNumber("maxProperties", 1);
                json.WriteEndObject();
                break;
            case "strategy":
                json.WriteStartArray("enum");
                foreach (string name in RouterSettingsReader.StrategyNames)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
                break;
            case "recovery":
                json.WriteStartArray("enum");
                json.WriteBooleanValue(false);
                foreach (string name in StreamRecoveries.Names)
                {
                    json.WriteStringValue(name);
                }

                json.WriteEndArray();
                break;
            case "mapping":
                Types(json, "object", "null");
                break;
            case ['[', ..]:
                Types(json, "array", "null");
                json.WriteStartObject("items");
                json.WriteString("$ref", "#/definitions/" + type[1..^1]);
                json.WriteEndObject();
                break;
            case ['{', ..]:
                Types(json, "object", "null");
                json.WriteStartObject("additionalProperties");
                json.WriteString("$ref", "#/definitions/" + type[1..^1]);
                json.WriteEndObject();
                break;
            default:
                json.WriteString("$ref", "#/definitions/" + type);
                break;
        }
    }

    private static void Types(Utf8JsonWriter json, params ReadOnlySpan<string> types)
    {
        json.WriteStartArray("type");
        foreach (string type in types)
        {
            json.WriteStringValue(type);
        }

        json.WriteEndArray();
    }
}
