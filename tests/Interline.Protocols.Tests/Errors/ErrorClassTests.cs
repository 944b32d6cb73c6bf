using Interline.Protocols.Errors;

namespace Interline.Protocols.Tests.Errors;

public class ErrorClassTests
{
    [Theory]
    [InlineData(400, null, "Unknown field.", ErrorKind.BadRequest)]
    [InlineData(404, "model_not_found", "No such model.", ErrorKind.NotFound)]
    [InlineData(404, null, "No such file.", ErrorKind.BadRequest)]
    [InlineData(405, null, "", ErrorKind.BadRequest)]
    [InlineData(413, null, "", ErrorKind.BadRequest)]
    [InlineData(415, null, "", ErrorKind.BadRequest)]
    [InlineData(418, null, "", ErrorKind.BadRequest)]
    [InlineData(422, null, "", ErrorKind.BadRequest)]
    [InlineData(400, "context_length_exceeded", "", ErrorKind.ContextLength)]
    [InlineData(400, null, "This model's maximum context length is 8192 tokens.", ErrorKind.ContextLength)]
    [InlineData(413, null, "prompt is too long: 210000 tokens", ErrorKind.ContextLength)]
    [InlineData(422, null, "Please REDUCE the length of the messages", ErrorKind.ContextLength)]
    [InlineData(400, "content_filter", "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.", ErrorKind.ContentPolicy)]
    [InlineData(400, "content_policy_violation", "", ErrorKind.ContentPolicy)]
    [InlineData(403, null, "Your input was flagged by our moderation.", ErrorKind.ContentPolicy)]
    [InlineData(400, null, "Incorrect API key provided", ErrorKind.Authentication)]
    [InlineData(400, null, "API key not valid. Please pass a valid API key.", ErrorKind.Authentication)]
    [InlineData(401, null, "", ErrorKind.Authentication)]
    [InlineData(401, null, "maximum context length", ErrorKind.Authentication)]
    [InlineData(402, null, "", ErrorKind.QuotaExhausted)]
    [InlineData(403, null, "", ErrorKind.Permission)]
    [InlineData(403, null, "Insufficient credits", ErrorKind.QuotaExhausted)]
    [InlineData(408, null, "", ErrorKind.Timeout)]
    [InlineData(409, null, "", ErrorKind.Server)]
    [InlineData(429, null, "", ErrorKind.RateLimit)]
    [InlineData(429, "insufficient_quota", "", ErrorKind.QuotaExhausted)]
    [InlineData(429, null, "You exceeded your current quota, please check your plan", ErrorKind.QuotaExhausted)]
    [InlineData(498, null, "", ErrorKind.Overloaded)]
    [InlineData(500, null, "", ErrorKind.Server)]
    [InlineData(502, null, "", ErrorKind.Server)]
    [InlineData(503, null, "", ErrorKind.Overloaded)]
    [InlineData(504, null, "", ErrorKind.Timeout)]
    [InlineData(524, null, "", ErrorKind.Timeout)]
    [InlineData(529, null, "", ErrorKind.Overloaded)]
    [InlineData(599, null, "", ErrorKind.Server)]
    public void An_error_is_of_a_kind(int status, string? code, string message, ErrorKind kind) => ErrorClass.Of(status, code, null, message).ShouldBe(kind);
}
