using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Interline.Accounts.Documents;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Accounts;

/// <summary>
/// Deployments added at run time, laid over those of the configuration file. They are read by the file's own reader, but without an environment: a reference to a variable
/// would send a secret of this machine wherever the deployment points.
/// </summary>
public sealed class RuntimeModels
{
    private static readonly string[] SecretNames = ["api_key", "aws_access_key_id", "vertex_credentials", "vertex_ai_credentials", "extra_headers", "headers"];
    private static readonly string[] SecretEnds = ["_secret", "_password", "_token", "_api_key", "_access_key"];

    private readonly AccountBook _book;
    private readonly ISealer _sealer;
    private readonly ICatalog _catalog;
    private readonly Action<Snapshot> _use;
    private readonly Lock _lock = new();
    private Snapshot _file;
    private HashSet<(string Id, long Revision)> _told = [];

    /// <summary>Over a book; uses nothing yet.</summary>
    /// <param name="book">Where they are kept.</param>
    /// <param name="sealer">Opens their credentials.</param>
    /// <param name="catalog">Providers and models.</param>
    /// <param name="file">What the configuration file says.</param>
    /// <param name="use">Takes the configuration that results, such as <see cref="Gateway.Use"/>.</param>
    public RuntimeModels(AccountBook book, ISealer sealer, ICatalog catalog, Snapshot file, Action<Snapshot> use)
    {
        (_book, _sealer, _catalog, _file, _use) = (book, sealer, catalog, file, use);
        book.OnModelsChanged(Refresh);
    }

    /// <summary>Is told of each deployment that is kept and cannot be used, once for each version of it: its id, and what is wrong.</summary>
    public Action<string, ImmutableArray<string>>? Unusable { private get; init; }

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
        string provider = Text(parameters, "custom_llm_provider") ?? (Text(parameters, "model") is { } model && model.Contains('/', StringComparison.Ordinal) ? model[..model.IndexOf('/', StringComparison.Ordinal)] : "");
        return $"model {id} {provider} {host}";
    }

    /// <summary>Reads a deployment as it would be used.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="document">Its document.</param>
    /// <returns>What is wrong with it; empty if it can be used.</returns>
    public ImmutableArray<string> Check(string id, ModelDocument document)
    {
        ConfigResult result = Read([(id, document)]);
        ImmutableArray<string> wrong = [.. result.Problems.Where(static x => x.Severity == ConfigSeverity.Error).Select(static x => $"{x.Path.Replace("model_list[0].", "", StringComparison.Ordinal)}: {x.Message}")];
        return wrong.IsEmpty && result.Snapshot is null or { Names.Length: 0 } ? ["it cannot be used"] : wrong;
    }

    /// <summary>A configuration with the deployments laid over it.</summary>
    /// <param name="file">The configuration.</param>
    public Snapshot Over(Snapshot file)
    {
        AccountRow[] rows = [.. _book.All(AccountKinds.Model).OrderBy(static x => x.Id, StringComparer.Ordinal)];
        if (rows.Length == 0)
        {
            return file;
        }

        Snapshot? added = Read(Usable(rows)).Snapshot;
        return added is null ? file : file with
        {
            Version = $"{file.Version}+{rows.Max(static x => x.Revision)}.{rows.Length}",
            Groups = Merge(file.Groups.Values, added.Groups.Values).ToFrozenDictionary(static x => x.Name, StringComparer.Ordinal),
            Wildcards = [.. Merge(file.Wildcards, added.Wildcards).OrderBy(static x => x.Name, Comparer<string>.Create(ModelNamePattern.CompareSpecificity))],
            Names = [.. file.Names.Concat(added.Names).Distinct(StringComparer.Ordinal)],
        };
    }

    /// <summary>Deployments that can be used. Each is read by itself first: one that cannot (of a newer version, say) must not take the others with it.</summary>
    private List<(string Id, ModelDocument Document)> Usable(AccountRow[] rows)
    {
        List<(string Id, ModelDocument Document)> usable = [];
        HashSet<(string Id, long Revision)> wrong = [];
        foreach (AccountRow row in rows)
        {
            ModelDocument? document = PrincipalReader.Document(row, AccountJson.Default.ModelDocument);
            ImmutableArray<string> problems = document is null ? ["its document cannot be read"] : Check(row.Id, document);
            if (problems.IsEmpty)
            {
                usable.Add((row.Id, document!));
                continue;
            }

            wrong.Add((row.Id, row.Revision));
            if (!_told.Contains((row.Id, row.Revision)))
            {
                Unusable?.Invoke(row.Id, problems);
            }
        }

        _told = wrong;
        return usable;
    }

    private static List<ModelGroup> Merge(IEnumerable<ModelGroup> first, IEnumerable<ModelGroup> second) =>
        [.. first.Concat(second).GroupBy(static x => x.Name, StringComparer.Ordinal).Select(static x => new ModelGroup(x.Key, [.. x.SelectMany(static y => y.Deployments)]))];

    private ConfigResult Read(IEnumerable<(string Id, ModelDocument Document)> models)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartArray("model_list"u8);
            foreach ((string id, ModelDocument document) in models)
            {
                Write(json, id, document);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        // JSON is YAML.
        return ConfigReader.Read(Encoding.UTF8.GetString(buffer.ToArray()), "models", static _ => null, _catalog);
    }

    private void Write(Utf8JsonWriter json, string id, ModelDocument document)
    {
        IReadOnlyDictionary<string, JsonElement> parameters = document.LitellmParams ?? FrozenDictionary<string, JsonElement>.Empty;
        string binding = Binding(id, parameters);
        json.WriteStartObject();
        json.WriteString("model_name"u8, document.ModelName);
        json.WriteStartObject("litellm_params"u8);
        WriteAll(json, parameters);
        foreach ((string name, string text) in document.Sealed ?? FrozenDictionary<string, string>.Empty)
        {
            if (_sealer.Unseal(text, binding) is { } opened)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(opened);
            }
        }

        json.WriteEndObject();
        json.WriteStartObject("model_info"u8);
        WriteAll(json, (document.ModelInfo ?? FrozenDictionary<string, JsonElement>.Empty).Where(static x => x.Key != "id"));
        json.WriteString("id"u8, id);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteAll(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, JsonElement>> fields)
    {
        foreach ((string name, JsonElement value) in fields)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }
    }

    private static string? Text(IReadOnlyDictionary<string, JsonElement> at, string name) =>
        at.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
