using System.Collections.Immutable;
using Interline.Protocols;

namespace Interline.Core.Pricing;

/// <summary>What an image of some size or quality costs, where that differs from <see cref="Price.PerImage"/>.</summary>
/// <param name="AboveSide">Applies to images with more pixels than a square of this side; 0 applies to every size.</param>
/// <param name="Premium">Applies to images of premium quality only (<c>hd</c>, <c>high</c>, <c>premium</c>); false applies to every quality.</param>
/// <param name="PerImage">USD for each image.</param>
public readonly record struct ImagePrice(long AboveSide, bool Premium, decimal PerImage)
{
    /// <summary>The most special price that applies: a larger size before a smaller one, then quality.</summary>
    /// <param name="prices">Prices in any order.</param>
    /// <param name="units">The images.</param>
    /// <returns>USD for each; null if none applies.</returns>
    public static decimal? Of(ImmutableArray<ImagePrice> prices, Units units)
    {
        ImagePrice? best = null;
        decimal pixels = units.Images == 0 ? 0 : units.Pixels / units.Images;
        foreach (ImagePrice price in prices)
        {
            bool applies = (price.AboveSide == 0 || pixels > (decimal)price.AboveSide * price.AboveSide) && (!price.Premium || IsPremium(units.ImageQuality));
            if (applies && (best is not { } other || price.AboveSide > other.AboveSide || (price.AboveSide == other.AboveSide && price.Premium)))
            {
                best = price;
            }
        }

        return best?.PerImage;
    }

    private static bool IsPremium(string? quality) =>
        quality is not null && (quality.Equals("hd", StringComparison.OrdinalIgnoreCase) || quality.Equals("high", StringComparison.OrdinalIgnoreCase)
            || quality.Equals("premium", StringComparison.OrdinalIgnoreCase));
}
