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
    /// Prices of a section over others. A price given for input replaces the whole input side, cache and audio included, and so for output:
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
            Images = named.Exists(static one => one.Key == "output_cost_per_image") ? [] : below.Images,
        };
        return PriceKeys.Read(named, kept) ?? below;
    }
}
