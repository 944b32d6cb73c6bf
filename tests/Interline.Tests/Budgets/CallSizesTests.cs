using Interline.Budgets;
using Interline.Calls;
using Interline.Core.Budgets;
using Interline.Core.Pricing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.OpenAIChat;
using Interline.Protocols.OpenAIResponses;
using Interline.Protocols.Operations;

namespace Interline.Tests.Budgets;

/// <summary>How large a call can get, from its request alone: never smaller than what its provider may do with it.</summary>
public class CallSizesTests
{
    [Theory]
    [InlineData("[\"a\",\"b\",\"c\"]", 3)]
    [InlineData("[[1,2],[3]]", 2)]
    [InlineData("[1,2,3]", 1)]
    [InlineData("\"a\"", 1)]
    public void Each_prompt_of_a_completion_is_answered_as_often_as_asked(string prompt, int prompts) =>
        Size(CompletionsLane.Instance, "{\"model\":\"gpt\",\"max_tokens\":10,\"n\":2,\"prompt\":" + prompt + "}").OutputTokens.ShouldBe(prompts * 20);

    [Theory]
    [InlineData("\"max_output_tokens\":1", WorstCase.UnknownMaxOutput)]
    [InlineData("\"max_tokens\":1000,\"max_completion_tokens\":1", 1000)]
    [InlineData("\"max_tokens\":7,\"max_output_tokens\":1", 7)]
    [InlineData("\"max_tokens\":10,\"n\":10.0", 100)]
    public void Only_names_of_its_own_format_limit_an_answer_and_the_largest_counts(string fields, long output) =>
        Size(ChatLane.Instance, "{\"model\":\"gpt\",\"messages\":[]," + fields + "}").OutputTokens.ShouldBe(output);

    [Theory]
    [InlineData("\"max_tokens\":1", WorstCase.UnknownMaxOutput)]
    [InlineData("\"max_output_tokens\":9", 9)]
    public void Responses_are_limited_by_their_own_name(string fields, long output) =>
        Size(ResponsesLane.Create, "{\"model\":\"gpt\",\"input\":\"hi\"," + fields + "}").OutputTokens.ShouldBe(output);

    [Theory]
    [InlineData("\"size\":\"512x512\"", 512 * 512)]
    [InlineData("\"quality\":\"hd\"", 4 * 1024 * 1024)]
    public void Pixels_are_those_asked_for_or_many(string fields, int pixels) =>
        Size(JsonOperationLane.Images, "{\"model\":\"gpt\",\"prompt\":\"a cat\",\"n\":2," + fields + "}", new Price { PerOutputPixel = 0.000001m }).Pixels.ShouldBe(2m * pixels);

    [Fact]
    public void Searches_are_set_aside_where_the_tool_is_given_and_they_cost()
    {
        const string Body = """{"model":"gpt","max_tokens":1,"messages":[],"tools":[{"type":"web_search_20250305","name":"web_search"}]}""";
        Size(ChatLane.Instance, Body, new Price { Input = 1, Output = 1, PerSearchMedium = 0.01m }).Searches.ShouldBe(10);
        Size(ChatLane.Instance, Body, new Price { Input = 1, Output = 1 }).Searches.ShouldBe(0);
    }

    private static CallSize Size(Lane lane, string body, Price? price = null)
    {
        using Engine engine = new Engine().With(new Uri("http://127.0.0.1:9"), x => x with { Price = price ?? Engine.TestPrice });
        Call call = engine.Begin(body, lane);
        return CallSizes.Of(call, call.Group.Group.Deployments[0], CallSizes.InputTokens(call), null);
    }
}
