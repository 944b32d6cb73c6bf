using System.Collections.Frozen;
using Interline.Core.Catalog;
using Interline.Core.Pricing;
using Interline.Protocols;

namespace Interline.Core.Tests.Pricing;

/// <summary>What is counted in other units than tokens: the rest of research/litellm.md §7.3, and what follows from it.</summary>
public sealed class UnitCostTests
{
    [Fact]
    public void A_transcription_by_time_pays_its_seconds_once()
    {
        Units units = new() { InputSeconds = 10 };

        Of(units, ("input_cost_per_second", 0.0001m)).ShouldBe(0.001m);
        Of(units, ("output_cost_per_second", 0.0001m)).ShouldBe(0.001m);
        Of(units, ("input_cost_per_second", 0.0001m), ("output_cost_per_second", 0.0001m)).ShouldBe(0.001m);
        Of(units, ("input_cost_per_second", 0m), ("output_cost_per_second", 0.0001m)).ShouldBe(0.001m);
        Cost.Of(default, ModelCatalog.BuiltIn.FindModel("openai", "whisper-1")!.Price, units: units)!.Value.Total.ShouldBe(0.001m);
    }

    [Fact]
    public void An_image_that_is_priced_by_the_image_does_not_pay_its_tokens_too()
    {
        Units one = new() { InputImages = 1 };
        Usage tokens = new() { InputImage = 768 };

        Of(tokens, one, ("input_cost_per_image", 6e-5m), ("input_cost_per_token", 1.35e-7m)).ShouldBe(6e-5m);
        Of(new Usage { InputImage = 768, Input = 100 }, one, ("input_cost_per_image", 6e-5m), ("input_cost_per_token", 1.35e-7m)).ShouldBe(6e-5m + (100 * 1.35e-7m));
        Of(tokens, one, ("input_cost_per_token", 1.35e-7m)).ShouldBe(768 * 1.35e-7m);
    }

    [Fact]
    public void Pixels_are_those_of_all_images_and_an_image_of_unknown_size_has_1024_by_1024()
    {
        Units ten = new() { Images = 10 };

        ten.Pixels.ShouldBe(10_485_760);
        Of(ten, ("input_cost_per_pixel", 2e-8m)).ShouldBe(0.2097152m);
        Of(ten, ("input_cost_per_pixel", 2e-8m), ("output_cost_per_pixel", 0m)).ShouldBe(0.2097152m);
        Of(ten with { ImageWidth = 512, ImageHeight = 256 }, ("output_cost_per_pixel", 1e-6m)).ShouldBe(1.31072m);
    }

    [Theory]
    [InlineData(0, 0, null, "0.04")]
    [InlineData(1024, 1024, "standard", "0.04")]
    [InlineData(1024, 1024, "premium", "0.06")]
    [InlineData(1024, 1792, "standard", "0.08")]
    [InlineData(1024, 1792, "hd", "0.12")]
    public void An_image_pays_by_its_size_and_quality(long width, long height, string? quality, string each)
    {
        Units two = new() { Images = 2, ImageWidth = width, ImageHeight = height, ImageQuality = quality };

        Of(
            two,
            ("output_cost_per_image_above_1024_and_1024_pixels_and_premium_image", 0.12m),
            ("output_cost_per_image_above_1024_and_1024_pixels", 0.08m),
            ("output_cost_per_image_premium_image", 0.06m),
            ("output_cost_per_image", 0.04m)).ShouldBe(2 * decimal.Parse(each, System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Images_pay_by_the_image_or_by_their_tokens()
    {
        Price byToken = ModelCatalog.BuiltIn.FindModel("openai", "gpt-image-1")!.Price!;
        Price byImage = ModelCatalog.BuiltIn.FindModel("openai", "dall-e-3")!.Price!;
        Units units = new() { Images = 2 };
        Usage usage = new() { Input = 50, OutputImage = 2_112 };

        Cost.Of(usage, byToken, units: units)!.Value.Total.ShouldBe(((50 * 5m) + (2_112 * 40m)) / 1_000_000);
        Cost.Of(usage, byImage, units: units)!.Value.Total.ShouldBe(0.08m);
        Cost.Of(default, byImage, units: units)!.Value.Total.ShouldBe(0.08m);
    }

    [Theory]
    [InlineData("input_cost_per_character", 0.000015)]
    [InlineData("output_cost_per_character", 0.00002)]
    [InlineData("input_cost_per_query", 0.002)]
    [InlineData("input_cost_per_video_per_second", 0.001)]
    [InlineData("output_cost_per_video_per_second", 0.4)]
    [InlineData("output_cost_per_second", 0.00025)]
    [InlineData("output_cost_per_audio_per_second", 0.00025)]
    [InlineData("ocr_cost_per_page", 0.001)]
    [InlineData("annotation_cost_per_page", 0.003)]
    [InlineData("code_interpreter_cost_per_session", 0.03)]
    public void Every_unit_pays_the_price_of_its_key(string key, double perUnit)
    {
        Units seven = key switch
        {
            "input_cost_per_character" => new() { InputCharacters = 7 },
            "output_cost_per_character" => new() { OutputCharacters = 7 },
            "input_cost_per_query" => new() { Queries = 7 },
            "input_cost_per_video_per_second" => new() { InputVideoSeconds = 7 },
            "output_cost_per_video_per_second" => new() { OutputVideoSeconds = 7 },
            "ocr_cost_per_page" => new() { Pages = 7 },
            "annotation_cost_per_page" => new() { AnnotatedPages = 7 },
            "code_interpreter_cost_per_session" => new() { Sessions = 7 },
            _ => new() { OutputSeconds = 7 },
        };

        Of(seven, (key, (decimal)perUnit)).ShouldBe(7 * (decimal)perUnit);
        Of(seven with { Sessions = 0, Queries = 0, Pages = 0, AnnotatedPages = 0, InputCharacters = 0, OutputCharacters = 0, OutputSeconds = 0, OutputVideoSeconds = 0, InputVideoSeconds = 0 }, (key, (decimal)perUnit))
            .ShouldBeNull("nothing that this price says anything of");
    }

    [Theory]
    [InlineData("low", "0.01")]
    [InlineData("high", "0.05")]
    [InlineData("medium", "0.03")]
    [InlineData(null, "0.03")]
    public void A_web_search_pays_by_the_size_of_its_context(string? context, string each) =>
        Of(new Usage { Input = 1_000 }, new Units { Searches = 3, SearchContext = context }, ("input_cost_per_token", 1e-6m), ("search_context_size_low", 0.01m), ("search_context_size_medium", 0.03m), ("search_context_size_high", 0.05m))
            .ShouldBe(0.001m + (3 * decimal.Parse(each, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void A_search_nobody_knows_the_price_of_does_not_hide_the_cost_of_the_tokens() =>
        Of(new Usage { Input = 1_000 }, new Units { Searches = 3 }, ("input_cost_per_token", 1e-6m)).ShouldBe(0.001m);

    [Fact]
    public void Services_come_on_top_of_tokens()
    {
        (string, decimal)[] prices = [("input_cost_per_token", 1e-6m), ("output_cost_per_token", 2e-6m), ("code_interpreter_cost_per_session", 0.03m), ("input_cost_per_request", 0.005m)];

        Of(new Usage { Input = 1_000, Output = 500 }, new Units { Sessions = 1 }, prices).ShouldBe(0.001m + 0.001m + 0.03m + 0.005m);
    }

    [Fact]
    public void What_was_made_and_has_no_price_is_not_free_because_the_prompt_has_one()
    {
        Price text = PriceKeys.Read([new("input_cost_per_token", 1e-6m)])!;

        Cost.Of(new Usage { Input = 10 }, text, units: new Units { Images = 1 }).ShouldBeNull();
        Cost.Of(default, text, units: new Units { InputSeconds = 1 }).ShouldBeNull();
        Cost.Of(default, null, units: new Units { Images = 1 }).ShouldBeNull();
    }

    [Fact]
    public void A_count_that_cannot_be_has_no_price()
    {
        Price price = new() { PerImage = 1, PerSecond = PriceKeys.MaxPerUnit, PerPixel = PriceKeys.MaxPerUnit, PerMillionCharacters = PriceKeys.MaxPerUnit * 1_000_000 };

        Cost.Of(default, price, units: new Units { Images = -1 }).ShouldBeNull();
        Cost.Of(default, price, units: new Units { InputSeconds = -0.1m }).ShouldBeNull();
        Cost.Of(default, price, units: new Units { InputSeconds = decimal.MaxValue }).ShouldBeNull();
        Cost.Of(default, price, units: new Units { Images = long.MaxValue, ImageWidth = long.MaxValue, ImageHeight = long.MaxValue }).ShouldBeNull();
        Cost.Of(default, price, units: new Units { InputCharacters = Cost.MaxTokens })!.Value.Total.ShouldBe(PriceKeys.MaxPerUnit * Cost.MaxTokens);
    }

    [Fact]
    public void Long_prompts_change_the_price_of_units_too() =>
        Of(new Usage { Input = 200_000 }, new Units { InputVideoSeconds = 10 }, ("input_cost_per_token", 0m), ("input_cost_per_video_per_second", 0.001m), ("input_cost_per_video_per_second_above_128k_tokens", 0.002m))
            .ShouldBe(0.02m);

    [Fact]
    public void A_service_tier_of_bedrock_is_priority_then_default_then_flex()
    {
        Price price = new()
        {
            Input = 2, Output = 8,
            ServiceTiers = new Dictionary<string, Price>(StringComparer.Ordinal) { ["priority"] = new() { Input = 3.5m, Output = 14 }, ["flex"] = new() { Input = 1, Output = 4 } }.ToFrozenDictionary(),
        };
        Usage usage = new() { Input = 1_000, Output = 1_000 };

        Cost.Of(usage, price, "priority")!.Value.Total.ShouldBe(0.0175m);
        Cost.Of(usage, price, "default")!.Value.Total.ShouldBe(0.010m);
        Cost.Of(usage, price, "flex")!.Value.Total.ShouldBe(0.005m);
    }

    [Fact]
    public void Prices_written_as_text_are_taken_exactly()
    {
        ReadOnlyMemory<byte> map = """
            {"acme": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": "3e-7", "input_cost_per_audio_token": "1e-6", "cache_read_input_token_cost": "1.5e-8",
            "cache_creation_input_token_cost": "2.5e-8", "output_cost_per_token": "6e-7", "output_cost_per_audio_token": "2e-6"}}
            """u8.ToArray();
        Price price = LiteLLMPriceMap.Read(map, ModelCatalog.BuiltIn).Models.Single().Price!;

        Cost cost = Cost.Of(new Usage { Input = 700, InputAudio = 100, CacheRead = 200, CacheWrite = 150, Output = 450, OutputAudio = 50 }, price)!.Value;

        cost.TotalInput.ShouldBe(0.00031675m);
        cost.TotalOutput.ShouldBe(0.00037m);
    }

    private static decimal? Of(Units units, params (string Key, decimal PerUnit)[] prices) => Of(default, units, prices);

    private static decimal? Of(in Usage usage, Units units, params (string Key, decimal PerUnit)[] prices) =>
        Cost.Of(usage, PriceKeys.Read(prices.Select(one => new KeyValuePair<string, decimal>(one.Key, one.PerUnit))), units: units)?.Total;
}
