using System.Text.Json;
using Anthropic.Models.Messages;
using Interline.Testing;

namespace Interline.Server.Tests.AnthropicSdk;

/// <summary>Tools and thinking through Anthropic's SDK, with a provider of each wire format.</summary>
public sealed class ToolTests
{
    private static readonly Tool Weather = new()
    {
        Name = "get_weather",
        Description = "Weather of a city",
        InputSchema = new InputSchema { Properties = new Dictionary<string, JsonElement> { ["city"] = JsonSerializer.SerializeToElement(new { type = "string" }) }, Required = ["city"] },
    };

    public static TheoryData<string> Wires => MessageTests.Wires;

    public static TheoryData<string, string> WiresAndCities
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string wire in (string[])["anthropic", "openai", "gemini"])
            {
                all.Add(wire, "Paris");
                all.Add(wire, "Paris,Rome");
            }

            return all;
        }
    }

    private static MessageCreateParams Ask => Backend.Ask("Weather?") with { Tools = [Weather] };

    [Theory]
    [MemberData(nameof(WiresAndCities))]
    public async Task Calls_come_with_ids_and_arguments_and_their_results_go_back(string wire, string cities)
    {
        string[] all = cities.Split(',');
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Call(wire, streamed: false, all)).Then(Replies.Say(wire, streamed: false));

        Message first = await backend.Client.Messages.Create(Ask);
        List<ToolUseBlock> calls = Calls(first);
        Body(backend).GetProperty("tools").GetArrayLength().ShouldBe(1);
        Message second = await backend.Client.Messages.Create(Ask with
        {
            Messages = [Backend.User("Weather?"), Said(first), new UserMessageParam(new List<ContentBlockParam>(calls.Select(x => (ContentBlockParam)new ToolResultBlockParam(x.ID) { Content = "sun in " + City(x.Input) })))],
        });

        first.StopReason!.Value().ShouldBe(StopReason.ToolUse);
        calls.Select(x => City(x.Input)).ShouldBe(all);
        calls.Select(x => x.ID).ShouldBeUnique();
        second.StopReason!.Value().ShouldBe(StopReason.EndTurn);
        string asked = backend.Asked().Text;
        foreach (string city in all)
        {
            asked.ShouldContain("sun in " + city);
        }

        JsonElement body = Body(backend);
        (wire switch
        {
            "anthropic" => body.GetProperty("messages")[2].GetProperty("content").EnumerateArray().Select(x => x.GetProperty("tool_use_id").GetString()),
            "openai" => body.GetProperty("messages").EnumerateArray().Skip(2).Select(x => x.GetProperty("tool_call_id").GetString()),
            _ => body.GetProperty("contents")[2].GetProperty("parts").EnumerateArray().Select(x => x.GetProperty("functionResponse").GetProperty("name").GetString()),
        }).ShouldBe(wire == "gemini" ? all.Select(_ => "get_weather") : calls.Select(x => x.ID));
    }

    [Theory]
    [MemberData(nameof(WiresAndCities))]
    public async Task Streamed_calls_come_block_by_block(string wire, string cities)
    {
        string[] all = cities.Split(',');
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Call(wire, streamed: true, all));

        List<JsonElement> events = await MessageTests.StreamAsync(backend, Ask);

        JsonElement[] starts = [.. events.Where(x => x.GetProperty("type").GetString() == "content_block_start")];
        starts.Select(x => x.GetProperty("content_block").GetProperty("type").GetString()).ShouldAllBe(x => x == "tool_use");
        starts.Select(x => x.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(0, all.Length));
        starts.Select(x => x.GetProperty("content_block").GetProperty("id").GetString()).ShouldBeUnique();
        for (int i = 0; i < all.Length; i++)
        {
            JsonDocument.Parse(MessageTests.Deltas(events, "partial_json", i)).RootElement.GetProperty("city").GetString().ShouldBe(all[i]);
        }

        events[^2].GetProperty("delta").GetProperty("stop_reason").GetString().ShouldBe("tool_use");
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Tool_choice_arrives_in_the_providers_words(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Call(wire, streamed: false, "Paris"), 2);

        await backend.Client.Messages.Create(Ask with { ToolChoice = new ToolChoiceTool("get_weather") });
        JsonElement named = Body(backend);
        await backend.Client.Messages.Create(Ask with { ToolChoice = new ToolChoiceAny { DisableParallelToolUse = true } });
        JsonElement any = Body(backend);

        switch (wire)
        {
            case "anthropic":
                named.GetProperty("tool_choice").GetProperty("name").GetString().ShouldBe("get_weather");
                any.GetProperty("tool_choice").GetProperty("disable_parallel_tool_use").GetBoolean().ShouldBeTrue();
                break;
            case "openai":
                named.GetProperty("tool_choice").GetProperty("function").GetProperty("name").GetString().ShouldBe("get_weather");
                any.GetProperty("tool_choice").GetString().ShouldBe("required");
                any.GetProperty("parallel_tool_calls").GetBoolean().ShouldBeFalse();
                break;
            default:
                JsonElement config = named.GetProperty("toolConfig").GetProperty("functionCallingConfig");
                config.GetProperty("mode").GetString().ShouldBe("ANY");
                config.GetProperty("allowedFunctionNames")[0].GetString().ShouldBe("get_weather");
                any.GetProperty("toolConfig").GetProperty("functionCallingConfig").GetProperty("mode").GetString().ShouldBe("ANY");
                break;
        }
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Thinking_comes_before_the_text_plain_and_streamed(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: false, Replies.Thought)).Then(Replies.Say(wire, streamed: true, Replies.Thought));
        MessageCreateParams ask = Backend.Ask() with { Thinking = new ThinkingConfigEnabled(1024) };

        Message plain = await backend.Client.Messages.Create(ask);
        List<JsonElement> events = await MessageTests.StreamAsync(backend, ask);

        plain.Content.Select(x => x.Type.Raw()).ShouldBe(["thinking", "text"]);
        plain.Content[0].TryPickThinking(out ThinkingBlock? thinking).ShouldBeTrue();
        thinking!.Thinking.ShouldBe(Replies.Thought);
        (MessageTests.Deltas(events, "thinking", 0), MessageTests.Deltas(events, "text", 1)).ShouldBe((Replies.Thought, Replies.Text));
        JsonElement body = Body(backend);
        switch (wire)
        {
            case "anthropic":
                body.GetProperty("thinking").GetProperty("budget_tokens").GetInt32().ShouldBe(1024);
                break;
            case "openai":
                body.GetProperty("reasoning_effort").GetString().ShouldNotBeNullOrEmpty();
                break;
            default:
                JsonElement config = body.GetProperty("generationConfig").GetProperty("thinkingConfig");
                config.GetProperty("thinkingBudget").GetInt32().ShouldBe(1024);
                config.GetProperty("includeThoughts").GetBoolean().ShouldBeTrue();
                break;
        }
    }

    [Theory]
    [InlineData("anthropic", false)]
    [InlineData("anthropic", true)]
    [InlineData("gemini", false)]
    [InlineData("gemini", true)]
    public async Task A_signature_goes_back_to_the_provider_that_made_it(string wire, bool streamed)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.ThinkAndCall(wire, streamed)).Then(Replies.Say(wire, streamed: false));
        MessageCreateParams ask = Ask with { Thinking = new ThinkingConfigEnabled(1024) };

        List<ContentBlockParam> said;
        string id;
        if (streamed)
        {
            List<JsonElement> events = await MessageTests.StreamAsync(backend, ask);
            id = events.Where(x => x.GetProperty("type").GetString() == "content_block_start").Select(x => x.GetProperty("content_block")).Single(x => x.GetProperty("type").GetString() == "tool_use").GetProperty("id").GetString()!;
            said =
            [
                new ThinkingBlockParam { Thinking = MessageTests.Deltas(events, "thinking"), Signature = MessageTests.Deltas(events, "signature") },
                new ToolUseBlockParam { ID = id, Name = "get_weather", Input = new Dictionary<string, JsonElement> { ["city"] = JsonSerializer.SerializeToElement("Paris") } },
            ];
        }
        else
        {
            Message first = await backend.Client.Messages.Create(ask);
            id = Calls(first).Single().ID;
            said = Blocks(first);
        }

        await backend.Client.Messages.Create(ask with
        {
            Messages = [Backend.User("Weather?"), new AssistantMessageParam(said), new UserMessageParam(new List<ContentBlockParam> { new ToolResultBlockParam(id) { Content = "sun" } })],
        });

        JsonElement body = Body(backend);
        if (wire == "anthropic")
        {
            JsonElement thinking = body.GetProperty("messages")[1].GetProperty("content")[0];
            (thinking.GetProperty("thinking").GetString(), thinking.GetProperty("signature").GetString()).ShouldBe((Replies.Thought, Replies.Signature));
        }
        else
        {
            body.GetProperty("contents")[1].GetProperty("parts").EnumerateArray().Single(x => x.TryGetProperty("functionCall", out JsonElement _)).GetProperty("thoughtSignature").GetString().ShouldBe(Replies.Signature);
        }
    }

    private static JsonElement Body(Backend backend) => MessageTests.Body(backend.Asked());

    private static AssistantMessageParam Said(Message message) => new(Blocks(message));

    /// <summary>The blocks of an answer as a client sends them back.</summary>
    private static List<ContentBlockParam> Blocks(Message message) => [.. message.Content.Select(x => new ContentBlockParam(x.Json))];

    private static List<ToolUseBlock> Calls(Message message)
    {
        List<ToolUseBlock> calls = [];
        foreach (ContentBlock block in message.Content)
        {
            if (block.TryPickToolUse(out ToolUseBlock? call))
            {
                calls.Add(call);
            }
        }

        return calls;
    }

    private static string City(IReadOnlyDictionary<string, JsonElement> input) => input["city"].GetString()!;
}
