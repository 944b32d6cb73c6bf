using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

/// <summary>Small files of our own, each with what real ones do and a tidy example does not; read with the shipped catalogue and an empty environment.</summary>
public sealed class RealShapesTests
{
    public static TheoryData<string, string[], int, string[]> Files => new()
    {
        {
            // Providers of every kind, with nothing of theirs in the environment.
            """
            model_list:
              - model_name: az
                litellm_params: {model: azure/my-deployment, api_key: os.environ/AZURE_API_KEY, api_base: os.environ/AZURE_API_BASE, api_version: "2024-06-01"}
              - model_name: br
                litellm_params: {model: bedrock/anthropic.claude-3-haiku-20240307-v1:0, aws_region_name: eu-west-1}
              - model_name: vx
                litellm_params: {model: vertex_ai/gemini-2.5-pro, vertex_project: p, vertex_location: europe-west1}
              - model_name: sm
                litellm_params: {model: sagemaker/endpoint, input_cost_per_second: 0.000420}
              - model_name: nested
                litellm_params: {model: litellm_proxy/azure/gpt-4o}
            """,
            ["az", "br", "vx", "sm", "nested"], 5, ["az", "br", "vx", "sm", "nested"]
        },
        {
            // Names with slashes and colons, one twice; a star alone, behind a provider, and in front of a fixed model.
            """
            model_list:
            - model_name: "*"
              litellm_params:
                model: "*"
            - model_name: "*"
              litellm_params: {model: openai/*}
            - {model_name: anthropic/*, litellm_params: {model: anthropic/fixed}}
            - {model_name: "org/model:free", litellm_params: {model: "openrouter/org/model:free"}}
            - {model_name: 'org/model:free', litellm_params: {model: openai//models/file.gguf, api_base: http://192.0.2.1:8080/v1, api_key: None}}
            """,
            ["*", "anthropic/*", "org/model:free"], 5, []
        },
        {
            // Sections of other programs, a null section, a section twice, costs that are text and one that is none.
            """
            logging: {level: debug}
            model_settings:
            litellm_settings: {num_retries: 9, cache: true}
            model_list:
              - model_name: m
                litellm_params: {model: groq/llama-3.1-8b-instant, input_cost_per_token: "3e-7"}
                model_info: {input_cost_per_token: 0.0.00006, tier: free, anything: [1, {a: b}]}
            litellm_settings:
              drop_params: "True"
            """,
            ["m"], 1, []
        },
        {
            // Prefixes that are no provider, a provider of Python code, and an empty model.
            """
            model_list:
              - {model_name: a, litellm_params: {model: together/x, api_key: "${KEY}"}}
              - {model_name: b, litellm_params: {model: mine/agent, custom_llm_provider: mine}}
              - {model_name: c, litellm_params: {model: azure/, api_base: "https://x.example.com"}}
              - {model_name: d, litellm_params: {model: gpt-4o}}
            """,
            ["a", "b", "c", "d"], 4, ["a", "b", "c"]
        },
        {
            // Anchors, merge keys, weights and a block that is only comments after it.
            """
            model_list:
              - model_name: one
                litellm_params: &base
                  model: openai/gpt-4o
                  api_key: k
                  weight: 3
              - model_name: one
                litellm_params:
                  <<: *base
                  weight: 1
              - {model_name: two, litellm_params: *base}
            guardrails:
              # - guardrail_name: later
            """,
            ["one", "two"], 3, []
        },
        { "model_list:\n  # - model_name: nothing but comments\n", [], 0, [] },
        {
            // Flow lists over lines, fallbacks that go round, quoted keys.
            "model_list:\n  - {model_name: \"a b\", litellm_params: {model: openai/gpt-4o}}\n  - {model_name: b, litellm_params: {model: openai/gpt-4o-mini}}\nrouter_settings:\n"
            + "  fallbacks: [\n    {\"a b\": [\"b\"]},\n    {'b': ['a b']}\n  ]\n  retry_policy: {\n    TimeoutErrorRetries: 2,\n    RateLimitErrorRetries: 3 }\n",
            ["a b", "b"], 2, []
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_as_people_keep_them_is_usable_with_every_group_and_deployment(string text, string[] names, int deployments, string[] unusable)
    {
        ConfigResult result = ConfigReader.Read(text, "config.yaml", static _ => null, ShippedCatalog.BuiltIn);
        result.Snapshot.ShouldNotBeNull(string.Join('\n', result.Problems));
        result.Listed.Select(static listed => listed.Name).Distinct().ShouldBe(names);
        result.Listed.Length.ShouldBe(deployments);
        result.Listed.Where(static listed => listed.Unusable is not null).Select(static listed => listed.Name).ShouldBe(unusable);
    }

    [Fact]
    public void A_deployment_that_only_lacks_something_outside_the_file_can_be_asked_for_by_name()
    {
        ConfigResult result = ConfigReader.Read("model_list: [{model_name: m, litellm_params: {model: bedrock/x}}, {model_name: n, litellm_params: {model: nothing/x}}]", "config.yaml", static _ => null, ShippedCatalog.BuiltIn);
        result.Snapshot!.Resolve("m").ShouldNotBeNull();
        result.Snapshot.Resolve("n").ShouldBeNull();
    }
}
