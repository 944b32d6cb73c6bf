using System.Collections.Frozen;
using System.Text.Json;
using Interline.Core.Configuration;
using Interline.Core.Routing;
using Interline.Demo;
using Interline.Server.Tests.Running;
using OpenAI.Chat;
using OpenAI.Embeddings;

namespace Interline.Server.Tests.OpenAISdk;

/// <summary>The built-in demo deployment, which a fresh machine answers with, through the official SDK.</summary>
public sealed class DemoTests : IAsyncLifetime
{
    private RunningGateway? _gateway;

    private ChatClient Chat => SdkClient.For(_gateway!).GetChatClient(DemoProvider.Model);

    public async ValueTask InitializeAsync()
    {
        var deployment = new Deployment
        {
            Id = DemoProvider.Id,
            Group = DemoProvider.Model,
            Provider = DemoProvider.Info,
            UpstreamModel = DemoProvider.Model,
            BaseUrl = new Uri(DemoProvider.Info.BaseUrl!),
        };
        Snapshot empty = EnvironmentConfig.Read(static _ => null, ShippedCatalog.BuiltIn);
        _gateway = await RunningGateway.StartAsync(empty with
        {
            Groups = new Dictionary<string, ModelGroup>(StringComparer.Ordinal) { [DemoProvider.Model] = new(DemoProvider.Model, [deployment]) }.ToFrozenDictionary(StringComparer.Ordinal),
            Names = [DemoProvider.Model],
        });
    }

    public ValueTask DisposeAsync() => _gateway?.DisposeAsync() ?? default;

    [Fact]
    public async Task The_demo_answers_a_chat_and_says_what_it_is()
    {
        ChatCompletion answer = await Chat.CompleteChatAsync("Hello");
        answer.Content[0].Text.ShouldContain("demo model");
        answer.Content[0].Text.ShouldEndWith("You said: Hello");
        answer.Usage.TotalTokenCount.ShouldBe(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount);
    }

    [Fact]
    public async Task The_demo_streams_the_same_text_and_usage()
    {
        ChatCompletion plain = await Chat.CompleteChatAsync("Hello");
        string text = "";
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in Chat.CompleteChatStreamingAsync("Hello"))
        {
            text += string.Concat(update.ContentUpdate.Select(x => x.Text));
            usage = update.Usage ?? usage;
        }

        text.ShouldBe(plain.Content[0].Text);
        usage!.OutputTokenCount.ShouldBe(plain.Usage.OutputTokenCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_demo_calls_a_tool_that_is_required_and_uses_its_result(bool streamed)
    {
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("lookup", null, BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"},"unit":{"enum":["C","F"]}}}""")) },
            ToolChoice = ChatToolChoice.CreateRequiredChoice(),
        };
        string name = "";
        string arguments = "";
        if (streamed)
        {
            await foreach (StreamingChatCompletionUpdate update in Chat.CompleteChatStreamingAsync([new UserChatMessage("Weather?")], options))
            {
                foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
                {
                    name += call.FunctionName;
                    arguments += call.FunctionArgumentsUpdate;
                }
            }
        }
        else
        {
            ChatToolCall call = (await Chat.CompleteChatAsync([new UserChatMessage("Weather?")], options)).Value.ToolCalls.Single();
            (name, arguments) = (call.FunctionName, call.FunctionArguments.ToString());
        }

        name.ShouldBe("lookup");
        JsonDocument.Parse(arguments).RootElement.GetProperty("unit").GetString().ShouldBe("C");

        ChatCompletion after = await Chat.CompleteChatAsync(
            [new UserChatMessage("Weather?"), new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall("call_demo", name, BinaryData.FromString(arguments))]), new ToolChatMessage("call_demo", "rain")], options);
        after.Content[0].Text.ShouldEndWith("The tool said: rain");
    }

    [Fact]
    public async Task The_demo_embeds_the_same_text_to_the_same_vector_of_unit_length()
    {
        EmbeddingClient client = SdkClient.For(_gateway!).GetEmbeddingClient(DemoProvider.Model);
        OpenAIEmbedding first = await client.GenerateEmbeddingAsync("one", new EmbeddingGenerationOptions { Dimensions = 16 });
        OpenAIEmbedding again = await client.GenerateEmbeddingAsync("one", new EmbeddingGenerationOptions { Dimensions = 16 });
        first.ToFloats().Length.ShouldBe(16);
        again.ToFloats().ToArray().ShouldBe(first.ToFloats().ToArray());
        first.ToFloats().ToArray().Sum(x => x * x).ShouldBe(1f, 0.001f);
    }

    [Fact]
    public async Task The_demo_refuses_a_chat_without_messages_in_OpenAIs_envelope()
    {
        using HttpResponseMessage response = await _gateway!.PostAsync("/v1/chat/completions", """{"model":"demo","messages":[]}""");
        (await response.ErrorAsync(400)).ShouldContain("messages");
    }
}
