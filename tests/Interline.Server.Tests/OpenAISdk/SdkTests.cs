using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Models;

namespace Interline.Server.Tests.OpenAISdk;

/// <summary>OpenAI's official SDK for .NET, given nothing but another base URL and key.</summary>
public sealed class SdkTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private static readonly ChatTool Weather = ChatTool.CreateFunctionTool("get_weather", "Weather of a city", BinaryData.FromString(
        """{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}"""));

    [Fact]
    public async Task A_chat_is_answered_with_text_usage_and_finish_reason()
    {
        ChatCompletion answer = await Chat("ok").CompleteChatAsync("Hello");
        answer.Content[0].Text.ShouldBe("Hello from ok");
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        (answer.Usage.InputTokenCount, answer.Usage.OutputTokenCount).ShouldBe((FakeProvider.PromptTokens, FakeProvider.CompletionTokens));
    }

    [Fact]
    public async Task A_streamed_chat_comes_in_pieces_and_ends_with_usage()
    {
        List<StreamingChatCompletionUpdate> updates = await CollectAsync(Chat("ok").CompleteChatStreamingAsync("Hello"));
        string.Concat(updates.SelectMany(x => x.ContentUpdate).Select(x => x.Text)).ShouldBe("Hello from ok");
        updates.Count(x => x.ContentUpdate.Count > 0).ShouldBe(3);
        updates.Single(x => x.FinishReason is not null).FinishReason.ShouldBe(ChatFinishReason.Stop);
        ChatTokenUsage usage = updates.Single(x => x.Usage is not null).Usage;
        (usage.InputTokenCount, usage.OutputTokenCount).ShouldBe((FakeProvider.PromptTokens, FakeProvider.CompletionTokens));
    }

    [Theory]
    [InlineData("tools", "Paris")]
    [InlineData("parallel", "Paris,Rome")]
    public async Task Tool_calls_come_with_their_arguments(string model, string cities)
    {
        ChatCompletion answer = await Chat(model).CompleteChatAsync([new UserChatMessage("Weather?")], new ChatCompletionOptions { Tools = { Weather } });
        answer.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        answer.ToolCalls.Select(x => x.Id).ShouldBe(Enumerable.Range(1, answer.ToolCalls.Count).Select(x => $"call_{x}"));
        string.Join(',', answer.ToolCalls.Select(x => City(x.FunctionArguments))).ShouldBe(cities);
    }

    [Theory]
    [InlineData("tools", "Paris")]
    [InlineData("parallel", "Paris,Rome")]
    public async Task Streamed_tool_calls_come_with_their_arguments(string model, string cities)
    {
        List<StreamingChatCompletionUpdate> updates = await CollectAsync(Chat(model).CompleteChatStreamingAsync([new UserChatMessage("Weather?")], new ChatCompletionOptions { Tools = { Weather } }));
        updates.Single(x => x.FinishReason is not null).FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        string.Join(',', updates.SelectMany(x => x.ToolCallUpdates).OrderBy(x => x.Index).Select(x => City(x.FunctionArgumentsUpdate))).ShouldBe(cities);
    }

    [Fact]
    public async Task A_tools_result_goes_to_the_provider_as_it_is()
    {
        ChatCompletion first = await Chat("tools").CompleteChatAsync([new UserChatMessage("Weather?")], new ChatCompletionOptions { Tools = { Weather } });
        await Chat("tools").CompleteChatAsync([new UserChatMessage("Weather?"), new AssistantChatMessage(first), new ToolChatMessage("call_1", "sunny")], new ChatCompletionOptions { Tools = { Weather } });
        JsonElement last = fixture.Provider.Received("tools").Last(x => x.Text.Contains("sunny", StringComparison.Ordinal)).Json.GetProperty("messages")[2];
        (last.GetProperty("role").GetString(), last.GetProperty("tool_call_id").GetString()).ShouldBe(("tool", "call_1"));
    }

    [Fact]
    public async Task Structured_output_is_asked_for_and_given()
    {
        ChatResponseFormat schema = ChatResponseFormat.CreateJsonSchemaFormat("city", BinaryData.FromString(
            """{"type":"object","properties":{"city":{"type":"string"},"population":{"type":"integer"}},"required":["city","population"],"additionalProperties":false}"""), jsonSchemaIsStrict: true);
        ChatCompletion answer = await Chat("structured").CompleteChatAsync([new UserChatMessage("Paris?")], new ChatCompletionOptions { ResponseFormat = schema });
        JsonDocument.Parse(answer.Content[0].Text).RootElement.GetProperty("population").GetInt32().ShouldBe(2_100_000);
    }

    [Fact]
    public async Task An_image_in_the_message_reaches_the_provider()
    {
        byte[] image = [0x89, 0x50, 0x4E, 0x47, .. new byte[3000]];
        ChatCompletion answer = await Chat("vision").CompleteChatAsync(new UserChatMessage(
            ChatMessageContentPart.CreateTextPart("What is this?"), ChatMessageContentPart.CreateImagePart(BinaryData.FromBytes(image), "image/png")));
        answer.Content[0].Text.ShouldBe($"data:image/png of {"data:image/png;base64,".Length + ((image.Length + 2) / 3 * 4)} characters");
    }

    [Fact]
    public async Task Embeddings_come_back_number_for_number()
    {
        OpenAIEmbeddingCollection answer = await Client().GetEmbeddingClient("embed").GenerateEmbeddingsAsync(["one", "two"]);
        answer.Count.ShouldBe(2);
        answer[1].ToFloats().ToArray().ShouldBe(FakeProvider.Vector);
        answer.Usage.InputTokenCount.ShouldBe(11);
        fixture.Provider.Received("embed").ShouldContain(x => x.Text.Contains("base64", StringComparison.Ordinal), "the SDK asks for base64 and must get it");
    }

    [Fact]
    public async Task Embeddings_as_floats_come_back_as_floats()
    {
        using HttpResponseMessage response = await fixture.Gateway.PostAsync("/v1/embeddings", """{"model":"embed","input":"one"}""");
        JsonElement vector = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("data")[0].GetProperty("embedding");
        vector.EnumerateArray().Select(x => x.GetSingle()).ShouldBe(FakeProvider.Vector);
    }

    [Theory]
    [InlineData("e400", 400, "the fake does not like it")]
    [InlineData("e429", 429, "slow down, please")]
    [InlineData("e500", 500, "the fake fell over")]
    [InlineData("e401", 401, "Incorrect API key provided: ***")]
    [InlineData("no-such-model", 404, "The model `no-such-model` does not exist here.")]
    public async Task An_error_is_an_exception_with_the_providers_status_and_text(string model, int status, string text)
    {
        ClientResultException plain = await Should.ThrowAsync<ClientResultException>(() => Chat(model).CompleteChatAsync("Hello"));
        plain.Status.ShouldBe(status);
        plain.Message.ShouldContain(text);
        ClientResultException streamed = await Should.ThrowAsync<ClientResultException>(() => CollectAsync(Chat(model).CompleteChatStreamingAsync("Hello")));
        (streamed.Status, streamed.Message).ShouldBe((status, plain.Message));
    }

    [Fact]
    public async Task A_wrong_key_is_an_exception_with_status_401_that_says_which_key_is_wanted()
    {
        ClientResultException e = await Should.ThrowAsync<ClientResultException>(() => Client("sk-wrong").GetChatClient("ok").CompleteChatAsync("Hello"));
        e.Status.ShouldBe(401);
        e.Message.ShouldContain("Send the gateway's key");
    }

    [Fact]
    public async Task A_caller_that_leaves_in_mid_stream_cancels_the_provider()
    {
        using var leave = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (StreamingChatCompletionUpdate _ in Chat("endless-sdk").CompleteChatStreamingAsync([new UserChatMessage("Hello")], cancellationToken: leave.Token))
            {
                await leave.CancelAsync();
            }
        });
        await fixture.Provider.AbortedAsync("endless-sdk");
    }

    [Fact]
    public async Task A_stream_that_breaks_off_is_an_error_and_no_short_answer()
    {
        string text = "";
        await Should.ThrowAsync<Exception>(async () =>
        {
            bool finished = false;
            await foreach (StreamingChatCompletionUpdate update in Chat("broken-sdk").CompleteChatStreamingAsync("Hello"))
            {
                fixture.Provider.Open("broken-sdk");
                text += string.Concat(update.ContentUpdate.Select(x => x.Text));
                finished |= update.FinishReason is not null;
            }

            // An SDK that does not know errors inside a stream still sees no finish reason.
            finished.ShouldBeFalse();
            throw new InvalidOperationException("no finish reason came");
        });
        text.ShouldBe("half");
    }

    [Fact]
    public async Task The_model_list_holds_every_group_and_one_can_be_asked_for()
    {
        OpenAIModelClient models = Client().GetOpenAIModelClient();
        OpenAIModelCollection all = await models.GetModelsAsync();
        all.Select(x => x.Id).ShouldContain("pair-hang");
        OpenAIModel one = await models.GetModelAsync("ok");
        (one.Id, one.OwnedBy).ShouldBe(("ok", "openai"));
    }

    private static async Task<List<StreamingChatCompletionUpdate>> CollectAsync(AsyncCollectionResult<StreamingChatCompletionUpdate> stream)
    {
        var all = new List<StreamingChatCompletionUpdate>();
        await foreach (StreamingChatCompletionUpdate update in stream)
        {
            all.Add(update);
        }

        return all;
    }

    private static string? City(BinaryData arguments) => JsonDocument.Parse(arguments.ToMemory()).RootElement.GetProperty("city").GetString();

    private ChatClient Chat(string model) => Client().GetChatClient(model);

    private OpenAIClient Client(string key = RunningGateway.Key) => SdkClient.For(fixture.Gateway, key);
}
