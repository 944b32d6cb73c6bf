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

    [Theory]
    [InlineData("off", StreamRecovery.Off)]
    [InlineData("'off'", StreamRecovery.Off)]
    [InlineData("false", StreamRecovery.Off)]
    [InlineData("continue", StreamRecovery.Continue)]
    [InlineData("\"restart\"", StreamRecovery.Restart)]
    public void What_becomes_of_broken_streams_is_a_word_and_off_may_be_YAMLs(string written, StreamRecovery recovery)
    {
        Router($"router_settings: {{stream_recovery: {written}}}").StreamRecovery.ShouldBe(recovery);
        Reading.One("openai/x", $"stream_recovery: {written}").Only().StreamRecovery.ShouldBe(recovery);
        Reading.One("openai/x").Only().StreamRecovery.ShouldBeNull();
    }

    [Fact]
    public void Another_word_for_it_is_an_error_that_names_the_words() =>
        Reading.Read(Models + "router_settings: {stream_recovery: resume}").Errors().ShouldHaveSingleItem().ShouldContain("expected off, continue or restart, found 'resume'");

    [Fact]
    public void Hedging_is_off_without_its_section_and_a_groups_own_wins()
    {
        Router("router_settings: {num_retries: 1}").Hedging.ShouldBeNull();
        RouterSettings router = Router("router_settings: {hedging: {quantile: 0.9}, model_group_hedging: {a: {enabled: false}, bb/x: {max_share: '0.2'}}}");
        router.Hedging.ShouldBe(new HedgingSettings { Quantile = 0.9m });
        router.GroupHedging["a"].Enabled.ShouldBeFalse();
        router.GroupHedging["bb/x"].ShouldBe(new HedgingSettings { MaxShare = 0.2m });
    }

    [Theory]
    [InlineData("quantile: 1")]
    [InlineData("quantile: 0")]
    [InlineData("max_share: 1.5")]
    public void A_share_of_hedging_that_is_none_is_refused(string wrong) => Reading.Read($"{Models}router_settings: {{hedging: {{{wrong}}}}}").Snapshot.ShouldBeNull();

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
    public void Of_a_fallback_with_parameters_of_its_own_the_model_counts_and_the_rest_is_told()
    {
        ConfigResult result = Reading.Read(Models + "router_settings: {fallbacks: [{a: [{model: bb/x, temperature: 0}, {model: bb/y}]}]}");
        result.Snapshot!.Router.Fallbacks["a"].ShouldBe(["bb/x", "bb/y"]);
        result.Warnings().ShouldContain("config.yaml:2:36: router_settings.fallbacks.a[0]: of a fallback only the model counts; parameters of its own have no effect yet");
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
        ConfigResult result = Reading.Read(Models + "router_settings:\n  fallbacks: [a, {a: [{name: x}]}]\n");
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldBe([
            "config.yaml:3:15: router_settings.fallbacks[0]: expected a mapping of a model to its fallbacks, found text",
            "config.yaml:3:23: router_settings.fallbacks.a[0]: expected the name of a model, found a mapping"]);
    }

    [Theory]
    [InlineData("simple-shuffle", RoutingStrategy.SimpleShuffle)]
    [InlineData("provider-budget-routing", RoutingStrategy.SimpleShuffle)]
    [InlineData("least-busy", RoutingStrategy.LeastBusy)]
    [InlineData("latency-based-routing", RoutingStrategy.LatencyBased)]
    [InlineData("usage-based-routing", RoutingStrategy.UsageBased)]
    [InlineData("usage-based-routing-v2", RoutingStrategy.UsageBasedV2)]
    [InlineData("cost-based-routing", RoutingStrategy.CostBased)]
    public void A_strategy_is_named_as_in_LiteLLM(string name, RoutingStrategy strategy) =>
        Router($"router_settings: {{routing_strategy: {name}}}").Strategy.ShouldBe(strategy);

    [Fact]
    public void A_strategy_that_does_not_exist_is_told_and_the_shuffle_used() =>
        Reading.Read("router_settings: {routing_strategy: simple-shufle}").Warnings().ShouldHaveSingleItem()
            .ShouldEndWith("unknown strategy 'simple-shufle', simple-shuffle is used (did you mean simple-shuffle?)");

    [Fact]
    public void Settings_of_a_strategy_policies_and_budgets_are_read()
    {
        RouterSettings router = Router("""
            router_settings:
              routing_strategy_args: {ttl: "60", lowest_latency_buffer: 0.25, max_latency_list_size: 5, exploration: 0.1}
              retry_policy: { AuthenticationErrorRetries: 0,
                              RateLimitErrorRetries: "4" }
              model_group_retry_policy: {a: {TimeoutErrorRetries: 7}}
              allowed_fails_policy: {InternalServerErrorAllowedFails: 20}
              provider_budget_config:
                openai: {budget_limit: 0.000000000001, time_period: 1d}
                groq: {max_budget: 3, budget_duration: 1mo}
              enable_pre_call_check: true
              enable_tag_filtering: true
              tag_filtering_match_any: false
              target_options: [openai/gpt-4o, groq/llama-3.1-8b-instant]
              default_max_parallel_requests: 3
              max_retries: 6
            litellm_settings:
              tag_budget_config: {team: {max_budget: 1, budget_duration: 30m}}
            """);
        router.StrategyArguments.ShouldBe(new RoutingStrategyArguments { TimeToLive = TimeSpan.FromMinutes(1), LowestLatencyBuffer = 0.25, MaxLatencyListSize = 5, Exploration = 0.1 });
        router.RetryPolicy.ShouldBe(new RetryPolicy { Authentication = 0, RateLimit = 4 });
        router.GroupRetryPolicies["a"].ShouldBe(new RetryPolicy { Timeout = 7 });
        router.AllowedFailsPolicy.ShouldBe(new AllowedFailsPolicy { InternalServer = 20 });
        router.ProviderBudgets["openai"].ShouldBe(new Budget(0.000000000001m, TimeSpan.FromDays(1)));
        router.ProviderBudgets["groq"].ShouldBe(new Budget(3, TimeSpan.FromDays(30)));
        router.TagBudgets["team"].ShouldBe(new Budget(1, TimeSpan.FromMinutes(30)));
        (router.EnablePreCallChecks, router.EnableTagFiltering, router.TagFilteringMatchAny).ShouldBe((true, true, false));
        router.TargetOptions.ShouldBe(["openai/gpt-4o", "groq/llama-3.1-8b-instant"]);
        router.DefaultMaxParallelRequests.ShouldBe(3);
        router.NumRetries.ShouldBe(6);
    }

    [Fact]
    public void What_a_client_waits_for_and_who_waits_for_a_group_are_read()
    {
        RouterSettings router = Router("""
            router_settings:
              heartbeat_interval: 2.5
              write_timeout: 60
              model_group_limits:
                a: {max_parallel_requests: 3, max_queue: 0, queue_timeout: 0.5}
                "*": {}
            """);
        router.HeartbeatInterval.ShouldBe(TimeSpan.FromSeconds(2.5));
        router.WriteTimeout.ShouldBe(TimeSpan.FromSeconds(60));
        router.LimitOf("a").ShouldBe(new GroupLimit(3, 0, TimeSpan.FromSeconds(0.5)));
        router.LimitOf("b").ShouldBe(new GroupLimit(null, 100, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void Where_nothing_is_said_a_stream_is_kept_alive_every_15_seconds_and_no_group_has_a_limit()
    {
        RouterSettings router = Router("router_settings: {}");
        router.HeartbeatInterval.ShouldBe(TimeSpan.FromSeconds(15));
        router.WriteTimeout.ShouldBe(TimeSpan.FromSeconds(120));
        router.LimitOf("a").ShouldBeNull();
        router = Router("router_settings: {heartbeat_interval: 0, write_timeout: 0}");
        router.HeartbeatInterval.ShouldBeNull();
        router.WriteTimeout.ShouldBeNull();
    }

    [Fact]
    public void A_group_that_takes_no_call_at_all_is_refused() =>
        Reading.Read("router_settings: {model_group_limits: {a: {max_parallel_requests: 0}}}").Errors().ShouldHaveSingleItem()
            .ShouldEndWith("router_settings.model_group_limits.a.max_parallel_requests: expected a whole number from 1 on; leave it out for no limit");

    [Fact]
    public void Wrong_values_of_policies_budgets_and_options_refuse_the_file_each_at_its_place()
    {
        ConfigResult result = Reading.Read("""
            router_settings:
              routing_strategy_args: {exploration: 2, max_latency_list_size: 0}
              retry_policy: {TimeoutErrorRetries: often}
              model_group_retry_policy: {a: 3}
              provider_budget_config: {openai: {budget_limit: 1, time_period: 1x}, gorq: {time_period: 1d}}
              target_options: [gpt-4o]
            """);
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldBe([
            "config.yaml:2:40: router_settings.routing_strategy_args.exploration: expected a share from 0 to 1",
            "config.yaml:2:66: router_settings.routing_strategy_args.max_latency_list_size: expected a whole number from 1 on",
            "config.yaml:3:39: router_settings.retry_policy.TimeoutErrorRetries: expected a whole number from 0 on, found 'often'",
            "config.yaml:4:33: router_settings.model_group_retry_policy.a: expected a mapping, found '3'",
            "config.yaml:5:67: router_settings.provider_budget_config.openai.time_period: expected a length of time such as 30s, 5m, 12h, 7d or 1mo, found '1x'",
            "config.yaml:5:78: router_settings.provider_budget_config.gorq.max_budget: expected max_budget, found nothing",
            "config.yaml:6:19: router_settings.target_options: expected provider/model, found 'gpt-4o'"]);
    }

    [Fact]
    public void Fallbacks_come_in_three_kinds_each_of_the_section_that_has_it()
    {
        ConfigResult result = Reading.Read(Models + "router_settings: {context_window_fallbacks: [{a: [bb/x]}]}\nlitellm_settings: {context_window_fallbacks: [{a: [bb/z]}], content_policy_fallbacks: [{a: [bb/y]}]}\n");
        result.Snapshot!.Router.ContextWindowFallbacks["a"].ShouldBe(["bb/x"]);
        result.Snapshot.Router.ContentPolicyFallbacks["a"].ShouldBe(["bb/y"]);
        result.Snapshot.Router.Fallbacks.ShouldBeEmpty();
        result.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void That_general_fallbacks_are_not_for_content_policy_is_noted_unless_the_file_has_those_too()
    {
        const string Rules = "router_settings: {fallbacks: [{a: [bb/x]}]";
        ConfigProblem note = Reading.Read(Models + Rules + "}").Problems.ShouldHaveSingleItem();
        (note.Severity, note.Path).ShouldBe((ConfigSeverity.Note, "router_settings.fallbacks"));
        Reading.Read(Models + Rules + ", content_policy_fallbacks: [{a: [bb/y]}]}").Problems.ShouldBeEmpty();
    }

    [Fact]
    public void An_alias_map_of_litellm_settings_adds_what_the_router_does_not_name() =>
        Reading.Read(Models + "router_settings: {model_group_alias: {one: a}}\nlitellm_settings: {model_alias_map: {one: bb/x, two: bb/y}}\n").Snapshot!.Aliases
            .OrderBy(static alias => alias.Key).Select(static alias => $"{alias.Key}={alias.Value.Target}").ShouldBe(["one=a", "two=bb/y"]);

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("30m", 1800)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86_400)]
    [InlineData("1w", 604_800)]
    [InlineData("1mo", 2_592_000)]
    [InlineData("90", 90)]
    public void Windows_of_budgets_are_written_as_in_LiteLLM(string written, int seconds) =>
        Router($"router_settings: {{provider_budget_config: {{openai: {{budget_limit: 1, time_period: {written}}}}}}}").ProviderBudgets["openai"].Period.ShouldBe(TimeSpan.FromSeconds(seconds));

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
