using System.Globalization;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>An <c>error</c> inside an answer or a stream that began well (OpenRouter, Groq, OpenAI itself).</summary>
internal static class StreamError
{
    /// <summary>Reads the value of the <c>error</c> field: an object or a text.</summary>
    public static ApiError Read(ref JsonCursor json)
    {
        string? message = null, type = null, code = null, param = null;
        long status = 0;
        if (json.Type != JsonTokenType.StartObject)
        {
            message = json.Type == JsonTokenType.String ? json.Text() : json.Raw().ToString();
        }
        else
        {
            json.EnterObject();
            while (json.NextField())
            {
                switch (json.Name)
                {
                    case "message" when json.Type == JsonTokenType.String:
                        message = json.Text();
                        break;
                    case "type" when json.Type == JsonTokenType.String:
                        type = json.Text();
                        break;
                    case "param" when json.Type == JsonTokenType.String:
                        param = json.Text();
                        break;
                    case "code" when json.Type == JsonTokenType.String:
                        code = json.Text();
                        status = Math.Max(status, long.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out long said) ? said : 0);
                        break;
                    case "code" when json.Type == JsonTokenType.Number:
                        status = json.Number().Whole;
                        code = json.Number().ToString();
                        break;
                    case "status_code" when json.Type == JsonTokenType.Number:
                        status = json.Number().Whole;
                        break;
                    default:
                        json.Skip();
                        break;
                }
            }
        }

        int http = status is >= 400 and <= 599 ? (int)status : 502;
        return new ApiError(Kind(http, type, code), http, message ?? "The provider failed in the middle of its answer.") { Type = type, Code = code, Param = param };
    }

    private static ErrorKind Kind(int status, string? type, string? code) => (status, code ?? type) switch
    {
        (_, "insufficient_quota") or (402, _) => ErrorKind.QuotaExhausted,
        (_, "rate_limit_exceeded") or (429, _) => ErrorKind.RateLimit,
        (_, "context_length_exceeded") => ErrorKind.ContextLength,
        (_, "content_filter" or "content_policy_violation") => ErrorKind.ContentPolicy,
        (_, "overloaded_error") or (503 or 529, _) => ErrorKind.Overloaded,
        (401, _) => ErrorKind.Authentication,
        (403, _) => ErrorKind.Permission,
        (400 or 404 or 405 or 413 or 415 or 422, _) => ErrorKind.BadRequest,
        _ => ErrorKind.Server,
    };
}
