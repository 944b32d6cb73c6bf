using System.Text.Json;
using Interline.Protocols.Operations;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>Embeddings asked for in OpenAI's format of a provider of Gemini's.</summary>
public sealed class EmbeddingsAcrossTests
{
    private const string Vectors = """{"embeddings":[{"values":[0.25,-1.5,3e-2]},{"values":[1,2,3]}],"usageMetadata":{"promptTokenCount":100}}""";

    [Fact]
    public async Task Several_texts_come_back_as_numbers_in_order_with_usage_and_cost()
    {
        await using var provider = new FakeProvider();
        Ended ended = await SendAsync(provider, """{"model":"gpt","input":["one","two"],"dimensions":3,"user":"u-1"}""");

        JsonElement answer = JsonDocument.Parse(ended.Text).RootElement;
        answer.GetProperty("object").GetString().ShouldBe("list");
        JsonElement[] data = [.. answer.GetProperty("data").EnumerateArray()];
        data.Select(x => x.GetProperty("index").GetInt32()).ShouldBe([0, 1]);
        data[0].GetProperty("embedding").GetRawText().ShouldBe("[0.25,-1.5,3e-2]");
        answer.GetProperty("usage").GetProperty("prompt_tokens").GetInt64().ShouldBe(100);
        FakeRequest request = provider.Requests.ShouldHaveSingleItem();
        request.Path.ShouldBe("/v1beta/models/up-1:batchEmbedContents");
        request.Headers["x-goog-api-key"].ShouldBe("sk-secret-1");
        JsonElement[] asked = [.. JsonDocument.Parse(request.Body).RootElement.GetProperty("requests").EnumerateArray()];
        asked.Select(x => x.GetProperty("content").GetProperty("parts")[0].GetProperty("text").GetString()).ShouldBe(["one", "two"]);
        asked.ShouldAllBe(x => x.GetProperty("outputDimensionality").GetInt32() == 3 && x.GetProperty("model").GetString() == "models/up-1");
        ended.Record.Losses!.Losses.Select(x => x.Field).ShouldBe(["user"]);
        ended.Record.Cost.ShouldBe(0.0002m);
    }

    [Fact]
    public async Task Base64_is_packed_as_openai_packs_it()
    {
        await using var provider = new FakeProvider();
        Ended ended = await SendAsync(provider, """{"model":"gpt","input":"one","encoding_format":"base64"}""");

        byte[] packed = JsonDocument.Parse(ended.Text).RootElement.GetProperty("data")[0].GetProperty("embedding").GetBytesFromBase64();
        Enumerable.Range(0, 3).Select(x => BitConverter.ToSingle(packed, 4 * x)).ShouldBe([0.25f, -1.5f, 0.03f]);
    }

    [Fact]
    public async Task A_default_of_the_deployment_reaches_the_provider()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json(Vectors));
        using Engine engine = new Engine().With(provider, Tongue.Gemini, x => x with { DefaultParameters = [new("dimensions", "256")] });

        await engine.SendAsync("""{"model":"gpt","input":"one"}""", JsonOperationLane.Embeddings);

        JsonDocument.Parse(provider.Requests[0].Body).RootElement.GetProperty("requests")[0].GetProperty("outputDimensionality").GetInt32().ShouldBe(256);
    }

    [Theory]
    [InlineData("""{"model":"gpt","input":[[1,2],[3]]}""")]
    [InlineData("""{"model":"gpt","input":[1,2,3]}""")]
    public async Task Tokens_as_input_are_refused_with_a_400_that_says_why(string body)
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, Tongue.Gemini);

        Ended ended = await engine.SendAsync(body, JsonOperationLane.Embeddings);

        (ended.Error!.Status, ended.Error.Param).ShouldBe((400, "input[0]"));
        ended.Error.Message.ShouldContain("tokens");
        provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"hello":1}""")]
    [InlineData("""{"embeddings":[{"values":"none"}]}""")]
    [InlineData("[]")]
    public async Task An_answer_that_is_no_list_of_vectors_is_carried(string answer)
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json(answer));
        two.Then(FakeAnswer.Json(Vectors));
        using Engine engine = new Engine().With(one, Tongue.Gemini).With(two, Tongue.Gemini);

        Ended ended = await engine.SendAsync("""{"model":"gpt","input":["one","two"],"encoding_format":"base64"}""", JsonOperationLane.Embeddings);

        ended.Error.ShouldBeNull();
        ended.Record.DeploymentId.ShouldBe("d2");
    }

    [Fact]
    public async Task A_provider_without_embeddings_is_passed_over_with_a_501()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, Tongue.Anthropic);

        Ended ended = await engine.SendAsync("""{"model":"gpt","input":"one"}""", JsonOperationLane.Embeddings);

        ended.Error!.Status.ShouldBe(501);
        provider.Requests.ShouldBeEmpty();
    }

    private static async Task<Ended> SendAsync(FakeProvider provider, string body)
    {
        provider.Then(FakeAnswer.Json(Vectors));
        using Engine engine = new Engine().With(provider, Tongue.Gemini);
        Ended ended = await engine.SendAsync(body, JsonOperationLane.Embeddings);
        ended.Error.ShouldBeNull();
        engine.NothingInFlight();
        return ended;
    }
}
