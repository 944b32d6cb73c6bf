using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.Anthropic;

/// <summary>Anthropic's error envelope <c>{"type":"error","error":{"type","message"},"request_id"}</c>. Source: Anthropic's API description, <c>ErrorResponse</c>.</summary>
public static class AnthropicErrors
{
    /// <summary>Reads an error body: the envelope, or whatever a server of this format answers with instead (OpenAI's envelope, a text, a web page).</summary>
    /// <param name="status">HTTP status; 0 for an error inside a 200 or a stream, whose status then follows from its type, or is 502.</param>
    /// <param name="body">The body, possibly cut, possibly not JSON.</param>
    public static UpstreamError Read(int status, ReadOnlySpan<byte> body)
    {
        (bool isEnvelope, string? type, string? code) = Look(body);
        UpstreamError read = ErrorBody.Read(status > 0 ? status : StatusOf(type) ?? 0, body);
        ApiError error = read.Error;
        error = error with { Kind = KindOf(type, code) ?? error.Kind, Type = type ?? error.Type, Code = error.Code ?? code };
        return new UpstreamError(error, isEnvelope && read.InFormat);
    }

    /// <summary>Writes the envelope.</summary>
    /// <param name="error">The error.</param>
    public static byte[] Write(ApiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, FormatWriting.Options))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "error"u8);
            json.WriteStartObject("error"u8);
            json.WriteString("type"u8, TypeOf(error));
            json.WriteString("message"u8, error.Message);
            if (error.Limit is { } limit)
            {
                json.WriteStartObject("details"u8);
                json.WriteString("error_code"u8, error.Code);
                LimitWriting.Members(json, limit);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the envelope as a stream's <c>error</c> event, framing included.</summary>
    /// <param name="error">The error.</param>
    public static byte[] WriteEvent(ApiError error) => [.. "event: error\ndata: "u8, .. Write(error), .. "\n\n"u8];

    /// <summary>The type: the status decides where it has one of its own, then the provider's word, then the kind.</summary>
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
        _ when StatusOf(error.Type) is not null => error.Type!,
        _ => error.Kind switch
        {
            ErrorKind.NotFound => "not_found_error",
            ErrorKind.Authentication => "authentication_error",
            ErrorKind.Permission => "permission_error",
            ErrorKind.QuotaExhausted => "billing_error",
            ErrorKind.RateLimit => "rate_limit_error",
            ErrorKind.Overloaded => "overloaded_error",
            ErrorKind.Timeout => "timeout_error",
            _ => error.Status < 500 ? "invalid_request_error" : "api_error",
        },
    };

    /// <summary>The status that goes with a type; null for one that is none of Anthropic's.</summary>
    private static int? StatusOf(string? type) => type switch
    {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "api_error" => 500,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => null,
    };

    /// <summary>The kind where type or code say more than the status.</summary>
    private static ErrorKind? KindOf(string? type, string? code) => (code, type) switch
    {
        ("enforced_spend_limit_reached", _) or (_, "billing_error") => ErrorKind.QuotaExhausted,
        (_, "overloaded_error") => ErrorKind.Overloaded,
        (_, "timeout_error") => ErrorKind.Timeout,
        _ => null,
    };

    private static (bool IsEnvelope, string? Type, string? Code) Look(ReadOnlySpan<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body.ToArray(), new JsonDocumentOptions { MaxDepth = JsonPeek.MaxDepth });
            JsonElement root = document.RootElement;
            JsonElement error = default;
            bool found = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("error", out error) && error.ValueKind == JsonValueKind.Object;
            return found
                ? (Text(root, "type") is "error", Text(error, "type"), error.TryGetProperty("details", out JsonElement details) ? Text(details, "error_code") : null)
                : default;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is an escaped half of a surrogate pair.
            return default;
        }
    }

    private static string? Text(JsonElement at, string name) =>
        at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
