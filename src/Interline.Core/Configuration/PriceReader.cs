using Interline.Core.Pricing;

namespace Interline.Core.Configuration;

/// <summary>LiteLLM's price keys: USD per token, as a number or as text. The one place that knows them here.</summary>
internal static class PriceReader
{
    private const decimal TokensOfAPrice = 1_000_000;

    /// <summary>Whether a key is about prices, whether or not it has meaning here.</summary>
    public static bool IsPriceKey(string key) =>
        key.Contains("_cost", StringComparison.Ordinal) && (key.Contains("cost_per_", StringComparison.Ordinal) || key.Contains("_token_cost", StringComparison.Ordinal));

    /// <summary>
    /// Prices of a section over others. A price given for input replaces the whole input side, cache and audio and long prompts included, and so for output:
    /// a deployment said to cost nothing must not be charged by the catalogue's price of cached tokens.
    /// </summary>
    /// <param name="section">Section with price keys.</param>
    /// <param name="below">Prices it stands over; null if there are none.</param>
    /// <returns>The prices; null if none are known.</returns>
    public static Price? Read(SectionReader section, Price? below)
    {
        decimal? input = PerMillion(section, "input_cost_per_token");
        decimal? output = PerMillion(section, "output_cost_per_token");
        decimal? cacheRead = PerMillion(section, "cache_read_input_token_cost") ?? PerMillion(section, "input_cost_per_token_cache_hit");
        decimal? cacheWrite = PerMillion(section, "cache_creation_input_token_cost");
        decimal? cacheWrite1h = PerMillion(section, "cache_creation_input_token_cost_above_1hr");
        decimal? inputAudio = PerMillion(section, "input_cost_per_audio_token");
        decimal? inputImage = PerMillion(section, "input_cost_per_image_token");
        decimal? reasoning = PerMillion(section, "output_cost_per_reasoning_token");
        decimal? outputAudio = PerMillion(section, "output_cost_per_audio_token");
        decimal? outputImage = PerMillion(section, "output_cost_per_image_token");
        decimal? perRequest = section.Number("input_cost_per_request") ?? section.Number("input_cost_per_query");
        section.Skip("input_cost_per_token_cache_hit", "input_cost_per_query");
        if ((input ?? output ?? cacheRead ?? cacheWrite ?? cacheWrite1h ?? inputAudio ?? inputImage ?? reasoning ?? outputAudio ?? outputImage ?? perRequest) is null)
        {
            return below;
        }

        Price? inputSide = input is null ? below : null;
        Price? outputSide = output is null ? below : null;
        Price? whole = input is null && output is null ? below : null;
        return new Price
        {
            Input = input ?? inputSide?.Input,
            CacheRead = cacheRead ?? inputSide?.CacheRead,
            CacheWrite = cacheWrite ?? inputSide?.CacheWrite,
            CacheWrite1h = cacheWrite1h ?? inputSide?.CacheWrite1h,
            InputAudio = inputAudio ?? inputSide?.InputAudio,
            InputImage = inputImage ?? inputSide?.InputImage,
            Output = output ?? outputSide?.Output,
            Reasoning = reasoning ?? outputSide?.Reasoning,
            OutputAudio = outputAudio ?? outputSide?.OutputAudio,
            OutputImage = outputImage ?? outputSide?.OutputImage,
            PerRequest = perRequest ?? whole?.PerRequest,
            Tiers = whole?.Tiers ?? [],
            ServiceTiers = whole?.ServiceTiers ?? System.Collections.Frozen.FrozenDictionary<string, Price>.Empty,
            Source = "config",
        };
    }

    // The largest price that does not overflow is far beyond any real one.
    private static decimal? PerMillion(SectionReader section, string key)
    {
        decimal? perToken = section.Number(key);
        if (perToken > 1_000_000)
        {
            section.Refuse(key, "expected USD per token");
            return null;
        }

        return perToken * TokensOfAPrice;
    }
}
