namespace Interline.Protocols.OpenAIChat;

/// <summary>OpenAI's words for sound formats and their media types.</summary>
internal static class MediaTypes
{
    /// <summary>The media type of a word such as <c>mp3</c>.</summary>
    public static string OfAudio(string word) => word switch
    {
        "mp3" => "audio/mpeg",
        "pcm16" => "audio/L16",
        _ => "audio/" + word,
    };

    /// <summary>The word for a media type; null for one that is no sound.</summary>
    public static string? AudioWord(string? mediaType) => mediaType switch
    {
        "audio/mpeg" or "audio/mp3" => "mp3",
        "audio/x-wav" or "audio/wave" => "wav",
        "audio/L16" => "pcm16",
        _ => mediaType is not null && mediaType.StartsWith("audio/", StringComparison.Ordinal) ? mediaType[6..] : null,
    };
}
