using System.Text;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.OpenAIChat;

public sealed class RequestTests
{
    [Theory]
    [InlineData("""{"model":"m","messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","name":"n","content":"c"}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}},{"type":"image_url","image_url":"https://x"}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg/>","detail":"auto","new":1}},{"type":"video_url","video_url":{"url":"https://x"}},{"type":"document_url","document_url":"https://x"}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"UklG","format":"wav"}},{"type":"input_audio","input_audio":{"data":"UklG","format":"mpeg"}},{"type":"file","file":{"file_id":"f"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBE"}},{"type":"file","file":{"file_data":"JVBE"}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"hologram","hologram":{"x":[1.50]}}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":null,"refusal":"no","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{ \"x\" : 1.0 }"}},{"id":"b","type":"custom","custom":{"name":"g","input":"free text"}}]},{"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"r"}]},{"role":"tool","tool_call_id":"b","content":""}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":[{"type":"text","text":"a"},{"type":"refusal","refusal":"b"}],"audio":{"id":"audio_1"},"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"x"}],"functions":[{"name":"f","parameters":{"type":"object"}}],"function_call":{"name":"f"}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"assistant","content":"","reasoning_content":"r","tool_calls":[]},{"role":"assistant","content":"a","reasoning":"x","reasoning_content":"y"},{"role":"assistant","content":"a","reasoning":"ab","reasoning_details":[{"type":"reasoning.text","text":"ab","signature":"s","format":"anthropic-claude-v1","index":0},{"type":"reasoning.encrypted","data":"d","id":"i"},{"type":"reasoning.other","q":1}]}]}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function","function":{"name":"f","description":"","parameters":{"type":"object","properties":{"x":{"const":1.0}}},"strict":true,"x":1},"cache_control":{"type":"ephemeral"}},{"type":"custom","custom":{"name":"c","format":{"type":"text"}}},{"type":"web_search","y":2}],"parallel_tool_calls":false}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"custom","custom":{"name":"c"}}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":{"type":"web_search"}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":"any","response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"a":1.10},"strict":null,"x":1}}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"response_format":{"type":"grammar","grammar":"x"},"temperature":0.70,"top_p":1.0,"top_k":40,"seed":12345678901234567890,"stop":"x","n":2,"logprobs":true,"top_logprobs":3,"logit_bias":{"50256":-100},"max_tokens":1e2,"max_completion_tokens":50}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"stop":["a","b"],"logprobs":2,"random_seed":7,"reasoning_effort":"high","reasoning":{"effort":"low","max_tokens":9,"x":1},"thinking":{"type":"disabled"},"verbosity":"low","modalities":["text","audio"],"audio":{"voice":"v","format":"mp3"},"service_tier":"flex","user":"u","metadata":{"a":"b"},"store":false,"prompt_cache_key":"k","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}}""")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[],"tool_calls":null,"new":{"deep":[1,2.0]}}],"tools":[],"unknown \"field\"":{"a":[null,1.00]},"temperature":null,"stream_options":{}}""")]
    public void A_request_is_written_back_with_equal_values(string json)
    {
        LossList losses = new();
        JsonCompare.Difference(Encoding.UTF8.GetBytes(json), Doors.Written(Doors.Request(json), losses)).ShouldBeNull();
        losses.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("""[]""", null, "The body must be an object")]
    [InlineData("""{"model":"m"}""", "messages", "at least one message")]
    [InlineData("""{"model":"m","messages":[]}""", "messages", "at least one message")]
    [InlineData("""{"model":3,"messages":[]}""", "model", "must be a string, but is a number")]
    [InlineData("""{"model":"m","messages":["a"]}""", "messages[0]", "must be a message")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"},{"role":"robot","content":"a"}]}""", "messages[1]", "has the role \"robot\"")]
    [InlineData("""{"model":"m","messages":[{"content":"a"}]}""", "messages[0]", "must have a 'role'")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":7}]}""", "messages[0].content", "a string, an array of parts or null")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":5}}]}]}""", "messages[0].content[0].image_url.url", "must be a string")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", "messages[0].content[0]", "must have 'image_url'")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}""", "messages[0].content[0].image_url", "must have a 'url'")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":[{"text":"a"}]}]}""", "messages[0].content[0]", "must have a 'type'")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tools":[{"type":"function"}]}""", "tools[0]", "must have a 'function'")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"tool_choice":"maybe"}""", "tool_choice", "auto")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}],"temperature":"hot"}""", "temperature", "must be a number, but is a string")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"a"}]""", null, "not valid JSON")]
    [InlineData("""{"model":"m","messages":[{"role":"user","content":"\ud83d"}]}""", "messages[0].content", "not valid JSON")]
    public void A_wrong_request_is_refused_with_the_place_and_what_was_expected(string json, string? param, string part)
    {
        ApiError error = Doors.Refused(json);
        error.Kind.ShouldBe(ErrorKind.BadRequest);
        error.Status.ShouldBe(400);
        error.Message.ShouldContain(part);
        if (param is not null)
        {
            error.Param.ShouldBe(param);
        }
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public void A_hundred_thousand_levels_are_a_clean_error(char open, char close)
    {
        string one = open == '{' ? "{\"a\":" : "[";
        string json = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"x\":" + string.Concat(Enumerable.Repeat(one, 100_000)) + "1" + new string(close, 100_000) + "}";
        Doors.Refused(json).Message.ShouldContain("deeper than 128");
    }

    [Fact]
    public void Everything_of_a_request_has_its_place_in_the_model()
    {
        ConversationRequest request = Doors.Request("""
            {"model":"m","messages":[
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw==","detail":"high"}},{"type":"file","file":{"file_id":"f"}}]},
              {"role":"assistant","content":null,"reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"anthropic-claude-v1"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"g"}}}]},
              {"role":"tool","tool_call_id":"a","content":"r"}],
             "reasoning":{"max_tokens":2000},"max_tokens":10}
            """);
        InlineSource image = request.Messages[0].Parts[0].ShouldBeOfType<ImagePart>().Source.ShouldBeOfType<InlineSource>();
        image.MediaType.ShouldBe("image/png");
        Encoding.ASCII.GetString(image.Base64.Span).ShouldBe("iVBORw==");
        request.Messages[0].Parts[1].ShouldBeOfType<DocumentPart>().Source.ShouldBe(new FileSource("f"));
        ReasoningPart reasoning = request.Messages[1].Parts[0].ShouldBeOfType<ReasoningPart>();
        (reasoning.Text, reasoning.Signature, reasoning.SignedBy).ShouldBe(("t", "s", "anthropic-claude-v1"));
        request.Messages[1].Parts[1].ShouldBeOfType<ToolCallPart>().Signature.ShouldBe("g");
        request.Messages[2].Parts[0].ShouldBeOfType<ToolResultPart>().CallId.ShouldBe("a");
        request.Reasoning!.BudgetTokens!.Value.Whole.ShouldBe(2000);
        request.MaxOutputTokens!.Value.Whole.ShouldBe(10);
    }

    [Fact]
    public void A_request_of_another_format_becomes_a_good_chat_request_and_tells_what_was_lost()
    {
        ConversationRequest request = new("m",
        [
            new Message(Role.User, [new TextPart("hi") { Cache = new CacheMark("1h") }]),
            new Message(Role.Assistant, [new ReasoningPart("hm") { Signature = "s" }, new TextPart("a"), new ToolCallPart("", "f", "{\"x\":1}")]),
            new Message(Role.User, [new ToolResultPart("", [new TextPart("r"), new ImagePart(new UrlSource("https://x"))]) { Name = "f", IsError = true }, new TextPart("and now?")]),
        ])
        {
            Instructions = [new TextPart("be kind"), new TextPart("be brief")],
            Sampling = new Sampling { TopK = 40, Temperature = 0.5 },
            Reasoning = new ReasoningSettings { BudgetTokens = 5000 },
            MaxOutputTokens = 100,
            Native = new NativeFields(WireFormat.AnthropicMessages, new NativeField("container", new RawJson("\"c\""u8))),
        };
        LossList losses = new();
        JsonCompare.Difference("""
            {"model":"m","messages":[
              {"role":"system","content":[{"type":"text","text":"be kind"},{"type":"text","text":"be brief"}]},
              {"role":"user","content":"hi"},
              {"role":"assistant","content":"a","tool_calls":[{"id":"call_0","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},
              {"role":"tool","tool_call_id":"call_0","content":"r"},
              {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}},{"type":"text","text":"and now?"}]}],
             "temperature":0.5,"max_completion_tokens":100,"reasoning_effort":"medium"}
            """u8.ToArray(), Doors.Written(request, losses)).ShouldBeNull();
        losses.Losses.Select(l => l.Field).ShouldBe(["messages[0].content[0].cache_control", "messages[1].reasoning", "messages[2].content[0].is_error", "messages[2]", "top_k", "reasoning.budget_tokens", "container"], ignoreOrder: true);
    }
}
