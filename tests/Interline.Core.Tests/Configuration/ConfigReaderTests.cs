using Interline.Core.Configuration;
using Interline.Core.Routing;

namespace Interline.Core.Tests.Configuration;

public sealed class ConfigReaderTests
{
    [Fact]
    public void Every_problem_of_a_file_is_told_at_its_place_and_the_good_deployments_load()
    {
        ConfigResult result = Reading.Read("""
            model_list:
              - model_name: good
                litellm_params: {model: openai/gpt-4o, api_key: k}
              - model_nam: misspelt
                litellm_params:
                  model: openai/gpt-4o
                  api_key: k
                  rpm: many
                  timeout: -1
              - model_name: no-params
              - just text
              - model_name: unknown
                litellm_params:
                  model: gorq/x
                  order: 1.5
            general_setings: {}
            """);
        result.Errors().ShouldBe([
            "config.yaml:4:5: model_list[1].model_name: expected model_name, found nothing but 'model_nam'",
            "config.yaml:8:12: model_list[1].litellm_params.rpm: expected a whole number from 0 on, found 'many'",
            "config.yaml:9:16: model_list[1].litellm_params.timeout: expected seconds above 0, found '-1'",
            "config.yaml:10:5: model_list[2].litellm_params: expected litellm_params, found nothing",
            "config.yaml:11:5: model_list[3]: expected a mapping with model_name and litellm_params, found text",
            "config.yaml:14:14: model_list[4].litellm_params.model: unknown provider 'gorq'; give a known one, or api_base for an OpenAI-compatible server (did you mean groq?)",
            "config.yaml:15:14: model_list[4].litellm_params.order: expected a whole number from 0 on, found '1.5'"]);
        result.Ignored().ShouldBe([
            "config.yaml:4:5: model_list[1].model_nam: unknown key, has no effect (did you mean model_name?)",
            "config.yaml:16:1: general_setings: unknown key, has no effect (did you mean general_settings?)"]);
        result.Snapshot.ShouldNotBeNull().Names.ShouldBe(["good"]);
    }

    [Fact]
    public void A_wrong_setting_of_the_router_or_the_server_refuses_the_file()
    {
        ConfigResult result = Reading.Read("router_settings:\n  num_retries: lots\n  timeout: {}\ngeneral_settings: [1]\nlitellm_settings:\n  drop_params: maybe\nmodel_list: x\n");
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldBe([
            "config.yaml:2:16: router_settings.num_retries: expected a whole number from 0 on, found 'lots'",
            "config.yaml:3:12: router_settings.timeout: expected seconds above 0, found a mapping",
            "config.yaml:4:19: general_settings: expected a mapping, found a list",
            "config.yaml:6:16: litellm_settings.drop_params: expected true or false, found 'maybe'",
            "config.yaml:7:13: model_list: expected a list, found 'x'"]);
    }

    [Fact]
    public void A_file_with_syntax_errors_is_refused_with_these_and_all_others()
    {
        ConfigResult result = Reading.Read("model_list:\n  - model_name: a\n    litellm_params: {model: openai/x\n  - model_name: b\n    litellm_params: {model: gorq/x}\nrouter_settings:\n  timeout: x\n  fallbacks: [{b: [a]}]\n");
        result.Snapshot.ShouldBeNull();
        result.Errors().Select(error => string.Join(':', error.Split(':').Skip(1).Take(3))).ShouldBe(["4:3: this is not YAML from here on; is a bracket or a quote before it not closed?", "5:29: model_list[1].litellm_params.model", "7:12: router_settings.timeout"]);
        result.Warnings().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("- a\n- b\n", "expected a mapping with model_list, found a list")]
    [InlineData("nothing", "expected a mapping with model_list, found text")]
    public void A_file_that_is_no_mapping_is_refused(string text, string message)
    {
        ConfigResult result = Reading.Read(text);
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldHaveSingleItem().ShouldBe($"config.yaml:1:1: {message}");
    }

    [Theory]
    [InlineData("")]
    [InlineData("model_list:\n  # - model_name: x\n")]
    [InlineData("model_list: []\nlitellm_settings:\nenvironment_variables:\n")]
    public void A_file_of_nothing_is_a_snapshot_of_nothing(string text)
    {
        ConfigResult result = Reading.Read(text);
        result.Snapshot.ShouldNotBeNull().Groups.ShouldBeEmpty();
        result.HasErrors.ShouldBeFalse();
    }

    [Fact]
    public void A_reference_to_a_variable_is_followed_at_any_depth_but_in_plain_list_items()
    {
        ConfigResult result = Reading.Read("""
            model_list:
              - model_name: os.environ/NAME
                litellm_params:
                  model: os.environ/MODEL
                  api_key: os.environ/KEY
                  rpm: os.environ/RPM
                  metadata: {a: os.environ/DEEP, b: [os.environ/DEEP, {c: os.environ/DEEP}], d: "see os.environ/DEEP"}
            general_settings: {master_key: os.environ/MASTER}
            """, ("NAME", "m"), ("MODEL", "groq/x"), ("KEY", "secret"), ("RPM", "12"), ("DEEP", "deep"), ("MASTER", "sk-master"));
        Deployment deployment = result.Only();
        deployment.Group.ShouldBe("m");
        deployment.Provider.Id.ShouldBe("groq");
        deployment.ApiKey!.Reveal().ShouldBe("secret");
        deployment.Rpm.ShouldBe(12);
        deployment.DefaultParameters.ShouldHaveSingleItem().Value.ShouldBe("""{"a":"deep","b":["os.environ/DEEP",{"c":"deep"}],"d":"see os.environ/DEEP"}""");
        result.Snapshot!.General.MasterKey!.Reveal().ShouldBe("sk-master");
        result.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void A_variable_that_is_not_set_is_nothing_with_a_warning_that_names_it()
    {
        ConfigResult result = Reading.Read("model_list:\n  - model_name: m\n    litellm_params: {model: openai/x, api_key: os.environ/NOPE, timeout: os.environ/EMPTY}\n", ("EMPTY", " "), ("OPENAI_API_KEY", "k"));
        result.Only().ApiKey!.Reveal().ShouldBe("k");
        result.Warnings().ShouldBe([
            "config.yaml:3:48: model_list[0].litellm_params.api_key: the environment variable NOPE is not set",
            "config.yaml:3:74: model_list[0].litellm_params.timeout: the environment variable EMPTY is not set"]);
    }

    [Fact]
    public void A_wrong_value_from_a_variable_is_told_without_showing_it() =>
        Reading.Read("router_settings: {timeout: os.environ/T}", ("T", "sk-secret")).Errors().ShouldHaveSingleItem()
            .ShouldBe("config.yaml:1:28: router_settings.timeout: expected seconds above 0, found something else in the environment variable T");

    [Fact]
    public void The_files_own_variables_come_first_wherever_they_stand() =>
        Reading.Read("model_list: [{model_name: m, litellm_params: {model: openai/x}}]\nenvironment_variables: {OPENAI_API_KEY: mine}\n", ("OPENAI_API_KEY", "theirs")).Only().ApiKey!.Reveal().ShouldBe("mine");

    [Fact]
    public void Anchors_and_merge_keys_make_deployments_and_a_mistake_in_one_is_told_once()
    {
        ConfigResult result = Reading.Read("""
            model_list:
              - model_name: a
                litellm_params: &base
                  model: groq/x
                  api_key: k
                  weight: 5
                  show_in_models: false
              - model_name: b
                litellm_params:
                  <<: *base
                  weight: 7
              - model_name: b
                litellm_params: *base
            """);
        result.Snapshot!.Groups["b"].Deployments.Select(deployment => deployment.Weight).ShouldBe([7, 5]);
        result.Warnings().ShouldHaveSingleItem();
    }

    [Fact]
    public void A_section_given_twice_is_the_last_one_whole()
    {
        ConfigResult result = Reading.Read("router_settings: {num_retries: 7, timeout: 5}\nrouter_settings: {timeout: 9}\n");
        result.Snapshot!.Router.Timeout.ShouldBe(TimeSpan.FromSeconds(9));
        result.Snapshot.Router.NumRetries.ShouldBe(2);
        result.Warnings().ShouldHaveSingleItem().ShouldStartWith("config.yaml:2:1: the key 'router_settings' is given twice");
    }

    [Fact]
    public void An_ignored_key_is_told_once_for_all_its_places() =>
        Reading.Read("model_list:\n  - {model_name: a, litellm_params: {model: openai/x, api_key: k}, model_info: {tier: free}}\n  - {model_name: b, litellm_params: {model: openai/y, api_key: k}, model_info: {tier: paid}}\n")
            .Ignored().ShouldHaveSingleItem().ShouldBe("config.yaml:2:81: model_list[0].model_info.tier: not supported yet, has no effect (in 2 places)");

    [Fact]
    public void Sections_of_other_programs_are_ignored_and_nothing_in_them_is_read()
    {
        ConfigResult result = Reading.Read("logging: {level: os.environ/NOPE}\nmodel_settings:\n  x: |\n    大将\n    two\n");
        result.Snapshot.ShouldNotBeNull();
        result.Problems.Select(problem => problem.Severity).ShouldBe([ConfigSeverity.Ignored, ConfigSeverity.Ignored]);
    }

    [Fact]
    public void The_version_is_a_hash_of_the_text()
    {
        string version = Reading.Read("model_list: []\n").Snapshot!.Version;
        version.ShouldMatch("^[0-9a-f]{16}$");
        Reading.Read("model_list: []\n").Snapshot!.Version.ShouldBe(version);
        Reading.Read("model_list: [] \n").Snapshot!.Version.ShouldNotBe(version);
    }

    [Fact]
    public void A_master_key_in_another_tools_notation_is_told() =>
        Reading.Read("general_settings: {master_key: '${LITELLM_MASTER_KEY}'}").Warnings().ShouldHaveSingleItem().ShouldContain("os.environ/LITELLM_MASTER_KEY");

    [Fact]
    public void Names_keep_the_order_of_the_file_with_any_characters_in_them()
    {
        ConfigResult result = Reading.Read("""
            model_list:
              - {model_name: "z model: 1.5/x", litellm_params: {model: openai/x, api_key: k}}
              - {model_name: openai/*, litellm_params: {model: openai/*, api_key: k}}
              - {litellm_params: {model: openai/x, api_key: k}, model_name: a}
              - {model_name: "z model: 1.5/x", litellm_params: {model: openai/y, api_key: k}}
            """);
        result.Snapshot!.Names.ShouldBe(["z model: 1.5/x", "openai/*", "a"]);
        result.Snapshot.Groups["z model: 1.5/x"].Deployments.Length.ShouldBe(2);
    }
}
