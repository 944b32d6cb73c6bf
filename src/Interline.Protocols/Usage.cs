namespace Interline.Protocols;

/// <summary>
/// What one call used, as token classes that do not overlap and add up: every token is counted in exactly one class.
/// Wire formats that count a class inside another (OpenAI's cached tokens inside <c>prompt_tokens</c>, its reasoning tokens inside
/// <c>completion_tokens</c>) are split when read and joined again when written.
/// All counts are at least 0.
/// </summary>
public readonly record struct Usage
{
    /// <summary>Input tokens in none of the other input classes: text read fresh.</summary>
    public long Input { get; init; }

    /// <summary>Input tokens served from the provider's prompt cache.</summary>
    public long CacheRead { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache with its short (five-minute or only) lifetime.</summary>
    public long CacheWrite { get; init; }

    /// <summary>Input tokens written to the provider's prompt cache with a lifetime of one hour.</summary>
    public long CacheWrite1h { get; init; }

    /// <summary>Input tokens that are audio.</summary>
    public long InputAudio { get; init; }

    /// <summary>Input tokens that are images, where the provider counts them apart.</summary>
    public long InputImage { get; init; }

    /// <summary>Output tokens in none of the other output classes: visible text and tool calls.</summary>
    public long Output { get; init; }

    /// <summary>Output tokens spent on reasoning, shown or hidden.</summary>
    public long Reasoning { get; init; }

    /// <summary>Output tokens that are audio.</summary>
    public long OutputAudio { get; init; }

    /// <summary>Output tokens that are images.</summary>
    public long OutputImage { get; init; }

    /// <summary>All input tokens.</summary>
    public long TotalInput => Input + CacheRead + CacheWrite + CacheWrite1h + InputAudio + InputImage;

    /// <summary>All output tokens.</summary>
    public long TotalOutput => Output + Reasoning + OutputAudio + OutputImage;

    /// <summary>All tokens.</summary>
    public long Total => TotalInput + TotalOutput;

    /// <summary>What two calls used together, class by class.</summary>
    /// <param name="other">The other.</param>
    public Usage Plus(in Usage other) => new()
    {
        Input = Input + other.Input,
        CacheRead = CacheRead + other.CacheRead,
        CacheWrite = CacheWrite + other.CacheWrite,
        CacheWrite1h = CacheWrite1h + other.CacheWrite1h,
        InputAudio = InputAudio + other.InputAudio,
        InputImage = InputImage + other.InputImage,
        Output = Output + other.Output,
        Reasoning = Reasoning + other.Reasoning,
        OutputAudio = OutputAudio + other.OutputAudio,
        OutputImage = OutputImage + other.OutputImage,
    };
}
