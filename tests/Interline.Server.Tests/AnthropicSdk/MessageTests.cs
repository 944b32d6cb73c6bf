using System.Text.Json;
using Anthropic.Models.Messages;
using Anthropic.Models.Models;
using Anthropic.Core;
using Interline.Testing;

namespace Interline.Server.Tests.AnthropicSdk;

/// <summary>Anthropic's official SDK for .NET, given nothing but another base URL and key, with a provider of each wire format behind the gateway.</summary>
public sealed class MessageTests
{
    public static TheoryData<string> Wires => ["anthropic", "openai", "gemini"];

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_message_is_answered_with_text_usage_and_stop_reason(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: false));

        Message answer = await backend.Client.Messages.Create(Backend.Ask());

        answer.Content.ShouldHaveSingleItem().TryPickText(out TextBlock? text).ShouldBeTrue();
        text!.Text.ShouldBe(Replies.Text);
        answer.StopReason!.Value().ShouldBe(StopReason.EndTurn);
        (answer.Usage.InputTokens, answer.Usage.OutputTokens).ShouldBe((12, 5));
        answer.Validate();
        Body(backend.Asked()).GetProperty(wire == "gemini" ? "contents" : "messages").GetArrayLength().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_stream_comes_in_anthropics_order_and_ends_with_usage(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: true));

        List<JsonElement> events = await StreamAsync(backend, Backend.Ask());

        events.Select(x => x.GetProperty("type").GetString()).ShouldBe(
            ["message_start", "content_block_start", "content_block_delta", "content_block_delta", "content_block_stop", "message_delta", "message_stop"]);
        Deltas(events, "text").ShouldBe(Replies.Text);
        events[0].GetProperty("message").GetProperty("role").GetString().ShouldBe("assistant");
        events[^2].GetProperty("delta").GetProperty("stop_reason").GetString().ShouldBe("end_turn");
        events[^2].GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBe(5);
        backend.Asked().Path.ShouldContain(wire switch { "anthropic" => "/v1/messages", "openai" => "/v1/chat/completions", _ => ":streamGenerateContent?alt=sse" });
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task A_system_prompt_stands_where_the_provider_wants_it(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: false));

        await backend.Client.Messages.Create(Backend.Ask() with { System = "Be brief." });

        JsonElement body = Body(backend.Asked());
        JsonElement system = wire switch
        {
            "anthropic" => body.GetProperty("system"),
            "openai" => body.GetProperty("messages")[0],
            _ => body.GetProperty("systemInstruction"),
        };
        system.GetRawText().ShouldContain("Be brief.");
        if (wire == "openai")
        {
            system.GetProperty("role").GetString().ShouldBeOneOf("system", "developer");
        }
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task The_limit_and_stop_sequences_arrive_and_a_cut_answer_says_so(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: false, cut: true));

        Message answer = await backend.Client.Messages.Create(Backend.Ask() with { StopSequences = ["END"] });

        answer.StopReason!.Value().ShouldBe(StopReason.MaxTokens);
        JsonElement body = Body(backend.Asked());
        (wire switch
        {
            "anthropic" => body.GetProperty("max_tokens"),
            "openai" => body.GetProperty("max_completion_tokens"),
            _ => body.GetProperty("generationConfig").GetProperty("maxOutputTokens"),
        }).GetInt32().ShouldBe(2000);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task An_image_arrives_byte_for_byte(string wire)
    {
        string image = Convert.ToBase64String([0x89, 0x50, 0x4E, 0x47, .. new byte[300]]);
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, streamed: false));
        MessageContentParam content = new List<ContentBlockParam>
        {
            new TextBlockParam("What is this?"),
            new ImageBlockParam(new Base64ImageSource { Data = image, MediaType = MediaType.ImagePng }),
        };

        await backend.Client.Messages.Create(Backend.Ask() with { Messages = [new UserMessageParam(content)] });

        JsonElement body = Body(backend.Asked());
        (wire switch
        {
            "anthropic" => body.GetProperty("messages")[0].GetProperty("content")[1].GetProperty("source").GetProperty("data").GetString(),
            "openai" => body.GetProperty("messages")[0].GetProperty("content")[1].GetProperty("image_url").GetProperty("url").GetString()!.Replace("data:image/png;base64,", "", StringComparison.Ordinal),
            _ => body.GetProperty("contents")[0].GetProperty("parts")[1].GetProperty("inlineData").GetProperty("data").GetString(),
        }).ShouldBe(image);
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Structured_output_is_asked_for_in_the_providers_words(string wire)
    {
        const string Json = """{"city":"Paris","population":2100000}""";
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(Replies.Say(wire, Json));
        Dictionary<string, JsonElement> schema = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(
            """{"type":"object","properties":{"city":{"type":"string"},"population":{"type":"integer"}},"required":["city","population"],"additionalProperties":false}""")!;

        Message answer = await backend.Client.Messages.Create(Backend.Ask() with { OutputConfig = new OutputConfig { Format = new JsonOutputFormat { Schema = schema } } });

        answer.Content[0].TryPickText(out TextBlock? text).ShouldBeTrue();
        text!.Text.ShouldBe(Json);
        JsonElement body = Body(backend.Asked());
        (wire switch
        {
            "anthropic" => body.GetProperty("output_config").GetProperty("format").GetProperty("schema"),
            "openai" => body.GetProperty("response_format").GetProperty("json_schema").GetProperty("schema"),
            _ => Schema(body.GetProperty("generationConfig")),
        }).GetProperty("properties").TryGetProperty("population", out JsonElement _).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Tokens_are_counted_or_estimated_and_that_is_said(string wire)
    {
        await using Backend backend = await Backend.StartAsync(wire);
        backend.Provider.Then(FakeAnswer.Json(wire == "gemini" ? """{"totalTokens":21}""" : """{"input_tokens":21}"""));

        using HttpResponse<MessageTokensCount> response = await backend.Client.Messages.WithRawResponse.CountTokens(
            new MessageCountTokensParams { Model = Backend.Model, Messages = [Backend.User("How many?")] }, TestContext.Current.CancellationToken);
        long tokens = (await response.Deserialize(TestContext.Current.CancellationToken)).InputTokens;

        response.TryGetHeaderValues("x-interline-estimated", out IEnumerable<string>? _).ShouldBe(wire == "openai");
        if (wire == "openai")
        {
            tokens.ShouldBeInRange(3, 30);
            backend.Provider.Requests.ShouldBeEmpty();
        }
        else
        {
            tokens.ShouldBe(21);
            backend.Asked(wire == "anthropic" ? "/v1/messages/count_tokens" : "/v1beta/models/gemini-2.5-flash:countTokens").Text.ShouldContain("How many?");
        }
    }

    [Fact]
    public async Task The_model_list_holds_the_model_and_it_can_be_asked_for()
    {
        await using Backend backend = await Backend.StartAsync("openai");

        ModelListPage page = await backend.Client.Models.List(new ModelListParams(), TestContext.Current.CancellationToken);
        ModelInfo one = await backend.Client.Models.Retrieve(Backend.Model, new ModelRetrieveParams(), TestContext.Current.CancellationToken);

        page.Items.Select(x => x.ID).ShouldBe([Backend.Model]);
        page.HasNext().ShouldBeFalse();
        one.ID.ShouldBe(Backend.Model);
        one.DisplayName.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Every_answer_has_a_request_id_that_the_sdk_finds()
    {
        await using Backend backend = await Backend.StartAsync("openai");
        backend.Provider.Then(Replies.Say("openai", streamed: false));

        using HttpResponse<Message> response = await backend.Client.Messages.WithRawResponse.Create(Backend.Ask(), TestContext.Current.CancellationToken);

        response.RequestID.ShouldNotBeNull().Length.ShouldBe(32);
    }

    internal static async Task<List<JsonElement>> StreamAsync(Backend backend, MessageCreateParams ask)
    {
        List<JsonElement> events = [];
        await foreach (RawMessageStreamEvent e in backend.Client.Messages.CreateStreaming(ask, TestContext.Current.CancellationToken))
        {
            events.Add(e.Json);
        }

        return events;
    }

    /// <summary>A field of all deltas, joined.</summary>
    internal static string Deltas(IEnumerable<JsonElement> events, string field, int? index = null) => string.Concat(events
        .Where(x => x.GetProperty("type").GetString() == "content_block_delta" && (index is null || x.GetProperty("index").GetInt32() == index))
        .Select(x => x.GetProperty("delta").TryGetProperty(field, out JsonElement text) ? text.GetString() : null));

    internal static JsonElement Body(FakeRequest request)
    {
        using JsonDocument document = JsonDocument.Parse(request.Body);
        return document.RootElement.Clone();
    }

    private static JsonElement Schema(JsonElement config)
    {
        config.GetProperty("responseMimeType").GetString().ShouldBe("application/json");
        return config.TryGetProperty("responseJsonSchema", out JsonElement schema) ? schema : config.GetProperty("responseSchema");
    }
}
