namespace Interline.Protocols.Errors;

/// <summary>Sorts providers' errors into <see cref="ErrorKind"/>, by status, code and, where providers leave no other way, by words of the message.</summary>
public static class ErrorClass
{
    private static readonly string[] ContextWords =
    [
        "maximum context length", "context length exceeded", "context_length_exceeded", "context window", "prompt is too long", "too many tokens",
        "too_many_prompt_tokens", "input is too long", "reduce the length of the messages", "exceeds the maximum number of tokens",
    ];

    private static readonly string[] PolicyWords =
    [
        "content_policy_violation", "content management policy", "content_filter", "responsibleaipolicyviolation", "flagged by our moderation", "safety system",
    ];

    private static readonly string[] KeyWords = ["incorrect api key", "invalid api key", "api_key_invalid", "api key not valid", "invalid_api_key"];

    private static readonly string[] QuotaWords = ["insufficient_quota", "exceeded your current quota", "insufficient balance", "insufficient credits", "credit balance is too low", "billing_hard_limit"];

    /// <summary>The kind of an error answer.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="code">The body's code, null if absent.</param>
    /// <param name="type">The body's type, null if absent.</param>
    /// <param name="message">The body's message.</param>
    public static ErrorKind Of(int status, string? code, string? type, string message)
    {
        string all = $"{code}\n{type}\n{message}";
        return status switch
        {
            402 => ErrorKind.QuotaExhausted,
            401 => ErrorKind.Authentication,
            403 => Says(all, PolicyWords) ? ErrorKind.ContentPolicy : Says(all, QuotaWords) ? ErrorKind.QuotaExhausted : ErrorKind.Permission,
            429 => Says(all, QuotaWords) ? ErrorKind.QuotaExhausted : ErrorKind.RateLimit,
            408 or 504 or 524 => ErrorKind.Timeout,
            409 => ErrorKind.Server,
            498 => ErrorKind.Overloaded,
            >= 400 and < 500 => Says(all, KeyWords) ? ErrorKind.Authentication
                : Says(all, ContextWords) ? ErrorKind.ContextLength
                : Says(all, PolicyWords) ? ErrorKind.ContentPolicy
                : ErrorKind.BadRequest,
            503 or 529 => ErrorKind.Overloaded,
            _ => ErrorKind.Server,
        };
    }

    private static bool Says(string text, string[] words)
    {
        foreach (string word in words)
        {
            if (text.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
