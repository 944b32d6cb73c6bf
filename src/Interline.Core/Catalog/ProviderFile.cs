using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Interline.Core.Catalog;

/// <summary>Reads <c>catalog/providers.json</c>. Format: <c>catalog/README.md</c>; the file is ours and embedded, so a fault in it is a bug and throws.</summary>
internal static class ProviderFile
{
    public static ImmutableArray<ProviderInfo> Read(ReadOnlyMemory<byte> utf8)
    {
        using JsonDocument document = JsonDocument.Parse(utf8);
        JsonElement rows = document.RootElement.GetProperty("providers");
        ImmutableArray<ProviderInfo>.Builder providers = ImmutableArray.CreateBuilder<ProviderInfo>(rows.GetArrayLength());
        foreach (JsonElement row in rows.EnumerateArray())
        {
            providers.Add(ReadProvider(row));
        }

        return providers.MoveToImmutable();
    }

    private static ProviderInfo ReadProvider(JsonElement row)
    {
        string id = row.GetProperty("id").GetString()!;
        return new ProviderInfo
        {
            Id = id,
            DisplayName = Text(row, "name") ?? id,
            Wire = row.GetProperty("wire").GetString()!,
            BaseUrl = Text(row, "baseUrl"),
            OpenAIBasePath = Text(row, "openAIBasePath"),
            AnthropicBasePath = Text(row, "anthropicBasePath"),
            KeyVariables = Texts(row, "keyVariables"),
            BaseUrlVariables = Texts(row, "baseUrlVariables"),
            KeyHeader = Text(row, "keyHeader") ?? "Authorization",
            KeyOptional = row.TryGetProperty("keyOptional", out JsonElement optional) && optional.GetBoolean(),
            VariantOf = Text(row, "variantOf"),
            ModelsFrom = Text(row, "modelsFrom") ?? id,
            Parameters = row.TryGetProperty("parameters", out JsonElement rules) ? ReadRules(rules) : ParameterRules.None,
        };
    }

    private static ParameterRules ReadRules(JsonElement rules)
    {
        Dictionary<string, string> renames = new(StringComparer.Ordinal);
        if (rules.TryGetProperty("renames", out JsonElement pairs))
        {
            foreach (JsonProperty pair in pairs.EnumerateObject())
            {
                renames.Add(pair.Name, pair.Value.GetString()!);
            }
        }

        return new ParameterRules
        {
            Renames = renames.ToFrozenDictionary(StringComparer.Ordinal),
            Unsupported = Texts(rules, "unsupported").ToFrozenSet(StringComparer.Ordinal),
            StreamUsageOption = !rules.TryGetProperty("streamUsageOption", out JsonElement option) || option.GetBoolean(),
        };
    }

    private static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;

    // A loop and not Select: LINQ over a struct such as JsonElement is compiled anew at every start.
    private static ImmutableArray<string> Texts(JsonElement row, string name)
    {
        if (!row.TryGetProperty(name, out JsonElement values))
        {
            return [];
        }

        string[] texts = new string[values.GetArrayLength()];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = values[i].GetString()!;
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(texts);
    }
}
