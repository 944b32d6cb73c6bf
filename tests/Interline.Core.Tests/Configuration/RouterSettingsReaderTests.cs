using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class RouterSettingsReaderTests
{
    private const string Models = "model_list: [{model_name: a, litellm_params: {model: openai/x, api_key: k}}, {model_name: bb/*, litellm_params: {model: groq/*, api_key: k}}]\n";

    [Fact]
    public void Settings_are_read_as_numbers_or_text()
    {
        RouterSettings router = Router("router_settings: {num_retries: '3', timeout: \"30\", stream_timeout: 5, stream_total_timeout: 1e3, connect_timeout: 2.5, retry_after: 0, allowed_fails: 4, cooldown_time: '0', disable_cooldowns: 'True', max_fallbacks: 2}");
        router.NumRetries.ShouldBe(3);
        router.Timeout.ShouldBe(TimeSpan.FromSeconds(30));
        router.StreamTimeout.ShouldBe(TimeSpan.FromSeconds(5));
        router.StreamTotalTimeout.ShouldBe(TimeSpan.FromSeconds(1000));
        router.ConnectTimeout.ShouldBe(TimeSpan.FromSeconds(2.5));
        router.RetryAfter.ShouldBe(TimeSpan.Zero);
        router.AllowedFails.ShouldBe(4);
        router.CooldownTime.ShouldBe(TimeSpan.Zero);
        router.DisableCooldowns.ShouldBeTrue();
        router.MaxFallbacks.ShouldBe(2);
    }

    [Fact]
    public void The_routers_own_settings_win_over_those_of_litellm_settings()
    {
        RouterSettings both = Router("router_settings: {num_retries: 1, timeout: 10}\nlitellm_settings: {num_retries: 5, request_timeout: 99, allowed_fails: 7}");
        (both.NumRetries, both.Timeout.TotalSeconds, both.AllowedFails).ShouldBe((1, 10d, 7));
        RouterSettings one = Router("litellm_settings: {num_retries: 5, request_timeout: 99}");
        (one.NumRetries, one.Timeout.TotalSeconds).ShouldBe((5, 99d));
    }

    [Fact]
    public void A_time_longer_than_timers_go_is_cut() => Router("router_settings: {timeout: 99999999999}").Timeout.ShouldBe(TimeSpan.FromDays(24));

    [Fact]
    public void Fallbacks_are_read_in_every_shape_people_write_them()
    {
        RouterSettings router = Router("router_settings:\n  fallbacks: [\n    {\"a\": [\"bb/x\", bb/y]},\n    bb/x: [a],\n  ]\n  default_fallbacks: [a]\n");
        router.Fallbacks["a"].ShouldBe(["bb/x", "bb/y"]);
        router.Fallbacks["bb/x"].ShouldBe(["a"]);
        router.Fallbacks["*"].ShouldBe(["a"]);
    }

    [Fact]
    public void Fallbacks_of_the_router_replace_those_of_litellm_settings_whole()
    {
        RouterSettings router = Router("router_settings: {fallbacks: [{a: [bb/x]}]}\nlitellm_settings: {fallbacks: [{bb/z: [a]}], default_fallbacks: [a]}");
        router.Fallbacks.Keys.Order().ShouldBe(["*", "a"]);
    }

    [Fact]
    public void An_explicit_rule_for_everything_wins_over_the_default_fallbacks() =>
        Router("litellm_settings: {fallbacks: [{'*': [bb/x]}], default_fallbacks: [a]}").Fallbacks["*"].ShouldBe(["bb/x"]);

    [Fact]
    public void A_fallback_to_a_name_that_does_not_exist_is_a_warning_with_the_nearest() =>
        Reading.Read("model_list: [{model_name: gpt-4o, litellm_params: {model: openai/x, api_key: k}}]\nrouter_settings:\n  fallbacks:\n    - gpt-4o: [gtp-4o]\n    - gpt4o: [gpt-4o]\n").Warnings().ShouldBe([
            "config.yaml:4:16: router_settings.fallbacks.gpt-4o[0]: there is no model 'gtp-4o' (did you mean gpt-4o?)",
            "config.yaml:5:7: router_settings.fallbacks.gpt4o: there is no model 'gpt4o' (did you mean gpt-4o?)"]);

    [Fact]
    public void A_rule_with_two_keys_and_a_second_rule_for_a_group_are_told()
    {
        ConfigResult result = Reading.Read(Models + "router_settings: {fallbacks: [{a: [bb/x], bb/x: a}, {a: [bb/z]}]}");
        result.Snapshot!.Router.Fallbacks["a"].ShouldBe(["bb/x"]);
        result.Snapshot.Router.Fallbacks["bb/x"].ShouldBe(["a"]);
        result.Warnings().Length.ShouldBe(2);
    }

    [Fact]
    public void Fallbacks_that_are_no_names_refuse_the_file_each_at_its_place()
    {
        ConfigResult result = Reading.Read(Models + "router_settings:\n  fallbacks: [a, {a: [{model: x}]}]\n");
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldBe([
            "config.yaml:3:15: router_settings.fallbacks[0]: expected a mapping of a model to its fallbacks, found text",
            "config.yaml:3:23: router_settings.fallbacks.a[0]: expected the name of a model, found a mapping"]);
    }

    [Theory]
    [InlineData("least-busy", "'least-busy' is not yet supported, simple-shuffle is used")]
    [InlineData("simple-shufle", "unknown strategy 'simple-shufle', simple-shuffle is used (did you mean simple-shuffle?)")]
    public void A_strategy_without_meaning_here_is_told(string name, string message) =>
        Reading.Read($"router_settings: {{routing_strategy: {name}}}").Warnings().ShouldHaveSingleItem().ShouldEndWith(message);

    [Fact]
    public void Aliases_have_two_shapes()
    {
        ConfigResult result = Reading.Read(Models + "router_settings:\n  model_group_alias:\n    one: a\n    \"two\": {model: bb/x, hidden: true}\n    three: aa\n");
        result.Snapshot!.Aliases["one"].ShouldBe(new ModelAlias("a", Hidden: false));
        result.Snapshot.Aliases["two"].ShouldBe(new ModelAlias("bb/x", Hidden: true));
        result.Warnings().ShouldHaveSingleItem().ShouldContain("there is no model 'aa'");
    }

    [Fact]
    public void Settings_of_the_server_are_read()
    {
        GeneralSettings general = Reading.Read("general_settings: {master_key: 'sk-1', max_request_size_mb: '0.5', always_include_stream_usage: yes}\nlitellm_settings: {include_cost_in_streaming_usage: True}").Snapshot!.General;
        general.MasterKey!.Reveal().ShouldBe("sk-1");
        general.MaxRequestBytes.ShouldBe(512 * 1024);
        general.AlwaysIncludeStreamUsage.ShouldBeTrue();
        general.IncludeCostInStreamingUsage.ShouldBeTrue();
    }

    [Fact]
    public void Drop_params_of_litellm_settings_holds_where_a_deployment_says_nothing()
    {
        Snapshot snapshot = Reading.Read("litellm_settings: {drop_params: true}\nmodel_list: [{model_name: a, litellm_params: {model: openai/x, api_key: k}}, {model_name: b, litellm_params: {model: openai/x, api_key: k, drop_params: false}}]").Snapshot!;
        snapshot.Groups["a"].Deployments[0].DropParams.ShouldBeTrue();
        snapshot.Groups["b"].Deployments[0].DropParams.ShouldBeFalse();
    }

    private static RouterSettings Router(string settings) => Reading.Read(Models + settings).Snapshot.ShouldNotBeNull().Router;
}
