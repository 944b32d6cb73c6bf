using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Interline.Core.Pricing;

/// <summary>
/// What a model costs, in USD per million tokens of a class unless the name says otherwise.
/// Null means unknown and is never read as free; a class with a null price falls back to a wider class when a call is priced.
/// </summary>
public sealed record Price
{
    /// <summary>Fresh input tokens.</summary>
    public decimal? Input { get; init; }

    /// <summary>Output tokens.</summary>
    public decimal? Output { get; init; }

    /// <summary>Input tokens read from the prompt cache.</summary>
    public decimal? CacheRead { get; init; }

    /// <summary>Input tokens written to the prompt cache.</summary>
    public decimal? CacheWrite { get; init; }

    /// <summary>Input tokens written to the prompt cache for an hour.</summary>
    public decimal? CacheWrite1h { get; init; }

    /// <summary>Audio input tokens.</summary>
    public decimal? InputAudio { get; init; }

    /// <summary>Image input tokens.</summary>
    public decimal? InputImage { get; init; }

    /// <summary>Reasoning tokens, where they have a price of their own.</summary>
    public decimal? Reasoning { get; init; }

    /// <summary>Audio output tokens.</summary>
    public decimal? OutputAudio { get; init; }

    /// <summary>Image output tokens.</summary>
    public decimal? OutputImage { get; init; }

    /// <summary>USD for each call, whatever it used.</summary>
    public decimal? PerRequest { get; init; }

    /// <summary>USD for each image made.</summary>
    public decimal? PerImage { get; init; }

    /// <summary>Prices of images made that replace <see cref="PerImage"/> by size and quality.</summary>
    public ImmutableArray<ImagePrice> Images { get; init; } = [];

    /// <summary>USD for each image read.</summary>
    public decimal? PerInputImage { get; init; }

    /// <summary>USD for each pixel of an image made, under LiteLLM's name for the input side (<c>input_cost_per_pixel</c>); adds to <see cref="PerOutputPixel"/>.</summary>
    public decimal? PerPixel { get; init; }

    /// <summary>USD for each pixel of an image made, under the name for the output side.</summary>
    public decimal? PerOutputPixel { get; init; }

    /// <summary>USD for each second of audio read; of waiting for the answer, where a model has no price by the token (own servers, as in LiteLLM).</summary>
    public decimal? PerSecond { get; init; }

    /// <summary>USD for each second of video read.</summary>
    public decimal? PerVideoSecond { get; init; }

    /// <summary>USD for each second of audio or video made; of audio read, where that has no price of its own.</summary>
    public decimal? PerOutputSecond { get; init; }

    /// <summary>USD for each second of video made, where it differs from <see cref="PerOutputSecond"/>.</summary>
    public decimal? PerOutputVideoSecond { get; init; }

    /// <summary>USD per million characters read.</summary>
    public decimal? PerMillionCharacters { get; init; }

    /// <summary>USD per million characters written.</summary>
    public decimal? PerMillionOutputCharacters { get; init; }

    /// <summary>USD for each search query, or search unit of a rerank.</summary>
    public decimal? PerQuery { get; init; }

    /// <summary>USD for each web search with a small context.</summary>
    public decimal? PerSearchLow { get; init; }

    /// <summary>USD for each web search with a middling context, or one whose size is not said.</summary>
    public decimal? PerSearchMedium { get; init; }

    /// <summary>USD for each web search with a large context.</summary>
    public decimal? PerSearchHigh { get; init; }

    /// <summary>USD for each page read.</summary>
    public decimal? PerPage { get; init; }

    /// <summary>USD for each page annotated.</summary>
    public decimal? PerAnnotatedPage { get; init; }

    /// <summary>USD for each session of a code interpreter.</summary>
    public decimal? PerSession { get; init; }

    /// <summary>Prices that replace these when the whole prompt is longer than a limit; in rising order of the limit.</summary>
    public ImmutableArray<PriceTier> Tiers { get; init; } = [];

    /// <summary>Prices that replace these by service tier: <c>batch</c>, <c>flex</c>, <c>priority</c>.</summary>
    public FrozenDictionary<string, Price> ServiceTiers { get; init; } = FrozenDictionary<string, Price>.Empty;

    /// <summary>Where it comes from: <c>catalogue</c>, <c>config</c> or <c>price map</c>.</summary>
    public string Source { get; init; } = "catalogue";
}

/// <summary>Prices for long prompts.</summary>
/// <param name="AboveInputTokens">Applies when the whole prompt has more tokens than this.</param>
/// <param name="Price">Prices that replace the base ones; null fields keep the base price.</param>
public sealed record PriceTier(long AboveInputTokens, Price Price);
