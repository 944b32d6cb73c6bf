using System.Text;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.ByteLane;

public class JsonPeekTests
{
    private const string Messages = "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]";

    [Theory]
    [InlineData("\"gpt-4o\"", "gpt-4o")]
    [InlineData("\"openai\\/gpt\\u002d4o\"", "openai/gpt-4o")]
    [InlineData("\"modèle 😀\"", "modèle 😀")]
    [InlineData("\"\\ud83d\\ude00\"", "😀")]
    [InlineData("\"\"", "")]
    public void The_model_is_found_and_read(string token, string name)
    {
        string body = $"{{\"a\":1, \"model\" : {token} ,{Messages}}}";
        RequestFacts facts = Good(body);
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(body).AsSpan(facts.ModelStart, facts.ModelLength)).ShouldBe(token);
        Model(body, facts).ShouldBe(name);
    }

    [Fact]
    public void A_name_that_is_escaped_is_the_same_name()
    {
        string body = $"{{\"m\\u006fdel\":\"x\",\"str\\u0065am\":true,{Messages}}}";
        RequestFacts facts = Good(body);
        Model(body, facts).ShouldBe("x");
        facts.Stream.ShouldBeTrue();
    }

    [Fact]
    public void A_body_without_a_model_has_none() => Model($"{{{Messages}}}", Good($"{{{Messages}}}")).ShouldBe("");

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void Whether_to_stream_is_found(string value, bool stream) => Good($"{{\"model\":\"m\",\"stream\":{value},{Messages}}}").Stream.ShouldBe(stream);

    [Theory]
    [InlineData("{\"include_usage\":true}", true)]
    [InlineData("{\"include_usage\":false}", false)]
    [InlineData("{\"include_usage\":null}", false)]
    [InlineData("{\"x\":{\"include_usage\":true}}", false)]
    [InlineData("{\"x\":[{\"include_usage\":true}],\"include_usage\":true,\"y\":1}", true)]
    [InlineData("{}", false)]
    [InlineData("null", false)]
    [InlineData("[1,{\"include_usage\":true}]", false)]
    public void Whether_usage_is_asked_for_is_found(string options, bool asked)
    {
        string body = $"{{\"stream_options\":{options},\"model\":\"m\",\"stream\":true,{Messages}}}";
        RequestFacts facts = Good(body);
        facts.IncludeUsage.ShouldBe(asked);
        body.Substring(facts.StreamOptionsStart, facts.StreamOptionsLength).ShouldBe(options);
        Model(body, facts).ShouldBe("m");
    }

    [Theory]
    [InlineData("[{\"type\":\"function\"}]", true)]
    [InlineData("[]", false)]
    [InlineData("null", false)]
    public void Tools_are_noticed(string tools, bool has) => Good($"{{\"model\":\"m\",\"tools\":{tools},{Messages}}}").HasTools.ShouldBe(has);

    [Theory]
    [InlineData("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}", true)]
    [InlineData("{\"role\":\"user\",\"content\":\"the word \\\"image_url\\\" in quotes\"}", false)]
    [InlineData("{\"role\":\"user\",\"content\":\"an image_url\"}", false)]
    public void Images_are_noticed(string message, bool has) => Good($"{{\"model\":\"m\",\"messages\":[{message}]}}").HasImages.ShouldBe(has);

    [Theory]
    [InlineData("\"reasoning_effort\":\"low\"", true)]
    [InlineData("\"reasoning\":{\"max_tokens\":9}", true)]
    [InlineData("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}", true)]
    [InlineData("\"reasoning_effort\":\"none\"", false)]
    [InlineData("\"reasoning_effort\":null", false)]
    [InlineData("\"thinking\":{\"type\":\"disabled\"}", false)]
    [InlineData("\"user\":\"thinking\"", false)]
    public void Asking_for_reasoning_is_noticed(string field, bool asks) => Good($"{{\"model\":\"m\",{field},\"messages\":[]}}").AsksReasoning.ShouldBe(asks);

    [Theory]
    [InlineData("\"max_tokens\":7", 7)]
    [InlineData("\"max_completion_tokens\":8", 8)]
    [InlineData("\"max_tokens\":null", 0)]
    [InlineData("\"max_tokens\":1.5", 0)]
    [InlineData("\"max_tokens\":1e30", 0)]
    [InlineData("\"max_tokens\":{\"a\":[1]}", 0)]
    public void The_most_tokens_wanted_are_found(string property, long tokens) => Good($"{{\"model\":\"m\",{property},{Messages}}}").MaxTokens.ShouldBe(tokens);

    [Theory]
    [InlineData("\"flex\"", "flex")]
    [InlineData("\"priority\"", "priority")]
    [InlineData("\"scale\"", "scale")]
    [InlineData("\"auto\"", null)]
    [InlineData("\"default\"", "default")]
    [InlineData("null", null)]
    [InlineData("{\"a\":1}", null)]
    public void The_service_tier_is_found(string value, string? tier) => Good($"{{\"model\":\"m\",\"service_tier\":{value},{Messages}}}").ServiceTier.ShouldBe(tier);

    [Theory]
    [InlineData("", "empty")]
    [InlineData("   ", "valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("\"x\"", "must be a JSON object")]
    [InlineData("null", "must be a JSON object")]
    [InlineData("hello", "valid JSON")]
    [InlineData("{\"model\":\"m\",", "valid JSON")]
    [InlineData("{\"model\":\"m\"", "valid JSON")]
    [InlineData("{\"model\":\"m", "valid JSON")]
    [InlineData("{\"messages\":[{\"a\":1}", "valid JSON")]
    [InlineData("{\"messages\":[]} x", "valid JSON")]
    [InlineData("{\"messages\":[]}{}", "valid JSON")]
    [InlineData("{\"messages\":[],}", "valid JSON")]
    [InlineData("{/* c */\"messages\":[]}", "valid JSON")]
    [InlineData("\uFEFF{\"messages\":[]}", "byte order mark")]
    [InlineData("{\"model\":1,\"messages\":[]}", "`model` must be a string")]
    [InlineData("{\"model\":\"a\",\"model\":\"b\",\"messages\":[]}", "`model` is given twice")]
    [InlineData("{\"model\":\"a\",\"mod\\u0065l\":\"b\",\"messages\":[]}", "`model` is given twice")]
    [InlineData("{\"stream\":true,\"stream\":false,\"messages\":[]}", "`stream` is given twice")]
    [InlineData("{\"stream\":\"yes\",\"messages\":[]}", "`stream` must be true or false")]
    [InlineData("{\"stream\":{},\"messages\":[]}", "`stream` must be true or false")]
    [InlineData("{\"model\":\"m\"}", "`messages` is missing")]
    [InlineData("{}", "`messages` is missing")]
    [InlineData("{\"messages\":\"hi\"}", "`messages` must be an array")]
    [InlineData("{\"messages\":null}", "`messages` must be an array")]
    [InlineData("{\"messages\":[{},\"hi\"]}", "`messages[1]` must be an object")]
    [InlineData("{\"\\ud800\":1,\"messages\":[]}", "not valid Unicode")]
    [InlineData("{\"x\\ud800\":1,\"messages\":[]}", "not valid Unicode")]
    [InlineData("{\"model\":\"\\ud800\",\"messages\":[]}", "not valid Unicode")]
    [InlineData("{\"service_tier\":\"\\ud800\",\"messages\":[]}", "not valid Unicode")]
    public void What_is_wrong_is_named(string body, string message)
    {
        ApiError? error = ChatLane.Instance.Peek(Encoding.UTF8.GetBytes(body), null, out _);
        error.ShouldNotBeNull();
        error.Kind.ShouldBe(ErrorKind.BadRequest);
        error.Status.ShouldBe(400);
        error.Message.ShouldContain(message);
    }

    [Fact]
    public void A_model_that_is_too_long_is_refused()
    {
        Good($"{{\"model\":\"{new string('x', 510)}\",{Messages}}}").ModelLength.ShouldBe(512);
        ChatLane.Instance.Peek(Encoding.UTF8.GetBytes($"{{\"model\":\"{new string('x', 511)}\",{Messages}}}"), null, out _)!.Param.ShouldBe("model");
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public void A_body_nested_too_deep_is_refused(string open, string close)
    {
        string deep = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
        ChatLane.Instance.Peek(Encoding.UTF8.GetBytes($"{{\"x\":{deep},{Messages}}}"), null, out _)!.Message.ShouldContain("nested deeper than 512");
        string allowed = string.Concat(Enumerable.Repeat(open, 500)) + "1" + string.Concat(Enumerable.Repeat(close, 500));
        Good($"{{\"x\":{allowed},{Messages}}}");
    }

    [Fact]
    public void Every_cut_of_a_body_is_refused_and_nothing_is_thrown()
    {
        byte[] body = Encoding.UTF8.GetBytes($"{{\"model\":\"m\\u00e9\",\"stream\":true,\"stream_options\":{{\"include_usage\":true}},\"tools\":[{{}}],\"service_tier\":\"flex\",\"max_tokens\":5,{Messages}}}");
        for (int length = 0; length < body.Length; length++)
        {
            ChatLane.Instance.Peek(body.AsSpan(0, length), null, out _)!.Status.ShouldBe(400);
        }

        ChatLane.Instance.Peek(body, null, out _).ShouldBeNull();
    }

    [Fact]
    public void Any_single_changed_byte_is_read_or_refused_and_nothing_is_thrown()
    {
        byte[] body = Encoding.UTF8.GetBytes($"{{\"model\":\"\\ud83d\\ude00\",\"stream_options\":{{\"include_usage\":true}},\"service_tier\":\"\\u0041\",{Messages}}}");
        Span<char> name = stackalloc char[RequestFacts.MaxModelBytes];
        for (int at = 0; at < body.Length; at++)
        {
            byte kept = body[at];
            foreach (byte other in (ReadOnlySpan<byte>)[(byte)'"', (byte)'\\', (byte)'{', (byte)',', 0, 0x80, 0xFF, (byte)'d', (byte)'8'])
            {
                body[at] = other;
                if (ChatLane.Instance.Peek(body, null, out RequestFacts facts) is null)
                {
                    facts.CopyModel(body, name);
                    var properties = new JsonParameters(body);
                    while (properties.MoveNext())
                    {
                    }
                }
            }

            body[at] = kept;
        }
    }

    private static RequestFacts Good(string body)
    {
        ChatLane.Instance.Peek(Encoding.UTF8.GetBytes(body), null, out RequestFacts facts).ShouldBeNull();
        return facts;
    }

    private static string Model(string body, RequestFacts facts)
    {
        Span<char> name = stackalloc char[RequestFacts.MaxModelBytes];
        return name[..facts.CopyModel(Encoding.UTF8.GetBytes(body), name)].ToString();
    }
}
