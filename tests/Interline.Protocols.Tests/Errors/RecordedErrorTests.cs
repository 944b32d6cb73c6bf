using System.Text;
using System.Text.Json;
using Interline.Protocols.Anthropic;
using Interline.Protocols.Errors;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.Tests.Errors;

/// <summary>
/// Every error answer of the recordings (<c>recorded.json</c>: name, format it is read as, status, body; from the same public test cassettes as the folder Recordings) against
/// a table written by hand. Providers of other formats (Bedrock, Cohere, Mistral) are read as OpenAI's: proxies pass their bodies on.
/// </summary>
public class RecordedErrorTests
{
    public static TheoryData<string, ErrorKind> Table => new()
    {
        { "anthropic-counttokens-31f61ee5f9", ErrorKind.NotFound },
        { "anthropic-messages-803370318b", ErrorKind.Authentication },
        { "azure-openai-chat-3df6f23d4a", ErrorKind.NotFound },
        { "azure-openai-chat-9efc89193e", ErrorKind.Authentication },
        { "azure-openai-chat-d3daae350b", ErrorKind.RateLimit },
        { "azure-openai-embeddings-0340ba7f84", ErrorKind.Authentication },
        { "bedrock-converse-353495ee2f", ErrorKind.BadRequest },
        { "bedrock-converse-99caea53d3", ErrorKind.BadRequest },
        { "bedrock-converse-bd92469b8b", ErrorKind.BadRequest },
        { "bedrock-converse-d5bdf8896a", ErrorKind.Authentication },
        { "bedrock-counttokens-326b55ecc2", ErrorKind.NotFound },
        { "bedrock-counttokens-baf9eae69f", ErrorKind.BadRequest },
        { "cohere-chat-v2-69d65842cf", ErrorKind.Authentication },
        { "cohere-chat-v2-e6217b9b0a", ErrorKind.ContextLength },
        { "cohere-embed-v2-c35fbfb2a9", ErrorKind.NotFound },
        { "deepseek-openai-chat-881b1125fc", ErrorKind.Authentication },
        { "deepseek-openai-chat-c78aa92d5f", ErrorKind.ContextLength },
        { "google-gemini-embedcontent-ecd71503df", ErrorKind.NotFound },
        { "google-gemini-generatecontent-6a4bf1dfc2", ErrorKind.Authentication },
        { "groq-openai-chat-41d52f4623", ErrorKind.NotFound },
        { "groq-openai-chat-768dc16090", ErrorKind.BadRequest },
        { "mistral-chat-b0e91c0020", ErrorKind.Authentication },
        { "openai-chat-00e133f7eb", ErrorKind.BadRequest },
        { "openai-chat-8a9c96b6cf", ErrorKind.NotFound },
        { "openai-chat-8f012930b0", ErrorKind.NotFound },
        { "openai-chat-be9488125f", ErrorKind.BadRequest },
        { "openai-embeddings-2ce16fc2ea", ErrorKind.NotFound },
        { "openai-embeddings-6a644f6c3f", ErrorKind.NotFound },
        { "openai-images-23f3c88eef", ErrorKind.BadRequest },
        { "openai-responses-0df50cdce7", ErrorKind.Authentication },
        { "openai-responses-42010cf911", ErrorKind.BadRequest },
        { "openai-responses-665fdad930", ErrorKind.NotFound },
        { "openai-responses-ba316ffc9d", ErrorKind.Authentication },
        { "openrouter-openai-chat-1626667200", ErrorKind.RateLimit },
        { "openrouter-openai-chat-f60917459b", ErrorKind.ContextLength },
        { "perplexity-openai-chat-9e855e2e98", ErrorKind.ContextLength },
        { "vertex-gemini-generatecontent-1a8ea454a0", ErrorKind.BadRequest },
        { "vertex-gemini-generatecontent-be84f94d90", ErrorKind.NotFound },
        { "xai-openai-responses-ff4d7b05c7", ErrorKind.Authentication },
    };

    /// <summary>Bodies that no recording has: format, status, body, kind. From the providers' pages on errors and from reports of users; texts shortened.</summary>
    public static TheoryData<string, int, string, ErrorKind> Others => new()
    {
        // A quota that is spent is not a rate limit, whatever the status.
        { "openai", 429, """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""", ErrorKind.QuotaExhausted },
        { "openai", 429, """{"error":{"message":"Your account is not active, please check your billing details on our website.","type":"billing_not_active","param":null,"code":"billing_not_active"}}""", ErrorKind.QuotaExhausted },
        { "openai", 400, """{"error":{"message":"Billing hard limit has been reached","type":"invalid_request_error","param":null,"code":"billing_hard_limit_reached"}}""", ErrorKind.QuotaExhausted },
        { "openai", 402, """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""", ErrorKind.QuotaExhausted },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}""", ErrorKind.QuotaExhausted },
        { "anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"x","details":{"error_code":"enforced_spend_limit_reached"}}}""", ErrorKind.QuotaExhausted },
        { "gemini", 429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}}""", ErrorKind.QuotaExhausted },
        { "gemini", 429, """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"17s"}]}}""", ErrorKind.RateLimit },
        { "openai", 403, """{"code":"The caller does not have permission to execute the specified operation","error":"Your team has either used all available credits or reached its monthly spending limit."}""", ErrorKind.QuotaExhausted },
        { "openai", 429, """{"error":{"message":"Rate limit reached for gpt-4o in organization org-x on tokens per min (TPM): Limit 30000. Please try again in 1.2s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""", ErrorKind.RateLimit },
        { "anthropic", 429, """{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your organization's rate limit of 50 requests per minute."}}""", ErrorKind.RateLimit },

        // Content policy.
        { "openai", 400, """{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"violence":{"filtered":true}}}}}""", ErrorKind.ContentPolicy },
        { "openai", 400, """{"error":{"message":"The prompt was refused","innererror":{"code":"ResponsibleAIPolicyViolation"}}}""", ErrorKind.ContentPolicy },
        { "openai", 400, """{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""", ErrorKind.ContentPolicy },
        { "openai", 403, """{"error":{"message":"Your chosen model requires moderation and your input was flagged","code":403,"metadata":{"reasons":["violence"]}}}""", ErrorKind.ContentPolicy },
        { "openai", 400, """{"error":{"message":"Your request was rejected as a result of our safety system.","type":"user_error","code":"moderation_blocked"}}""", ErrorKind.ContentPolicy },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}""", ErrorKind.ContentPolicy },

        // Context window.
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}""", ErrorKind.ContextLength },
        { "anthropic", 400, """{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 21333 > 200000"}}""", ErrorKind.ContextLength },
        { "gemini", 400, """{"error":{"code":400,"message":"The input token count (1200001) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}""", ErrorKind.ContextLength },
        { "openai", 400, """{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error"}}""", ErrorKind.ContextLength },
        { "openai", 413, """{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}}""", ErrorKind.ContextLength },

        // Overload, also where the status hides it.
        { "anthropic", 529, """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorKind.Overloaded },
        { "openai", 503, """{"error":{"message":"That model is currently overloaded with other requests.","type":"server_error","param":null,"code":null}}""", ErrorKind.Overloaded },
        { "openai", 500, """{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}""", ErrorKind.Overloaded },
        { "gemini", 503, """{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}""", ErrorKind.Overloaded },
        { "openai", 503, "no healthy upstream", ErrorKind.Overloaded },

        // Keys and permissions.
        { "gemini", 403, """{"error":{"code":403,"message":"Permission denied on resource project x.","status":"PERMISSION_DENIED"}}""", ErrorKind.Permission },
        { "gemini", 400, """{"error":{"code":400,"message":"API key expired. Please renew the API key.","status":"INVALID_ARGUMENT"}}""", ErrorKind.Authentication },
        { "anthropic", 403, """{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission to use the specified resource."}}""", ErrorKind.Permission },

        // Proxies and gateways in between.
        { "openai", 400, """{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: This model's maximum context length is 8192 tokens.","type":null,"param":null,"code":"400"}}""", ErrorKind.ContextLength },
        { "openai", 429, """{"error":{"message":"litellm.RateLimitError: RateLimitError: OpenAIException - Error code: 429 - {'error': {'code': 'insufficient_quota'}}","type":"throttling_error","param":null,"code":"429"}}""", ErrorKind.QuotaExhausted },
        { "openai", 400, """{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"code\":\"context_length_exceeded\"}}","provider_name":"OpenAI"}}}""", ErrorKind.ContextLength },
        { "openai", 400, """{"error":{"error":{"message":"prompt is too long","type":"invalid_request_error"}}}""", ErrorKind.ContextLength },
        { "openai", 400, """{"detail":{"error":{"message":"This model's maximum context length is 4096 tokens"}}}""", ErrorKind.ContextLength },
        { "openai", 403, """{"success":false,"errors":[{"code":10000,"message":"Invalid API token"}]}""", ErrorKind.Authentication },
        { "openai", 502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", ErrorKind.Server },
        { "anthropic", 503, "<html><body><h1>503 Service Unavailable</h1></body></html>", ErrorKind.Overloaded },
        { "gemini", 504, "<!DOCTYPE html><html></html>", ErrorKind.Timeout },
        { "openai", 522, "<html>Connection timed out</html>", ErrorKind.Timeout },
        { "openai", 404, "<html><h1>404 Not Found</h1></html>", ErrorKind.NotFound },
        { "gemini", 404, "<html><h1>404</h1></html>", ErrorKind.NotFound },
        { "openai", 404, "404 page not found", ErrorKind.NotFound },
        { "openai", 404, """{"error":{"message":"No file with this id"}}""", ErrorKind.BadRequest },
        { "openai", 404, """{"error":"model 'llama9' not found, try pulling it first"}""", ErrorKind.NotFound },
        { "openai", 401, "", ErrorKind.Authentication },
        { "openai", 429, "", ErrorKind.RateLimit },
        { "anthropic", 500, "", ErrorKind.Server },
        { "openai", 424, """{"message":"The model returned an error"}""", ErrorKind.Server },
        { "gemini", 499, """{"error":{"code":499,"message":"The operation was cancelled.","status":"CANCELLED"}}""", ErrorKind.Server },
        { "openai", 498, """{"error":{"message":"Flex tier capacity exceeded","code":"capacity_exceeded"}}""", ErrorKind.Overloaded },
    };

    /// <summary>Errors in an answer with status 200 or in a stream: format, body, kind, status they are given.</summary>
    public static TheoryData<string, string, ErrorKind, int> WithoutStatus => new()
    {
        { "openai", """{"error":{"message":"x","type":"server_error","code":null}}""", ErrorKind.Server, 500 },
        { "openai", """{"error":{"message":"x","code":"rate_limit_exceeded"}}""", ErrorKind.RateLimit, 429 },
        { "openai", """{"error":{"message":"x","type":"rate_limit_error","code":429}}""", ErrorKind.RateLimit, 429 },
        { "openai", """{"error":{"message":"x","type":"insufficient_quota","code":"insufficient_quota"}}""", ErrorKind.QuotaExhausted, 429 },
        { "openai", """{"error":{"message":"x","type":"invalid_request_error","code":"context_length_exceeded"}}""", ErrorKind.ContextLength, 400 },
        { "openai", """{"error":{"message":"x","code":"content_filter"}}""", ErrorKind.ContentPolicy, 400 },
        { "openai", """{"error":{"message":"Overloaded","type":"overloaded_error"}}""", ErrorKind.Overloaded, 503 },
        { "openai", """{"error":{"message":"x","code":502,"metadata":{"provider_name":"Y"}},"choices":[]}""", ErrorKind.Server, 502 },
        { "openai", """{"error":"boom"}""", ErrorKind.Server, 502 },
        { "openai", """{"type":"error","code":"rate_limit_exceeded","message":"x","param":null,"sequence_number":3}""", ErrorKind.RateLimit, 429 },
        { "anthropic", """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorKind.Overloaded, 529 },
        { "anthropic", """{"type":"error","error":{"type":"api_error","message":"Internal"}}""", ErrorKind.Server, 500 },
        { "anthropic", """{"type":"error","error":{"type":"rate_limit_error","message":"x"}}""", ErrorKind.RateLimit, 429 },
        { "gemini", """{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}""", ErrorKind.Overloaded, 503 },
        { "gemini", """[{"error":{"code":429,"message":"x","status":"RESOURCE_EXHAUSTED"}}]""", ErrorKind.RateLimit, 429 },
        { "gemini", """{"error":{"message":"x","status":"DEADLINE_EXCEEDED"}}""", ErrorKind.Timeout, 504 },
    };

    [Fact]
    public void Every_recorded_error_is_in_the_table() =>
        Recorded().Keys.Order(StringComparer.Ordinal).ShouldBe(Table.Select(x => x.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Table))]
    public void A_recorded_error_is_of_its_kind(string name, ErrorKind kind)
    {
        (string format, int status, string body) = Recorded()[name];
        Read(format, status, body).ShouldBe((kind, status));
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void Other_known_bodies_are_of_their_kind(string format, int status, string body, ErrorKind kind) => Read(format, status, body).ShouldBe((kind, status));

    [Theory]
    [MemberData(nameof(WithoutStatus))]
    public void An_error_without_a_status_of_its_own_is_of_its_kind(string format, string body, ErrorKind kind, int status) => Read(format, 0, body).ShouldBe((kind, status));

    private static (ErrorKind Kind, int Status) Read(string format, int status, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        ApiError error = (format switch
        {
            "anthropic" => AnthropicErrors.Read(status, bytes),
            "gemini" => GeminiErrors.Read(status, bytes),
            _ => ErrorBody.Read(status, bytes),
        }).Error;
        error.Message.ShouldNotBeNullOrWhiteSpace();
        return (error.Kind, error.Status);
    }

    private static Dictionary<string, (string Format, int Status, string Body)> Recorded()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Errors", "recorded.json")));
        return document.RootElement.EnumerateArray().ToDictionary(
            x => x.GetProperty("name").GetString()!,
            x => (x.GetProperty("format").GetString()!, x.GetProperty("status").GetInt32(), x.GetProperty("body").GetString()!));
    }
}
