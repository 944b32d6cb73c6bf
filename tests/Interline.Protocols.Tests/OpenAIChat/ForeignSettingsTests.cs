using System.Buffers;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>Settings of another format's request, as the model that is called takes them.</summary>
public sealed class ForeignSettingsTests
{
    private static readonly TargetModel Model = new("m", "groq");

    [Theory]
    [InlineData(20_000, 16_384, 1)]
    [InlineData(16_384, 16_384, 0)]
    [InlineData(5, 5, 0)]
    public void A_limit_beyond_the_models_own_becomes_that(long asked, long expected, int losses)
    {
        foreach (string provider in (string[])["openai", "groq"])
        {
            JsonObject written = Write(Foreign() with { MaxOutputTokens = asked }, new TargetModel("gpt-4o", provider) { MaxOutput = 16_384 }, out LossList told);
            written[provider is "openai" ? "max_completion_tokens" : "max_tokens"]!.GetValue<long>().ShouldBe(expected);
            told.Losses.Select(l => (l.Field, l.Action)).ShouldBe(Enumerable.Repeat(("max_tokens", LossAction.Changed), losses));
        }
    }

    [Fact]
    public void A_limit_of_the_same_format_is_left_alone()
    {
        ConversationRequest own = Doors.Request("""{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":20000}""");
        Write(own, Model with { MaxOutput = 9 }, out LossList told)["max_tokens"]!.GetValue<long>().ShouldBe(20_000);
        told.Count.ShouldBe(0);
    }

    [Fact]
    public void A_name_of_more_than_64_characters_becomes_a_hash_that_stays_the_same()
    {
        string longer = new('a', 65), longest = new('a', 64);
        ConversationRequest request = Foreign() with { EndUser = longer, PromptCacheKey = longer };
        JsonObject written = Write(request, Model, out LossList told);
        string user = written["user"]!.GetValue<string>();
        user.ShouldBe("635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0");
        written["prompt_cache_key"]!.GetValue<string>().ShouldBe(user);
        told.Losses.Select(l => (l.Field, l.Action)).ShouldBe([("user", LossAction.Changed), ("prompt_cache_key", LossAction.Changed)]);
        Write(request with { EndUser = longest, PromptCacheKey = null }, Model, out told)["user"]!.GetValue<string>().ShouldBe(longest);
        told.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("openai", true, true)]
    [InlineData("azure", true, true)]
    [InlineData("openai", false, false)]
    [InlineData("groq", true, false)]
    public void A_reasoning_model_of_OpenAIs_gets_no_settings_of_sampling(string provider, bool reasons, bool dropped)
    {
        ConversationRequest request = Foreign() with
        {
            Sampling = new Sampling { Temperature = 0.5, TopP = 0.9, FrequencyPenalty = 1L, PresencePenalty = -1L, Logprobs = true, TopLogprobs = 2L, Seed = 7L },
        };
        string[] settings = ["temperature", "top_p", "frequency_penalty", "presence_penalty", "logprobs", "top_logprobs"];
        JsonObject written = Write(request, new TargetModel("m", provider) { Reasons = reasons }, out LossList told);
        settings.ShouldAllBe(s => written.ContainsKey(s) != dropped);
        written["seed"]!.GetValue<int>().ShouldBe(7);
        told.Losses.Where(l => l.Action == LossAction.Dropped).Select(l => l.Field).ShouldBe(dropped ? settings : []);
    }

    [Fact]
    public void Settings_of_sampling_that_are_the_defaults_go_to_a_reasoning_model_as_they_are()
    {
        ConversationRequest request = Foreign() with
        {
            Sampling = new Sampling { Temperature = new JsonNumber("1.0"), TopP = 1L, FrequencyPenalty = 0L, PresencePenalty = 0L, Logprobs = false },
        };
        JsonObject written = Write(request, new TargetModel("gpt-5", "openai") { Reasons = true }, out LossList told);
        written.Select(f => f.Key).ShouldBe(["model", "messages", "temperature", "top_p", "frequency_penalty", "presence_penalty", "logprobs"], ignoreOrder: true);
        written["temperature"]!.ToJsonString().ShouldBe("1.0");
        told.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("openai", "o3-2099-01-01", null, true)]
    [InlineData("openai", "gpt-5.9-mini", null, true)]
    [InlineData("openai", "ft:o4-mini-2025-04-16:me::x", null, true)]
    [InlineData("azure", "o1", null, true)]
    [InlineData("openai", "gpt-5-chat-latest", null, false)]
    [InlineData("openai", "gpt-4.1", null, false)]
    [InlineData("azure", "my-deployment", null, false)]
    [InlineData("azure", "my-deployment", true, true)]
    [InlineData("openai", "o3", false, false)]
    [InlineData("groq", "some-model", null, true)]
    [InlineData("groq", "some-model", false, false)]
    public void An_effort_goes_to_a_model_that_is_known_or_named_to_reason(string provider, string model, bool? reasons, bool sent)
    {
        JsonObject written = Write(Foreign() with { Reasoning = new ReasoningSettings { Effort = "low" } }, new TargetModel(model, provider) { Reasons = reasons }, out LossList told);
        written.ContainsKey("reasoning_effort").ShouldBe(sent);
        told.Losses.Select(l => l.Field).ShouldBe(sent ? [] : ["reasoning"]);
    }

    private static ConversationRequest Foreign() => new("m", [new Message(Role.User, [new TextPart("a")])]) { Native = new NativeFields(WireFormat.AnthropicMessages) };

    private static JsonObject Write(ConversationRequest request, TargetModel target, out LossList losses)
    {
        ArrayBufferWriter<byte> output = new();
        ChatFormat.Instance.WriteRequest(request, target, output, losses = new LossList());
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }
}
