using System.Text.Json;
using Interline.Calls;
using Interline.Protocols;
using Interline.Protocols.Gemini;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>A conversation with a tool over two turns: what the provider signed and the caller cannot carry is beside the call again when its result comes.</summary>
public sealed class SignatureTurnTests
{
    private const string Signature = "c2lnbmVkLWJ5LXRoZS1wcm92aWRlcg==";

    private const string GeminiCall =
        "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"look\",\"args\":{\"city\":\"Rome\"}},\"thoughtSignature\":\"" + Signature + "\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":100,\"candidatesTokenCount\":10,\"totalTokenCount\":110},\"modelVersion\":\"gem\",\"responseId\":\"r1\"}";

    private const string AnthropicCall =
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"I must look.\",\"signature\":\"" + Signature + "\"},{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"look\",\"input\":{\"city\":\"Rome\"}}],\"stop_reason\":\"tool_use\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":10}}";

    private static readonly string AnthropicCallStreamed = string.Concat(
        Event("message_start", "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}"),
        Event("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}"),
        Event("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"I must \"}"),
        Event("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"look.\"}"),
        Event("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"" + Signature + "\"}"),
        Event("content_block_stop", "\"index\":0"),
        Event("content_block_start", "\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"look\",\"input\":{}}"),
        Event("content_block_delta", "\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"city\\\":\\\"Rome\\\"}\"}"),
        Event("content_block_stop", "\"index\":1"),
        Event("message_delta", "\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":10}"),
        Event("message_stop", ""));

    [Theory]
    [InlineData("openai", false)]
    [InlineData("openai", true)]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    public async Task Gemini_gets_its_signature_back_under_the_id_its_nameless_call_was_given(string caller, bool streamed)
    {
        Tongue from = Tongue.All[caller];
        await using var provider = new FakeProvider();
        provider.Then(streamed ? FakeAnswer.Stream("data: " + GeminiCall + "\r\n\r\n", 31) : FakeAnswer.Json(GeminiCall)).Then(FakeAnswer.Json(Tongue.Gemini.Answer));
        using Engine engine = new Engine().With(provider, Tongue.Gemini);

        Ended first = await engine.SendAsync(Ask(caller, streamed), streamed ? from.Streamed : from.Plain);
        string id = CallId(caller, first.Text, streamed);
        Ended second = await engine.SendAsync(Result(caller, id), from.Plain);

        first.Record.Finish.ShouldBe(FinishReason.ToolCalls);
        id.Length.ShouldBeInRange(6, 40);
        second.Error.ShouldBeNull();
        JsonElement call = Call(provider.Requests[1]);
        call.GetProperty("thoughtSignature").GetString().ShouldBe(Signature);
        call.GetProperty("functionCall").GetProperty("args").GetProperty("city").GetString().ShouldBe("Rome");
        provider.Requests[1].Text.ShouldContain("functionResponse");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anthropic_gets_its_signed_thinking_back_before_the_call_from_a_caller_that_knows_no_signatures(bool streamed)
    {
        await using var provider = new FakeProvider();
        provider.Then(streamed ? FakeAnswer.Stream(AnthropicCallStreamed, 31) : FakeAnswer.Json(AnthropicCall)).Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(provider, Tongue.Anthropic, x => x with { UpstreamModel = "claude-sonnet-4-5" });

        Ended first = await engine.SendAsync(Ask("openai", streamed, ",\"reasoning_effort\":\"high\""), Tongue.OpenAI.Plain);
        string id = CallId("openai", first.Text, streamed);
        await engine.SendAsync(Result("openai", id, ",\"reasoning_effort\":\"high\""), Tongue.OpenAI.Plain);

        id.ShouldBe("toolu_1");
        JsonElement[] blocks = AssistantBlocks(provider.Requests[1]);
        blocks.Select(x => x.GetProperty("type").GetString()).ShouldBe(["thinking", "tool_use"]);
        (blocks[0].GetProperty("thinking").GetString(), blocks[0].GetProperty("signature").GetString()).ShouldBe(("I must look.", Signature));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anthropic_gets_its_signed_thinking_back_from_a_gemini_caller(bool streamed)
    {
        const string Tools = """
            "tools":[{"functionDeclarations":[{"name":"look","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}],"generationConfig":{"thinkingConfig":{"thinkingBudget":2048}}
            """;
        await using var provider = new FakeProvider();
        provider.Then(streamed ? FakeAnswer.Stream(AnthropicCallStreamed, 31) : FakeAnswer.Json(AnthropicCall)).Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(provider, Tongue.Anthropic, x => x with { UpstreamModel = "claude-sonnet-4-5" });

        Ended first = await engine.SendAsync("{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"weather?\"}]}]," + Tools + "}", streamed ? GenerateLane.Stream : GenerateLane.Plain);
        string content = GeminiContent(first.Text, streamed);
        await engine.SendAsync(
            "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"weather?\"}]}," + content + ",{\"role\":\"user\",\"parts\":[{\"functionResponse\":{\"id\":\"toolu_1\",\"name\":\"look\",\"response\":{\"output\":\"rain\"}}}]}]," + Tools + "}",
            GenerateLane.Plain);

        JsonElement[] blocks = AssistantBlocks(provider.Requests[1]);
        JsonElement thinking = blocks.Where(x => x.GetProperty("type").GetString() == "thinking").ShouldHaveSingleItem();
        thinking.GetProperty("signature").GetString().ShouldBe(Signature);
    }

    [Fact]
    public async Task Another_tenant_gets_nothing_of_it()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(GeminiCall)).Then(FakeAnswer.Json(Tongue.Gemini.Answer));
        using Engine engine = new Engine().With(provider, Tongue.Gemini);

        Ended first = await engine.SendAsync(Ask("openai", false), Tongue.OpenAI.Plain, caller: new CallerFacts { Tenant = "one" });
        await engine.SendAsync(Result("openai", CallId("openai", first.Text, false)), Tongue.OpenAI.Plain, caller: new CallerFacts { Tenant = "two" });

        provider.Requests[1].Text.ShouldNotContain(Signature);
        provider.Requests[1].Text.ShouldContain("functionCall");
    }

    [Fact]
    public async Task A_provider_of_another_format_gets_nothing_of_it()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(GeminiCall)).Then(FakeAnswer.Json(Tongue.Gemini.ErrorBody, 500));
        two.Then(FakeAnswer.Json(Tongue.Anthropic.Answer));
        using Engine engine = new Engine().With(one, Tongue.Gemini).With(two, Tongue.Anthropic);

        Ended first = await engine.SendAsync(Ask("openai", false), Tongue.OpenAI.Plain);
        Ended second = await engine.SendAsync(Result("openai", CallId("openai", first.Text, false)), Tongue.OpenAI.Plain);

        second.Error.ShouldBeNull();
        one.Requests[1].Text.ShouldContain(Signature);
        two.Requests[0].Text.ShouldContain("tool_use");
        two.Requests[0].Text.ShouldNotContain(Signature);
    }

    private static string Event(string name, string fields) => $"event: {name}\ndata: {{\"type\":\"{name}\"{(fields.Length > 0 ? "," : "")}{fields}}}\n\n";

    private static string Ask(string caller, bool streamed, string more = "")
    {
        string stream = streamed ? ",\"stream\":true" : "";
        return caller == "openai"
            ? $$"""{"model":"gpt","messages":[{"role":"user","content":"weather?"}],"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{"city":{"type":"string"} } } } }]{{stream}}{{more}} }"""
            : $$"""{"model":"gpt","max_tokens":99,"messages":[{"role":"user","content":"weather?"}],"tools":[{"name":"look","input_schema":{"type":"object","properties":{"city":{"type":"string"} } } }]{{stream}}{{more}} }""";
    }

    private static string Result(string caller, string id, string more = "") => caller == "openai"
        ? $$"""{"model":"gpt","messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":null,"tool_calls":[{"id":"{{id}}","type":"function","function":{"name":"look","arguments":"{\"city\":\"Rome\"}"} }]},{"role":"tool","tool_call_id":"{{id}}","content":"rain"}],"tools":[{"type":"function","function":{"name":"look","parameters":{"type":"object","properties":{"city":{"type":"string"} } } } }]{{more}} }"""
        : $$"""{"model":"gpt","max_tokens":99,"messages":[{"role":"user","content":"weather?"},{"role":"assistant","content":[{"type":"tool_use","id":"{{id}}","name":"look","input":{"city":"Rome"} }]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"{{id}}","content":"rain"}]}],"tools":[{"name":"look","input_schema":{"type":"object","properties":{"city":{"type":"string"} } } }]{{more}} }""";

    /// <summary>The id the client was given for the only call of an answer.</summary>
    private static string CallId(string caller, string answer, bool streamed)
    {
        foreach (JsonElement json in streamed ? Data(answer) : [Parse(answer)])
        {
            JsonElement found = default;
            if (caller == "openai")
            {
                JsonElement message = json.GetProperty("choices").EnumerateArray().Select(x => x.GetProperty(streamed ? "delta" : "message")).FirstOrDefault();
                found = message.ValueKind == JsonValueKind.Object && message.TryGetProperty("tool_calls", out JsonElement calls) ? calls[0] : default;
            }
            else if (streamed)
            {
                found = json.TryGetProperty("content_block", out JsonElement block) && block.GetProperty("type").GetString() == "tool_use" ? block : default;
            }
            else
            {
                found = json.GetProperty("content").EnumerateArray().Single(x => x.GetProperty("type").GetString() == "tool_use");
            }

            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty("id", out JsonElement id))
            {
                return id.GetString()!;
            }
        }

        throw new InvalidOperationException("no call came: " + answer);
    }

    /// <summary>The model's content of an answer in Gemini's format, its parts joined as SDKs do.</summary>
    private static string GeminiContent(string answer, bool streamed) =>
        "{\"role\":\"model\",\"parts\":[" + string.Join(',', (streamed ? Data(answer) : [Parse(answer)])
            .SelectMany(x => x.GetProperty("candidates").EnumerateArray())
            .SelectMany(x => x.TryGetProperty("content", out JsonElement content) && content.TryGetProperty("parts", out JsonElement parts) ? parts.EnumerateArray().ToArray() : [])
            .Where(x => !x.TryGetProperty("text", out JsonElement text) || text.GetString() is { Length: > 0 })
            .Select(x => x.GetRawText())) + "]}";

    private static IEnumerable<JsonElement> Data(string stream) => stream.ReplaceLineEndings("\n").Split('\n')
        .Where(x => x.StartsWith("data: {", StringComparison.Ordinal)).Select(x => Parse(x[6..]));

    private static JsonElement Parse(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    private static JsonElement Call(FakeRequest request) => Parse(request.Text).GetProperty("contents").EnumerateArray()
        .SelectMany(x => x.GetProperty("parts").EnumerateArray()).Single(x => x.TryGetProperty("functionCall", out JsonElement _));

    private static JsonElement[] AssistantBlocks(FakeRequest request) =>
        [.. Parse(request.Text).GetProperty("messages").EnumerateArray().Single(x => x.GetProperty("role").GetString() == "assistant").GetProperty("content").EnumerateArray()];
}
