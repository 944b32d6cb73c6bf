using System.IO.Compression;

namespace Interline.Attempts;

/// <summary>Undoes a content encoding that was not asked for: the gateway asks for none, and some proxies compress all the same.</summary>
internal static class UnaskedEncoding
{
    /// <summary>Whether an answer is encoded in a way that can be undone.</summary>
    /// <param name="response">The answer.</param>
    public static bool Is(HttpResponseMessage response) => Name(response) is "gzip" or "x-gzip" or "br" or "deflate";

    /// <summary>The body as it was meant; reading throws <see cref="InvalidDataException"/> where it is not what its encoding says.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="stream">Its body.</param>
    public static Stream Undo(HttpResponseMessage response, Stream stream) => Name(response) switch
    {
        "gzip" or "x-gzip" => new GZipStream(stream, CompressionMode.Decompress),
        "br" => new BrotliStream(stream, CompressionMode.Decompress),
        "deflate" => new ZLibStream(stream, CompressionMode.Decompress),
        _ => stream,
    };

    private static string? Name(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values) ? values.ToString().ToLowerInvariant() : null;
}
