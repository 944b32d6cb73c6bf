using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class CredentialTests
{
    private const string List = """
        credential_list:
          - credential_name: shared
            credential_values: {api_key: os.environ/SHARED_KEY, api_base: "https://shared.example.com/v1", rpm: 7}
            credential_info: {description: text}
          - {credential_name: shared, credential_values: {api_key: second}}

        """;

    [Fact]
    public void What_a_deployment_says_wins_over_its_credential_and_the_first_of_a_name_counts()
    {
        ConfigResult result = Read("{model: openai/x, litellm_credential_name: shared, rpm: 3, api_base: }");
        Deployment deployment = result.Only();
        deployment.ApiKey!.Reveal().ShouldBe("of-the-environment");
        deployment.BaseUrl.Host.ShouldBe("shared.example.com");
        deployment.Rpm.ShouldBe(3);
        result.Warnings().ShouldHaveSingleItem().ShouldContain("there is a credential 'shared' already; the first counts");
        result.Ignored().ShouldBeEmpty();
    }

    [Fact]
    public void A_credential_that_does_not_exist_is_told_with_the_nearest_and_the_deployment_loads()
    {
        ConfigResult result = Read("{model: openai/x, api_key: k, litellm_credential_name: shard}");
        result.Only().ApiKey!.Reveal().ShouldBe("k");
        result.Warnings().ShouldContain(warning => warning.EndsWith("there is no credential 'shard' in credential_list (did you mean shared?)", StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_value_of_a_credential_is_told_where_it_stands()
    {
        ConfigResult result = Reading.Read("credential_list:\n  - {credential_name: c, credential_values: {api_base: nonsense}}\n  - x\n  - {credential_values: {}}\nmodel_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k, litellm_credential_name: c}}]\n");
        result.Errors().ShouldBe([
            "config.yaml:2:56: model_list[0].litellm_params.api_base: expected an absolute http or https URL",
            "config.yaml:3:5: credential_list[1]: expected a mapping with credential_name and credential_values, found text",
            "config.yaml:4:5: credential_list[2].credential_name: expected credential_name, found nothing"]);
    }

    [Fact]
    public void Default_parameters_of_the_router_lie_under_all()
    {
        Deployment deployment = Reading.Read("router_settings: {default_litellm_params: {api_key: k, timeout: 9, temperature: 0.5}}\nmodel_list: [{model_name: m, litellm_params: {model: openai/x, timeout: 3}}]\n").Only();
        deployment.ApiKey!.Reveal().ShouldBe("k");
        deployment.Timeout.ShouldBe(TimeSpan.FromSeconds(3));
        deployment.DefaultParameters.ShouldHaveSingleItem().Key.ShouldBe("temperature");
    }

    private static ConfigResult Read(string parameters) =>
        Reading.Read($"{List}model_list:\n  - model_name: m\n    litellm_params: {parameters}\n", ("SHARED_KEY", "of-the-environment"));
}
