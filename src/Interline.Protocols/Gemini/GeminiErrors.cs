using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>Google's error envelope <c>{"error":{"code","message","status"}}</c>. Source: <c>google.rpc.Status</c> and its canonical codes.</summary>
public static class GeminiErrors
{
    /// <summary>Writes the envelope.</summary>
    /// <param name="error">The error.</param>
    public static byte[] Write(ApiError error)
    {
        ArgumentNullException.ThrowIfNull(error);
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteNumber("code"u8, error.Status);
            json.WriteString("message"u8, error.Message);
            json.WriteString("status"u8, StatusOf(error.Status));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string StatusOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        501 => "UNIMPLEMENTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        < 500 => "INVALID_ARGUMENT",
        _ => "INTERNAL",
    };
}
