using Interline.Protocols.Conversation;

namespace Interline.Protocols.Gemini;

/// <summary>Turns parts of other formats into such as Gemini has, and reports what is lost on the way.</summary>
internal sealed class PartAdapter(Writing writing)
{
    public const string NoMarks = "Gemini caches prompts by itself and takes no marks";

    /// <summary>Adapts parts.</summary>
    public void Add(IReadOnlyList<Part> parts, List<Part> into, string path)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            Add(parts[i], into, $"{path}[{i}]");
        }
    }

    /// <summary>Adapts a part, to none or several.</summary>
    public void Add(Part part, List<Part> into, string path)
    {
        if (Writing.Ours(part.Native))
        {
            into.Add(part);
            return;
        }

        writing.Losses.AddForeign(part.Native, WireFormat.Gemini, path);
        if (part.Cache is not null)
        {
            writing.Drop($"{path}.cache_control", NoMarks);
        }

        ReportNames(part, writing, path);
        switch (part)
        {
            case TextPart text:
                AddText(text, into, path);
                break;
            case RefusalPart refusal:
                writing.Losses.Add(path, LossAction.Emulated, "Gemini has no refusals: it is told as text");
                into.Add(new TextPart(refusal.Text));
                break;
            case ReasoningPart reasoning:
                AddReasoning(reasoning, into, path);
                break;
            case ToolCallPart call:
                AddCall(call, into, path);
                break;
            case MediaPart media:
                AddMedia(media, into, path);
                break;
            case OpaquePart { Format: WireFormat.Gemini } opaque:
                into.Add(opaque);
                break;
            default:
                writing.Drop(path, $"Gemini has no place for {(part is OpaquePart other ? other.Type : part.GetType().Name)} here");
                break;
        }
    }

    /// <summary>Reports ids of parts, and whose signature it is: Gemini knows its own only.</summary>
    public static void ReportNames(Part part, Writing writing, string path)
    {
        string? id = (part as ReasoningPart)?.Id ?? (part as AudioPart)?.Id ?? (part as ToolCallPart)?.ItemId;
        if (id is not null && part is not AudioPart { Source: FileSource })
        {
            writing.Drop($"{path}.id", "Gemini's parts have no id of their own");
        }

        if (writing.IsAnswer && part is ReasoningPart { SignedBy: { } signer } && signer is not PartReader.Signer)
        {
            writing.Drop($"{path}.format", "Gemini does not say whose signature it is");
        }
    }

    private void AddText(TextPart text, List<Part> into, string path)
    {
        if (text.Citations.Count > 0 && !writing.IsAnswer)
        {
            writing.Drop($"{path}.citations", "Gemini takes no sources of earlier answers back");
            foreach (Citation citation in text.Citations)
            {
                writing.Losses.AddForeign(citation, WireFormat.Gemini, $"{path}.citations");
            }
        }

        if (text.Text.Length > 0 || text.Signature is not null)
        {
            into.Add(text);
        }
    }

    /// <summary>An answer's reasoning is told as thought. Of a request only what Gemini signed goes back: it refuses others' signatures, and takes unsigned thoughts for talk.</summary>
    private void AddReasoning(ReasoningPart reasoning, List<Part> into, string path)
    {
        if (writing.IsAnswer)
        {
            if (reasoning.Encrypted is not null)
            {
                writing.Drop($"{path}.encrypted", "Gemini has no encrypted reasoning");
            }

            if (reasoning.Text.Length > 0 || reasoning.Signature is not null)
            {
                into.Add(reasoning);
            }
        }
        else if (reasoning is { Signature: not null, SignedBy: PartReader.Signer })
        {
            into.Add(reasoning);
        }
        else
        {
            writing.Drop($"{path}.reasoning", "Gemini takes back only reasoning that it signed itself");
        }
    }

    private void AddCall(ToolCallPart call, List<Part> into, string path)
    {
        if (call.Arguments.Length > 0 && !ResponseJson.IsObject(call.Arguments))
        {
            writing.Losses.Add($"{path}.arguments", call.IsCustom ? LossAction.Emulated : LossAction.Changed, "Gemini's arguments are an object: the text stands in its field 'input'");
        }

        into.Add(call);
    }

    private void AddMedia(MediaPart media, List<Part> into, string path)
    {
        ReportAttributes(media, path);
        switch (media.Source)
        {
            case InlineSource inline:
                string? type = inline.MediaType ?? media.MediaType ?? MediaTypes.OfContent(inline.Base64.Span) ?? MediaTypes.Usual(media);
                into.Add(media with { Source = inline with { MediaType = type } });
                break;
            case UrlSource url:
                into.Add(media with { MediaType = media.MediaType ?? MediaTypes.OfName(url.Url) });
                break;
            case FileSource { FileId: var id } when id.StartsWith("files/", StringComparison.Ordinal) || id.StartsWith("https://", StringComparison.Ordinal):
                into.Add(media);
                break;
            case TextSource text:
                writing.Losses.Add(path, LossAction.Emulated, "a document of plain text is told as text");
                into.Add(new TextPart(text.Text));
                break;
            case PartsSource parts:
                writing.Losses.Add(path, LossAction.Emulated, "the parts of a document stand by themselves");
                Add(parts.Parts, into, $"{path}.source.content");
                break;
            case FileSource when media is AudioPart { Transcript: { Length: > 0 } transcript }:
                writing.Losses.Add(path, LossAction.Emulated, "a spoken answer kept by another provider is told as its text");
                into.Add(new TextPart(transcript));
                break;
            default:
                writing.Drop(path, "the file is kept by another provider");
                break;
        }
    }

    private void ReportAttributes(MediaPart media, string path)
    {
        switch (media)
        {
            case ImagePart { Detail: { } detail } when detail is not "auto":
                writing.Drop($"{path}.detail", "how closely Gemini looks is a setting of the whole request");
                break;
            case AudioPart { Transcript: not null } when media.Source is not FileSource:
                writing.Drop($"{path}.transcript", "Gemini has no transcript beside sound");
                break;
            case DocumentPart document:
                Report(document.Title is not null, $"{path}.title", "Gemini's documents have no name");
                Report(document.Context is not null, $"{path}.context", "Gemini's documents have no context");
                Report(document.Citations == true, $"{path}.citations", "Gemini does not cite documents on request");
                break;
            default:
                break;
        }
    }

    private void Report(bool lost, string field, string why)
    {
        if (lost)
        {
            writing.Drop(field, why);
        }
    }
}

/// <summary>Media types where another format said none; Gemini wants one with all content.</summary>
internal static class MediaTypes
{
    /// <summary>The media type that the first bytes tell; null if they are of none known.</summary>
    /// <param name="base64">The content in base64.</param>
    public static string? OfContent(ReadOnlySpan<byte> base64) =>
        base64.StartsWith("iVBOR"u8) ? "image/png"
        : base64.StartsWith("/9j/"u8) ? "image/jpeg"
        : base64.StartsWith("R0lG"u8) ? "image/gif"
        : base64.StartsWith("UklG"u8) ? "image/webp"
        : base64.StartsWith("JVBE"u8) ? "application/pdf"
        : null;

    /// <summary>The usual media type of a kind of part.</summary>
    public static string Usual(MediaPart part) => part switch
    {
        ImagePart => "image/jpeg",
        AudioPart => "audio/wav",
        VideoPart => "video/mp4",
        _ => "application/pdf",
    };

    /// <summary>The media type that the ending of an address tells; null if none.</summary>
    public static string? OfName(string url)
    {
        int end = url.AsSpan().IndexOfAny('?', '#');
        ReadOnlySpan<char> path = end < 0 ? url : url.AsSpan(0, end);
        int dot = path.LastIndexOf('.');
        Span<char> lower = stackalloc char[8];
        if (dot < 0 || path.Length - dot - 1 > lower.Length)
        {
            return null;
        }

        int length = path[(dot + 1)..].ToLowerInvariant(lower);
        return lower[..length] switch
        {
            "png" => "image/png",
            "jpg" or "jpeg" => "image/jpeg",
            "gif" => "image/gif",
            "webp" => "image/webp",
            "pdf" => "application/pdf",
            "mp3" => "audio/mpeg",
            "wav" => "audio/wav",
            "mp4" => "video/mp4",
            "txt" => "text/plain",
            _ => null,
        };
    }
}
