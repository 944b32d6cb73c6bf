using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>Anthropic's error envelope <c>{"type":"error","error":{"type","message"}}</c>. Source: Anthropic's API description, <c>ErrorResponse</c>.</summary>
public static class AnthropicErrors
{
    /// <summary>Writes the envelope.</summary>
    /// <param name="error">The error.</param>
    public static byte[] Write(ApiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, TypeOf(error));
            json.WriteString("message"u8, error.Message);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string TypeOf(ApiError error) => error.Status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        < 500 => "invalid_request_error",
        _ => "api_error",
    };
}
