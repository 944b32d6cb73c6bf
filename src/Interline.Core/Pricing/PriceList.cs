using Interline.Protocols;

namespace Interline.Core.Pricing;

/// <summary>The prices that apply to one call: base, service tier and long-prompt tiers laid over each other, field by field.</summary>
internal readonly ref struct PriceList
{
    private readonly Price _base;
    private readonly Price? _service;
    private readonly long _totalInput;

    public PriceList(Price price, string? serviceTier, long totalInput)
    {
        _base = price;
        _service = serviceTier is null ? null : price.ServiceTiers.GetValueOrDefault(serviceTier);
        _totalInput = totalInput;
    }

    public decimal? Input => Pick(static price => price.Input);

    public decimal? Output => Pick(static price => price.Output);

    public decimal? CacheRead => Pick(static price => price.CacheRead);

    public decimal? CacheWrite => Pick(static price => price.CacheWrite);

    public decimal? CacheWrite1h => Pick(static price => price.CacheWrite1h);

    public decimal? InputAudio => Pick(static price => price.InputAudio);

    public decimal? InputImage => Pick(static price => price.InputImage);

    public decimal? Reasoning => Pick(static price => price.Reasoning);

    public decimal? OutputAudio => Pick(static price => price.OutputAudio);

    public decimal? OutputImage => Pick(static price => price.OutputImage);

    public decimal? PerRequest => Pick(static price => price.PerRequest);

    public decimal? PerInputImage => Pick(static price => price.PerInputImage);

    /// <summary>LiteLLM's price map has the price of a pixel made under either name, and a 0 under the other: they add up.</summary>
    public decimal? PerPixel => Pick(static price => price.PerPixel is null ? price.PerOutputPixel : price.PerPixel + (price.PerOutputPixel ?? 0));

    /// <summary>Whisper's seconds stand under either name, and under both in some lists: they are paid once.</summary>
    public decimal? PerSecond => Pick(static price => price.PerSecond is > 0 ? price.PerSecond : price.PerOutputSecond ?? price.PerSecond);

    public decimal? PerVideoSecond => Pick(static price => price.PerVideoSecond);

    public decimal? PerOutputSecond => Pick(static price => price.PerOutputSecond);

    public decimal? PerOutputVideoSecond => Pick(static price => price.PerOutputVideoSecond ?? price.PerOutputSecond);

    public decimal? PerMillionCharacters => Pick(static price => price.PerMillionCharacters);

    public decimal? PerMillionOutputCharacters => Pick(static price => price.PerMillionOutputCharacters);

    public decimal? PerQuery => Pick(static price => price.PerQuery);

    public decimal? PerSearch(string? context) => context switch
    {
        "low" => Pick(static price => price.PerSearchLow),
        "high" => Pick(static price => price.PerSearchHigh),
        _ => Pick(static price => price.PerSearchMedium),
    };

    public decimal? PerPage => Pick(static price => price.PerPage);

    public decimal? PerAnnotatedPage => Pick(static price => price.PerAnnotatedPage);

    public decimal? PerSession => Pick(static price => price.PerSession);

    public decimal? PerImage(Units units) => ImagePrice.Of(_base.Images, units) ?? Pick(static price => price.PerImage);

    public bool HasTokenPrice => Input is not null || Output is not null || InputAudio is not null || InputImage is not null || OutputAudio is not null
        || OutputImage is not null || PerRequest is not null;

    // A long prompt before the service tier: where a list has a price for long prompts but none for this service tier's, the smaller price of short
    // prompts would be too little. LiteLLM does the same.
    private decimal? Pick(Func<Price, decimal?> field) =>
        (_service is null ? null : OfLongPrompt(_service, field)) ?? OfLongPrompt(_base, field) ?? (_service is null ? null : field(_service)) ?? field(_base);

    private decimal? OfLongPrompt(Price price, Func<Price, decimal?> field)
    {
        for (int i = price.Tiers.Length - 1; i >= 0; i--)
        {
            if (_totalInput > price.Tiers[i].AboveInputTokens && field(price.Tiers[i].Price) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
