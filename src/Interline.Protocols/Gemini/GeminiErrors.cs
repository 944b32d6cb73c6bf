using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Google's error envelope <c>{"error":{"code","message","status","details"}}</c>, by itself or, where the answer is an array, as its only element.
/// Source: <c>google.rpc.Status</c> and its details (<c>RetryInfo</c>, <c>ErrorInfo</c>, <c>BadRequest</c>).
/// </summary>
public static class GeminiErrors
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

        int said = status > 0 ? status : found.Code is >= 400 and <= 599 ? found.Code : StatusOf(found.Word);
        string message = string.IsNullOrWhiteSpace(found.Message) ? $"The provider answered {said} and said nothing more." : found.Message;
        return new(
            new ApiError(KindOf(said, found, message), said, message) { Type = found.Word, Code = found.Reason, Param = found.Field, RetryAfter = found.RetryAfter },
            found.InFormat);
    }

    /// <summary>Writes the envelope.</summary>
    /// <param name="error">The error.</param>
    public static byte[] Write(ApiError error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            WriteTo(json, error);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes the envelope as a value.</summary>
    internal static void WriteTo(Utf8JsonWriter json, ApiError error)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, error.Status);
        json.WriteString("message"u8, error.Message);
        json.WriteString("status"u8, WordOf(error));
        if (error.RetryAfter is not null || error.Param is not null || error.Code is not null)
        {
            WriteDetails(json, error);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteDetails(Utf8JsonWriter json, ApiError error)
    {
        json.WriteStartArray("details"u8);
        if (error.Code is not null)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.ErrorInfo"u8);
            json.WriteString("reason"u8, error.Code);
            if (error.Limit is { } limit)
            {
                json.WriteStartObject("metadata"u8);
                LimitWriting.Texts(json, limit);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        if (error.Param is not null)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.BadRequest"u8);
            json.WriteStartArray("fieldViolations"u8);
            json.WriteStartObject();
            json.WriteString("field"u8, error.Param);
            json.WriteString("description"u8, error.Message);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        if (error.RetryAfter is { } wait)
        {
            json.WriteStartObject();
            json.WriteString("@type"u8, "type.googleapis.com/google.rpc.RetryInfo"u8);
            json.WriteString("retryDelay"u8, string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(wait.TotalSeconds)}s"));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The error's own word if it is one of Google's, otherwise the one of its status.</summary>
    private static string WordOf(ApiError error) =>
        GeminiNames.IsWord(error.Type) ? error.Type! : error.Status switch
        {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            409 => "ABORTED",
            402 or 429 => "RESOURCE_EXHAUSTED",
            499 => "CANCELLED",
            408 or 504 or 524 => "DEADLINE_EXCEEDED",
            501 => "UNIMPLEMENTED",
            502 or 503 or 529 => "UNAVAILABLE",
            < 500 => "INVALID_ARGUMENT",
            _ => "INTERNAL",
        };

    private static int StatusOf(string? word) => word switch
    {
        "INVALID_ARGUMENT" or "FAILED_PRECONDITION" or "OUT_OF_RANGE" => 400,
        "UNAUTHENTICATED" => 401,
        "PERMISSION_DENIED" => 403,
        "NOT_FOUND" => 404,
        "ABORTED" or "ALREADY_EXISTS" => 409,
        "RESOURCE_EXHAUSTED" => 429,
        "CANCELLED" => 499,
        "INTERNAL" or "UNKNOWN" or "DATA_LOSS" => 500,
        "UNIMPLEMENTED" => 501,
        "UNAVAILABLE" => 503,
        "DEADLINE_EXCEEDED" => 504,
        _ => 502,
    };

    /// <summary>
    /// Google says "exceeded your current quota" of the requests of a minute too: only a quota of the day, or one of zero, is not there again soon.
    /// A bad key is a 400.
    /// </summary>
    private static ErrorKind KindOf(int status, in Fields found, string message)
    {
        if (status == 429)
        {
            bool spent = found.QuotaOfDay || message.Contains("limit: 0", StringComparison.OrdinalIgnoreCase) || message.Contains("billing account", StringComparison.OrdinalIgnoreCase);
            return spent ? ErrorKind.QuotaExhausted : ErrorKind.RateLimit;
        }

        // A 404 that is not of the API is an address that leads elsewhere: a deployment that is set up wrongly, and no wrong request.
        return status == 404 && !found.IsObject ? ErrorKind.NotFound : ErrorClass.Of(status, found.Reason, found.Word, message);
    }

    private static string Text(ReadOnlySpan<byte> body)
    {
        string text = Encoding.UTF8.GetString(body.Length > MaxText ? body[..MaxText] : body).Trim();
        return text.StartsWith('<') ? "The provider answered with a web page instead of JSON." : text;
    }

    private struct Fields
    {
        public string? Message, Word, Reason, Field;
        public int Code;
        public bool InFormat, IsObject, QuotaOfDay;
        public TimeSpan? RetryAfter;

        public void Read(JsonElement root)
        {
            while (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() > 0)
            {
                root = root[0];
            }

            if (root.ValueKind == JsonValueKind.String)
            {
                Message = root.GetString();
                return;
            }

            if (root.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            IsObject = true;
            JsonElement error = root.TryGetProperty("error", out JsonElement inner) ? inner : root;
            if (error.ValueKind == JsonValueKind.String)
            {
                Message = error.GetString();
                return;
            }

            Message = String(error, "message");
            Word = String(error, "status");
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out JsonElement code) && code.ValueKind == JsonValueKind.Number)
            {
                _ = code.TryGetInt32(out Code);
            }

            InFormat = inner.ValueKind == JsonValueKind.Object && Message is not null && Code > 0;
            if (error.ValueKind == JsonValueKind.Object && error.TryGetProperty("details", out JsonElement details) && details.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement detail in details.EnumerateArray())
                {
                    Detail(detail);
                }
            }
        }

        private void Detail(JsonElement detail)
        {
            Reason ??= String(detail, "reason");
            if (String(detail, "retryDelay") is { } delay && delay.EndsWith('s')
                && double.TryParse(delay.AsSpan(0, delay.Length - 1), NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and < 1e6)
            {
                RetryAfter = TimeSpan.FromSeconds(seconds);
            }

            foreach (JsonElement violation in Array(detail, "fieldViolations"))
            {
                Field ??= String(violation, "field");
            }

            foreach (JsonElement violation in Array(detail, "violations"))
            {
                QuotaOfDay |= String(violation, "quotaId")?.Contains("PerDay", StringComparison.OrdinalIgnoreCase) == true;
            }
        }

        private static JsonElement.ArrayEnumerator Array(JsonElement at, string name) =>
            at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : default;

        private static string? String(JsonElement at, string name) =>
            at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
