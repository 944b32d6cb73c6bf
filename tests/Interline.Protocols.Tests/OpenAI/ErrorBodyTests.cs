using System.Text;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.Tests.OpenAI;

public class ErrorBodyTests
{
    [Theory]
    [InlineData("OpenAI", 401, """{"error":{"message":"Incorrect API key provided: sk-x.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""", "Incorrect API key provided: sk-x.", "invalid_request_error", "invalid_api_key", true)]
    [InlineData("Azure", 400, """{"error":{"code":"DeploymentNotFound","message":"No such deployment."}}""", "No such deployment.", null, "DeploymentNotFound", true)]
    [InlineData("Azure with a number as text", 429, """{"error":{"code":"429","message":"Slow."}}""", "Slow.", null, "429", true)]
    [InlineData("Mistral, text", 401, """{"detail":"Unauthorized"}""", "Unauthorized", null, null, false)]
    [InlineData("Mistral, list", 422, """{"detail":[{"loc":["body","messages"],"msg":"Field required","type":"missing"},{"msg":"Too short"}]}""", "Field required Too short", null, null, false)]
    [InlineData("Mistral, object", 400, """{"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,"code":"1500"}""", "Invalid model: x", "invalid_model", "1500", false)]
    [InlineData("xAI", 400, """{"code":"Client specified an invalid argument","error":"Incorrect API key provided."}""", "Incorrect API key provided.", null, "Client specified an invalid argument", false)]
    [InlineData("OpenRouter", 402, """{"error":{"message":"Insufficient credits","code":402,"metadata":{}},"user_id":"u"}""", "Insufficient credits", null, "402", true)]
    [InlineData("Perplexity", 400, """{"error":{"message":"Invalid model","type":"invalid_model","code":400}}""", "Invalid model", "invalid_model", "400", true)]
    [InlineData("Gemini's list", 400, """[{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT"}}]""", "API key not valid.", null, "400", true)]
    [InlineData("a text", 500, "upstream connect error", "upstream connect error", null, null, false)]
    [InlineData("a JSON text", 500, "\"boom\"", "boom", null, null, false)]
    [InlineData("HTML", 502, "<html><h1>502 Bad Gateway</h1></html>", "The provider answered with a web page instead of JSON.", null, null, false)]
    [InlineData("nothing", 503, "", "The provider answered 503 and said nothing more.", null, null, false)]
    [InlineData("an empty object", 500, "{}", "The provider answered 500 and said nothing more.", null, null, false)]
    [InlineData("null", 500, "null", "The provider answered 500 and said nothing more.", null, null, false)]
    [InlineData("an odd error", 500, """{"error":7}""", "The provider answered 500 and said nothing more.", null, null, false)]
    public void A_providers_error_is_read(string provider, int status, string body, string message, string? type, string? code, bool inFormat)
    {
        UpstreamError read = ErrorBody.Read(status, Encoding.UTF8.GetBytes(body));
        read.Error.Status.ShouldBe(status, provider);
        read.Error.Message.ShouldBe(message);
        read.Error.Type.ShouldBe(type);
        read.Error.Code.ShouldBe(code);
        read.InFormat.ShouldBe(inFormat);
    }

    [Fact]
    public void A_huge_body_is_shortened() => ErrorBody.Read(500, Encoding.UTF8.GetBytes(new string('x', 1 << 20))).Error.Message.Length.ShouldBe(2000);

    [Theory]
    [InlineData("""{"error":{"message":"x","code":429}}""", 429)]
    [InlineData("""{"error":{"message":"x","status":503}}""", 503)]
    [InlineData("""{"error":{"message":"x","status_code":401}}""", 401)]
    [InlineData("""{"error":{"message":"x","code":7}}""", 502)]
    [InlineData("""{"error":{"message":"x","code":99999999999}}""", 502)]
    [InlineData("""{"error":{"message":"x"}}""", 502)]
    [InlineData("""{"error":"x"}""", 502)]
    public void The_status_of_an_error_inside_an_answer_is_taken_from_it(string body, int status) => ErrorBody.Read(0, Encoding.UTF8.GetBytes(body)).Error.Status.ShouldBe(status);

    [Fact]
    public void Any_bytes_are_an_error_and_nothing_is_thrown()
    {
        byte[] body = """{"error":{"message":"\ud83d\ude00","type":"t","param":"p","code":"c","detail":[{"msg":"m"}]}}"""u8.ToArray();
        for (int at = 0; at < body.Length; at++)
        {
            byte kept = body[at];
            foreach (byte other in (ReadOnlySpan<byte>)[(byte)'"', (byte)'\\', (byte)'[', (byte)'}', (byte)'8', 0, 0xC3, 0xFF])
            {
                body[at] = other;
                ErrorBody.Read(500, body).Error.Message.ShouldNotBeNullOrEmpty();
            }

            body[at] = kept;
            ErrorBody.Read(500, body.AsSpan(0, at)).Error.Message.ShouldNotBeNullOrEmpty();
        }
    }

    [Fact]
    public void An_error_is_written_in_the_envelope_and_read_again()
    {
        foreach (ErrorKind kind in Enum.GetValues<ErrorKind>())
        {
            var error = new ApiError(kind, 400, "Wörds \"quoted\"\n") { Param = "messages[0]" };
            byte[] body = ErrorBody.Write(error);
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement inner = document.RootElement.GetProperty("error");
            inner.EnumerateObject().Select(x => x.Name).ShouldBe(["message", "type", "param", "code"]);
            inner.GetProperty("type").GetString().ShouldNotBeNullOrEmpty();
            ErrorBody.Read(400, body).Error.Message.ShouldBe(error.Message);
            ErrorBody.Read(400, body).InFormat.ShouldBeTrue();
        }
    }

    [Fact]
    public void The_providers_own_type_and_code_are_kept()
    {
        using JsonDocument document = JsonDocument.Parse(ErrorBody.Write(new ApiError(ErrorKind.RateLimit, 429, "x") { Type = "tokens", Code = "tpm" }));
        document.RootElement.GetProperty("error").GetProperty("type").GetString().ShouldBe("tokens");
        document.RootElement.GetProperty("error").GetProperty("code").GetString().ShouldBe("tpm");
    }
}
