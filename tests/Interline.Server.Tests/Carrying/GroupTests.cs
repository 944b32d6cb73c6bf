using System.Net;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Carrying;

/// <summary>Groups that are more than a list of like deployments: mixed wire formats, aliases, patterns.</summary>
public sealed class GroupTests : IAsyncLifetime
{
    private FakeProvider? _provider;
    private RunningGateway? _gateway;

    public async ValueTask InitializeAsync()
    {
        _provider = await FakeProvider.StartAsync();
        string url = _provider.Address.ToString().TrimEnd('/') + "/v1";
        _gateway = await RunningGateway.StartAsync($$"""
            model_list:
              - { model_name: mixed, litellm_params: { model: cohere/command-r, api_key: k, api_base: "{{url}}", order: 1 } }
              - { model_name: mixed, litellm_params: { model: openai/ok-mixed, api_key: k, api_base: "{{url}}", order: 2 } }
              - { model_name: foreign, litellm_params: { model: cohere/command-r, api_key: k, api_base: "{{url}}" } }
              - { model_name: carried, litellm_params: { model: cohere/command-r, api_key: k, api_base: "{{url}}" } }
              - { model_name: "many/*", litellm_params: { model: "openai/*", api_key: k, api_base: "{{url}}" } }
              - { model_name: shadowed, litellm_params: { model: openai/ok-group, api_key: k, api_base: "{{url}}" } }
              - { model_name: other, litellm_params: { model: openai/ok-alias, api_key: k, api_base: "{{url}}" } }
            router_settings:
              fallbacks: [{ carried: [other] }]
              model_group_alias: { shadowed: other, nick: other, quiet: { model: other, hidden: true }, deep: many/ok-deep }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway!.DisposeAsync();
        await _provider!.DisposeAsync();
    }

    [Fact]
    public async Task A_deployment_of_a_format_that_is_not_translated_gives_way_to_one_that_can_be_called()
    {
        using HttpResponseMessage response = await _gateway!.ChatAsync("mixed");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Headers.Contains("x-interline-attempts").ShouldBeFalse("one attempt is the usual number");
        _provider!.Received("ok-mixed").ShouldHaveSingleItem();
    }

    [Fact]
    public async Task So_does_a_group_of_nothing_else()
    {
        using HttpResponseMessage response = await _gateway!.ChatAsync("carried");
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Header("x-litellm-attempted-fallbacks").ShouldBe("1");
    }

    [Fact]
    public async Task Alone_it_is_a_501_that_names_the_format()
    {
        using HttpResponseMessage response = await _gateway!.ChatAsync("foreign");
        (await response.ErrorAsync(501)).ShouldContain("cohere");
    }

    [Theory]
    [InlineData("nick", "ok-alias")]
    [InlineData("quiet", "ok-alias")]
    [InlineData("shadowed", "ok-alias")]
    [InlineData("deep", "ok-deep")]
    [InlineData("many/ok-wild", "ok-wild")]
    public async Task A_name_means_its_alias_then_its_group_then_its_pattern(string name, string upstream)
    {
        using HttpResponseMessage response = await _gateway!.ChatAsync(name);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        _provider!.Received(upstream).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Aliases_are_listed_unless_hidden()
    {
        string models = await _gateway!.GetTextAsync("/v1/models");
        models.ShouldContain("\"nick\"");
        models.ShouldNotContain("\"quiet\"");
    }

    [Fact]
    public async Task What_a_pattern_was_filled_with_counts_as_the_patterns_deployment()
    {
        using HttpResponseMessage one = await _gateway!.ChatAsync("many/ok-one");
        using HttpResponseMessage two = await _gateway.ChatAsync("many/ok-two");
        string metrics = await _gateway.GetTextAsync("/metrics");
        metrics.ShouldContain("model_group=\"many/*\",provider=\"openai\",model=\"*\",outcome=\"success\"} 2\n");
        metrics.ShouldNotContain("ok-one", Case.Sensitive, "callers choose the names, so they must not make series");
        (await _gateway.GetTextAsync("/health")).ShouldContain("many/*");
    }

    [Fact]
    public async Task A_probe_may_use_HEAD()
    {
        using HttpResponseMessage response = await _gateway!.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/health/liveliness"));
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}
