using Interline.Core.Catalog;
using Interline.Core.Pricing;

namespace Interline.Core.Tests.Catalog;

public sealed class ModelsTests
{
    private static readonly ModelCatalog Catalog = ModelCatalog.BuiltIn;

    /// <summary>What the field's tutorials name, by the provider that made it.</summary>
    public static TheoryData<string, string> Tutorials => new()
    {
        {
            "openai", "gpt-4 gpt-4-32k gpt-4-0613 gpt-4-turbo gpt-4-turbo-preview gpt-4-vision-preview gpt-3.5-turbo gpt-3.5-turbo-16k gpt-3.5-turbo-instruct gpt-3.5-turbo-0301 " +
            "text-davinci-003 davinci-002 babbage-002 text-embedding-ada-002 text-embedding-3-small text-embedding-3-large dall-e-2 dall-e-3 whisper-1 tts-1 tts-1-hd " +
            "gpt-4o gpt-4o-2024-05-13 gpt-4o-2024-08-06 gpt-4o-mini gpt-4.1 gpt-4.1-mini gpt-4.1-nano o1 o1-mini o1-preview o1-pro o3 o3-mini o3-pro o4-mini chatgpt-4o-latest " +
            "gpt-4.5-preview gpt-5 gpt-5-mini gpt-5-nano gpt-image-1 gpt-4o-transcribe gpt-4o-mini-tts omni-moderation-latest"
        },
        {
            "anthropic", "claude-instant-1.2 claude-2 claude-2.1 claude-3-opus claude-3-opus-20240229 claude-3-opus-latest claude-3-sonnet claude-3-sonnet-20240229 claude-3-haiku " +
            "claude-3-haiku-20240307 claude-3-5-sonnet claude-3-5-sonnet-20240620 claude-3-5-sonnet-20241022 claude-3-5-sonnet-latest claude-3-5-haiku claude-3-5-haiku-latest " +
            "claude-3-7-sonnet claude-3-7-sonnet-latest claude-opus-4 claude-opus-4-20250514 claude-sonnet-4 claude-sonnet-4-20250514 claude-sonnet-4-5 claude-haiku-4-5"
        },
        { "google", "gemini-pro gemini-1.0-pro gemini-1.5-pro gemini-1.5-flash gemini-1.5-pro-latest gemini-2.0-flash gemini-2.5-pro gemini-2.5-flash" },
        { "vertex", "text-bison chat-bison gemini-1.5-pro gemini-1.5-flash" },
        { "cohere", "command command-light command-r command-r-plus command-nightly" },
        {
            "mistral", "mistral-tiny mistral-small mistral-small-latest mistral-medium mistral-medium-latest mistral-large mistral-large-latest open-mixtral-8x7b open-mistral-7b " +
            "codestral-latest mistral-embed"
        },
        { "groq", "mixtral-8x7b-32768 llama3-70b-8192 llama3-8b-8192 llama2-70b-4096 gemma-7b-it llama-3.1-8b-instant llama-3.3-70b-versatile" },
        { "together", "meta-llama/Llama-2-70b-chat-hf meta-llama/Llama-3-70b-chat-hf meta-llama/Llama-3-8b-chat-hf mistralai/Mixtral-8x7B-Instruct-v0.1" },
        { "replicate", "meta/llama-2-70b-chat meta/llama-3-70b-instruct" },
        { "deepseek", "deepseek-chat deepseek-coder deepseek-reasoner" },
        { "perplexity", "sonar sonar-pro sonar-reasoning sonar-reasoning-pro sonar-deep-research" },
        { "ai21", "j2-light j2-mid j2-ultra jamba-1.5-mini jamba-1.5-large" },
        { "azure", "gpt-35-turbo gpt-3.5-turbo gpt-35-turbo-16k gpt-4 gpt-4o" },
    };

    [Theory]
    [MemberData(nameof(Tutorials))]
    public void Every_model_that_a_tutorial_names_is_there_with_a_price(string provider, string ids)
    {
        foreach (string id in ids.Split(' '))
        {
            ModelInfo? model = Catalog.FindModel(provider, id);
            model.ShouldNotBeNull($"{provider}/{id}");
            model.Id.ShouldBe(id);
            model.Price.ShouldNotBeNull($"{provider}/{id}");
        }
    }

    [Fact]
    public void There_are_at_least_1500_models() => Catalog.ModelCount.ShouldBeGreaterThanOrEqualTo(1_500);

    [Fact]
    public void Every_model_can_be_read_and_makes_sense()
    {
        foreach (ModelInfo model in Catalog.Providers.Select(provider => provider.ModelsFrom).Distinct(StringComparer.Ordinal).SelectMany(Catalog.ModelsOf))
        {
            string name = $"{model.Provider}/{model.Id}";
            (model.ContextWindow is null or > 0).ShouldBeTrue(name);
            model.Source.ShouldNotBeEmpty(name);
            if (model.Price is { } price)
            {
                price.ShouldNotBe(new Price(), name);
                price.Tiers.Select(tier => tier.AboveInputTokens).ShouldBeInOrder();
                new[] { price.Input, price.Output, price.CacheRead, price.CacheWrite, price.PerRequest, price.PerImage }.ShouldAllBe(one => one == null || one >= 0);
            }
        }
    }

    [Fact]
    public void A_retired_model_is_marked()
    {
        ModelInfo model = Catalog.FindModel("openai", "text-davinci-003")!;

        model.Deprecated.ShouldBeTrue();
        model.DeprecationDate.ShouldBe(new DateOnly(2024, 1, 4));
        Catalog.FindModel("openai", "gpt-4o")!.Deprecated.ShouldBeFalse();
    }

    [Fact]
    public void A_usual_name_has_the_facts_of_the_model_it_means_and_says_which()
    {
        ModelInfo usual = Catalog.FindModel("anthropic", "claude-3-opus")!;
        ModelInfo real = Catalog.FindModel("anthropic", "claude-3-opus-20240229")!;

        usual.AliasOf.ShouldBe(real.Id);
        usual.Price.ShouldBe(real.Price);
        usual.Deprecated.ShouldBeTrue();
    }

    [Fact]
    public void Facts_are_read_as_they_stand()
    {
        ModelInfo model = Catalog.FindModel("openai", "gpt-5.4")!;

        model.Mode.ShouldBe("chat");
        model.ContextWindow.ShouldBe(1_050_000);
        model.MaxOutput.ShouldBe(128_000);
        model.Capabilities.ShouldBe(
            ModelCapabilities.Tools | ModelCapabilities.ParallelTools | ModelCapabilities.ToolChoice | ModelCapabilities.Vision | ModelCapabilities.Pdf
            | ModelCapabilities.JsonSchema | ModelCapabilities.Reasoning | ModelCapabilities.PromptCaching | ModelCapabilities.SystemMessages);
        model.Price!.Tiers.Single().ShouldSatisfyAllConditions(tier => tier.AboveInputTokens.ShouldBe(272_000), tier => tier.Price.Output.ShouldBe(22.5m));
        model.Price.ServiceTiers.Keys.Order().ShouldBe(["batch", "flex", "priority"]);
        model.Source.ShouldContain("litellm");
    }

    [Theory]
    [InlineData("anthropic", "claude-")]
    [InlineData("google", "gemini-2.5-")]
    [InlineData("google", "gemini-3")]
    public void A_served_chat_model_of_Anthropic_and_Gemini_says_how_much_it_reads_and_writes(string provider, string prefix)
    {
        ModelInfo[] served = [.. Catalog.ModelsOf(provider).Where(model => model.Mode == "chat" && !model.Deprecated && model.Id.StartsWith(prefix, StringComparison.Ordinal))];
        served.Length.ShouldBeGreaterThan(3);
        served.ShouldAllBe(model => model.ContextWindow > 0 && model.MaxOutput > 0 && model.Price != null);
    }

    [Fact]
    public void Claudes_caches_and_long_prompts_have_prices_of_their_own()
    {
        foreach (ModelInfo model in Catalog.ModelsOf("anthropic").Where(model => model is { Mode: "chat", Deprecated: false }))
        {
            model.Price!.CacheRead.ShouldNotBeNull(model.Id);
            model.Price.CacheWrite.ShouldNotBeNull(model.Id);
            model.Price.CacheWrite1h.ShouldNotBeNull(model.Id);
        }

        Price above = Catalog.FindModel("anthropic", "claude-sonnet-4-5")!.Price!.Tiers.Single(tier => tier.AboveInputTokens == 200_000).Price;
        (above.Input, above.Output, above.CacheRead, above.CacheWrite, above.CacheWrite1h).ShouldBe((6m, 22.5m, 0.6m, 7.5m, 12m));
        Catalog.FindModel("google", "gemini-2.5-pro")!.Price!.Tiers.Single().AboveInputTokens.ShouldBe(200_000);
        Catalog.FindModel("anthropic", "claude-opus-4-8")!.Capabilities.HasFlag(ModelCapabilities.Reasoning).ShouldBeTrue();
        Catalog.FindModel("google", "gemini-2.5-flash")!.Capabilities.HasFlag(ModelCapabilities.Reasoning).ShouldBeTrue();
    }

    [Fact]
    public void A_prefix_is_split_at_the_first_slash()
    {
        Catalog.TrySplit("together_ai/meta-llama/Llama-3-70b-chat-hf", out ProviderInfo? provider, out string model).ShouldBeTrue();
        provider!.Id.ShouldBe("together_ai");
        model.ShouldBe("meta-llama/Llama-3-70b-chat-hf");
        Catalog.FindModel(provider, model).ShouldNotBeNull();

        Catalog.TrySplit("meta-llama/Llama-3", out _, out model).ShouldBeFalse();
        model.ShouldBe("meta-llama/Llama-3");
        Catalog.TrySplit("gpt-4o", out _, out _).ShouldBeFalse();
        Catalog.TrySplit("/x", out _, out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("gpt-4o", "openai")]
    [InlineData("claude-sonnet-4-5", "anthropic")]
    [InlineData("gemini-2.5-flash", "gemini")]
    [InlineData("mistral-large-latest", "mistral")]
    [InlineData("grok-4", "xai")]
    [InlineData("deepseek-chat", "deepseek")]
    [InlineData("command-r-plus", "cohere")]
    [InlineData("sonar", "perplexity")]
    [InlineData("llama-3.3-70b-versatile", "groq")]
    public void A_plain_name_means_its_maker_first(string name, string provider) => Catalog.FindByName(name)[0].Provider.Id.ShouldBe(provider);

    [Fact]
    public void A_plain_name_nobody_has_means_nothing() => Catalog.FindByName("no-such-model").ShouldBeEmpty();

    [Fact]
    public void A_plain_name_offers_no_other_spellings_of_a_provider() =>
        Catalog.FindByName("gpt-4o").Select(match => match.Provider.Id).ShouldNotContain("aiohttp_openai");

    [Fact]
    public void Only_spellings_of_the_very_same_model_are_found()
    {
        Catalog.FindModel("openai", "ft:gpt-4o-2024-08-06:acme::abc123")!.Id.ShouldBe("ft:gpt-4o-2024-08-06:acme::abc123");
        Catalog.FindModel("google", "models/gemini-2.5-flash")!.Id.ShouldBe("gemini-2.5-flash");
        Catalog.FindModel("openai", "gpt-4o-2099-01-01").ShouldBeNull();
        Catalog.FindModel("openai", "GPT-4o").ShouldBeNull();
        Catalog.FindModel("openai", "ft:nothing").ShouldBeNull();
    }

    [Fact]
    public void A_configuration_adds_and_replaces_without_touching_what_was_shipped()
    {
        ModelInfo own = new() { Provider = "openai", Id = "gpt-4o", Price = new Price { Input = 1, Output = 2, Source = "config" } };
        ProviderInfo house = new() { Id = "house", DisplayName = "House", Wire = "openai", ModelsFrom = "house" };

        ModelCatalog mine = Catalog.With([own, new() { Provider = "house", Id = "gpt-4o" }], [house]);

        mine.FindModel("openai", "gpt-4o")!.Price!.Input.ShouldBe(1);
        mine.FindByName("gpt-4o").Select(match => match.Provider.Id).ShouldContain("house");
        mine.ModelCount.ShouldBe(Catalog.ModelCount + 1);
        mine.ModelsOf("house").Single().Id.ShouldBe("gpt-4o");
        Catalog.FindModel("openai", "gpt-4o")!.Price!.Input.ShouldBe(2.5m);
        Catalog.FindProvider("house").ShouldBeNull();
    }
}
