using Interline.Core.Configuration;
using Interline.Core.Pricing;

namespace Interline.Core.Tests.Configuration;

public sealed class CostTermsReaderTests
{
    private const string Models = "model_list: [{model_name: a, litellm_params: {model: openai/x, api_key: k}}]\n";

    [Fact]
    public void Discounts_and_margins_are_read_by_provider()
    {
        CostTerms terms = Reading.Read(Models + """
            litellm_settings:
              cost_discount_config: {openai: 0.05, groq: '0.1'}
              cost_margin_config: {global: 0.1, openai: {percentage: 0.08, fixed_amount: 0.0005}, groq: {fixed_amount: 0.001}}
            """).Snapshot!.General.Costs;

        terms.Discounted("openai", 1m).ShouldBe(0.95m);
        terms.Discounted("groq", 1m).ShouldBe(0.9m);
        terms.Billed("openai", 1m).ShouldBe(1.0805m);
        terms.Billed("groq", 1m).ShouldBe(1.001m);
        terms.Billed("mistral", 1m).ShouldBe(1.1m);
    }

    [Fact]
    public void Prices_of_web_searches_stand_in_a_mapping_and_keep_the_rest()
    {
        Price price = Reading.One("openai/gpt-4o", "search_context_cost_per_query: {search_context_size_low: '0.03', search_context_size_high: 0.05}").Only().Price!;

        (price.PerSearchLow, price.PerSearchMedium, price.PerSearchHigh).ShouldBe((0.03m, null, 0.05m));
        price.Source.ShouldBe("config");
    }

    [Fact]
    public void A_deployment_said_to_cost_nothing_pays_nothing_by_the_second_either()
    {
        Price price = Reading.Read("""
            model_list:
              - model_name: a
                litellm_params: {model: openai/whisper, api_key: k, input_cost_per_token: 0, output_cost_per_token: 0}
                model_info: {input_cost_per_second: 0.0001, output_cost_per_second: 0.0001, output_cost_per_image: 0.04, input_cost_per_character: 0.000015, input_cost_per_pixel: 1e-8}
            """).Only().Price!;

        (price.Input, price.Output).ShouldBe((0m, 0m));
        new[] { price.PerSecond, price.PerOutputSecond, price.PerImage, price.PerMillionCharacters, price.PerPixel }.ShouldAllBe(static one => one == null);
    }

    [Fact]
    public void A_file_that_says_nothing_of_them_has_none() => Reading.Read(Models).Snapshot!.General.Costs.IsEmpty.ShouldBeTrue();

    [Fact]
    public void A_whole_number_of_percent_refuses_the_file()
    {
        ConfigResult result = Reading.Read(Models + """
            litellm_settings:
              cost_discount_config: {openai: 5}
              cost_margin_config: {openai: 1000, groq: {percent: 0.1}, mistral: -1}
            """);

        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldBe([
            "config.yaml:3:34: litellm_settings.cost_discount_config.openai: expected a fraction from 0 to 1, such as 0.05 for five percent",
            "config.yaml:4:32: litellm_settings.cost_margin_config.openai: expected a fraction such as 0.1 for ten percent",
            "config.yaml:4:45: litellm_settings.cost_margin_config.groq.percent: expected percentage or fixed_amount",
            "config.yaml:4:69: litellm_settings.cost_margin_config.mistral: expected a number from 0 on, found '-1'"]);
    }

    [Fact]
    public void A_provider_that_does_not_exist_is_told() =>
        Reading.Read(Models + "litellm_settings: {cost_discount_config: {gorq: 0.1}}").Warnings()
            .ShouldContain(warning => warning.Contains("there is no provider 'gorq'", StringComparison.Ordinal));
}
