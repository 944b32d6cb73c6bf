using Interline.Core.Pricing;
using Interline.Protocols;

namespace Interline.Core.Budgets;

/// <summary>How large a call can get.</summary>
public readonly record struct CallSize
{
    /// <summary>Most input tokens: the bytes of a text, for no text has more tokens than bytes.</summary>
    public long InputTokens { get; init; }

    /// <summary>Most output tokens, all choices together; 0 for operations that answer without a text.</summary>
    public long OutputTokens { get; init; }

    /// <summary>Most tokens of images made, all together.</summary>
    public long ImageTokens { get; init; }

    /// <summary>Service tier asked for; null if none.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>Images asked for, of operations that make them.</summary>
    public long Images { get; init; }

    /// <summary>Their pixels, all together, where they are paid by them.</summary>
    public decimal Pixels { get; init; }

    /// <summary>Most searches of the web.</summary>
    public long Searches { get; init; }

    /// <summary>Most seconds of sound, of operations that make it.</summary>
    public long OutputSeconds { get; init; }

    /// <summary>Most seconds of sound, of operations that read it.</summary>
    public long Seconds { get; init; }

    /// <summary>Most characters, of operations that are paid by them.</summary>
    public long Characters { get; init; }

    /// <summary>All tokens.</summary>
    public long Tokens => InputTokens + OutputTokens + ImageTokens;
}

/// <summary>What a call can cost at most, before it is made: what is set aside for it.</summary>
public static class WorstCase
{
    /// <summary>Output tokens of a model of which nothing is known: more than nearly all answers, and what many models have as their maximum.</summary>
    public const long UnknownMaxOutput = 16_384;

    /// <summary>
    /// Most output tokens of a call: what the caller allows; else what ninety-nine of a hundred of its answers did not exceed; else the model's maximum; else
    /// <see cref="UnknownMaxOutput"/>. Times the number of choices.
    /// </summary>
    /// <param name="allowed">The caller's limit for one choice; 0 if it gave none.</param>
    /// <param name="choices">Choices asked for; 0 counts as 1.</param>
    /// <param name="learned">What was learned; null if nothing was yet.</param>
    /// <param name="model">The model's maximum for one choice; null if unknown.</param>
    public static long OutputTokens(long allowed, int choices, long? learned, long? model)
    {
        long one = allowed > 0 ? allowed : learned is { } usual ? Math.Min(usual, model ?? usual) : model ?? UnknownMaxOutput;
        one = Math.Min(one, Cost.MaxTokens);
        return choices > 1 ? Math.Min(Cost.MaxTokens, one * choices) : one;
    }

    /// <summary>
    /// Most that a call of a size can cost. Input pays the dearest of fresh input and cache writes, output the dearest of text and reasoning, each at the dearer of the
    /// service tier asked for and the standard one, for a provider may serve either; long prompts by the size of the estimate; prices per call, image, second and character on top.
    /// </summary>
    /// <param name="size">The size.</param>
    /// <param name="price">Prices; null if unknown.</param>
    /// <returns>USD; null if a price that is needed is unknown.</returns>
    public static decimal? Usd(in CallSize size, Price? price)
    {
        if (price is null)
        {
            return null;
        }

        decimal others = Others(size, price);
        decimal? tokens = Tokens(size, price, null);
        if (size.ServiceTier is { } tier && price.ServiceTiers.Count > 0)
        {
            tokens = Larger(tokens, Tokens(size, price, tier));
        }

        return tokens is { } usd ? usd + others : others > 0 ? others : null;
    }

    /// <summary>Whether a price says that calls are free: explicit zeros for input and output, and nothing else that costs.</summary>
    /// <param name="price">Prices; null if unknown, which is never free.</param>
    public static bool IsFree(Price? price) =>
        price is { Input: 0, Output: 0, PerRequest: null or 0, PerImage: null or 0, PerSecond: null or 0, PerMillionCharacters: null or 0, PerQuery: null or 0 }
            and { PerPixel: null or 0, PerOutputPixel: null or 0, PerOutputSecond: null or 0, PerMillionOutputCharacters: null or 0, PerSearchLow: null or 0, PerSearchMedium: null or 0, PerSearchHigh: null or 0, Images.IsEmpty: true };

    /// <summary>What is paid by other units than tokens, each at the dearest price that may apply.</summary>
    private static decimal Others(in CallSize size, Price price)
    {
        decimal usd = 0;
        if (size.Images > 0)
        {
            decimal each = price.PerImage ?? 0;
            foreach (ImagePrice special in price.Images)
            {
                each = Math.Max(each, special.PerImage);
            }

            usd = (each * size.Images) + (((price.PerPixel ?? 0) + (price.PerOutputPixel ?? 0)) * size.Pixels);
        }

        if (size.Searches > 0)
        {
            usd += size.Searches * Math.Max(price.PerSearchLow ?? 0, Math.Max(price.PerSearchMedium ?? 0, price.PerSearchHigh ?? 0));
        }

        if ((size.Seconds | size.OutputSeconds | size.Characters) == 0)
        {
            return usd;
        }

        return usd + (Math.Max(price.PerSecond ?? 0, price.PerOutputSecond ?? 0) * size.Seconds) + ((price.PerOutputSecond ?? 0) * size.OutputSeconds)
            + (((price.PerMillionCharacters ?? 0) + (price.PerMillionOutputCharacters ?? 0)) * size.Characters / 1_000_000m);
    }

    private static decimal? Tokens(in CallSize size, Price price, string? tier)
    {
        if (tier is null && price.Tiers.IsEmpty && size.ImageTokens == 0 && price is { Input: { } input, Output: { } output } && Math.Max(size.InputTokens, size.OutputTokens) <= Cost.MaxTokens)
        {
            return Tokens(size, price, input, output);
        }

        if (Cost.Of(new Usage { Input = size.InputTokens, Output = size.OutputTokens, OutputImage = size.ImageTokens }, price, tier) is not { } usual)
        {
            return null;
        }

        // A class without a price of its own pays that of a wider one, so this is never less than the wider one's.
        bool hours = price.CacheWrite1h is not null || price.Tiers.Any(static x => x.Price.CacheWrite1h is not null);
        var dear = new Usage { CacheWrite = hours ? 0 : size.InputTokens, CacheWrite1h = hours ? size.InputTokens : 0, Reasoning = size.OutputTokens, OutputImage = size.ImageTokens };
        if (Cost.Of(dear, price, tier) is not { } other)
        {
            return usual.Total;
        }

        // Text is no sound, however dear its sound is; what reads sound has nothing else.
        bool heard = size.Seconds > 0;
        var spoken = new Usage { Input = heard ? 0 : size.InputTokens, InputAudio = heard ? size.InputTokens : 0, OutputAudio = size.OutputTokens, OutputImage = size.ImageTokens };
        Cost sound = Cost.Of(spoken, price, tier) ?? usual;
        return Math.Max(Math.Max(usual.TotalInput, other.TotalInput), sound.TotalInput) + Math.Max(Math.Max(usual.TotalOutput, other.TotalOutput), sound.TotalOutput) + usual.Requests;
    }

    /// <summary>The same for text where no price depends on the length of the prompt: the dearest price of each side, instead of pricing three calls. On the way of each call.</summary>
    private static decimal Tokens(in CallSize size, Price price, decimal input, decimal output)
    {
        decimal written = price.CacheWrite1h ?? price.CacheWrite ?? input;
        decimal heard = size.Seconds > 0 ? price.InputAudio ?? input : input;
        decimal dearIn = Math.Max(input, Math.Max(written, heard));
        decimal dearOut = Math.Max(output, Math.Max(price.Reasoning ?? output, price.OutputAudio ?? output));
        return (size.InputTokens * dearIn / 1_000_000m) + (size.OutputTokens * dearOut / 1_000_000m) + (price.PerRequest ?? 0);
    }

    private static decimal? Larger(decimal? one, decimal? other) => one is null || other > one ? other ?? one : one;
}
