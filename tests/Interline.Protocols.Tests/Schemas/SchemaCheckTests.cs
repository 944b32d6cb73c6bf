using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.OpenAIChat;
using Interline.Protocols.Tests.Recordings;

namespace Interline.Protocols.Tests.Schemas;

public sealed class SchemaCheckTests
{
    private const string Chat = """{"model":"m","messages":[{"role":"user","content":"a"}]""";
    private const string Anthropic = """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"a"}]""";
    private const string Gemini = """{"contents":[{"role":"user","parts":[{"text":"a"}]}]""";

    public static TheoryData<string> Official => [.. Recording.All.Where(r => r is { Request: not null, Provider: "openai" or "azure", Status: 200 }).Select(r => r.Name)];

    public static TheoryData<string> Requests => RecordingTests.Requests;

    private static List<string> Problems(WireFormat format, string json) => [.. SchemaCheck.Request(format, Encoding.UTF8.GetBytes(json)).Select(p => p.ToString())];

    [Theory]
    [InlineData(WireFormat.OpenAIChat, Chat + "}")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","tools":[{"type":"function","function":{"name":"f","parameters":{"any":[1]}}}],"tool_choice":"auto","stop":["x"],"temperature":null}""")]
    [InlineData(WireFormat.AnthropicMessages, Anthropic + "}")]
    [InlineData(WireFormat.AnthropicMessages, Anthropic + ""","system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}],"tools":[{"name":"f","input_schema":{"type":"object","x":1}}]}""")]
    [InlineData(WireFormat.Gemini, Gemini + "}")]
    [InlineData(WireFormat.Gemini, Gemini + ""","tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","minLength":1}}}}]}],"generationConfig":{"temperature":0.5}}""")]
    public void A_good_request_passes(WireFormat format, string json) => Problems(format, json).ShouldBeEmpty();

    [Theory]
    [InlineData(WireFormat.OpenAIChat, """{"messages":[{"role":"user","content":"a"}]}""", "must have model")]
    [InlineData(WireFormat.OpenAIChat, """{"model":"m","messages":[]}""", "messages: must have at least 1")]
    [InlineData(WireFormat.OpenAIChat, """{"model":"m","messages":[{"role":"robot","content":"a"}]}""", "messages[0].role: must be")]
    [InlineData(WireFormat.OpenAIChat, """{"model":"m","messages":[{"role":"tool","content":"a"}]}""", "messages[0]: must have tool_call_id (as ChatCompletionRequestToolMessage)")]
    [InlineData(WireFormat.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x","detail":"sharp"}}]}]}""", "messages[0].content[0].image_url.detail: must be one of")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","reasoning_effort":"a lot"}""", "reasoning_effort: must be one of")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","temperature":3}""", "temperature: must be at most 2")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","stop":["1","2","3","4","5"]}""", "stop: must have at most 4")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","top_k":3}""", "top_k: must not be there")]
    [InlineData(WireFormat.OpenAIChat, Chat + ""","tools":[{"type":"function","function":{}}]}""", "tools[0].function: must have name")]
    [InlineData(WireFormat.AnthropicMessages, """{"model":"m","messages":[{"role":"user","content":"a"}]}""", "must have max_tokens")]
    [InlineData(WireFormat.AnthropicMessages, """{"model":"m","max_tokens":1,"messages":[{"role":"tool","content":"a"}]}""", "messages[0].role: must be one of")]
    [InlineData(WireFormat.AnthropicMessages, """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"thinking","thinking":"a"}]}]}""", "messages[0].content[0]: must have signature")]
    [InlineData(WireFormat.AnthropicMessages, """{"model":"m","max_tokens":1,"messages":[{"role":"user","content":[{"type":"tool_use","id":"a b","name":"f","input":{}}]}]}""", "messages[0].content[0].id: must match")]
    [InlineData(WireFormat.AnthropicMessages, Anthropic + ""","x":1}""", "x: must not be there")]
    [InlineData(WireFormat.AnthropicMessages, Anthropic + ""","temperature":1.5}""", "temperature: must be at most 1")]
    [InlineData(WireFormat.AnthropicMessages, Anthropic + ""","tool_choice":{"type":"function"}}""", "tool_choice.type: must be")]
    [InlineData(WireFormat.Gemini, """{"contents":[{"parts":[{"txt":"a"}]}]}""", "contents[0].parts[0].txt: must not be there")]
    [InlineData(WireFormat.Gemini, """{"contents":"a"}""", "contents: must be \"array\"")]
    [InlineData(WireFormat.Gemini, Gemini + ""","toolConfig":{"functionCallingConfig":{"mode":"required"}}}""", "toolConfig.functionCallingConfig.mode: must be one of")]
    public void A_bad_request_is_found_with_its_place(WireFormat format, string json, string problem) =>
        Problems(format, json).ShouldContain(p => p.Contains(problem, StringComparison.Ordinal));

    [Fact]
    public void A_field_of_a_beta_passes_only_with_it()
    {
        byte[] json = Encoding.UTF8.GetBytes(Anthropic + ""","context_management":{"edits":[]}}""");
        SchemaCheck.Request(WireFormat.AnthropicMessages, json).ShouldHaveSingleItem().Keyword.ShouldBe("additionalProperties");
        SchemaCheck.Request(WireFormat.AnthropicMessages, json, beta: true).ShouldBeEmpty();
    }

    [Fact]
    public void Counting_takes_no_limit()
    {
        SchemaCheck.CountTokens(WireFormat.AnthropicMessages, """{"model":"m","messages":[{"role":"user","content":"a"}]}"""u8).ShouldBeEmpty();
        SchemaCheck.CountTokens(WireFormat.AnthropicMessages, Encoding.UTF8.GetBytes(Anthropic + "}")).ShouldHaveSingleItem().Path.ShouldBe("max_tokens");
        SchemaCheck.CountTokens(WireFormat.AnthropicMessages, """{"model":"m"}"""u8, beta: true).ShouldHaveSingleItem().What.ShouldBe("must have messages");
        SchemaCheck.CountTokens(WireFormat.Gemini, Encoding.UTF8.GetBytes(Gemini + "}")).ShouldBeEmpty();
        SchemaCheck.CountTokens(WireFormat.Gemini, """{"content":[]}"""u8).ShouldHaveSingleItem().Path.ShouldBe("content");
    }

    [Theory]
    [MemberData(nameof(Official))]
    public void A_recorded_request_to_OpenAI_passes(string name) => SchemaCheck.Request(WireFormat.OpenAIChat, Recording.Of(name).Request).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Requests))]
    public void Writing_a_recorded_request_adds_no_problem(string name)
    {
        byte[] request = Recording.Of(name).Request!;
        Same(request, Doors.Written(Doors.Request(request)));
    }

    [Fact]
    public void Writing_a_random_request_adds_no_problem() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            byte[] request = RandomRequest.Make(new Random(seed));
            Same(request, Doors.Written(Doors.Request(request)));
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void A_request_of_another_format_with_all_it_may_hold_becomes_one_that_OpenAI_takes()
    {
        NativeFields native = new(WireFormat.AnthropicMessages, new NativeField("odd", new RawJson("1")));
        InlineSource file = new("application/pdf", "AAAA"u8.ToArray());
        Part[] given =
        [
            new TextPart("a") { Cache = new CacheMark("1h"), Signature = "s", Native = native }, new ImagePart(new UrlSource("https://x")) { Detail = "low" }, new DocumentPart(file),
            new DocumentPart(new UrlSource("https://x")), new DocumentPart(new TextSource("t")) { Title = "t" }, new VideoPart(new UrlSource("https://x")), new AudioPart(new InlineSource("audio/wav", file.Base64)),
        ];
        Part[] said =
        [
            new ReasoningPart("r") { Signature = "s" }, new TextPart("b") { Citations = [new Citation { Url = "https://x" }] }, new RefusalPart("no"),
            new ToolCallPart("", "f", "") { Signature = "s", ItemId = "i" }, new ToolCallPart("c", "g", "x") { IsCustom = true },
            new OpaquePart(WireFormat.AnthropicMessages, "server_tool_use", new RawJson("{}")),
        ];
        ConversationRequest request = new("m",
        [
            new Message(Role.User, given) { Id = "i", Name = "n", Native = native }, new Message(Role.Assistant, said) { Native = native },
            new Message(Role.User, [new ToolResultPart("", [new TextPart("r"), new ImagePart(file)]) { Name = "f", IsError = true }, new ToolResultPart("c", [])]) { Native = native },
            new Message(Role.Assistant, [new ReasoningPart("r")]) { Native = native },
        ])
        {
            Instructions = [new TextPart("be kind"), new TextPart("be brief") { Cache = new CacheMark() }],
            Tools = [new FunctionTool("f") { Strict = true, Cache = new CacheMark(), Native = native, InnerNative = native }, new CustomTool("g"), new OpaqueTool(WireFormat.AnthropicMessages, "x", new RawJson("{}"))],
            ToolChoice = new ToolChoice(ToolChoiceMode.Required) { Allowed = ["f"] },
            ResponseFormat = new ResponseFormat(ResponseFormatKind.JsonSchema) { Schema = new RawJson("{}"), Native = native },
            Sampling = new Sampling { TopK = 1, MinP = 1, Temperature = 1, Stop = ["1", "2", "3", "4", "5"], Candidates = 1, Seed = 1 },
            Reasoning = new ReasoningSettings { BudgetTokens = 5000, Adaptive = true, Summary = "auto" },
            OutputModalities = ["text", "image"], ServiceTier = "standard_only", EndUser = "u", Metadata = new RawJson("""{"a":"b"}"""), MaxOutputTokens = 10, ParallelToolCalls = false, Stream = true,
            StreamOptions = new StreamOptions { IncludeUsage = true }, Native = native,
        };
        SchemaCheck.Request(WireFormat.OpenAIChat, Doors.Written(request)).ShouldBeEmpty();
        ConversationRequest bare = request with { Tools = [new OpaqueTool(WireFormat.AnthropicMessages, "x", new RawJson("{}"))], OutputModalities = ["image"], ServiceTier = "other" };
        SchemaCheck.Request(WireFormat.OpenAIChat, Doors.Written(bare)).ShouldBeEmpty();
    }

    private static void Same(byte[] read, byte[] written) => SchemaCheck.Request(WireFormat.OpenAIChat, written).Select(p => (p.Path, p.Keyword)).Order()
        .ShouldBe(SchemaCheck.Request(WireFormat.OpenAIChat, read).Select(p => (p.Path, p.Keyword)).Order());
}
