using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>
/// What lies under a deployment's own <c>litellm_params</c>: the values of the credential it names, then <c>default_litellm_params</c> of the router. What it says
/// itself wins; of two credentials of one name the first counts, as in LiteLLM.
/// </summary>
internal sealed class ParameterLayers
{
    private const string NameKey = "litellm_credential_name";

    private readonly ReadScope _scope;
    private readonly YamlMapping? _defaults;
    private readonly Dictionary<string, YamlMapping> _credentials = new(StringComparer.Ordinal);

    /// <param name="scope">Problems and variables.</param>
    /// <param name="credentials"><c>credential_list</c>; null if there is none.</param>
    /// <param name="defaults"><c>default_litellm_params</c>; null if there are none.</param>
    public ParameterLayers(ReadScope scope, YamlSequence? credentials, YamlMapping? defaults)
    {
        _scope = scope;
        _defaults = defaults;
        for (int index = 0; index < credentials?.Items.Length; index++)
        {
            Add(credentials.Items[index], $"credential_list[{index}]");
        }
    }

    /// <summary>All that holds for a deployment.</summary>
    /// <param name="own">Its own parameters.</param>
    /// <param name="path">Their path.</param>
    public YamlMapping Over(YamlMapping own, string path)
    {
        YamlMapping all = own;
        if (own.Find(NameKey) is { Value: YamlScalar { IsNull: false } scalar } && _scope.Follow(scalar, $"{path}.{NameKey}") is { IsNull: false } name)
        {
            if (_credentials.TryGetValue(name.Text, out YamlMapping? values))
            {
                all = Under(all, values);
            }
            else
            {
                _scope.Problems.Warning(scalar.Place, $"{path}.{NameKey}", $"there is no credential '{name.Text}' in credential_list", Nearest.Text(name.Text, _credentials.Keys));
            }
        }

        return _defaults is null ? all : Under(all, _defaults);
    }

    private static YamlMapping Under(YamlMapping above, YamlMapping below) => new(
        above.Place,
        [
            .. above.Entries.Where(entry => entry.Value is not YamlScalar { IsNull: true } || below.Find(entry.Key) is null),
            .. below.Entries.Where(entry => above.Find(entry.Key) is null or { Value: YamlScalar { IsNull: true } }),
        ]);

    private void Add(YamlNode item, string path)
    {
        if (item is not YamlMapping mapping)
        {
            _scope.Problems.Error(item.Place, path, $"expected a mapping with credential_name and credential_values, found {item.Kind}");
            return;
        }

        var section = new SectionReader(_scope, mapping, path);
        string? name = section.Text("credential_name");
        YamlMapping? values = section.Section("credential_values");
        section.Skip("credential_info");
        IgnoredKeys.Tell(section, "credential_list", KnownKeys.Credential);
        if (name is null)
        {
            section.Refuse("credential_name", "expected credential_name, found nothing");
        }
        else if (!_credentials.TryAdd(name, values ?? new YamlMapping(mapping.Place, [])))
        {
            _scope.Problems.Warning(section.PlaceOf("credential_name"), section.PathOf("credential_name"), $"there is a credential '{name}' already; the first counts");
        }
    }
}
