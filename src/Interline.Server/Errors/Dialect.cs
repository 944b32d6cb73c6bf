using Interline.Protocols.Anthropic;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Server.Errors;

/// <summary>The error envelope a caller understands, by the path it called: also callers of a path that is not served get an error they can read.</summary>
public enum Dialect
{
    /// <summary>OpenAI's envelope; the default.</summary>
    OpenAI,

    /// <summary>Anthropic's envelope, on its paths.</summary>
    Anthropic,
}

/// <summary>Chooses and writes envelopes.</summary>
public static class Dialects
{
    /// <summary>The dialect of a path.</summary>
    /// <param name="path">Request path.</param>
    public static Dialect Of(string path) => path.StartsWith("/v1/messages", StringComparison.Ordinal) || path.StartsWith("/anthropic/", StringComparison.Ordinal) ? Dialect.Anthropic : Dialect.OpenAI;

    /// <summary>Writes an error body.</summary>
    /// <param name="dialect">Dialect.</param>
    /// <param name="error">The error.</param>
    public static byte[] Write(this Dialect dialect, ApiError error) => dialect == Dialect.Anthropic ? AnthropicErrors.Write(error) : ErrorBody.Write(error);
}
