using System.Collections.Immutable;
using Interline.Core.Configuration.Yaml;

namespace Interline.Core.Configuration;

/// <summary>What is left of <c>litellm_params</c> when every setting has been read: default values of request parameters.</summary>
internal static class DefaultParameters
{
    /// <summary>Reads the rest of a section. A key that is neither a setting nor a parameter of OpenAI's goes to the provider too, as in LiteLLM, unless it looks misspelt.</summary>
    public static ImmutableArray<KeyValuePair<string, string>> Read(SectionReader section)
    {
        var parameters = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        YamlEntry? extra = section.Mapping.Find("extra_body");
        section.Skip("extra_body");
        foreach (YamlEntry entry in section.Unread)
        {
            if (entry.Key is "stream" or "messages" or "input" or "prompt")
            {
                section.Scope.Problems.Ignored("litellm_params", entry.Key, entry.KeyPlace, section.PathOf(entry.Key), "only the caller can give this, has no effect");
            }
            else if (KnownKeys.RequestParameters.Contains(entry.Key))
            {
                parameters[entry.Key] = Json(section, entry);
            }
            else if (KnownKeys.LiteLlmParams.Contains(entry.Key) || PriceReader.IsPriceKey(entry.Key) || IsMisspelt(entry.Key))
            {
                IgnoredKeys.Tell(section, "litellm_params", KnownKeys.LiteLlmParams, entry);
            }
            else
            {
                section.Scope.Problems.Warning(entry.KeyPlace, section.PathOf(entry.Key), $"'{entry.Key}' is no setting known here; it is sent to the provider as a request parameter, as LiteLLM does");
                parameters[entry.Key] = Json(section, entry);
            }
        }

        if (extra is { Value: YamlMapping body })
        {
            var inner = new SectionReader(section.Scope, body, section.PathOf("extra_body"));
            foreach (YamlEntry entry in body.Entries)
            {
                parameters[entry.Key] = Json(inner, entry);
            }
        }

        return [.. parameters];
    }

    // A key one slip away from a setting is that setting misspelt; sent upstream, api_kye would carry a credential in a body.
    private static bool IsMisspelt(string key) => !Nearest.Find(key, KnownKeys.LiteLlmParams, count: 1, bound: Math.Clamp(key.Length / 4, 1, 2)).IsEmpty;

    private static string Json(SectionReader section, YamlEntry entry)
    {
        string path = section.PathOf(entry.Key);
        return KnownKeys.NumericParameters.Contains(entry.Key) && entry.Value is YamlScalar scalar && section.Scope.Follow(scalar, path).Number is { } number
            ? YamlJson.Number(number)
            : YamlJson.Write(entry.Value, section.Scope, path);
    }
}
