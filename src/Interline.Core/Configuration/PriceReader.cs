using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>Prices of a section of the file, in LiteLLM's keys (<see cref="PriceKeys"/>): USD per unit, as a number or as text.</summary>
internal static class PriceReader
{
    /// <summary>Whether a key is about prices, whether or not it has meaning here.</summary>
    public static bool IsPriceKey(string key) =>
        PriceKeys.IsPrice(key) || PriceKeys.NotCharged.Contains(key)
        || (key.Contains("_cost", StringComparison.Ordinal) && (key.Contains("cost_per_", StringComparison.Ordinal) || key.Contains("_token_cost", StringComparison.Ordinal)));

    /// <summary>
    /// Prices of a section over others. A price given for input replaces the whole input side, cache, audio, seconds and characters included, and so for output:
    /// a deployment said to cost nothing must not be charged by the catalogue's price of cached tokens.
    /// </summary>
    /// <param name="section">Section with price keys.</param>
    /// <param name="below">Prices it stands over; null if there are none.</param>
    /// <returns>The prices; null if none are known.</returns>
    public static Price? Read(SectionReader section, Price? below)
    {
        var named = new List<KeyValuePair<string, decimal>>();
        foreach (string key in section.Mapping.Entries.Select(static entry => entry.Key).Where(PriceKeys.IsPrice))
        {
            if (section.Number(key) is not { } perUnit)
            {
                continue;
            }

            if (PriceKeys.IsValid(perUnit))
            {
                named.Add(new(key, perUnit));
            }
            else
            {
                section.Refuse(key, "expected USD per unit, such as 0.0000025 for a token");
            }
        }

        ReadSearch(section, named);
        bool input = named.Exists(static one => one.Key == "input_cost_per_token");
        bool output = named.Exists(static one => one.Key == "output_cost_per_token");
        Price? kept = below is null ? null : below with
        {
            CacheRead = input ? null : below.CacheRead,
            CacheWrite = input ? null : below.CacheWrite,
            CacheWrite1h = input ? null : below.CacheWrite1h,
            InputAudio = input ? null : below.InputAudio,
            InputImage = input ? null : below.InputImage,
            Reasoning = output ? null : below.Reasoning,
            OutputAudio = output ? null : below.OutputAudio,
            OutputImage = output ? null : below.OutputImage,
            PerRequest = input || output ? null : below.PerRequest,
            PerInputImage = input ? null : below.PerInputImage,
            PerSecond = input ? null : below.PerSecond,
            PerVideoSecond = input ? null : below.PerVideoSecond,
            PerMillionCharacters = input ? null : below.PerMillionCharacters,
            PerQuery = input ? null : below.PerQuery,
            PerImage = output ? null : below.PerImage,
            Images = output || named.Exists(static one => one.Key == "output_cost_per_image") ? [] : below.Images,
            PerPixel = output ? null : below.PerPixel,
            PerOutputPixel = output ? null : below.PerOutputPixel,
            PerOutputSecond = output ? null : below.PerOutputSecond,
            PerOutputVideoSecond = output ? null : below.PerOutputVideoSecond,
            PerMillionOutputCharacters = output ? null : below.PerMillionOutputCharacters,
        };
        return PriceKeys.Read(named, kept) ?? below;
    }

    /// <summary>The one price that is a mapping: USD for each web search, by the size of its context.</summary>
    private static void ReadSearch(SectionReader section, List<KeyValuePair<string, decimal>> named)
    {
        if (section.Section(PriceKeys.Search) is not { } mapping)
        {
            return;
        }

        var sizes = new SectionReader(section.Scope, mapping, section.PathOf(PriceKeys.Search), section.WrongValueIs);
        foreach (string size in PriceKeys.SearchSizes)
        {
            if (sizes.Number(size) is { } perSearch)
            {
                if (PriceKeys.IsValid(perSearch))
                {
                    named.Add(new(size, perSearch));
                }
                else
                {
                    sizes.Refuse(size, "expected USD for each search, such as 0.01");
                }
            }
        }

        section.Join(sizes);
    }
}
