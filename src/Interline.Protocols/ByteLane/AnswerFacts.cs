using Interline.Protocols.Errors;

namespace Interline.Protocols.ByteLane;

/// <summary>What a pass over a whole plain answer found.</summary>
public readonly record struct AnswerFacts
{
    /// <summary>Whether it is a JSON document of the format's kind at all.</summary>
    public required bool Valid { get; init; }

    /// <summary>Usage, where the answer states it.</summary>
    public Usage? Usage { get; init; }

    /// <summary>What it made or read that is no token, where the answer lets it be counted.</summary>
    public Units? Units { get; init; }

    /// <summary>Why it ended.</summary>
    public FinishReason Finish { get; init; }

    /// <summary>Tier that served it, where the answer says.</summary>
    public string? ServiceTier { get; init; }

    /// <summary>An error inside a 200, as some providers answer.</summary>
    public ApiError? Error { get; init; }
}
