using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Gemini;

public sealed class ForeignRequestTests
{
    public static TheoryData<string> Requests => OpenAIChat.RecordingTests.Requests;

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_recorded_chat_request_is_one_that_Gemini_takes(string name)
    {
        foreach (string model in (string[])["gemini-3-flash-preview", "gemini-2.5-pro", "gemini-2.0-flash"])
        {
            Rules.Hold(Doors.Written(OpenAIChat.Doors.Request(Recording.Of(name).Request!), new LossList(), model), model.StartsWith("gemini-3", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Responses_to_parallel_calls_stand_together_in_the_order_of_the_calls()
    {
        JsonNode written = Write("""
            [{"role":"system","content":"s"},{"role":"user","content":"u"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"2","type":"function","function":{"name":"g","arguments":""}}]},
             {"role":"tool","tool_call_id":"2","content":"{\"x\": 2}"},{"role":"tool","tool_call_id":"1","content":"one"},{"role":"user","content":"go on"}]
            """, out LossList losses);
        Same(written["systemInstruction"]!, """{"parts":[{"text":"s"}]}""");
        Same(written["contents"]!, """
            [{"role":"user","parts":[{"text":"u"}]},
             {"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{"a":1}}},{"functionCall":{"id":"2","name":"g","args":{}}}]},
             {"role":"user","parts":[{"functionResponse":{"id":"1","name":"f","response":{"result":"one"}}},{"functionResponse":{"id":"2","name":"g","response":{"x": 2}}},{"text":"go on"}]}]
            """);
        losses.Losses.ShouldBeEmpty();
    }

    [Fact]
    public void A_call_without_signature_in_the_turn_under_way_is_excused()
    {
        JsonNode written = Write("""
            [{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":"r"}]
            """, out LossList losses);
        written["contents"]![1]!["parts"]![0]!["thoughtSignature"]!.GetValue<string>().ShouldBe("skip_thought_signature_validator");
        losses.Losses.ShouldHaveSingleItem().Action.ShouldBe(LossAction.Emulated);
        Write("""
            [{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"c2ln"}}}]},{"role":"tool","tool_call_id":"1","content":"r"}]
            """, out losses)["contents"]![1]!["parts"]![0]!["thoughtSignature"]!.GetValue<string>().ShouldBe("c2ln");
        losses.Losses.ShouldBeEmpty();
    }

    [Fact]
    public void What_breaks_the_order_of_turns_is_mended_and_told()
    {
        JsonNode written = Write("""
            [{"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"not json"}}]},{"role":"user","content":"u"},
             {"role":"tool","tool_call_id":"9","content":"stray"},{"role":"system","content":"late"}]
            """, out LossList losses);
        Rules.Hold(Encoding.UTF8.GetBytes(written.ToJsonString()), signed: true);
        losses.Losses.Select(l => l.Action).Distinct().ShouldBe([LossAction.Changed, LossAction.Moved, LossAction.Emulated], ignoreOrder: true);
        losses.Losses.ShouldContain(l => l.Field == "messages[3]" && l.Action == LossAction.Moved);
    }

    [Fact]
    public void Results_without_a_call_are_told_in_their_order() =>
        string.Join('|', Write("""
            [{"role":"user","content":"u"},{"role":"assistant","content":"x"},{"role":"tool","tool_call_id":"8","content":"one"},{"role":"tool","tool_call_id":"9","content":"two"}]
            """, out _)["contents"]![2]!["parts"]!.AsArray().Select(p => p!["text"]!.GetValue<string>())).ShouldBe("Result of a tool: one|Result of a tool: two");

    [Fact]
    public void Media_are_inline_or_at_their_address()
    {
        JsonNode written = Write("""
            [{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,aGk=","detail":"high"}},{"type":"image_url","image_url":{"url":"https://x/y.webp?z"}},
             {"type":"input_audio","input_audio":{"data":"aGk=","format":"wav"}},{"type":"file","file":{"file_data":"data:application/pdf;base64,aGk=","filename":"a.pdf"}},{"type":"file","file":{"file_id":"file-1"}}]}]
            """, out LossList losses);
        Same(written["contents"]![0]!["parts"]!, """
            [{"inlineData":{"mimeType":"image/png","data":"aGk="}},{"fileData":{"mimeType":"image/webp","fileUri":"https://x/y.webp?z"}},
             {"inlineData":{"mimeType":"audio/wav","data":"aGk="}},{"inlineData":{"mimeType":"application/pdf","data":"aGk="}}]
            """);
        losses.Losses.Select(l => l.Field).ShouldBe(["messages[0].content[0].detail", "messages[0].content[3].title", "messages[0].content[4]"]);
    }

    [Theory]
    [InlineData("\"auto\"", """{"mode":"AUTO"}""")]
    [InlineData("\"none\"", """{"mode":"NONE"}""")]
    [InlineData("\"required\"", """{"mode":"ANY"}""")]
    [InlineData("""{"type":"function","function":{"name":"f"}}""", """{"mode":"ANY","allowedFunctionNames":["f"]}""")]
    [InlineData("""{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"f"}}]}}""", """{"mode":"VALIDATED","allowedFunctionNames":["f"]}""")]
    public void A_choice_of_tools_has_its_word(string choice, string expected) =>
        Same(Write(Hi, out _, """
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"$ref":"#/$defs/x"}}}}}],"tool_choice":
            """ + choice)["toolConfig"]!["functionCallingConfig"]!, expected);

    [Fact]
    public void A_schema_goes_as_it_is()
    {
        JsonNode written = Write(Hi, out LossList losses, """
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","additionalProperties":false},"strict":true}}],"parallel_tool_calls":false,
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","$defs":{}},"strict":true}}
            """);
        Same(written["tools"]!, """[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","additionalProperties":false}}]}]""");
        Same(written["generationConfig"]!, """{"responseMimeType":"application/json","responseJsonSchema":{"type":"object","$defs":{}}}""");
        losses.Losses.Select(l => l.Field).ShouldBe(["tools[0].strict", "response_format.json_schema.name", "parallel_tool_calls"], ignoreOrder: true);
    }

    [Theory]
    [InlineData("gemini-3-flash-preview", "minimal", """{"thinkingLevel":"MINIMAL","includeThoughts":true}""", 0)]
    [InlineData("gemini-3-pro-preview", "medium", """{"thinkingLevel":"HIGH","includeThoughts":true}""", 1)]
    [InlineData("gemini-3.1-pro-preview", "medium", """{"thinkingLevel":"MEDIUM","includeThoughts":true}""", 0)]
    [InlineData("models/gemini-flash-latest", "xhigh", """{"thinkingLevel":"HIGH","includeThoughts":true}""", 1)]
    [InlineData("gemini-3-flash-preview", "none", """{"thinkingLevel":"MINIMAL"}""", 1)]
    [InlineData("gemini-2.5-flash", "low", """{"thinkingBudget":1024,"includeThoughts":true}""", 1)]
    [InlineData("gemini-2.5-flash", "none", """{"thinkingBudget":0}""", 0)]
    [InlineData("gemini-2.5-pro", "none", """{"thinkingBudget":128}""", 1)]
    [InlineData("gemini-2.5-pro", "max", """{"thinkingBudget":32768,"includeThoughts":true}""", 1)]
    [InlineData("gemini-2.0-flash", "high", null, 1)]
    [InlineData("gemini-2.0-flash", "none", null, 0)]
    public void An_effort_is_a_level_or_a_number_of_tokens(string model, string effort, string? expected, int losses)
    {
        JsonNode? config = Write(Hi, out LossList told, $"\"reasoning_effort\":\"{effort}\"", model)["generationConfig"]?["thinkingConfig"];
        (config?.ToJsonString()).ShouldBe(expected);
        told.Count.ShouldBe(losses);
    }

    [Fact]
    public void Settings_have_their_names_and_what_has_none_is_told()
    {
        JsonNode written = Write(Hi, out LossList losses, """
            "temperature":0.70,"top_p":1,"n":9,"max_completion_tokens":5,"stop":["1","2","3","4","5","6"],"seed":7,"logprobs":true,"top_logprobs":2,"presence_penalty":0.1,"frequency_penalty":0.2,
            "user":"u","metadata":{"a":"b"},"store":true,"prompt_cache_key":"k","verbosity":"low","logit_bias":{"1":2},"service_tier":"flex","min_p":0.1,"stream":true,"stream_options":{"include_usage":true}
            """);
        Same(written["generationConfig"]!, """
            {"temperature":0.70,"topP":1,"presencePenalty":0.1,"frequencyPenalty":0.2,"seed":7,"candidateCount":8,"stopSequences":["1","2","3","4","5"],"responseLogprobs":true,"logprobs":2,"maxOutputTokens":5}
            """);
        written["serviceTier"]!.GetValue<string>().ShouldBe("flex");
        losses.Losses.Select(l => l.Field).ShouldBe(["n", "stop", "min_p", "user", "metadata", "store", "prompt_cache_key", "verbosity", "logit_bias"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(70_000, 65_536, 1)]
    [InlineData(65_536, 65_536, 0)]
    public void A_limit_beyond_the_models_own_becomes_that(long asked, long expected, int told)
    {
        LossList losses = new();
        ArrayBufferWriter<byte> output = new();
        ConversationRequest request = OpenAIChat.Doors.Request($$"""{"model":"x","messages":{{Hi}},"max_tokens":{{asked}}}""");
        GeminiFormat.Instance.WriteRequest(request, new TargetModel("gemini-2.5-flash", "google") { MaxOutput = 65_536 }, output, losses);
        JsonNode.Parse(output.WrittenSpan)!["generationConfig"]!["maxOutputTokens"]!.GetValue<long>().ShouldBe(expected);
        losses.Losses.Select(l => (l.Field, l.Action)).ShouldBe(Enumerable.Repeat(("max_tokens", LossAction.Changed), told));
    }

    [Fact]
    public void Media_of_a_result_stand_inside_it_where_the_model_takes_them_and_behind_it_elsewhere()
    {
        ConversationRequest request = new("", [
            new Message(Role.User, [new TextPart("u")]),
            new Message(Role.Assistant, [new ToolCallPart("1", "f", "{}") { Signature = "cw==" }]),
            new Message(Role.User, [new ToolResultPart("1", [new TextPart("see"), new ImagePart(new InlineSource("image/png", "aGk="u8.ToArray()))]) { IsError = true }]),
        ]);
        Parts(request, "gemini-3-flash-preview").ShouldBe("""[{"functionResponse":{"id":"1","name":"f","response":{"error":"see"},"parts":[{"inlineData":{"mimeType":"image/png","data":"aGk="}}]}}]""");
        Parts(request, "gemini-2.5-flash").ShouldBe("""[{"functionResponse":{"id":"1","name":"f","response":{"error":"see"}}},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]""");

        static string Parts(ConversationRequest request, string model) => JsonNode.Parse(Doors.Written(request, null, model))!["contents"]![2]!["parts"]!.ToJsonString();
    }

    [Fact]
    public void Reasoning_of_other_providers_does_not_go_back()
    {
        ConversationRequest request = new("", [
            new Message(Role.User, [new TextPart("u")]),
            new Message(Role.Assistant, [new ReasoningPart("t") { Signature = "x" }, new ReasoningPart("mine") { Signature = "cw==", SignedBy = "google-gemini-v1" }, new TextPart("a")]),
        ]);
        LossList losses = new();
        JsonNode.Parse(Doors.Written(request, losses))!["contents"]![1]!["parts"]!.ToJsonString().ShouldBe("""[{"text":"mine","thought":true,"thoughtSignature":"cw=="},{"text":"a"}]""");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("messages[1].content[0].reasoning");
    }

    private const string Hi = """[{"role":"user","content":"hi"}]""";

    private static JsonNode Write(string messages, out LossList losses, string? more = null, string model = "gemini-3-flash-preview")
    {
        losses = new LossList();
        string json = $$"""{"model":"x","messages":{{messages}}{{(more is null ? "" : "," + more)}}}""";
        return JsonNode.Parse(Doors.Written(OpenAIChat.Doors.Request(json), losses, model))!;
    }

    private static void Same(JsonNode written, string expected) =>
        JsonCompare.Difference(Encoding.UTF8.GetBytes(expected), JsonSerializer.SerializeToUtf8Bytes(written)).ShouldBeNull();
}
