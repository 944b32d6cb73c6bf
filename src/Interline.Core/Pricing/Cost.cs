using Interline.Protocols;

namespace Interline.Core.Pricing;

/// <summary>What one call cost, in USD, exactly: no amount is rounded. Every amount is at least 0.</summary>
public readonly record struct Cost
{
    /// <summary>More tokens of a class than this are a fault of whoever counted, and their price is unknown: 10¹². It also keeps every product inside decimal.</summary>
    public const long MaxTokens = 1_000_000_000_000;

    /// <summary>Divided by, although multiplying by a millionth is faster: a division leaves no zeros behind the last digit that counts, and bills are read.</summary>
    private const decimal Million = 1_000_000m;

    /// <summary>Fresh input.</summary>
    public decimal Input { get; init; }

    /// <summary>Input read from the prompt cache.</summary>
    public decimal CacheRead { get; init; }

    /// <summary>Input written to the prompt cache.</summary>
    public decimal CacheWrite { get; init; }

    /// <summary>Input written to the prompt cache for an hour.</summary>
    public decimal CacheWrite1h { get; init; }

    /// <summary>Audio input.</summary>
    public decimal InputAudio { get; init; }

    /// <summary>Image input.</summary>
    public decimal InputImage { get; init; }

    /// <summary>Output.</summary>
    public decimal Output { get; init; }

    /// <summary>Reasoning.</summary>
    public decimal Reasoning { get; init; }

    /// <summary>Audio output.</summary>
    public decimal OutputAudio { get; init; }

    /// <summary>Image output.</summary>
    public decimal OutputImage { get; init; }

    /// <summary>Images made, by the image or by the pixel.</summary>
    public decimal Images { get; init; }

    /// <summary>Images read, by the image.</summary>
    public decimal InputImages { get; init; }

    /// <summary>Seconds of audio and video, read and made.</summary>
    public decimal Seconds { get; init; }

    /// <summary>Characters, read and written.</summary>
    public decimal Characters { get; init; }

    /// <summary>Search queries, pages and sessions.</summary>
    public decimal Services { get; init; }

    /// <summary>Price of the calls themselves.</summary>
    public decimal Requests { get; init; }

    /// <summary>Classes that had tokens but no price of their own and paid that of a wider class.</summary>
    public TokenClasses Substituted { get; init; }

    /// <summary>All input.</summary>
    public decimal TotalInput => Input + CacheRead + CacheWrite + CacheWrite1h + InputAudio + InputImage;

    /// <summary>All output.</summary>
    public decimal TotalOutput => Output + Reasoning + OutputAudio + OutputImage;

    /// <summary>All that is counted in other units than tokens.</summary>
    public decimal TotalUnits => Images + InputImages + Seconds + Characters + Services;

    /// <summary>Everything.</summary>
    public decimal Total => TotalInput + TotalOutput + TotalUnits + Requests;

    /// <summary>
    /// Prices a call. For each class the most special price that is known counts: of the service tier for a prompt as long as this one, of such a prompt,
    /// of the service tier, the base. A class that has none pays that of a wider class: cache reads, cache writes, audio and image input pay as input, writes
    /// for an hour as writes, reasoning, audio and image output as output. (LiteLLM gives cached tokens away in that case.)
    /// The tier of a long prompt is chosen by all input tokens together and applies to the whole call.
    /// What is counted in a unit that has a price (an image, a second, a character) pays that, and its tokens nothing: it is never paid twice.
    /// </summary>
    /// <param name="usage">Tokens the call used.</param>
    /// <param name="price">Its prices; null if unknown.</param>
    /// <param name="serviceTier">Service tier that served it: <c>batch</c>, <c>flex</c>, <c>priority</c>; one without prices, and null, is the standard one.</param>
    /// <param name="requests">How many calls it were, for a price per call; at least 0.</param>
    /// <param name="units">What it used that is no token; null for nothing.</param>
    /// <returns>The cost; null if a price that is needed is unknown (unknown is never zero), or a count is negative or above <see cref="MaxTokens"/>.</returns>
    public static Cost? Of(in Usage usage, Price? price, string? serviceTier = null, long requests = 1, Units? units = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(requests);
        if (price is null || !IsPlausible(usage) || requests > MaxTokens || (units is not null && !UnitCost.IsPlausible(units)))
        {
            return null;
        }

        PriceList list = new(price, serviceTier, usage.TotalInput);
        UnitCost counted = units is null ? default : UnitCost.Of(units, list);
        bool hasTokenPrice = list.HasTokenPrice;
        if (usage.Total == 0 && !counted.Any && (!hasTokenPrice || units is not null) && list.PerRequest is null)
        {
            // A call without tokens under a price per image or second is not free: this price does not say what it costs.
            return null;
        }

        TokenClasses covered = counted.Any && !hasTokenPrice ? TokenClasses.All : counted.Covered;
        Tally tally = new(covered);
        Cost cost = new()
        {
            Input = usage.Input == 0 ? 0m : tally.Charge(usage.Input, list.Input, list.Input, TokenClasses.Input),
            CacheRead = usage.CacheRead == 0 ? 0m : tally.Charge(usage.CacheRead, list.CacheRead, list.Input, TokenClasses.CacheRead),
            CacheWrite = usage.CacheWrite == 0 ? 0m : tally.Charge(usage.CacheWrite, list.CacheWrite, list.Input, TokenClasses.CacheWrite),
            CacheWrite1h = usage.CacheWrite1h == 0 ? 0m : tally.Charge(usage.CacheWrite1h, list.CacheWrite1h, list.CacheWrite ?? list.Input, TokenClasses.CacheWrite1h),
            InputAudio = usage.InputAudio == 0 ? 0m : tally.Charge(usage.InputAudio, list.InputAudio, list.Input, TokenClasses.InputAudio),
            InputImage = usage.InputImage == 0 ? 0m : tally.Charge(usage.InputImage, list.InputImage, list.Input, TokenClasses.InputImage),
            Output = usage.Output == 0 ? 0m : tally.Charge(usage.Output, list.Output, list.Output, TokenClasses.Output),
            Reasoning = usage.Reasoning == 0 ? 0m : tally.Charge(usage.Reasoning, list.Reasoning, list.Output, TokenClasses.Reasoning),
            OutputAudio = usage.OutputAudio == 0 ? 0m : tally.Charge(usage.OutputAudio, list.OutputAudio, list.Output, TokenClasses.OutputAudio),
            OutputImage = usage.OutputImage == 0 ? 0m : tally.Charge(usage.OutputImage, list.OutputImage, list.Output, TokenClasses.OutputImage),
            Requests = (list.PerRequest ?? 0m) * requests,
            Images = counted.Images,
            InputImages = counted.InputImages,
            Seconds = counted.Seconds,
            Characters = counted.Characters,
            Services = counted.Services,
        };

        // Images that were made and have neither a price nor tokens are not free because the prompt has a price.
        bool unsaid = (counted.InputUnpriced && usage.TotalInput == 0) || (counted.OutputUnpriced && usage.TotalOutput == 0);
        return tally.Unknown || (unsaid && list.PerRequest is null) ? null : cost with { Substituted = tally.Substituted };
    }

    private static bool IsPlausible(in Usage usage) =>
        Fits(usage.Input) && Fits(usage.CacheRead) && Fits(usage.CacheWrite) && Fits(usage.CacheWrite1h) && Fits(usage.InputAudio) && Fits(usage.InputImage)
        && Fits(usage.Output) && Fits(usage.Reasoning) && Fits(usage.OutputAudio) && Fits(usage.OutputImage);

    private static bool Fits(long tokens) => tokens is >= 0 and <= MaxTokens;

    private ref struct Tally(TokenClasses covered)
    {
        public TokenClasses Substituted { get; private set; }

        public bool Unknown { get; private set; }

        public decimal Charge(long tokens, decimal? own, decimal? wider, TokenClasses tokenClass)
        {
            if ((covered & tokenClass) != TokenClasses.None)
            {
                return 0m;
            }

            if (own is null)
            {
                Substituted |= tokenClass;
                Unknown |= wider is null;
            }

            return tokens * (own ?? wider ?? 0m) / Million;
        }
    }
}
