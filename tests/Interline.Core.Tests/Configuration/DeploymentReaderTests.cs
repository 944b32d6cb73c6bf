using Interline.Core.Catalog;
using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class DeploymentReaderTests
{
    [Theory]
    [InlineData("groq/llama-3.1-8b-instant", "groq", "llama-3.1-8b-instant")]
    [InlineData("openai/meta/llama", "openai", "meta/llama")]
    [InlineData("openai//path", "openai", "/path")]
    [InlineData("openrouter/qwen/qwen3:free", "openrouter", "qwen/qwen3:free")]
    [InlineData("gpt-4o", "openai", "gpt-4o")]
    [InlineData("'*'", "openai", "*")]
    public void The_provider_is_the_known_prefix_else_that_of_the_bare_name(string model, string provider, string upstream)
    {
        Deployment deployment = Reading.One(model).Only();
        deployment.Provider.Id.ShouldBe(provider);
        deployment.UpstreamModel.ShouldBe(upstream);
    }

    [Fact]
    public void A_forced_provider_wins_and_only_its_own_prefix_is_taken_off()
    {
        Reading.One("openai/gpt-oss-20b", "custom_llm_provider: groq").Only().ShouldSatisfyAllConditions(
            deployment => deployment.Provider.Id.ShouldBe("groq"),
            deployment => deployment.UpstreamModel.ShouldBe("openai/gpt-oss-20b"));
        Reading.One("groq/x", "custom_llm_provider: groq").Only().UpstreamModel.ShouldBe("x");
    }

    [Fact]
    public void An_unknown_name_with_a_base_is_an_OpenAI_compatible_server()
    {
        Deployment deployment = Reading.One("Qwen/Qwen3-8B", "api_base: http://localhost:8000/v1/").Only();
        deployment.Provider.Id.ShouldBe("custom_openai");
        deployment.UpstreamModel.ShouldBe("Qwen/Qwen3-8B");
        deployment.BaseUrl.ShouldBe(new Uri("http://localhost:8000/v1"));
    }

    [Fact]
    public void A_provider_whose_wire_has_no_room_is_not_taken_for_a_server_of_another() =>
        Reading.One("sagemaker/claude", "api_base: https://x.example.com").Errors().ShouldHaveSingleItem()
            .ShouldBe("config.yaml:4:14: model_list[0].litellm_params.model: the provider 'sagemaker' is not supported yet");

    [Fact]
    public void An_unknown_provider_is_an_error_with_the_nearest()
    {
        Reading.One("gorq/x").Errors().ShouldHaveSingleItem().ShouldBe(
            "config.yaml:4:14: model_list[0].litellm_params.model: unknown provider 'gorq'; give a known one, or api_base for an OpenAI-compatible server (did you mean groq?)");
        Reading.One("together/x").Errors().ShouldHaveSingleItem().ShouldContain("(did you mean together_ai?)");
        Reading.One("mystery").Errors().ShouldHaveSingleItem().ShouldContain("no provider can be told");
        Reading.One("groq/").Errors().ShouldHaveSingleItem().ShouldContain("no model after the provider");
    }

    [Fact]
    public void The_base_is_the_written_one_else_the_variable_else_the_catalogues()
    {
        const string Text = "model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k}}]";
        Reading.One("openai/x", "api_base: https://a.example.com/v1//").Only().BaseUrl.OriginalString.ShouldBe("https://a.example.com/v1");
        Reading.One("openai/x", "base_url: https://b.example.com").Only().BaseUrl.Host.ShouldBe("b.example.com");
        Reading.Read(Text, ("OPENAI_BASE_URL", "https://c.example.com/v1")).Only().BaseUrl.Host.ShouldBe("c.example.com");
        Reading.Read(Text).Only().BaseUrl.OriginalString.ShouldBe("https://api.openai.com/v1");
    }

    [Theory]
    [InlineData("openai/x", "api_base: localhost/v1", "expected an absolute http or https URL")]
    [InlineData("openai/x", "api_base: ftp://a.example.com", "expected an absolute http or https URL")]
    [InlineData("openai/x", "api_base: https://<your-endpoint>.example.com", "expected an absolute http or https URL")]
    public void With_a_base_that_cannot_be_meant_a_deployment_is_listed_and_lacks_one(string model, string line, string message)
    {
        ConfigResult result = Reading.One(model, line);
        result.Errors().ShouldHaveSingleItem().ShouldContain($"config.yaml:6:{7 + line.IndexOf(' ', StringComparison.Ordinal) + 1}: model_list[0].litellm_params.api_base: {message}");
        result.Only().Missing.ShouldBe(message);
    }

    [Fact]
    public void Without_any_base_a_deployment_is_listed_and_says_what_it_lacks()
    {
        ConfigResult result = Reading.One("hosted_vllm/x", "weight: 1");
        const string Missing = "no base URL is known for the provider 'hosted_vllm'; give api_base, or set HOSTED_VLLM_API_BASE";
        result.Errors().ShouldHaveSingleItem().ShouldBe($"config.yaml:4:14: model_list[0].litellm_params.model: {Missing}");
        result.Only().Missing.ShouldBe(Missing);
        result.Listed.ShouldHaveSingleItem().ShouldBe(new ListedDeployment("m", "config.yaml", 2, "model_list[0]", Missing));
    }

    [Fact]
    public void A_model_from_a_variable_that_is_not_set_is_listed_and_one_without_model_is_left_out()
    {
        ConfigResult unset = Reading.Read("model_list: [{model_name: m, litellm_params: {model: os.environ/NOPE}}]");
        unset.Only().Missing.ShouldBe("the environment variable NOPE, which names its model, is not set");
        ConfigResult none = Reading.Read("model_list: [{model_name: m, litellm_params: {api_key: k}}]");
        none.Snapshot!.Groups.ShouldBeEmpty();
        none.Listed.ShouldHaveSingleItem().Unusable.ShouldBe("expected model, found nothing");
    }

    [Fact]
    public void A_name_with_a_vendor_in_front_is_not_looked_up_among_the_models_of_aggregators() =>
        Reading.One("google/gemini-pro").Errors().ShouldHaveSingleItem().ShouldContain("unknown provider 'google'");

    [Fact]
    public void What_the_router_asks_of_a_deployment_is_read()
    {
        Deployment deployment = Reading.One(
            "openai/x", "tags: [paid, eu]", "tag_regex: ['User-Agent: curl/.*']", "region_name: eu", "max_budget: '5.5'", "budget_duration: 7d", "max_parallel_requests: 4", "allowed_fails: 2",
            "allowed_fails_policy: {RateLimitErrorAllowedFails: 9}", "retry_policy: {TimeoutErrorRetries: 1}").Only();
        deployment.Tags.ShouldBe(["paid", "eu"]);
        deployment.TagPatterns.ShouldBe(["User-Agent: curl/.*"]);
        deployment.RegionName.ShouldBe("eu");
        deployment.Budget.ShouldBe(new Budget(5.5m, TimeSpan.FromDays(7)));
        deployment.MaxParallelRequests.ShouldBe(4);
        deployment.AllowedFails.ShouldBe(2);
        deployment.AllowedFailsPolicy.ShouldBe(new AllowedFailsPolicy { RateLimit = 9 });
        deployment.RetryPolicy.ShouldBe(new RetryPolicy { Timeout = 1 });
    }

    [Fact]
    public void What_the_router_asks_of_a_deployment_and_is_no_value_for_it_leaves_it_out_at_its_place() =>
        Reading.One("openai/x", "budget_duration: soon", "tag_regex: ['(?=a)']", "tags: [[a]]", "retry_policy: {TimeoutErrorRetries: -1}").Errors().Select(static error => error.Split(": expected")[0]).ShouldBe([
            "config.yaml:6:24: model_list[0].litellm_params.budget_duration",
            "config.yaml:7:18: model_list[0].litellm_params.tag_regex",
            "config.yaml:8:14: model_list[0].litellm_params.tags[0]",
            "config.yaml:9:43: model_list[0].litellm_params.retry_policy.TimeoutErrorRetries"]);

    [Theory]
    [InlineData("staging", 1)]
    [InlineData("production", 0)]
    [InlineData(null, 0)]
    public void A_model_for_other_environments_is_left_out(string? environment, int expected)
    {
        (string, string)[] variables = environment is null ? [] : [("LITELLM_ENVIRONMENT", environment)];
        ConfigResult result = Reading.Read("model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k}, model_info: {supported_environments: [staging, development]}}]", variables);
        result.Snapshot!.Groups.Count.ShouldBe(expected);
        result.HasErrors.ShouldBeFalse();
    }

    [Fact]
    public void Ollama_without_a_path_is_called_on_its_OpenAI_side()
    {
        Reading.One("ollama/qwen3:14b", "api_base: http://localhost:11434/").Only().BaseUrl.OriginalString.ShouldBe("http://localhost:11434/v1");
        Reading.One("ollama/qwen3:14b", "api_base: http://gpu/v1").Only().BaseUrl.OriginalString.ShouldBe("http://gpu/v1");
    }

    [Theory]
    [InlineData("anthropic/claude-sonnet-4-5", "https://gw.example.com/v1/messages", "claude-sonnet-4-5", "https://gw.example.com")]
    [InlineData("anthropic/glm-5", "https://api.z.ai/api/anthropic", "glm-5", "https://api.z.ai/api/anthropic")]
    [InlineData("gemini/gemini-2.5-flash", "https://gw.example.com", "gemini-2.5-flash", "https://gw.example.com/v1beta")]
    [InlineData("gemini/models/gemini-2.5-flash", "http://127.0.0.1:9/d/a/v1beta", "gemini-2.5-flash", "http://127.0.0.1:9/d/a/v1beta")]
    public void Anthropics_and_Geminis_deployments_are_called_at_the_base_of_their_format(string model, string given, string upstream, string expected)
    {
        Deployment deployment = Reading.One(model, $"api_base: {given}").Only();
        deployment.UpstreamModel.ShouldBe(upstream);
        deployment.BaseUrl.OriginalString.ShouldBe(expected);
        deployment.BaseUrlFor(deployment.Provider.Wire).ShouldBe(deployment.BaseUrl);
        deployment.BaseUrlFor("openai").ShouldBeNull();
    }

    [Fact]
    public void A_provider_that_speaks_Anthropics_format_too_is_called_there_on_the_same_host_only()
    {
        Deployment own = Reading.One("twofold/x").Only();
        own.BaseUrlFor("openai")!.OriginalString.ShouldBe("https://twofold.example.com/v1");
        own.BaseUrlFor("anthropic")!.OriginalString.ShouldBe("https://twofold.example.com/anthropic");
        own.BaseUrlFor("gemini").ShouldBeNull();
        Reading.One("twofold/x", "api_base: https://proxy.example.com/llm").Only().BaseUrlFor("anthropic").ShouldBeNull();
    }

    [Fact]
    public void The_key_is_the_written_one_else_that_of_the_first_variable_set()
    {
        const string Text = "model_list: [{model_name: m, litellm_params: {model: openrouter/x}}]";
        Reading.One("openai/x").Only().ApiKey!.Reveal().ShouldBe("k");
        Reading.Read(Text, ("OR_API_KEY", "second\n")).Only().ApiKey!.Reveal().ShouldBe("second");
        ConfigResult none = Reading.Read(Text);
        none.Only().ApiKey.ShouldBeNull();
        none.Warnings().ShouldHaveSingleItem().ShouldContain("no key: give api_key or set OPENROUTER_API_KEY or OR_API_KEY");
    }

    [Fact]
    public void A_key_of_the_environment_that_goes_to_a_host_of_the_files_choice_is_told()
    {
        const string Text = "model_list: [{model_name: m, litellm_params: {model: openai/x, api_base: 'https://proxy.example.com'}}]";
        ConfigResult result = Reading.Read(Text, ("OPENAI_API_KEY", "sk-secret"));
        result.Only().ApiKey!.Reveal().ShouldBe("sk-secret");
        string warning = result.Warnings().ShouldHaveSingleItem();
        warning.ShouldContain("OPENAI_API_KEY will be sent to proxy.example.com");
        warning.ShouldNotContain("sk-secret");
    }

    [Fact]
    public void A_key_with_a_line_break_is_refused_without_showing_it()
    {
        ConfigResult result = Reading.Read("model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: \"sk-a\\nX-Evil: 1\"}}]");
        result.Errors().ShouldHaveSingleItem().ShouldNotContain("sk-a");
    }

    [Theory]
    [InlineData("'30'", 30)]
    [InlineData("1.5", 1.5)]
    [InlineData("\"1.5\"", 1.5)]
    [InlineData("1e2", 100)]
    [InlineData("0.001", 0.001)]
    public void Times_are_seconds_as_a_number_or_text(string written, double seconds)
    {
        Deployment deployment = Reading.One("openai/x", $"timeout: {written}", $"stream_timeout: {written}", $"cooldown_time: {written}").Only();
        deployment.Timeout.ShouldBe(TimeSpan.FromSeconds(seconds));
        deployment.StreamTimeout.ShouldBe(TimeSpan.FromSeconds(seconds));
        deployment.CooldownTime.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public void Counts_may_be_text()
    {
        Deployment deployment = Reading.One("openai/x", "rpm: '1e3'", "tpm: \"250_000\"".Replace("_", "", StringComparison.Ordinal), "order: '2'", "num_retries: 50", "max_retries: 1").Only();
        deployment.Rpm.ShouldBe(1000);
        deployment.Tpm.ShouldBe(250_000);
        deployment.Order.ShouldBe(2);
        deployment.NumRetries.ShouldBe(50);
        Reading.One("openai/x", "max_retries: '3'").Only().NumRetries.ShouldBe(3);
    }

    [Fact]
    public void Prices_per_token_become_exact_prices_per_million_and_config_replaces_its_side_of_the_catalogues()
    {
        Deployment deployment = Reading.One("openai/gpt-4o", "input_cost_per_token: '3e-7'", "output_cost_per_audio_token: 0.00004").Only();
        deployment.Price.ShouldNotBeNull().ShouldSatisfyAllConditions(
            price => price.Input.ShouldBe(0.3m),
            price => price.CacheRead.ShouldBeNull(),
            price => price.Output.ShouldBe(10m),
            price => price.OutputAudio.ShouldBe(40m),
            price => price.Source.ShouldBe("config"));
    }

    [Fact]
    public void A_price_that_is_no_number_is_a_warning_and_the_catalogues_counts()
    {
        ConfigResult result = Reading.Read(
            "model_list:\n  - model_name: m\n    litellm_params: {model: openai/gpt-4o, api_key: k, output_cost_per_token: free}\n    model_info: {input_cost_per_token: 0.0.00006}\n");
        result.Only().Price!.Input.ShouldBe(2.5m);
        result.Warnings().ShouldBe([
            "config.yaml:3:79: model_list[0].litellm_params.output_cost_per_token: expected a number from 0 on, found 'free'",
            "config.yaml:4:40: model_list[0].model_info.input_cost_per_token: expected a number from 0 on, found '0.0.00006'"]);
    }

    [Fact]
    public void Model_info_adds_to_what_the_catalogue_says()
    {
        Deployment deployment = Reading.Read("""
            model_list:
              - model_name: m
                litellm_params: {model: mirror/deployment-7, api_key: k}
                model_info: {id: my-id, base_model: gpt-4o, max_output_tokens: "8192", supports_vision: false, supports_reasoning: true, input_cost_per_token: 1e-6}
            """).Only();
        deployment.Id.ShouldBe("my-id");
        deployment.Model.ShouldNotBeNull().ShouldSatisfyAllConditions(
            model => model.MaxOutput.ShouldBe(8192),
            model => model.Capabilities.ShouldBe(ModelCapabilities.Reasoning),
            model => model.Price!.Input.ShouldBe(1m),
            model => model.Price!.Output.ShouldBe(12m));
    }

    [Fact]
    public void What_is_left_becomes_default_parameters_as_JSON()
    {
        ConfigResult result = Reading.One("openai/x", "temperature: '0.7'", "max_tokens: 4_096", "stop: [a, 'b']", "response_format: {type: json_object, strict: yes}", "user: \"q\\\"\"", "extra_body: {provider: {ignore: [X]}}");
        result.Only().DefaultParameters.Select(pair => $"{pair.Key}={pair.Value}").ShouldBe([
            "temperature=0.7", "max_tokens=4096", "stop=[\"a\",\"b\"]", "response_format={\"type\":\"json_object\",\"strict\":true}", "user=\"q\\\"\"", "provider={\"ignore\":[\"X\"]}"]);
        result.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_foreign_key_is_sent_and_told_but_a_misspelt_setting_is_not_sent()
    {
        ConfigResult result = Reading.One("openai/x", "dataSources: [{a: 1}]", "api_kye: sk-secret", "vertex_project: p", "stream: true");
        result.Only().DefaultParameters.Select(pair => pair.Key).ShouldBe(["dataSources"]);
        result.Warnings().ShouldHaveSingleItem().ShouldContain("'dataSources' is no setting known here");
        result.Ignored().ShouldBe([
            "config.yaml:7:7: model_list[0].litellm_params.api_kye: unknown key, has no effect (did you mean api_key?)",
            "config.yaml:8:7: model_list[0].litellm_params.vertex_project: not supported yet, has no effect",
            "config.yaml:9:7: model_list[0].litellm_params.stream: only the caller can give this, has no effect"]);
    }

    [Fact]
    public void A_list_of_organisations_makes_a_deployment_of_each()
    {
        ConfigResult result = Reading.Read("model_list: [{model_name: m, litellm_params: {model: openai/x, api_key: k, organization: [a, os.environ/ORG]}}]", ("ORG", "b"));
        ModelGroup group = result.Snapshot!.Groups["m"];
        group.Deployments.Select(deployment => deployment.Organization).ShouldBe(["a", "b"]);
        group.Deployments.Select(deployment => deployment.Id).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public void Headers_are_secrets_and_none_of_the_connection_can_be_set()
    {
        ConfigResult result = Reading.One("openai/x", "headers: {x-a: one}", "extra_headers: {X-A: two, host: evil, 'a b': c, x-c: \"a\\nb\", x-n: 5}");
        result.Only().ExtraHeaders.Select(header => $"{header.Key}={header.Value.Reveal()}").ShouldBe(["X-A=two", "x-n=5"]);
        result.Warnings().Length.ShouldBe(3);
    }

    [Fact]
    public void Parameters_to_drop_always_are_kept_apart_from_the_providers_rules()
    {
        ConfigResult result = Reading.One("openai/x", "additional_drop_params: [user, 'tools[*].x']", "drop_params: 'true'");
        result.Only().DropAlways.ShouldBe(["user"]);
        result.Only().DropParams.ShouldBeTrue();
        result.Ignored().ShouldHaveSingleItem().ShouldContain("tools[*].x");
    }

    [Fact]
    public void Ids_are_stable_do_not_hold_the_key_and_differ_among_equals()
    {
        string[] Ids(string key) => [.. Reading.Read(
            $"model_list: [{{model_name: m, litellm_params: {{model: openai/x, api_key: {key}}}}}, {{model_name: m, litellm_params: {{model: openai/x, api_key: {key}}}}}]")
            .Snapshot!.Groups["m"].Deployments.Select(deployment => deployment.Id)];
        string[] ids = Ids("one");
        ids.ShouldBe(Ids("two"));
        ids[0].ShouldNotBe(ids[1]);
        ids[0].ShouldMatch("^[0-9a-f]{16,64}$");
    }

    [Fact]
    public void An_id_written_twice_is_made_unique_and_told()
    {
        ConfigResult result = Reading.Read("""
            model_list:
              - {model_name: a, litellm_params: {model: openai/x, api_key: k}, model_info: {id: "1"}}
              - {model_name: b, litellm_params: {model: openai/x, api_key: k}, model_info: {id: 1}}
            """);
        result.Snapshot!.Groups["b"].Deployments[0].Id.ShouldBe("1-2");
        result.Warnings().ShouldHaveSingleItem().ShouldStartWith("config.yaml:3:5: model_list[1].model_info.id: the id '1' is used before");
    }

    [Theory]
    [InlineData("weight: 3, rpm: 9", "weight: 1", 3, 1)]
    [InlineData("rpm: 9, tpm: 5", "rpm: 3, weight: 7", 9, 3)]
    [InlineData("tpm: 5", "tpm: 3", 5, 3)]
    [InlineData("order: 1", "weight: 7", 1, 1)]
    [InlineData("weight: 0", "weight: 0", 1, 1)]
    public void The_first_deployment_of_a_group_says_what_all_are_weighed_by(string first, string second, double one, double two) =>
        Weights(first, second).Snapshot!.Groups["m"].Deployments.Select(deployment => deployment.Weight).ShouldBe([one, two]);

    [Fact]
    public void One_without_what_the_group_is_weighed_by_is_used_only_when_alone_and_told()
    {
        ConfigResult result = Weights("weight: 3", "rpm: 100");
        result.Snapshot!.Groups["m"].Deployments[1].Weight.ShouldBeInRange(double.Epsilon, 1e-6);
        result.Warnings().ShouldHaveSingleItem().ShouldContain("has no weight");
    }

    private static ConfigResult Weights(string first, string second) => Reading.Read(
        $"model_list: [{{model_name: m, litellm_params: {{model: openai/x, api_key: k, {first}}}}}, {{model_name: m, litellm_params: {{model: groq/x, api_key: k, {second}}}}}]");
}
