using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAI;

/// <summary>
/// The error envelope <c>{"error":{"message","type","param","code"}}</c>, and the many bodies that providers of this format answer with instead:
/// <c>{"detail":…}</c> (Mistral), <c>{"code","error":"text"}</c> (xAI), <c>{"errors":[…]}</c> (proxies), a bare text, HTML, nothing.
/// </summary>
public static class ErrorBody
{
    private const int MaxText = 2000;

    /// <summary>Reads an error body.</summary>
    /// <param name="status">HTTP status; 0 for an error inside a 200 or a stream, whose status is then taken from the body or 502.</param>
    /// <param name="body">The body.</param>
    public static UpstreamError Read(int status, ReadOnlySpan<byte> body)
    {
        var found = new Fields();
        try
        {
            using JsonDocument document = JsonDocument.Parse(body.ToArray(), new JsonDocumentOptions { MaxDepth = JsonPeek.MaxDepth });
            found.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is an escaped half of a surrogate pair: proper JSON, but no text.
            found = new Fields { Message = Text(body) };
        }

        int said = status > 0 ? status : found.Status is >= 400 and <= 599 ? found.Status : ErrorClass.StatusOf(found.Code, found.Type) ?? 502;
        string message = string.IsNullOrWhiteSpace(found.Message) ? $"The provider answered {said} and said nothing more." : found.Message;

        // A 404 that is not of the API is an address that leads elsewhere: a deployment that is set up wrongly, and no wrong request.
        ErrorKind kind = said == 404 && !found.IsObject ? ErrorKind.NotFound : ErrorClass.Of(said, found.Code, found.Type, found.Within is null ? message : $"{message}\n{found.Within}");
        return new(
            new ApiError(kind, said, message) { Type = found.Type, Code = found.Code, Param = found.Param },
            found.InFormat);
    }

    /// <summary>Writes the envelope.</summary>
    /// <param name="error">The error.</param>
    public static byte[] Write(ApiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, error.Message);
            json.WriteString("type"u8, error.Type ?? TypeOf(error));
            json.WriteString("param"u8, error.Param);
            json.WriteString("code"u8, error.Code ?? CodeOf(error.Kind));
            if (error.Limit is { } limit)
            {
                LimitWriting.Members(json, limit);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static string TypeOf(ApiError error) => error.Kind switch
    {
        ErrorKind.BadRequest or ErrorKind.NotFound or ErrorKind.ContextLength or ErrorKind.ContentPolicy or ErrorKind.Unsupported => "invalid_request_error",
        ErrorKind.Authentication => "authentication_error",
        ErrorKind.Permission => "permission_error",
        ErrorKind.QuotaExhausted => "insufficient_quota",
        ErrorKind.RateLimit => "rate_limit_error",
        ErrorKind.Timeout => "timeout_error",
        _ => "server_error",
    };

    private static string? CodeOf(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => "model_not_found",
        ErrorKind.ContextLength => "context_length_exceeded",
        ErrorKind.ContentPolicy => "content_policy_violation",
        ErrorKind.Authentication => "invalid_api_key",
        ErrorKind.QuotaExhausted => "insufficient_quota",
        ErrorKind.RateLimit => "rate_limit_exceeded",
        ErrorKind.Overloaded => "overloaded",
        ErrorKind.Network => "upstream_disconnected",
        ErrorKind.Timeout => "timeout",
        ErrorKind.Malformed => "upstream_malformed",
        _ => null,
    };

    private static string Text(ReadOnlySpan<byte> body)
    {
        string text = Encoding.UTF8.GetString(body.Length > MaxText ? body[..MaxText] : body).Trim();
        return text.StartsWith('<') ? "The provider answered with a web page instead of JSON." : text;
    }

    private struct Fields
    {
        public string? Message, Type, Code, Param;
        public int Status;
        public bool InFormat, IsObject;

        /// <summary>What a gateway in between hands on of the error behind it (OpenRouter's <c>metadata.raw</c>, Azure's <c>innererror.code</c>).</summary>
        public string? Within;

        public void Read(JsonElement root)
        {
            if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
            {
                root = root[0];
            }

            if (root.ValueKind == JsonValueKind.String)
            {
                Message = Decode(root);
                return;
            }

            if (root.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            IsObject = true;
            if (root.TryGetProperty("error", out JsonElement error))
            {
                if (error.ValueKind == JsonValueKind.Object)
                {
                    // Some proxies put the envelope into another one.
                    error = error.TryGetProperty("error", out JsonElement wrapped) && wrapped.ValueKind == JsonValueKind.Object && !error.TryGetProperty("message", out _) ? wrapped : error;
                    Inner(error);
                    InFormat = Message is not null && (!error.TryGetProperty("type", out JsonElement type) || type.ValueKind is JsonValueKind.String or JsonValueKind.Null);
                    return;
                }

                Message = error.ValueKind == JsonValueKind.String ? Decode(error) : null;
            }

            if (root.TryGetProperty("errors", out JsonElement several) && several.ValueKind == JsonValueKind.Array && several.GetArrayLength() > 0 && several[0].ValueKind == JsonValueKind.Object)
            {
                Inner(several[0]);
                return;
            }

            Inner(root);
        }

        private void Inner(JsonElement at)
        {
            Message = String(at, "message") ?? String(at, "Message") ?? Message ?? Detail(at);
            Type = String(at, "type") ?? String(at, "error_type");
            Param = String(at, "param");
            if (at.TryGetProperty("code", out JsonElement code))
            {
                Code = code.ValueKind == JsonValueKind.String ? Decode(code) : code.ValueKind == JsonValueKind.Number ? code.GetRawText() : null;
            }

            Within = Member(at, "metadata", "raw") ?? Member(at, "innererror", "code");
            foreach (string name in (ReadOnlySpan<string>)["status_code", "status", "code"])
            {
                if (Status == 0 && at.TryGetProperty(name, out JsonElement status) && status.ValueKind == JsonValueKind.Number && status.TryGetInt32(out int number))
                {
                    Status = number;
                }
            }
        }

        private static string? Member(JsonElement at, string of, string name) =>
            at.TryGetProperty(of, out JsonElement inner) && inner.ValueKind == JsonValueKind.Object ? String(inner, name) : null;

        private static string? String(JsonElement at, string name) =>
            at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? Decode(value) : null;

        /// <summary>A string; as it is written where it cannot be decoded, such as a message cut in the middle of an escaped emoji.</summary>
        private static string? Decode(JsonElement text)
        {
            try
            {
                return text.GetString();
            }
            catch (InvalidOperationException)
            {
                return text.GetRawText().Trim('"');
            }
        }

        /// <summary>FastAPI's <c>detail</c>: a text, a list of <c>{loc, msg}</c>, or an error of its own.</summary>
        private static string? Detail(JsonElement at)
        {
            if (!at.TryGetProperty("detail", out JsonElement detail))
            {
                return null;
            }

            return detail.ValueKind switch
            {
                JsonValueKind.String => Decode(detail),
                JsonValueKind.Object => String(detail, "message") ?? Member(detail, "error", "message") ?? detail.GetRawText(),
                JsonValueKind.Array => string.Join(' ', detail.EnumerateArray().Where(x => x.ValueKind == JsonValueKind.Object).Select(x => String(x, "msg") ?? "")),
                _ => detail.GetRawText(),
            };
        }
    }
}
