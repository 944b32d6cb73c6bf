using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>Requests of OpenAI's format, written for Anthropic.</summary>
public sealed class FitTests
{
    public static TheoryData<string> Requests => [.. Recording.All.Where(r => r.Request is not null && OpenAIChat.RecordingTests.IsChat(r)).Select(r => r.Name)];

    private static (JsonElement Json, LossList Losses) Fit(string json, TargetModel? target = null)
    {
        LossList losses = new();
        byte[] written = Doors.Written(Doors.Request(Encoding.UTF8.GetBytes(json), ChatFormat.Instance), losses, target);
        Rules.Hold(written);
        return (JsonDocument.Parse(written).RootElement, losses);
    }

    private static string Chat(string fields, string messages = """{"role":"user","content":"hi"}""") =>
        $$"""{"model":"m","messages":[{{messages}}]{{(fields.Length > 0 ? "," + fields : "")}}}""";

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_recorded_request_of_OpenAIs_format_keeps_Anthropics_rules(string name)
    {
        Rules.Hold(Doors.Written(Doors.Request(Recording.Of(name).Request!, ChatFormat.Instance), target: Doors.Sonnet45));
        Rules.Hold(Doors.Written(Doors.Request(Recording.Of(name).Request!, ChatFormat.Instance), target: Doors.Opus46));
    }

    [Fact]
    public void Instructions_at_the_head_go_apart_and_later_ones_into_the_users_turn()
    {
        (JsonElement json, LossList losses) = Fit(Chat("", """
            {"role":"system","content":"a"},{"role":"developer","content":"b"},{"role":"user","content":"c"},{"role":"system","content":"d"},{"role":"user","content":"e"}
            """));
        json.GetProperty("system").GetRawText().ShouldBe("""[{"type":"text","text":"a"},{"type":"text","text":"b"}]""");
        json.GetProperty("messages").GetRawText().ShouldBe(
            """[{"role":"user","content":[{"type":"text","text":"c"},{"type":"text","text":"<system>\nd\n</system>"},{"type":"text","text":"e"}]}]""");
        losses.Losses.ShouldHaveSingleItem().ShouldBe(losses.Losses[0] with { Field = "messages[3]", Action = LossAction.Moved });
    }

    [Fact]
    public void Instructions_alone_are_asked_by_the_user() =>
        Fit(Chat("", """{"role":"system","content":"a"}""")).Json.GetProperty("messages")[0].GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("a");

    [Fact]
    public void Results_of_parallel_calls_come_first_in_the_one_turn_after_them()
    {
        (JsonElement json, _) = Fit(Chat("", """
            {"role":"user","content":"q"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"a.1","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},{"id":"a:1","type":"function","function":{"name":"g","arguments":""}}]},
            {"role":"tool","tool_call_id":"a:1","content":"two"},{"role":"user","content":"and?"},{"role":"tool","tool_call_id":"a.1","content":"one"}
            """));
        JsonElement calls = json.GetProperty("messages")[1].GetProperty("content");
        JsonElement results = json.GetProperty("messages")[2].GetProperty("content");
        calls[0].GetProperty("input").GetRawText().ShouldBe("""{"x":1}""");
        calls[1].GetProperty("input").GetRawText().ShouldBe("{}");
        results.EnumerateArray().Select(b => b.GetProperty("type").GetString()).ShouldBe(["tool_result", "tool_result", "text"]);
        results[0].GetProperty("tool_use_id").GetString().ShouldBe(calls[1].GetProperty("id").GetString());
        results[1].GetProperty("tool_use_id").GetString().ShouldBe(calls[0].GetProperty("id").GetString());
        calls[0].GetProperty("id").GetString().ShouldNotBe(calls[1].GetProperty("id").GetString());
    }

    [Fact]
    public void A_call_without_result_gets_an_error_and_a_result_without_call_is_told_as_text()
    {
        (JsonElement json, LossList losses) = Fit(Chat("", """
            {"role":"user","content":"q"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}},{"id":"b","type":"function","function":{"name":"g","arguments":""}}]},
            {"role":"tool","tool_call_id":"b","content":"two"},{"role":"tool","tool_call_id":"b","content":"again"},{"role":"tool","tool_call_id":"z","content":"stray"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"c","type":"function","function":{"name":"h","arguments":""}}]}
            """));
        JsonElement[] blocks = [.. json.GetProperty("messages")[2].GetProperty("content").EnumerateArray()];
        blocks.Select(b => b.GetProperty("type").GetString()).ShouldBe(["tool_result", "tool_result", "text", "text"]);
        blocks.Take(2).ToDictionary(b => b.GetProperty("tool_use_id").GetString()!, b => b.TryGetProperty("is_error", out JsonElement e) && e.GetBoolean())
            .ShouldBe(new Dictionary<string, bool> { ["b"] = false, ["a"] = true }, ignoreOrder: true);
        blocks[2].GetProperty("text").GetString().ShouldBe("Result of the tool call b: again");
        blocks[3].GetProperty("text").GetString().ShouldBe("Result of the tool call z: stray");
        json.GetProperty("messages")[4].GetProperty("content")[0].GetProperty("tool_use_id").GetString().ShouldBe("c");
        losses.Losses.Select(l => (l.Field, l.Action)).ShouldBe(
            [("messages[3]", LossAction.Emulated), ("messages[4]", LossAction.Emulated), ("messages", LossAction.Emulated)], ignoreOrder: true);
    }

    [Fact]
    public void An_object_that_may_be_null_is_closed_too() =>
        Fit(Chat("""
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":["object","null"],"properties":{"a":{"type":["string","null"]}}}}}
            """)).Json.GetProperty("output_config").GetProperty("format").GetProperty("schema").GetRawText()
            .ShouldBe("""{"type":["object","null"],"properties":{"a":{"type":["string","null"]}},"additionalProperties":false}""");

    [Theory]
    [InlineData("claude-sonnet-4-5", 29_492)]
    [InlineData("claude-3-7-sonnet-20250219", 29_492)]
    [InlineData("anthropic.claude-sonnet-4-20250514-v1:0", 29_492)]
    public void A_budget_without_any_limit_is_no_more_than_models_take(string model, int expected)
    {
        (JsonElement json, LossList losses) = Fit(Chat("\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":900000}"), new TargetModel(model, "anthropic"));
        json.GetProperty("thinking").GetProperty("budget_tokens").GetInt32().ShouldBe(expected);
        json.GetProperty("max_tokens").GetInt32().ShouldBe(36_864);
        losses.Losses.ShouldContain(l => l.Field == "reasoning.budget_tokens");
    }

    [Fact]
    public void Arguments_that_are_no_object_are_kept_as_text()
    {
        (JsonElement json, LossList losses) = Fit(Chat("", """
            {"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x"}}]},{"role":"tool","tool_call_id":"a","content":"r"}
            """));
        json.GetProperty("messages")[1].GetProperty("content")[0].GetProperty("input").GetRawText().ShouldBe("""{"_raw":"{\"x"}""");
        losses.Losses.ShouldContain(l => l.Action == LossAction.Changed && l.Field.EndsWith(".arguments", StringComparison.Ordinal));
    }

    [Fact]
    public void A_begun_answer_loses_the_white_space_at_its_end()
    {
        (JsonElement json, LossList losses) = Fit(Chat("", """{"role":"user","content":"q"},{"role":"assistant","content":"{ "}"""));
        json.GetProperty("messages")[1].GetProperty("content")[0].GetProperty("text").GetString().ShouldBe("{");
        losses.Losses.ShouldContain(l => l.Action == LossAction.Changed);
    }

    [Fact]
    public void The_limit_of_tokens_is_the_callers_or_the_models_or_the_usual_one()
    {
        Fit(Chat("\"max_tokens\":7")).Json.GetProperty("max_tokens").GetInt64().ShouldBe(7);
        Fit(Chat(""), Doors.Sonnet45 with { MaxOutput = 64_000 }).Json.GetProperty("max_tokens").GetInt64().ShouldBe(64_000);
        Fit(Chat("")).Json.GetProperty("max_tokens").GetInt64().ShouldBe(4096);
        (JsonElement json, LossList losses) = Fit(Chat("\"max_tokens\":9000"), Doors.Sonnet45 with { MaxOutput = 8192 });
        json.GetProperty("max_tokens").GetInt64().ShouldBe(8192);
        losses.Losses.ShouldHaveSingleItem().Action.ShouldBe(LossAction.Changed);
    }

    [Theory]
    [InlineData("\"temperature\":1.5", "temperature", LossAction.Changed)]
    [InlineData("\"temperature\":0.5,\"top_p\":0.5", "top_p", LossAction.Dropped)]
    [InlineData("\"n\":2", "n", LossAction.Dropped)]
    [InlineData("\"seed\":2", "seed", LossAction.Dropped)]
    [InlineData("\"logprobs\":true", "logprobs", LossAction.Dropped)]
    [InlineData("\"presence_penalty\":1", "presence_penalty", LossAction.Dropped)]
    [InlineData("\"user\":\"a@b.c\"", "user", LossAction.Dropped)]
    [InlineData("\"user\":\"+41 79 000 00 00\"", "user", LossAction.Dropped)]
    [InlineData("\"service_tier\":\"flex\"", "service_tier", LossAction.Dropped)]
    [InlineData("\"store\":true", "store", LossAction.Dropped)]
    [InlineData("\"metadata\":{\"a\":\"b\"}", "metadata", LossAction.Dropped)]
    [InlineData("\"verbosity\":\"low\"", "verbosity", LossAction.Dropped)]
    [InlineData("\"stop\":[\" \"]", "stop", LossAction.Dropped)]
    [InlineData("\"x_new\":1", "x_new", LossAction.Dropped)]
    [InlineData("\"tool_choice\":\"required\"", "tool_choice", LossAction.Dropped)]
    [InlineData("\"response_format\":{\"type\":\"json_object\"}", "response_format", LossAction.Emulated)]
    [InlineData("\"reasoning_effort\":\"low\"", "reasoning_effort", LossAction.Emulated)]
    public void A_setting_that_Anthropic_does_not_take_is_reported(string fields, string field, LossAction action) =>
        Fit(Chat(fields)).Losses.Losses.ShouldHaveSingleItem().ShouldBe(new TranslationLoss(field, action, ""), new SameLoss());

    [Theory]
    [InlineData("\"temperature\":0.5,\"stop\":\"x\",\"user\":\"u1\",\"service_tier\":\"default\"")]
    [InlineData("\"n\":1,\"service_tier\":\"auto\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"modalities\":[\"text\"]")]
    [InlineData("\"reasoning_effort\":\"none\"")]
    public void What_Anthropic_takes_is_no_loss(string fields) => Fit(Chat(fields)).Losses.Losses.ShouldBeEmpty();

    [Fact]
    public void A_schema_goes_to_the_form_of_the_output_and_is_closed()
    {
        JsonElement form = Fit(Chat("""
            "response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{"type":"object","additionalProperties":false}}}}}
            """)).Json.GetProperty("output_config").GetProperty("format");
        form.GetRawText().ShouldBe("""{"type":"json_schema","schema":{"type":"object","properties":{"a":{"type":"object","additionalProperties":false}},"additionalProperties":false}}""");
    }

    [Theory]
    [InlineData("claude-sonnet-4-5", "low", """{"type":"enabled","budget_tokens":1024}""", null)]
    [InlineData("claude-opus-4-6", "high", """{"type":"adaptive"}""", "high")]
    [InlineData("claude-sonnet-5", "minimal", """{"type":"adaptive"}""", "low")]
    [InlineData("anthropic/claude-opus-4.7", "medium", """{"type":"adaptive"}""", "medium")]
    [InlineData("claude-mythos-preview", "max", """{"type":"adaptive"}""", "max")]
    [InlineData("claude-3-7-sonnet-20250219", "medium", """{"type":"enabled","budget_tokens":4096}""", null)]
    [InlineData("claude-3-5-haiku-20241022", "medium", null, null)]
    [InlineData("claude-opus-4-20250514", "medium", """{"type":"enabled","budget_tokens":4096}""", null)]
    public void Effort_becomes_what_the_model_takes(string model, string effort, string? thinking, string? written)
    {
        (JsonElement json, _) = Fit(Chat($"\"reasoning_effort\":\"{effort}\""), new TargetModel(model, "anthropic"));
        (json.TryGetProperty("thinking", out JsonElement t) ? t.GetRawText() : null).ShouldBe(thinking);
        (json.TryGetProperty("output_config", out JsonElement o) ? o.GetProperty("effort").GetString() : null).ShouldBe(written);
    }

    [Fact]
    public void With_thinking_the_model_takes_no_sampling_and_no_forced_tool()
    {
        const string tool = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]";
        (JsonElement json, LossList losses) = Fit(Chat("\"reasoning_effort\":\"low\",\"temperature\":0.2,\"top_k\":3"));
        json.TryGetProperty("temperature", out _).ShouldBeFalse();
        losses.Losses.Select(l => l.Field).ShouldBe(["reasoning_effort", "temperature", "top_k"], ignoreOrder: true);
        (json, losses) = Fit(Chat($"\"reasoning_effort\":\"low\",{tool},\"tool_choice\":\"required\""));
        json.TryGetProperty("thinking", out _).ShouldBeFalse();
        json.GetProperty("tool_choice").GetProperty("type").GetString().ShouldBe("any");
        json.GetProperty("tools")[0].GetProperty("input_schema").GetRawText().ShouldBe("""{"type":"object","properties":{}}""");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("reasoning_effort");
    }

    [Theory]
    [InlineData("anthropic-claude-v1", true)]
    [InlineData("google-gemini-v1", false)]
    public void Thinking_comes_back_if_Anthropic_signed_it_and_without_it_the_loop_goes_on_without(string signer, bool back)
    {
        (JsonElement json, LossList losses) = Fit(Chat("\"reasoning_effort\":\"low\"", $$$"""
            {"role":"user","content":"q"},
            {"role":"assistant","content":"x","reasoning_details":[{"type":"reasoning.text","text":"t","signature":"s","format":"{{{signer}}}"}],"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"a","content":"r"}
            """));
        json.GetProperty("messages")[1].GetProperty("content")[0].GetProperty("type").GetString().ShouldBe(back ? "thinking" : "text");
        json.TryGetProperty("thinking", out _).ShouldBe(back);
        losses.Losses.Any(l => l.Field.EndsWith(".reasoning", StringComparison.Ordinal)).ShouldBe(!back);
    }

    [Fact]
    public void Models_after_Opus_46_take_no_sampling()
    {
        (JsonElement json, LossList losses) = Fit(Chat("\"temperature\":0.2,\"top_p\":0.5"), new TargetModel("claude-opus-4-7", "anthropic"));
        json.TryGetProperty("temperature", out _).ShouldBeFalse();
        losses.Losses.Select(l => l.Field).ShouldBe(["temperature", "top_p"]);
    }

    [Fact]
    public void Parallel_calls_are_switched_off_in_the_choice()
    {
        const string tools = "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"strict\":true,\"parameters\":{\"properties\":{}}}}],\"parallel_tool_calls\":false";
        Fit(Chat(tools)).Json.GetProperty("tool_choice").GetRawText().ShouldBe("""{"type":"auto","disable_parallel_tool_use":true}""");
        (JsonElement json, LossList losses) = Fit(Chat(tools + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"f\"}}"));
        json.GetProperty("tool_choice").GetRawText().ShouldBe("""{"type":"tool","name":"f","disable_parallel_tool_use":true}""");
        json.GetProperty("tools")[0].GetProperty("input_schema").GetRawText().ShouldBe("""{"type":"object","properties":{}}""");
        json.GetProperty("tools")[0].GetProperty("strict").GetBoolean().ShouldBeTrue();
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("tools[0].function.parameters");
    }

    [Fact]
    public void Media_go_as_blocks_and_sound_is_left_out()
    {
        (JsonElement json, LossList losses) = Fit(Chat("", """
            {"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y.png"}},{"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAA"}},
            {"type":"file","file":{"file_data":"data:application/pdf;base64,AAAA","filename":"n"}},{"type":"file","file":{"file_data":"data:text/plain;base64,aGk="}},
            {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},{"type":"text","text":"q","cache_control":{"type":"ephemeral","ttl":"1h"}}]}
            """));
        JsonElement content = json.GetProperty("messages")[0].GetProperty("content");
        content.EnumerateArray().Select(b => b.GetProperty("type").GetString()).ShouldBe(["image", "image", "document", "document", "text"]);
        content[1].GetProperty("source").GetProperty("media_type").GetString().ShouldBe("image/jpeg");
        content[3].GetProperty("source").GetProperty("data").GetString().ShouldBe("hi");
        content[4].GetProperty("cache_control").GetRawText().ShouldBe("""{"type":"ephemeral","ttl":"1h"}""");
        losses.Losses.ShouldHaveSingleItem().Field.ShouldBe("messages[0].content[4]");
    }

    [Fact]
    public void A_schema_that_is_no_Unicode_is_left_to_the_provider() => Encoding.UTF8.GetString(Doors.Written(Doors.Request(
        Encoding.UTF8.GetBytes(Chat("""
            "response_format":{"type":"json_schema","json_schema":{"schema":{"\ud800":{"type":"\ud800"}}}},"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"\ud800"}}}]
            """)), ChatFormat.Instance))).ShouldContain("""{"\ud800":{"type":"\ud800"}}""");

    private sealed class SameLoss : IEqualityComparer<TranslationLoss>
    {
        public bool Equals(TranslationLoss? x, TranslationLoss? y) => x?.Field == y?.Field && x?.Action == y?.Action;

        public int GetHashCode(TranslationLoss obj) => 0;
    }
}
