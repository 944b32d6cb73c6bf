using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Interline.Core.Pricing;

namespace Interline.Core.Catalog;

/// <summary>One line of <c>catalog/models.json</c>. Format: <c>catalog/README.md</c>.</summary>
internal static class ModelRow
{
    private static readonly string[] ServiceTierNames = ["batch", "flex", "priority"];

    public static ModelInfo Read(JsonElement row) => new()
    {
        Provider = row.GetProperty("provider").GetString()!,
        Id = row.GetProperty("id").GetString()!,
        Mode = row.GetProperty("mode").GetString()!,
        ContextWindow = Count(row, "context"),
        MaxOutput = Count(row, "maxOutput"),
        Capabilities = ReadCapabilities(row),
        Price = row.TryGetProperty("price", out JsonElement price) ? ReadPrice(price) : null,
        Disputed = row.TryGetProperty("disputed", out JsonElement disputed) && disputed.GetBoolean(),
        Deprecated = row.TryGetProperty("deprecated", out JsonElement deprecated) && deprecated.GetBoolean(),
        DeprecationDate = Date(row, "deprecationDate"),
        Source = row.TryGetProperty("source", out JsonElement source) ? source.GetString()! : "",
        AsOf = Date(row, "asOf"),
    };

    private static ModelCapabilities ReadCapabilities(JsonElement row)
    {
        ModelCapabilities all = ModelCapabilities.None;
        if (row.TryGetProperty("can", out JsonElement names))
        {
            foreach (JsonElement name in names.EnumerateArray())
            {
                all |= Capability(name.GetString()!);
            }
        }

        return all;
    }

    private static ModelCapabilities Capability(string name) => name switch
    {
        "tools" => ModelCapabilities.Tools,
        "parallelTools" => ModelCapabilities.ParallelTools,
        "toolChoice" => ModelCapabilities.ToolChoice,
        "vision" => ModelCapabilities.Vision,
        "pdf" => ModelCapabilities.Pdf,
        "audioInput" => ModelCapabilities.AudioInput,
        "audioOutput" => ModelCapabilities.AudioOutput,
        "videoInput" => ModelCapabilities.VideoInput,
        "jsonSchema" => ModelCapabilities.JsonSchema,
        "reasoning" => ModelCapabilities.Reasoning,
        "promptCaching" => ModelCapabilities.PromptCaching,
        "systemMessages" => ModelCapabilities.SystemMessages,
        "prefill" => ModelCapabilities.Prefill,
        "webSearch" => ModelCapabilities.WebSearch,
        "computerUse" => ModelCapabilities.ComputerUse,
        _ => throw new InvalidDataException($"models.json: unknown capability {name}."),
    };

    private static Price ReadPrice(JsonElement row) => new()
    {
        Input = Money(row, "input"),
        Output = Money(row, "output"),
        CacheRead = Money(row, "cacheRead"),
        CacheWrite = Money(row, "cacheWrite"),
        CacheWrite1h = Money(row, "cacheWrite1h"),
        InputAudio = Money(row, "inputAudio"),
        InputImage = Money(row, "inputImage"),
        Reasoning = Money(row, "reasoning"),
        OutputAudio = Money(row, "outputAudio"),
        OutputImage = Money(row, "outputImage"),
        PerRequest = Money(row, "perRequest"),
        PerImage = Money(row, "perImage"),
        PerSecond = Money(row, "perSecond"),
        PerMillionCharacters = Money(row, "perMillionCharacters"),
        PerQuery = Money(row, "perQuery"),
        Tiers = ReadTiers(row),
        ServiceTiers = ReadServiceTiers(row),
    };

    private static ImmutableArray<PriceTier> ReadTiers(JsonElement row)
    {
        if (!row.TryGetProperty("tiers", out JsonElement tiers))
        {
            return [];
        }

        ImmutableArray<PriceTier>.Builder all = ImmutableArray.CreateBuilder<PriceTier>(tiers.GetArrayLength());
        foreach (JsonElement tier in tiers.EnumerateArray())
        {
            all.Add(new PriceTier(tier.GetProperty("above").GetInt64(), ReadPrice(tier)));
        }

        return all.MoveToImmutable();
    }

    private static FrozenDictionary<string, Price> ReadServiceTiers(JsonElement row)
    {
        Dictionary<string, Price>? all = null;
        foreach (string name in ServiceTierNames)
        {
            if (row.TryGetProperty(name, out JsonElement price))
            {
                (all ??= new(StringComparer.Ordinal)).Add(name, ReadPrice(price));
            }
        }

        return all?.ToFrozenDictionary(StringComparer.Ordinal) ?? FrozenDictionary<string, Price>.Empty;
    }

    private static decimal? Money(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) ? decimal.Parse(value.GetString()!, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) : null;

    private static long? Count(JsonElement row, string name) => row.TryGetProperty(name, out JsonElement value) ? value.GetInt64() : null;

    private static DateOnly? Date(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) ? DateOnly.ParseExact(value.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
}
