using System.Text;
using Interline.Core.Catalog;
using Interline.Core.Pricing;

namespace Interline.Core.Tests.Catalog;

public sealed class LiteLLMPriceMapTests
{
    private const string Fixture = """
        {
          "sample_spec": {"litellm_provider": "one of …", "max_tokens": "LEGACY …", "input_cost_per_token": "text"},
          "acme-large": {
            "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000000, "max_output_tokens": 32000, "max_tokens": 32000,
            "input_cost_per_token": 1.25e-06, "output_cost_per_token": "1e-05", "cache_read_input_token_cost": 1.25E-07,
            "cache_creation_input_token_cost": 1.5625e-06, "cache_creation_input_token_cost_above_1hr": 2.5e-06,
            "input_cost_per_token_above_200k_tokens": 2.5e-06, "output_cost_per_token_above_200k_tokens": 1.5e-05,
            "input_cost_per_token_batches": 6.25e-07, "input_cost_per_token_flex": 6.25e-07, "input_cost_per_token_priority": 2.5e-06,
            "supports_function_calling": true, "supports_vision": true, "supports_reasoning": false, "deprecation_date": "2026-01-31",
            "supported_modalities": ["text"], "never_heard_of": {"a": [1]}
          },
          "groq/acme-fast": {"litellm_provider": "groq", "mode": "chat", "max_tokens": 8192, "input_cost_per_token": 5e-08, "output_cost_per_token": 8e-08},
          "gemini/acme-vision": {"litellm_provider": "gemini", "input_cost_per_token": 0, "output_cost_per_token": 0.0},
          "vertex_ai/acme-v": {"litellm_provider": "vertex_ai-language-models", "mode": "chat", "input_cost_per_token": 1e-06},
          "us.acme-v1:0": {"litellm_provider": "bedrock_converse", "mode": "chat", "input_cost_per_token": 1e-06},
          "dashscope/acme-tiers": {"litellm_provider": "dashscope", "mode": "chat", "tiered_pricing": [
            {"range": [0, 32000], "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06},
            {"range": [32000.0, 128000], "input_cost_per_token": 3e-06, "output_cost_per_token": 4e-06}]},
          "acme-paint": {"litellm_provider": "openai", "mode": "image_generation", "input_cost_per_image": 0.04},
          "acme-unpriced": {"litellm_provider": "somebody", "mode": "embedding"},
          "bad-price": {"litellm_provider": "openai", "input_cost_per_token": "cheap"},
          "bad-negative": {"litellm_provider": "openai", "input_cost_per_token": -1},
          "bad-kind": 7,
          "bad-provider": {"mode": "chat"}
        }
        """;

    private static readonly LiteLLMPriceMapResult Result = LiteLLMPriceMap.Read(Encoding.UTF8.GetBytes(Fixture), ModelCatalog.BuiltIn);

    [Fact]
    public void Prices_are_read_exactly_from_numbers_and_text()
    {
        ModelInfo model = Model("acme-large");

        model.Price!.ShouldSatisfyAllConditions(
            p => p.Input.ShouldBe(1.25m), p => p.Output.ShouldBe(10m), p => p.CacheRead.ShouldBe(0.125m), p => p.CacheWrite.ShouldBe(1.5625m),
            p => p.CacheWrite1h.ShouldBe(2.5m), p => p.Source.ShouldBe("price map"));
        model.Price!.Tiers.Single().ShouldSatisfyAllConditions(
            t => t.AboveInputTokens.ShouldBe(200_000), t => t.Price.Input.ShouldBe(2.5m), t => t.Price.Output.ShouldBe(15m));
        model.Price.ServiceTiers["batch"].Input.ShouldBe(0.625m);
        model.Price.ServiceTiers["priority"].Input.ShouldBe(2.5m);
    }

    [Fact]
    public void The_other_facts_are_read_too()
    {
        ModelInfo model = Model("acme-large");

        model.ContextWindow.ShouldBe(1_000_000);
        model.MaxOutput.ShouldBe(32_000);
        model.Capabilities.ShouldBe(ModelCapabilities.Tools | ModelCapabilities.Vision);
        model.Deprecated.ShouldBeTrue();
        model.DeprecationDate.ShouldBe(new DateOnly(2026, 1, 31));
        Model("acme-fast").MaxOutput.ShouldBe(8192);
    }

    [Fact]
    public void Names_and_providers_become_ours()
    {
        Model("acme-fast").Provider.ShouldBe("groq");
        Model("acme-vision").Provider.ShouldBe("google");
        Model("acme-v").Provider.ShouldBe("vertex");
        Model("us.acme-v1:0").Provider.ShouldBe("bedrock");
        Model("acme-tiers").Provider.ShouldBe("alibaba");
        Model("acme-unpriced").Provider.ShouldBe("somebody");
        Model("acme-paint").ShouldSatisfyAllConditions(m => m.Mode.ShouldBe("image"), m => m.Price!.PerImage.ShouldBe(0.04m));
    }

    [Fact]
    public void Ranges_become_tiers()
    {
        Price price = Model("acme-tiers").Price!;

        price.Input.ShouldBe(1);
        price.Tiers.Single().ShouldSatisfyAllConditions(t => t.AboveInputTokens.ShouldBe(32_000), t => t.Price.Output.ShouldBe(4));
    }

    [Fact]
    public void No_price_is_unknown_and_zero_is_free()
    {
        Model("acme-unpriced").Price.ShouldBeNull();
        Model("acme-vision").Price!.Input.ShouldBe(0);
    }

    [Fact]
    public void A_bad_entry_is_reported_and_passed_over()
    {
        Result.Problems.Select(problem => problem.Entry).ShouldBe(["bad-price", "bad-negative", "bad-kind", "bad-provider"]);
        Result.Problems[0].Message.ShouldContain("input_cost_per_token");
        Result.Models.Length.ShouldBe(8);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"a\":")]
    public void A_file_that_is_no_price_map_is_one_problem(string text)
    {
        LiteLLMPriceMapResult result = LiteLLMPriceMap.Read(Encoding.UTF8.GetBytes(text), ModelCatalog.BuiltIn);

        result.Models.ShouldBeEmpty();
        result.Problems.Single().Entry.ShouldBeEmpty();
    }

    [Fact]
    public void A_price_map_lies_over_the_catalogue()
    {
        ModelCatalog catalog = ModelCatalog.BuiltIn.With(Result.Models);

        catalog.FindModel(catalog.FindProvider("groq")!, "acme-fast")!.Price!.Input.ShouldBe(0.05m);
        catalog.FindByName("acme-large").Single().Provider.Id.ShouldBe("openai");
    }

    private static ModelInfo Model(string id) => Result.Models.Single(model => model.Id == id);
}
