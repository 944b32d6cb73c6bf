using System.Globalization;

namespace Interline.Protocols.Errors;

/// <summary>
/// Sorts providers' errors into <see cref="ErrorKind"/>, by status, code and, where providers leave no other way, by words of the message. The words are those of real error
/// bodies; what they are tried on is the caller's text in part (a message may quote it), so they are whole phrases of the providers.
/// </summary>
public static class ErrorClass
{
    private static readonly string[] ContextWords =
    [
        "maximum context length", "context length exceeded", "context_length_exceeded", "context window", "context limit", "context size", "prompt is too long", "too many tokens",
        "too_many_prompt_tokens", "input is too long", "reduce the length of the messages", "exceeds the maximum number of tokens", "request too large for model",
    ];

    private static readonly string[] PolicyWords =
    [
        "content_policy_violation", "content management policy", "content_filter", "responsibleaipolicyviolation", "flagged by our moderation", "input was flagged", "safety system",
        "content filtering policy", "content exists risk", "data_inspection_failed", "moderation_blocked", "prohibited_content", "violates our usage polic",
    ];

    private static readonly string[] KeyWords =
    [
        "incorrect api key", "invalid api key", "api_key_invalid", "api key not valid", "invalid_api_key", "api key expired", "invalid x-api-key",
        "security token included in the request is invalid", "api key not found", "invalid api token",
    ];

    private static readonly string[] QuotaWords =
    [
        "insufficient_quota", "exceeded your current quota", "insufficient balance", "insufficient credits", "credit balance is too low", "billing_hard_limit", "billing_not_active",
        "used all available credits", "reached its monthly spending limit", "reached your specified api usage limits", "included credits", "out of credits", "free-models-per-day",
        "arrearage", "enforced_spend_limit_reached",
    ];

    private static readonly string[] ModelWords = ["model_not_found", "deploymentnotfound", "model identifier is invalid", "no endpoints found", "invalid_model"];

    private static readonly string[] OverloadWords = ["overloaded_error", "engine_overloaded", "is overloaded", "currently overloaded", "no healthy upstream"];

    /// <summary>The kind of an error answer.</summary>
    /// <param name="status">HTTP status, 400 to 599.</param>
    /// <param name="code">The body's code, null if absent.</param>
    /// <param name="type">The body's type, null if absent.</param>
    /// <param name="message">The body's message, with whatever else of the body says what it is about.</param>
    public static ErrorKind Of(int status, string? code, string? type, string message)
    {
        string all = $"{code}\n{type}\n{message}";
        return status switch
        {
            402 => ErrorKind.QuotaExhausted,
            401 => Says(all, QuotaWords) ? ErrorKind.QuotaExhausted : ErrorKind.Authentication,
            403 => Says(all, PolicyWords) ? ErrorKind.ContentPolicy
                : Says(all, QuotaWords) ? ErrorKind.QuotaExhausted
                : Says(all, KeyWords) ? ErrorKind.Authentication
                : ErrorKind.Permission,
            429 => Says(all, QuotaWords) ? ErrorKind.QuotaExhausted : ErrorKind.RateLimit,
            408 or 504 or 522 or 524 => ErrorKind.Timeout,

            // 424 is a model that failed behind the API (Bedrock), 499 a call the provider broke off itself (Google).
            409 or 424 or 425 or 499 => ErrorKind.Server,
            498 => Says(all, KeyWords) ? ErrorKind.Authentication : ErrorKind.Overloaded,
            >= 400 and < 500 => Wrong(status, all),
            503 or 529 => ErrorKind.Overloaded,
            _ => Says(all, OverloadWords) ? ErrorKind.Overloaded : ErrorKind.Server,
        };
    }

    /// <summary>The status of an error that has none of its own, inside an answer with status 200 or in a stream, by its code, else by its type; null if they say nothing.</summary>
    /// <param name="code">The error's code; null if absent.</param>
    /// <param name="type">The error's type; null if absent.</param>
    public static int? StatusOf(string? code, string? type) => StatusOf(code) ?? StatusOf(type);

    private static int? StatusOf(string? word)
    {
        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return number is >= 400 and <= 599 ? number : null;
        }

        return word?.ToLowerInvariant() switch
        {
            "rate_limit_exceeded" or "rate_limit_error" or "ratelimitreached" or "rate_limit" or "too_many_requests" or "insufficient_quota" or "throttling" => 429,
            "invalid_api_key" or "authentication_error" => 401,
            "billing_error" => 402,
            "permission_error" or "permission_denied" => 403,
            "model_not_found" or "not_found_error" => 404,
            "request_too_large" => 413,
            "invalid_request_error" or "invalid_prompt" or "context_length_exceeded" or "content_filter" or "content_policy_violation" or "badrequesterror" => 400,
            "server_error" or "internal_server_error" or "internal_error" or "internalservererror" or "api_error" => 500,
            "overloaded_error" or "engine_overloaded" or "server_overloaded" or "service_unavailable" or "service_unavailable_error" => 503,
            "timeout" or "timeout_error" or "request_timeout" => 504,
            _ => null,
        };
    }

    private static ErrorKind Wrong(int status, string all) =>
        Says(all, KeyWords) ? ErrorKind.Authentication
        : Says(all, QuotaWords) ? ErrorKind.QuotaExhausted
        : Says(all, ContextWords) ? ErrorKind.ContextLength
        : Says(all, PolicyWords) ? ErrorKind.ContentPolicy
        : Says(all, ModelWords) || (status == 404 && LacksModel(all)) ? ErrorKind.NotFound
        : ErrorKind.BadRequest;

    /// <summary>"model: x" (Anthropic), "models/x is not found" (Google), "model 'x' not found" (Ollama, Cohere), "the model x does not exist".</summary>
    private static bool LacksModel(string all) =>
        all.Contains("model", StringComparison.OrdinalIgnoreCase)
        && (all.Contains("not found", StringComparison.OrdinalIgnoreCase) || all.Contains("not_found", StringComparison.OrdinalIgnoreCase) || all.Contains("does not exist", StringComparison.OrdinalIgnoreCase));

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
