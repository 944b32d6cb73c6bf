using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace Interline.Core.Pricing;

/// <summary>
/// LiteLLM's names for prices, as in <c>litellm_params</c> of a config and in its price map: USD per unit, <c>input_cost_per_token</c> and its kin, with the
/// suffixes <c>_above_200k_tokens</c> (any number of thousands) and <c>_batches</c>, <c>_flex</c>, <c>_priority</c>.
/// </summary>
public static class PriceKeys
{
    /// <summary>Largest price per unit that is believed: a million dollars. What is above it is a slip of the pen.</summary>
    public const decimal MaxPerUnit = 1_000_000m;

    private const decimal Million = 1_000_000m;
    private const string Above = "_above_";
    private const string Thousands = "k_tokens";

    private static readonly FrozenDictionary<string, (Func<Price, decimal, Price> Set, decimal Factor)> Stems =
        new Dictionary<string, (Func<Price, decimal, Price>, decimal)>(StringComparer.Ordinal)
        {
            ["input_cost_per_token"] = (static (price, value) => price with { Input = value }, Million),
            ["output_cost_per_token"] = (static (price, value) => price with { Output = value }, Million),
            ["cache_read_input_token_cost"] = (static (price, value) => price with { CacheRead = value }, Million),
            ["input_cost_per_token_cache_hit"] = (static (price, value) => price with { CacheRead = value }, Million),
            ["cache_creation_input_token_cost"] = (static (price, value) => price with { CacheWrite = value }, Million),
            ["cache_creation_input_token_cost_above_1hr"] = (static (price, value) => price with { CacheWrite1h = value }, Million),
            ["input_cost_per_audio_token"] = (static (price, value) => price with { InputAudio = value }, Million),
            ["input_cost_per_image_token"] = (static (price, value) => price with { InputImage = value }, Million),
            ["output_cost_per_reasoning_token"] = (static (price, value) => price with { Reasoning = value }, Million),
            ["output_cost_per_audio_token"] = (static (price, value) => price with { OutputAudio = value }, Million),
            ["output_cost_per_image_token"] = (static (price, value) => price with { OutputImage = value }, Million),
            ["input_cost_per_character"] = (static (price, value) => price with { PerMillionCharacters = value }, Million),
            ["output_cost_per_character"] = (static (price, value) => price with { PerMillionOutputCharacters = value }, Million),
            ["input_cost_per_request"] = (static (price, value) => price with { PerRequest = value }, 1m),
            ["input_cost_per_query"] = (static (price, value) => price with { PerQuery = value }, 1m),
            ["input_cost_per_second"] = (static (price, value) => price with { PerSecond = value }, 1m),
            ["input_cost_per_audio_per_second"] = (static (price, value) => price with { PerSecond = value }, 1m),
            ["input_cost_per_video_per_second"] = (static (price, value) => price with { PerVideoSecond = value }, 1m),
            ["output_cost_per_second"] = (static (price, value) => price with { PerOutputSecond = value }, 1m),
            ["output_cost_per_audio_per_second"] = (static (price, value) => price with { PerOutputSecond = value }, 1m),
            ["output_cost_per_video_per_second"] = (static (price, value) => price with { PerOutputVideoSecond = value }, 1m),
            ["input_cost_per_image"] = (static (price, value) => price with { PerInputImage = value }, 1m),
            ["output_cost_per_image"] = (static (price, value) => price with { PerImage = value }, 1m),
            ["output_cost_per_image_premium_image"] = (static (price, value) => WithImage(price, 0, true, value), 1m),
            ["output_cost_per_image_above_512_and_512_pixels"] = (static (price, value) => WithImage(price, 512, false, value), 1m),
            ["output_cost_per_image_above_512_and_512_pixels_and_premium_image"] = (static (price, value) => WithImage(price, 512, true, value), 1m),
            ["output_cost_per_image_above_1024_and_1024_pixels"] = (static (price, value) => WithImage(price, 1024, false, value), 1m),
            ["output_cost_per_image_above_1024_and_1024_pixels_and_premium_image"] = (static (price, value) => WithImage(price, 1024, true, value), 1m),
            ["input_cost_per_pixel"] = (static (price, value) => price with { PerPixel = value }, 1m),
            ["output_cost_per_pixel"] = (static (price, value) => price with { PerOutputPixel = value }, 1m),
            ["ocr_cost_per_page"] = (static (price, value) => price with { PerPage = value }, 1m),
            ["annotation_cost_per_page"] = (static (price, value) => price with { PerAnnotatedPage = value }, 1m),
            ["code_interpreter_cost_per_session"] = (static (price, value) => price with { PerSession = value }, 1m),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Name of the mapping that holds the prices of web searches, by <see cref="SearchSizes"/>.</summary>
    public const string Search = "search_context_cost_per_query";

    private static readonly FrozenDictionary<string, Func<Price, decimal, Price>> SearchStems = new Dictionary<string, Func<Price, decimal, Price>>(StringComparer.Ordinal)
    {
        ["search_context_size_low"] = static (price, value) => price with { PerSearchLow = value },
        ["search_context_size_medium"] = static (price, value) => price with { PerSearchMedium = value },
        ["search_context_size_high"] = static (price, value) => price with { PerSearchHigh = value },
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly (string Suffix, string ServiceTier)[] Suffixes =
        [("_batches", "batch"), ("_batch_requests", "batch"), ("_flex", "flex"), ("_priority", "priority")];

    /// <summary>The names that set a price, without suffixes. <see cref="IsPrice"/> knows the suffixes too.</summary>
    public static ImmutableArray<string> Known { get; } = [.. Stems.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Names inside <see cref="Search"/>. They are prices to <see cref="Read"/>, and mean nothing outside that mapping.</summary>
    public static ImmutableArray<string> SearchSizes { get; } = [.. SearchStems.Keys.Order(StringComparer.Ordinal)];

    /// <summary>LiteLLM's further price names, which are understood and not charged by Interline: report them, do not refuse them. Why each is not: docs/costs.md.</summary>
    public static FrozenSet<string> NotCharged { get; } = new[]
    {
        "cache_creation_input_audio_token_cost", "cache_read_input_audio_token_cost", "cache_read_input_image_token_cost",
        "cache_read_input_token_cost_per_audio_token", "citation_cost_per_token",
        "input_cost_per_video_per_second_above_15s_interval", "input_cost_per_video_per_second_above_8s_interval",
        "input_dbu_cost_per_token", "output_dbu_cost_per_token", "tiered_pricing",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether <see cref="Read"/> takes a price from this name.</summary>
    public static bool IsPrice(string key) => TryParse(key, out _, out _, out _);

    /// <summary>Whether a price per unit is one: from 0 to <see cref="MaxPerUnit"/>.</summary>
    public static bool IsValid(decimal perUnit) => perUnit is >= 0m and <= MaxPerUnit;

    /// <summary>Prices from LiteLLM's names.</summary>
    /// <param name="pairs">Names and USD per unit, each <see cref="IsValid"/>; other names are passed over.</param>
    /// <param name="defaults">Prices of the classes that are not named. Its long-prompt and service tiers are dropped when a base price is named, because they
    /// are prices of the list that the user has just replaced.</param>
    /// <param name="source">Where they come from.</param>
    /// <returns>The prices; null if no pair names one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A price is not valid.</exception>
    public static Price? Read(IEnumerable<KeyValuePair<string, decimal>> pairs, Price? defaults = null, string source = "config")
    {
        List<(string Stem, long Above, string Service, decimal PerUnit)> named = [];
        foreach ((string key, decimal perUnit) in pairs)
        {
            if (SearchStems.ContainsKey(key))
            {
                named.Add((key, 0, "", IsValid(perUnit) ? perUnit : throw new ArgumentOutOfRangeException(nameof(pairs), perUnit, key)));
            }
            else if (TryParse(key, out string? stem, out long above, out string? service))
            {
                named.Add((stem, above, service, IsValid(perUnit) ? perUnit : throw new ArgumentOutOfRangeException(nameof(pairs), perUnit, key)));
            }
        }

        if (named.Count == 0)
        {
            return null;
        }

        Price start = defaults ?? new Price();
        if (named.Exists(one => one is { Above: 0, Service: "" } && Stems.ContainsKey(one.Stem)))
        {
            start = start with { Tiers = [], ServiceTiers = FrozenDictionary<string, Price>.Empty };
        }

        Price price = Lay(start, named.FindAll(one => one.Service.Length == 0));
        Dictionary<string, Price> services = new(price.ServiceTiers, StringComparer.Ordinal);
        foreach (IGrouping<string, (string Stem, long Above, string Service, decimal PerUnit)> group in
            named.Where(one => one.Service.Length > 0).GroupBy(one => one.Service, StringComparer.Ordinal))
        {
            services[group.Key] = Lay(services.GetValueOrDefault(group.Key) ?? new Price(), [.. group]) with { Source = source };
        }

        return price with { ServiceTiers = services.ToFrozenDictionary(StringComparer.Ordinal), Source = source };
    }

    private static Price WithImage(Price price, long aboveSide, bool premium, decimal perImage) =>
        price with { Images = [.. price.Images.Where(one => one.AboveSide != aboveSide || one.Premium != premium), new ImagePrice(aboveSide, premium, perImage)] };

    private static Price Lay(Price price, List<(string Stem, long Above, string Service, decimal PerUnit)> named)
    {
        SortedDictionary<long, Price> tiers = [];
        foreach (PriceTier tier in price.Tiers)
        {
            tiers[tier.AboveInputTokens] = tier.Price;
        }

        foreach ((string stem, long above, _, decimal perUnit) in named)
        {
            if (SearchStems.TryGetValue(stem, out Func<Price, decimal, Price>? search))
            {
                price = search(price, perUnit);
                continue;
            }

            (Func<Price, decimal, Price> set, decimal factor) = Stems[stem];
            if (above == 0)
            {
                price = set(price, perUnit * factor);
            }
            else
            {
                tiers[above] = set(tiers.GetValueOrDefault(above) ?? new Price(), perUnit * factor);
            }
        }

        return price with { Tiers = [.. tiers.Select(tier => new PriceTier(tier.Key, tier.Value))] };
    }

    private static bool TryParse(string key, out string stem, out long above, out string service)
    {
        service = "";
        above = 0;
        stem = key;
        foreach ((string suffix, string name) in Suffixes)
        {
            if (stem.EndsWith(suffix, StringComparison.Ordinal))
            {
                stem = stem[..^suffix.Length];
                service = name;
                break;
            }
        }

        if (stem.EndsWith(Thousands, StringComparison.Ordinal) && stem.LastIndexOf(Above, StringComparison.Ordinal) is var at and > 0)
        {
            ReadOnlySpan<char> number = stem.AsSpan((at + Above.Length)..^Thousands.Length);
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int thousands) || thousands == 0)
            {
                return false;
            }

            above = thousands * 1000L;
            stem = stem[..at];
        }

        return Stems.ContainsKey(stem);
    }
}
