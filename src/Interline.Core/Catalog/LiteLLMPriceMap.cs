using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Interline.Core.Pricing;

namespace Interline.Core.Catalog;

/// <summary>What was read from a price map.</summary>
/// <param name="Models">The models, in the order of the file.</param>
/// <param name="Problems">Entries that were passed over, and why.</param>
public sealed record LiteLLMPriceMapResult(ImmutableArray<ModelInfo> Models, ImmutableArray<PriceMapProblem> Problems);

/// <summary>An entry of a price map that cannot be used.</summary>
/// <param name="Entry">Name of the entry; empty if it is the whole file.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record PriceMapProblem(string Entry, string Message);

/// <summary>
/// LiteLLM's <c>model_prices_and_context_window.json</c>: one object, model name to a flat object of facts. Prices are USD per unit, as numbers or text, mostly
/// with an exponent; they become decimal exactly. Unknown fields and <c>sample_spec</c> are passed over.
/// </summary>
public static class LiteLLMPriceMap
{
    /// <summary>Reads a price map.</summary>
    /// <param name="utf8">The file.</param>
    /// <param name="catalog">Tells which models a provider's name belongs to; give the result to <see cref="ModelCatalog.With"/>.</param>
    public static LiteLLMPriceMapResult Read(ReadOnlyMemory<byte> utf8, ModelCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ImmutableArray<ModelInfo>.Builder models = ImmutableArray.CreateBuilder<ModelInfo>();
        ImmutableArray<PriceMapProblem>.Builder problems = ImmutableArray.CreateBuilder<PriceMapProblem>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new LiteLLMPriceMapResult([], [new PriceMapProblem("", "The price map must be one JSON object.")]);
            }

            foreach (JsonProperty entry in document.RootElement.EnumerateObject().Where(entry => entry.Name != "sample_spec"))
            {
                if (ReadModel(entry.Name, entry.Value, catalog, out string problem) is { } model)
                {
                    models.Add(model);
                }
                else
                {
                    problems.Add(new PriceMapProblem(entry.Name, problem));
                }
            }
        }
        catch (JsonException exception)
        {
            return new LiteLLMPriceMapResult([], [new PriceMapProblem("", "The price map is not JSON: " + exception.Message)]);
        }

        return new LiteLLMPriceMapResult(models.ToImmutable(), problems.ToImmutable());
    }

    private static ModelInfo? ReadModel(string name, JsonElement entry, ModelCatalog catalog, out string problem)
    {
        problem = "";
        if (entry.ValueKind != JsonValueKind.Object)
        {
            problem = "An entry must be an object.";
            return null;
        }

        if (Text(entry, "litellm_provider") is not { Length: > 0 } litellmProvider)
        {
            problem = "litellm_provider is missing.";
            return null;
        }

        if (name.Length == 0 || ReadPrice(entry, out problem) is not { } price)
        {
            problem = name.Length == 0 ? "An entry must have a name." : problem;
            return null;
        }

        string provider = Provider(litellmProvider, catalog);
        DateOnly? deprecation = DateOnly.TryParseExact(Text(entry, "deprecation_date"), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date : null;
        return new ModelInfo
        {
            Provider = provider,
            Id = catalog.TrySplit(name, out ProviderInfo? prefix, out string rest) && prefix.ModelsFrom == provider && rest.Length > 0 ? rest : name,
            Mode = Mode(Text(entry, "mode")),
            ContextWindow = Count(entry, "max_input_tokens") ?? Count(entry, "max_tokens"),
            MaxOutput = Count(entry, "max_output_tokens") ?? Count(entry, "max_tokens"),
            Capabilities = LiteLLMCapabilities.Keys.Where(flag => entry.TryGetProperty(flag.Key, out JsonElement value) && value.ValueKind == JsonValueKind.True)
                .Aggregate(ModelCapabilities.None, (all, flag) => all | flag.Capability),
            Price = price == NoPrice ? null : price,
            Deprecated = deprecation is not null,
            DeprecationDate = deprecation,
            Source = "price map",
        };
    }

    private static Price NoPrice { get; } = new();

    /// <summary>The prices, <see cref="NoPrice"/> if the entry names none, or null if one of them is wrong: a model that is half priced is worse than none.</summary>
    private static Price? ReadPrice(JsonElement entry, out string problem)
    {
        problem = "";
        List<KeyValuePair<string, decimal>> pairs = [];
        foreach (JsonProperty field in entry.EnumerateObject().Where(field => PriceKeys.IsPrice(field.Name) && field.Value.ValueKind != JsonValueKind.Null))
        {
            if (!TryMoney(field.Value, out decimal perUnit))
            {
                problem = $"{field.Name}: a price from 0 to {PriceKeys.MaxPerUnit} USD was expected, not {field.Value.GetRawText()}.";
                return null;
            }

            pairs.Add(new(field.Name, perUnit));
        }

        if (entry.TryGetProperty(PriceKeys.Search, out JsonElement search) && search.ValueKind == JsonValueKind.Object)
        {
            foreach (string size in PriceKeys.SearchSizes)
            {
                if (search.TryGetProperty(size, out JsonElement value) && TryMoney(value, out decimal perSearch))
                {
                    pairs.Add(new(size, perSearch));
                }
            }
        }

        // Of an image model an input_cost_per_image is the price of the image it makes.
        if (Text(entry, "mode") is "image_generation" or "image_edit" && !entry.TryGetProperty("output_cost_per_image", out _)
            && entry.TryGetProperty("input_cost_per_image", out JsonElement image) && TryMoney(image, out decimal perImage))
        {
            pairs.Add(new("output_cost_per_image", perImage));
        }

        if (entry.TryGetProperty("tiered_pricing", out JsonElement ranges) && ranges.ValueKind == JsonValueKind.Array && !ReadRanges(ranges, pairs))
        {
            problem = "tiered_pricing: a list of {range: [from, to], input_cost_per_token, …} was expected.";
            return null;
        }

        return PriceKeys.Read(pairs, source: "price map") ?? NoPrice;
    }

    /// <summary><c>tiered_pricing</c> in the words of the other fields: the range from 0 is the base price, one from N is <c>_above_Nk_tokens</c>.</summary>
    private static bool ReadRanges(JsonElement ranges, List<KeyValuePair<string, decimal>> pairs)
    {
        foreach (JsonElement range in ranges.EnumerateArray())
        {
            if (range.ValueKind != JsonValueKind.Object || !range.TryGetProperty("range", out JsonElement bounds) || bounds.ValueKind != JsonValueKind.Array
                || bounds.GetArrayLength() == 0 || !TryMoneyLike(bounds[0], out decimal from) || from < 0 || from % 1000 != 0)
            {
                return false;
            }

            string suffix = from == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"_above_{from / 1000:0}k_tokens");
            foreach (JsonProperty field in range.EnumerateObject().Where(field => PriceKeys.IsPrice(field.Name + suffix)))
            {
                if (!TryMoney(field.Value, out decimal perUnit))
                {
                    return false;
                }

                pairs.Add(new(field.Name + suffix, perUnit));
            }
        }

        return true;
    }

    /// <summary>LiteLLM's provider names carry kinds (<c>vertex_ai-language-models</c>, <c>bedrock_converse</c>); a name we do not know stays as it is.</summary>
    private static string Provider(string name, ModelCatalog catalog)
    {
        string id = name == "bedrock_converse" ? "bedrock" : name;
        ProviderInfo? provider = catalog.FindProvider(id) ?? catalog.FindProvider(id.Split('-', 2)[0]);
        return provider?.ModelsFrom ?? id;
    }

    private static string Mode(string? mode) => mode switch
    {
        null or "responses" => "chat",
        "image_generation" or "image_edit" => "image",
        "audio_transcription" => "audio.transcription",
        "audio_speech" => "audio.speech",
        "video_generation" => "video",
        _ => mode,
    };

    private static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Count(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out JsonElement value) && TryMoneyLike(value, out decimal count) && count is > 0 and <= long.MaxValue ? (long)count : null;

    private static bool TryMoney(JsonElement value, out decimal perUnit) => TryMoneyLike(value, out perUnit) && PriceKeys.IsValid(perUnit);

    // The raw text and not GetDouble: 1.25e-07 has no exact double, and decimal reads it exactly.
    private static bool TryMoneyLike(JsonElement value, out decimal number)
    {
        string? text = value.ValueKind switch
        {
            JsonValueKind.Number => value.GetRawText(),
            JsonValueKind.String => value.GetString(),
            _ => null,
        };
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }
}
