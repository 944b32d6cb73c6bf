namespace Interline.Protocols;

/// <summary>
/// What one call used that is no token: what an operation counts beside <see cref="Usage"/>, or in its place. All counts are at least 0; 0 is nothing of it.
/// A class and not a struct, because the calls that have none, which are nearly all, then carry a null.
/// </summary>
public sealed record Units
{
    /// <summary>Side of an image whose size nobody says, in pixels. Source: OpenAI's API description, default of <c>CreateImageRequest.size</c>.</summary>
    public const long DefaultImageSide = 1024;

    /// <summary>Images made.</summary>
    public long Images { get; init; }

    /// <summary>Width of each, in pixels; 0 if not said.</summary>
    public long ImageWidth { get; init; }

    /// <summary>Height of each, in pixels; 0 if not said.</summary>
    public long ImageHeight { get; init; }

    /// <summary>Their quality in the provider's word, such as <c>hd</c>; null if not said.</summary>
    public string? ImageQuality { get; init; }

    /// <summary>Images read.</summary>
    public long InputImages { get; init; }

    /// <summary>Seconds of audio read.</summary>
    public decimal InputSeconds { get; init; }

    /// <summary>Seconds from the request to the end of the answer, for models that are priced by that.</summary>
    public decimal ComputeSeconds { get; init; }

    /// <summary>Seconds of video read.</summary>
    public decimal InputVideoSeconds { get; init; }

    /// <summary>Seconds of audio made.</summary>
    public decimal OutputSeconds { get; init; }

    /// <summary>Seconds of video made.</summary>
    public decimal OutputVideoSeconds { get; init; }

    /// <summary>Characters read (Unicode code points).</summary>
    public long InputCharacters { get; init; }

    /// <summary>Characters written.</summary>
    public long OutputCharacters { get; init; }

    /// <summary>Search queries, or search units of a rerank.</summary>
    public long Queries { get; init; }

    /// <summary>Web searches the provider made for the answer.</summary>
    public long Searches { get; init; }

    /// <summary>Size of their context: <c>low</c>, <c>medium</c>, <c>high</c>; null if not said.</summary>
    public string? SearchContext { get; init; }

    /// <summary>Pages read.</summary>
    public long Pages { get; init; }

    /// <summary>Pages annotated.</summary>
    public long AnnotatedPages { get; init; }

    /// <summary>Sessions of a code interpreter.</summary>
    public long Sessions { get; init; }

    /// <summary>Pixels of all images made; an image of unknown size has <see cref="DefaultImageSide"/> squared.</summary>
    public decimal Pixels => (decimal)Images * (ImageWidth > 0 ? ImageWidth : DefaultImageSide) * (ImageHeight > 0 ? ImageHeight : DefaultImageSide);
}
