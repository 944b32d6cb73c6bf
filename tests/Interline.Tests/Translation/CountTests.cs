using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Testing;
using AnthropicCount = Interline.Protocols.Anthropic.CountTokensLane;
using GeminiCount = Interline.Protocols.Gemini.CountTokensLane;

namespace Interline.Tests.Translation;

/// <summary>Counting tokens: the provider counts where it can, in whatever format it is asked; else the gateway estimates and says so.</summary>
public sealed class CountTests
{
    private const string Messages = """{"model":"gpt", "messages":[{"role":"user","content":"How many tokens are in this sentence?"}]}""";
    private const string Contents = """{"contents": [{"role":"user","parts":[{"text":"How many tokens are in this sentence?"}]}]}""";

    [Fact]
    public async Task The_same_format_passes_untouched_but_for_the_model()
    {
        await using var one = new FakeProvider();
        one.Then(FakeAnswer.Json("""{"input_tokens": 42}"""));
        using Engine anthropic = new Engine().With(one, Tongue.Anthropic);
        await using var two = new FakeProvider();
        two.Then(FakeAnswer.Json("""{"totalTokens": 43,"promptTokensDetails": []}"""));
        using Engine gemini = new Engine().With(two, Tongue.Gemini);

        Ended first = await anthropic.SendAsync(Messages, AnthropicCount.Instance);
        Ended second = await gemini.SendAsync(Contents, GeminiCount.Instance);

        first.Text.ShouldBe("""{"input_tokens": 42}""");
        second.Text.ShouldBe("""{"totalTokens": 43,"promptTokensDetails": []}""");
        (one.Requests[0].Path, two.Requests[0].Path).ShouldBe(("/v1/messages/count_tokens", "/v1beta/models/up-1:countTokens"));
        one.Requests[0].Text.ShouldBe(Messages.Replace("\"gpt\"", "\"up-1\"", StringComparison.Ordinal));
        two.Requests[0].Text.ShouldBe(Contents);
        first.Record.Usage.ShouldBeNull("a count is free");
    }

    [Fact]
    public async Task An_anthropic_caller_gets_geminis_count()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"totalTokens":42}"""));
        using Engine engine = new Engine().With(provider, Tongue.Gemini);

        Ended ended = await engine.SendAsync(Messages, AnthropicCount.Instance);

        ended.Text.ShouldBe("""{"input_tokens":42}""");
        provider.Requests[0].Path.ShouldBe("/v1beta/models/up-1:countTokens");
        provider.Requests[0].Text.ShouldContain("How many tokens");
        ended.Record.Usage.ShouldBeNull();
    }

    [Fact]
    public async Task A_gemini_caller_gets_anthropics_count()
    {
        await using var provider = new FakeProvider();
        provider.Then(FakeAnswer.Json("""{"input_tokens":42}"""));
        using Engine engine = new Engine().With(provider, Tongue.Anthropic);

        Ended ended = await engine.SendAsync(Contents, GeminiCount.Instance);

        JsonDocument.Parse(ended.Text).RootElement.GetProperty("totalTokens").GetInt64().ShouldBe(42);
        provider.Requests[0].Path.ShouldBe("/v1/messages/count_tokens");
        provider.Requests[0].Headers["anthropic-version"].ShouldBe("2023-06-01");
        JsonDocument.Parse(provider.Requests[0].Text).RootElement.TryGetProperty("max_tokens", out JsonElement _).ShouldBeFalse("a count has no limit");
    }

    [Fact]
    public async Task A_provider_that_cannot_count_is_not_asked_and_the_count_is_an_estimate()
    {
        await using var provider = new FakeProvider();
        using Engine engine = new Engine().With(provider, Tongue.OpenAI);
        foreach ((string body, Lane lane, string field) in new[] { (Messages, (Lane)AnthropicCount.Instance, "input_tokens"), (Contents, GeminiCount.Instance, "totalTokens") })
        {
            Running running = engine.Start(body, lane);
            Ended ended = await running.EndAsync();

            JsonDocument.Parse(ended.Text).RootElement.GetProperty(field).GetInt64().ShouldBeInRange(8, 30);
            running.Call.Estimated.ShouldBeTrue();
            ended.Record.Cost.ShouldBe(0);
        }

        provider.Requests.ShouldBeEmpty();
        engine.NothingInFlight();
    }

    [Fact]
    public async Task An_answer_that_is_no_count_is_carried()
    {
        await using var one = new FakeProvider();
        await using var two = new FakeProvider();
        one.Then(FakeAnswer.Json("""{"hello":1}"""));
        two.Then(FakeAnswer.Json("""{"totalTokens":42}"""));
        using Engine engine = new Engine().With(one, Tongue.Anthropic).With(two, Tongue.Gemini);

        Ended ended = await engine.SendAsync(Messages, AnthropicCount.Instance);

        ended.Text.ShouldBe("""{"input_tokens":42}""");
        ended.Record.Failed.ShouldHaveSingleItem().Kind.ShouldBe(ErrorKind.Malformed);
    }
}
