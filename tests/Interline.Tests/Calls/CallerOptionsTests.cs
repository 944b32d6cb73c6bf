using System.Buffers;
using System.Text;
using Interline.Calls;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Tests.Calls;

public class CallerOptionsTests
{
    [Fact]
    public void What_is_for_the_router_is_taken_out_and_all_else_stays_byte_for_byte()
    {
        (CallerOptions options, string left) = Take("""{"num_retries": 3, "model" : "g",  "timeout":2.5,"x": [1.50] , "messages":[{"role":"user","content":"hi"}], "tags":["a"],"fallbacks":["f"]}""");
        left.ShouldBe("""{"model" : "g",  "x": [1.50] , "messages":[{"role":"user","content":"hi"}]}""");
        options.NumRetries.ShouldBe(3);
        options.Timeout.ShouldBe(TimeSpan.FromSeconds(2.5));
        options.Tags.ShouldBe(["a"]);
        options.Fallbacks!.Value.ShouldBe(["f"]);
    }

    [Fact]
    public void Every_field_for_the_router_goes_also_where_it_says_nothing()
    {
        string[] names =
        [
            "fallbacks", "context_window_fallbacks", "context_window_fallback_dict", "content_policy_fallbacks", "num_retries", "timeout", "stream_timeout", "stream_recovery", "request_timeout",
            "disable_fallbacks", "max_fallbacks", "mock_response", "mock_timeout", "mock_delay", "mock_tool_calls", "mock_testing_fallbacks", "mock_testing_context_fallbacks",
            "mock_testing_content_policy_fallbacks", "mock_testing_rate_limit_error", "tags", "allowed_model_region", "litellm_metadata", "interline",
        ];
        foreach (string name in names)
        {
            (CallerOptions options, string left) = Take($$"""{"model":"g","{{name}}":null,"messages":[]}""");
            left.ShouldBe("""{"model":"g","messages":[]}""", name);
            options.ShouldBe(CallerOptions.None);
        }
    }

    [Theory]
    [InlineData("""{"tags":["a","b"]}""", "{}", "a b")]
    [InlineData("""{"user":"u","tags":["a"],"x":1}""", """{"user":"u","x":1}""", "a")]
    [InlineData("""{"tags":["a"],"user":"u"}""", """{"user":"u"}""", "a")]
    [InlineData("""{"tags":"text"}""", """{"tags":"text"}""", "")]
    [InlineData("""{"user":"tags"}""", """{"user":"tags"}""", "")]
    public void Tags_in_metadata_are_taken_and_the_rest_of_it_is_the_providers(string metadata, string left, string tags)
    {
        (CallerOptions options, string body) = Take($$"""{"model":"g","metadata":{{metadata}},"messages":[]}""");
        body.ShouldBe($$"""{"model":"g","metadata":{{left}},"messages":[]}""");
        options.Tags.ShouldBe(tags.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Headers_say_the_same_and_the_body_wins()
    {
        var headers = new CallerHeaders("4", "1.5", "9", "a, b,");
        (CallerOptions options, _) = Take("""{"model":"g","messages":[],"num_retries":1}""", headers);
        options.NumRetries.ShouldBe(1);
        options.Timeout.ShouldBe(TimeSpan.FromSeconds(1.5));
        options.StreamTimeout.ShouldBe(TimeSpan.FromSeconds(9));
        options.Tags.ShouldBe(["a", "b"]);
    }

    [Fact]
    public void Our_own_object_says_prices_pins_and_region()
    {
        (CallerOptions options, _) = Take("""{"model":"g","messages":[],"interline":{"max_price":{"prompt":0.5,"output":2},"only":["openai","x/y"],"region":"eu","tags":["t"]}}""");
        (options.MaxInputPrice, options.MaxOutputPrice, options.Region).ShouldBe((0.5m, 2m, "eu"));
        options.Only.ShouldBe(["openai", "x/y"]);
        options.Tags.ShouldBe(["t"]);
        options.Filters.ShouldBeTrue();
    }

    [Theory]
    [InlineData("\"num_retries\":-1", "num_retries")]
    [InlineData("\"num_retries\":1.5", "num_retries")]
    [InlineData("\"num_retries\":101", "num_retries")]
    [InlineData("\"timeout\":0", "timeout")]
    [InlineData("\"timeout\":\"soon\"", "timeout")]
    [InlineData("\"timeout\":1e300", "timeout")]
    [InlineData("\"timeout\":NaN", null)]
    [InlineData("\"disable_fallbacks\":\"yes\"", "disable_fallbacks")]
    [InlineData("\"fallbacks\":\"f\"", "fallbacks")]
    [InlineData("\"fallbacks\":[{\"model\":\"f\",\"messages\":[]}]", "fallbacks[0]")]
    [InlineData("\"fallbacks\":[1]", "fallbacks[0]")]
    [InlineData("\"stream_recovery\":\"resume\"", "stream_recovery")]
    [InlineData("\"stream_recovery\":true", "stream_recovery")]
    [InlineData("\"interline\":1", "interline")]
    [InlineData("\"interline\":{\"max_prise\":{}}", "interline.max_prise")]
    [InlineData("\"interline\":{\"max_price\":1}", "interline.max_price")]
    [InlineData("\"interline\":{\"max_price\":{\"input\":-1}}", "interline.max_price.input")]
    [InlineData("\"interline\":{\"max_price\":{\"image\":1}}", "interline.max_price.image")]
    [InlineData("\"mock_response\":\"litellm.NoSuchError\"", "mock_response")]
    [InlineData("\"mock_tool_calls\":[]", "mock_tool_calls")]
    [InlineData("\"metadata\":{\"tags\":[1]}", "metadata.tags[0]")]
    public void What_cannot_be_read_is_a_400_that_names_it(string field, string? param)
    {
        PooledBody body = Body($$"""{"model":"g","messages":[],{{field}}}""");
        ApiError? error = ChatLane.Instance.Peek(body.Span, null, out RequestFacts facts);
        error ??= CallerOptionsReader.Take(default, ChatLane.Instance, ref body, ref facts, out _);
        error.ShouldNotBeNull().Status.ShouldBe(400);
        error.Param.ShouldBe(param);
        body.Dispose();
    }

    private static (CallerOptions Options, string Left) Take(string json, CallerHeaders headers = default)
    {
        PooledBody body = Body(json);
        ChatLane.Instance.Peek(body.Span, null, out RequestFacts facts).ShouldBeNull();
        CallerOptionsReader.Take(headers, ChatLane.Instance, ref body, ref facts, out CallerOptions options).ShouldBeNull();
        string left = Encoding.UTF8.GetString(body.Span);
        body.Dispose();
        return (options, left);
    }

    private static PooledBody Body(string json)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        byte[] rented = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(rented, 0);
        return new PooledBody(rented, bytes.Length);
    }
}
