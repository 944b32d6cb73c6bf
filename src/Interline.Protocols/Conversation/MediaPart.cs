namespace Interline.Protocols.Conversation;

/// <summary>Where the bytes of a medium are. The kinds are the records of this file.</summary>
public abstract record MediaSource;

/// <summary>At an address: https, or a provider's own scheme (<c>gs:</c>, <c>s3:</c>).</summary>
/// <param name="Url">The address as given.</param>
public sealed record UrlSource(string Url) : MediaSource;

/// <summary>In the request itself.</summary>
/// <param name="MediaType">Such as <c>image/png</c>, with its parameters if any; null if not said.</param>
/// <param name="Base64">The content in base64 as given, in ASCII.</param>
public sealed record InlineSource(string? MediaType, ReadOnlyMemory<byte> Base64) : MediaSource;

/// <summary>Uploaded before, or kept by the provider.</summary>
/// <param name="FileId">The provider's id.</param>
public sealed record FileSource(string FileId) : MediaSource;

/// <summary>A document that is plain text (Anthropic).</summary>
/// <param name="Text">The text.</param>
public sealed record TextSource(string Text) : MediaSource;

/// <summary>A document made of parts (Anthropic's content source, Cohere's documents).</summary>
/// <param name="Parts">Text and images.</param>
public sealed record PartsSource(IReadOnlyList<Part> Parts) : MediaSource;

/// <summary>Something other than text.</summary>
/// <param name="Source">Where its bytes are.</param>
public abstract record MediaPart(MediaSource Source) : Part
{
    /// <summary>The media type where the source cannot say it (a file by address); null if not said.</summary>
    public string? MediaType { get; init; }
}

/// <summary>An image.</summary>
/// <param name="Source">Where its bytes are.</param>
public sealed record ImagePart(MediaSource Source) : MediaPart(Source)
{
    /// <summary>How closely to look: <c>low</c>, <c>high</c>, <c>auto</c>, … as given.</summary>
    public string? Detail { get; init; }
}

/// <summary>A document: PDF, text, office file.</summary>
/// <param name="Source">Where its bytes are.</param>
public sealed record DocumentPart(MediaSource Source) : MediaPart(Source)
{
    /// <summary>Its title or file name.</summary>
    public string? Title { get; init; }

    /// <summary>What the model is told about it beside the title.</summary>
    public string? Context { get; init; }

    /// <summary>Whether answers shall cite it; null if not said.</summary>
    public bool? Citations { get; init; }
}

/// <summary>Sound: given, or spoken by the model.</summary>
/// <param name="Source">Where its bytes are.</param>
public sealed record AudioPart(MediaSource Source) : MediaPart(Source)
{
    /// <summary>The provider's id of a spoken answer, to refer to it later.</summary>
    public string? Id { get; init; }

    /// <summary>What is said, as text.</summary>
    public string? Transcript { get; init; }
}

/// <summary>A film.</summary>
/// <param name="Source">Where its bytes are.</param>
public sealed record VideoPart(MediaSource Source) : MediaPart(Source);
