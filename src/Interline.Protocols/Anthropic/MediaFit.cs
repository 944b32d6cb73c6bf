using System.Text;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>Makes images and documents of another format ones that Anthropic takes. Source: Anthropic's API description, the sources of images and documents.</summary>
internal static class MediaFit
{
    /// <summary>Fits <paramref name="media"/>; null if it is left out.</summary>
    public static MediaPart? Fit(MediaPart media, Writing writing, string path)
    {
        MediaSource? source = media is ImagePart ? Image(media.Source) : Document(media);
        if (source is null)
        {
            string what = media.Source is FileSource ? "a file that was uploaded to another provider" : "this kind of file";
            writing.Drop(path, $"Anthropic cannot be given {what}");
            return null;
        }

        if (media is ImagePart { Detail: not (null or "auto") })
        {
            writing.Drop($"{path}.image_url.detail", "Anthropic looks at all images alike");
        }

        if (media.MediaType is not null)
        {
            writing.Drop($"{path}.media_type", "Anthropic finds out by itself what an address holds");
        }

        return media is ImagePart image
            ? image with { Source = source, Detail = null, MediaType = null }
            : (DocumentPart)media with { Source = Fitted(source, writing, path), MediaType = null };
    }

    private static MediaSource? Image(MediaSource source) => source switch
    {
        UrlSource { Url: var url } when IsWeb(url) => source,
        InlineSource { MediaType: "image/jpg" } inline => inline with { MediaType = "image/jpeg" },
        InlineSource { MediaType: "image/jpeg" or "image/png" or "image/gif" or "image/webp" } => source,
        _ => null,
    };

    private static MediaSource? Document(MediaPart media) => media.Source switch
    {
        UrlSource { Url: var url } when IsWeb(url) => media.Source,
        InlineSource { MediaType: null or "application/pdf" } inline => inline with { MediaType = "application/pdf" },
        InlineSource { MediaType: { } type } inline when type.StartsWith("text/", StringComparison.Ordinal) => Decoded(inline),
        TextSource or PartsSource => media.Source,
        _ => null,
    };

    private static MediaSource Fitted(MediaSource source, Writing writing, string path) => source is PartsSource parts
        ? new PartsSource(PartFit.FitAll(parts.Parts, Place.Result, writing, path + ".source.content"))
        : source;

    private static bool IsWeb(string url) => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A text file's text; null if it is no base64.</summary>
    private static TextSource? Decoded(InlineSource inline)
    {
        byte[] bytes = new byte[inline.Base64.Length];
        return System.Buffers.Text.Base64.DecodeFromUtf8(inline.Base64.Span, bytes, out _, out int length) == System.Buffers.OperationStatus.Done
            ? new TextSource(Encoding.UTF8.GetString(bytes, 0, length))
            : null;
    }
}
