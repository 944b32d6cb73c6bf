using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Interline.Accounts.Documents;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Credentials;

namespace Interline.Accounts;

/// <summary>
/// Deployments added at run time, laid over those of the configuration file. They are read by the file's own reader, but without an environment: a reference to a variable
/// would send a secret of this machine wherever the deployment points. What a deployment leaves out comes from the credential it names, if that is for it; else it is left
/// out, and so is one that cannot be read.
/// </summary>
public sealed class RuntimeModels
{
    private const string CredentialName = "litellm_credential_name";

    private static readonly string[] SecretNames = ["api_key", "aws_access_key_id", "vertex_credentials", "vertex_ai_credentials", "extra_headers", "headers"];
    private static readonly string[] SecretEnds = ["_secret", "_password", "_token", "_api_key", "_access_key"];

    private readonly AccountBook _book;
    private readonly ISealer _sealer;
    private readonly ICatalog _catalog;
    private readonly Action<Snapshot> _use;
    private readonly Action<string>? _tell;
    private readonly Lock _lock = new();
    private Snapshot _file;

    /// <summary>Over a book; uses nothing yet.</summary>
    /// <param name="book">Where they are kept.</param>
    /// <param name="sealer">Opens their credentials.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="file">What the configuration file says.</param>
    /// <param name="use">Takes the configuration that results, such as <see cref="Gateway.Use"/>.</param>
    /// <param name="tell">Told once of each new entry of <see cref="Problems"/>; null if nobody is.</param>
    public RuntimeModels(AccountBook book, ISealer sealer, ICatalog catalog, Snapshot file, Action<Snapshot> use, Action<string>? tell = null)
    {
        (_book, _sealer, _catalog, _file, _use, _tell) = (book, sealer, catalog, file, use, tell);
        book.OnModelsChanged(Refresh);
    }

    /// <summary>Deployments that are left out, because the credential they name is not for them or because they cannot be read, for people; without secrets.</summary>
    public ImmutableArray<string> Problems { get; private set; } = [];

    /// <summary>Takes a new configuration file.</summary>
    /// <param name="file">What it says.</param>
    public void UseFile(Snapshot file)
    {
        lock (_lock)
        {
            _file = file;
            _use(Over(file));
        }
    }

    /// <summary>Uses the deployments as they are now.</summary>
    public void Refresh()
    {
        lock (_lock)
        {
            _use(Over(_file));
        }
    }

    /// <summary>Whether a field of <c>litellm_params</c> is kept sealed.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsSecret(string name) => SecretNames.Contains(name) || SecretEnds.Any(end => name.EndsWith(end, StringComparison.Ordinal));

    /// <summary>What a deployment's credentials are bound to: they do not go along when it is pointed elsewhere.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="parameters">Its <c>litellm_params</c>.</param>
    public static string Binding(string id, IReadOnlyDictionary<string, JsonElement> parameters)
    {
        string address = Text(parameters, "api_base") ?? Text(parameters, "base_url") ?? "";
        string host = Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) ? $"{uri.Scheme}://{uri.Authority}" : address;
        string provider = ProviderOf(parameters) ?? "";
        return $"model {id} {provider} {host}";
    }

    /// <summary>Reads a deployment as it would be used.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="document">Its document.</param>
    /// <returns>What is wrong with it; empty if it can be used.</returns>
    public ImmutableArray<string> Check(string id, ModelDocument document)
    {
        UsedModel model = With(id, document, Credentials());
        if (model.Refusal is { } refusal)
        {
            return [$"litellm_params.{CredentialName}: {refusal}"];
        }

        ConfigResult result = Read([model]);
        ImmutableArray<string> wrong = [.. Errors(result, 0)];
        return wrong.IsEmpty && result.Snapshot is null or { Names.Length: 0 } ? ["it cannot be used"] : wrong;
    }

    /// <summary>A configuration with the deployments laid over it.</summary>
    /// <param name="file">The configuration.</param>
    public Snapshot Over(Snapshot file)
    {
        AccountRow[] rows = [.. _book.All(AccountKinds.Model).OrderBy(static x => x.Id, StringComparer.Ordinal)];
        if (rows.Length == 0)
        {
            Tell([]);
            return file;
        }

        CredentialBook credentials = Credentials();
        UsedModel[] models = [.. rows.Select(row => PrincipalReader.Document(row, AccountJson.Default.ModelDocument) is { } document ? With(row.Id, document, credentials) : null).OfType<UsedModel>()];
        (Snapshot? added, ImmutableArray<string> problems) = ReadUsable(models);
        Tell(problems);
        return added is null ? file : file with
        {
            Version = $"{file.Version}+{rows.Max(static x => x.Revision)}.{rows.Length}",
            Groups = Merge(file.Groups.Values, added.Groups.Values).ToFrozenDictionary(static x => x.Name, StringComparer.Ordinal),
            Wildcards = [.. Merge(file.Wildcards, added.Wildcards).OrderBy(static x => x.Name, Comparer<string>.Create(ModelNamePattern.CompareSpecificity))],
            Names = [.. file.Names.Concat(added.Names).Distinct(StringComparer.Ordinal)],
        };
    }

    private static List<ModelGroup> Merge(IEnumerable<ModelGroup> first, IEnumerable<ModelGroup> second) =>
        [.. first.Concat(second).GroupBy(static x => x.Name, StringComparer.Ordinal).Select(static x => new ModelGroup(x.Key, [.. x.SelectMany(static y => y.Deployments)]))];

    /// <summary>Reads the deployments that can be used, and says why the others cannot.</summary>
    private (Snapshot? Added, ImmutableArray<string> Problems) ReadUsable(UsedModel[] models)
    {
        UsedModel[] usable = [.. models.Where(static x => x.Refusal is null)];
        ConfigResult result = Read(usable);
        return (result.Snapshot,
        [
            .. models.Where(static x => x.Refusal is not null).Select(static x => $"model {x.Id} is left out: {x.Refusal}"),
            .. usable.SelectMany((x, i) => Errors(result, i).Select(error => $"model {x.Id} is left out: {error}")),
        ]);
    }

    private static IEnumerable<string> Errors(ConfigResult result, int index)
    {
        string item = string.Create(CultureInfo.InvariantCulture, $"model_list[{index}]");
        return result.Problems
            .Where(x => x.Severity == ConfigSeverity.Error && x.Path.StartsWith(item, StringComparison.Ordinal))
            .Select(x => x.Path.Length == item.Length ? x.Message : $"{x.Path[(item.Length + 1)..]}: {x.Message}");
    }

    private ConfigResult Read(IEnumerable<UsedModel> models)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("model_list"u8);
            foreach (UsedModel model in models)
            {
                Write(json, model);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        // JSON is YAML.
        return ConfigReader.Read(Encoding.UTF8.GetString(buffer.ToArray()), "models", static _ => null, _catalog);
    }

    private void Write(Utf8JsonWriter json, UsedModel model)
    {
        (string id, ModelDocument document) = (model.Id, model.Document);
        IReadOnlyDictionary<string, JsonElement> parameters = document.LitellmParams ?? FrozenDictionary<string, JsonElement>.Empty;
        IReadOnlyDictionary<string, string> sealedOnes = document.Sealed ?? FrozenDictionary<string, string>.Empty;
        FrozenDictionary<string, string> lent = model.Credential?.Parameters ?? FrozenDictionary<string, string>.Empty;
        string binding = Binding(id, parameters);
        json.WriteStartObject();
        json.WriteString("model_name"u8, document.ModelName);
        json.WriteStartObject("litellm_params"u8);

        // The name stays out: the file's reader would look for it in the file.
        WriteAll(json, parameters.Where(x => x.Key != CredentialName && !IsLent(x.Key, x.Value, lent)));
        foreach ((string name, string text) in sealedOnes)
        {
            WriteRaw(json, name, _sealer.Unseal(text, binding));
        }

        foreach ((string name, string text) in lent.Where(x => !sealedOnes.ContainsKey(x.Key) && (!parameters.TryGetValue(x.Key, out JsonElement own) || IsLent(x.Key, own, lent))))
        {
            WriteRaw(json, name, text);
        }

        json.WriteEndObject();
        json.WriteStartObject("model_info"u8);
        WriteAll(json, (document.ModelInfo ?? FrozenDictionary<string, JsonElement>.Empty).Where(static x => x.Key != "id"));
        json.WriteString("id"u8, id);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Null in a deployment's own field says nothing.</summary>
    private static bool IsLent(string name, JsonElement own, FrozenDictionary<string, string> lent) => own.ValueKind == JsonValueKind.Null && lent.ContainsKey(name);

    private static void WriteRaw(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }
    }

    private CredentialBook Credentials() => new(_book.All(CredentialBook.Kind), _sealer, _catalog);

    /// <summary>A deployment with what its credential gives it.</summary>
    private static UsedModel With(string id, ModelDocument document, CredentialBook credentials)
    {
        IReadOnlyDictionary<string, JsonElement> parameters = document.LitellmParams ?? FrozenDictionary<string, JsonElement>.Empty;
        if (Text(parameters, CredentialName) is not { } name)
        {
            return new(id, document, null, null);
        }

        string? address = Text(parameters, "api_base");
        string? other = Text(parameters, "base_url");
        CredentialUse use = credentials.Use(name, ProviderOf(parameters), address ?? other);

        // Of two addresses either could be the one that is called.
        string? refusal = use.Refusal ?? (address is not null && other is not null ? credentials.Use(name, ProviderOf(parameters), other).Refusal : null);

        // Its own secrets were given for where it pointed: a credential must not take them elsewhere.
        string? moved = refusal is not null || document.Sealed is null or { Count: 0 } ? null : use.Parameters.Keys.FirstOrDefault(x => !IsSecret(x) && !parameters.ContainsKey(x));
        return new(id, document, use, moved is null ? refusal : $"the deployment has secrets of its own and must say `{moved}` itself; the credential '{name}' would say it for them");
    }

    private void Tell(ImmutableArray<string> problems)
    {
        ImmutableArray<string> before = Problems;
        Problems = problems;
        foreach (string problem in problems.Except(before, StringComparer.Ordinal))
        {
            _tell?.Invoke(problem);
        }
    }

    private static void WriteAll(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        foreach ((string name, JsonElement value) in fields)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static string? ProviderOf(IReadOnlyDictionary<string, JsonElement> parameters) =>
        Text(parameters, "custom_llm_provider") ?? (Text(parameters, "model") is { } model && model.Contains('/', StringComparison.Ordinal) ? model[..model.IndexOf('/', StringComparison.Ordinal)] : null);

    private static string? Text(IReadOnlyDictionary<string, JsonElement> at, string name) =>
        at.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>A deployment as it would be used. <see cref="Credential"/> holds secrets and must not be printed.</summary>
    private sealed record UsedModel(string Id, ModelDocument Document, CredentialUse? Credential, string? Refusal);
}
