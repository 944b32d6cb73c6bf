using Interline.Protocols;

namespace Interline.Core.Pricing;

/// <summary>What the units of a call cost, and which token classes say the same thing again.</summary>
internal ref struct UnitCost
{
    /// <summary>Images made.</summary>
    public decimal Images { get; private set; }

    /// <summary>Images read.</summary>
    public decimal InputImages { get; private set; }

    /// <summary>Seconds.</summary>
    public decimal Seconds { get; private set; }

    /// <summary>Characters.</summary>
    public decimal Characters { get; private set; }

    /// <summary>Queries, pages, sessions.</summary>
    public decimal Services { get; private set; }

    /// <summary>Whether any unit had a price.</summary>
    public bool Any { get; private set; }

    /// <summary>Token classes whose content was paid by the unit.</summary>
    public TokenClasses Covered { get; private set; }

    /// <summary>Whether something was read that is counted and has no price of its unit.</summary>
    public bool InputUnpriced { get; private set; }

    /// <summary>Whether something was made that is counted and has no price of its unit.</summary>
    public bool OutputUnpriced { get; private set; }

    /// <summary>Prices units.</summary>
    /// <param name="units">What was counted; plausible.</param>
    /// <param name="list">Prices.</param>
    public static UnitCost Of(Units units, in PriceList list)
    {
        UnitCost cost = default;
        cost.Images = units.Images == 0 ? 0m
            : list.PerImage(units) is { } perImage ? cost.Output(units.Images, perImage, TokenClasses.OutputImage)
            : cost.Output(units.Pixels, list.PerPixel, TokenClasses.OutputImage);
        cost.InputImages = cost.Input(units.InputImages, list.PerInputImage, TokenClasses.InputImage);
        cost.Seconds = cost.Input(units.InputSeconds, list.PerSecond, TokenClasses.InputAudio)
            + cost.Input(units.ComputeSeconds, list.PerSecond, TokenClasses.None)
            + cost.Input(units.InputVideoSeconds, list.PerVideoSecond, TokenClasses.None)
            + cost.Output(units.OutputSeconds, list.PerOutputSecond, TokenClasses.OutputAudio)
            + cost.Output(units.OutputVideoSeconds, list.PerOutputVideoSecond, TokenClasses.None);
        cost.Characters = (cost.Input(units.InputCharacters, list.PerMillionCharacters, TokenClasses.Input)
            + cost.Output(units.OutputCharacters, list.PerMillionOutputCharacters, TokenClasses.Output)) / 1_000_000m;
        cost.Services = cost.Input(units.Queries, list.PerQuery, TokenClasses.None)
            + cost.Input(units.Searches, list.PerSearch(units.SearchContext), TokenClasses.None)
            + cost.Input(units.Pages, list.PerPage, TokenClasses.None)
            + cost.Input(units.AnnotatedPages, list.PerAnnotatedPage, TokenClasses.None)
            + cost.Input(units.Sessions, list.PerSession, TokenClasses.None);
        return cost;
    }

    /// <summary>Whether counts can be: not negative, and not so large that a product leaves decimal.</summary>
    /// <param name="units">Counts.</param>
    public static bool IsPlausible(Units units) =>
        Fits(units.Images) && Fits(units.ImageWidth) && Fits(units.ImageHeight) && Fits(units.InputImages) && Fits(units.InputSeconds) && Fits(units.InputVideoSeconds)
        && Fits(units.OutputSeconds) && Fits(units.OutputVideoSeconds) && Fits(units.InputCharacters) && Fits(units.OutputCharacters) && Fits(units.Queries) && Fits(units.Searches) && Fits(units.ComputeSeconds)
        && Fits(units.Pages) && Fits(units.AnnotatedPages) && Fits(units.Sessions)
        && units is not { ImageWidth: > 1_000_000 } and not { ImageHeight: > 1_000_000 } and not { Images: > 1_000_000 };

    private static bool Fits(decimal count) => count is >= 0 and <= Cost.MaxTokens;

    private decimal Input(decimal count, decimal? price, TokenClasses same)
    {
        InputUnpriced |= count > 0 && price is null;
        return Charge(count, price, same);
    }

    private decimal Output(decimal count, decimal? price, TokenClasses same)
    {
        OutputUnpriced |= count > 0 && price is null;
        return Charge(count, price, same);
    }

    private decimal Charge(decimal count, decimal? price, TokenClasses same)
    {
        if (count == 0 || price is not { } known)
        {
            return 0m;
        }

        Any = true;
        Covered |= same;
        return count * known;
    }
}
