using Interline.Core.Configuration;

namespace Interline.Core.Tests.Configuration;

public sealed class IncludeTests
{
    [Fact]
    public void Lists_are_appended_and_sections_replaced_whole_by_files_relative_to_the_first()
    {
        ConfigResult result = Read(
            "include: [sub/more.yaml]\nmodel_list:\n  - {model_name: a, litellm_params: {model: openai/x, api_key: k}}\nrouter_settings: {num_retries: 9, timeout: 5}\n",
            ("conf/sub/more.yaml", "include: [last.yaml]\nmodel_list:\n  - {model_name: b, litellm_params: {model: openai/x, api_key: k}}\nrouter_settings: {timeout: 7}\n"),
            ("conf/last.yaml", "model_list: [{model_name: a, litellm_params: {model: groq/x, api_key: k}}]\n"));
        result.HasErrors.ShouldBeFalse();
        result.Files.ShouldBe(["conf/config.yaml", "conf/sub/more.yaml", "conf/last.yaml"]);
        result.Snapshot!.Names.ShouldBe(["a", "b"]);
        result.Snapshot.Groups["a"].Deployments.Length.ShouldBe(2);
        result.Snapshot.Router.Timeout.ShouldBe(TimeSpan.FromSeconds(7));
        result.Snapshot.Router.NumRetries.ShouldBe(2);
        result.Problems.ShouldHaveSingleItem().ToString().ShouldBe("conf/sub/more.yaml:4:1: router_settings: replaces the 'router_settings' of conf/config.yaml:4 whole; nothing of it is merged");
    }

    [Fact]
    public void A_problem_of_an_included_file_stands_in_that_file_and_behind_those_of_the_first()
    {
        ConfigResult result = Read(
            "include: [more.yaml]\nmodel_list:\n  - {model_name: a, litellm_params: {model: openai/x, api_key: k, rpm: many}}\n",
            ("conf/more.yaml", "model_list:\n  - {model_name: b, litellm_params: {model: openai/x, api_key: k}}\n  - {model_name: c, litellm_params: {model: gorq/x, api_key: k}}\n"));
        result.Errors().ShouldBe([
            "conf/config.yaml:3:72: model_list[0].litellm_params.rpm: expected a whole number from 0 on, found 'many'",
            "conf/more.yaml:3:45: model_list[1].litellm_params.model: unknown provider 'gorq'; give a known one, or api_base for an OpenAI-compatible server (did you mean groq?)"]);
        result.Snapshot!.Names.ShouldBe(["b"]);
        result.Listed.Select(static listed => (listed.Name, listed.File, listed.Line, Usable: listed.Unusable is null)).ShouldBe([("a", "conf/config.yaml", 3, false), ("b", "conf/more.yaml", 2, true), ("c", "conf/more.yaml", 3, false)]);
    }

    [Theory]
    [InlineData("include: [nowhere.yaml]", "conf/config.yaml:1:11: include[0]: expected a file that can be read, there is no 'conf/nowhere.yaml'")]
    [InlineData("include: more.yaml", "conf/config.yaml:1:10: include: expected a list of files, found text")]
    [InlineData("include: [{a: b}]", "conf/config.yaml:1:11: include[0]: expected the name of a file, found a mapping")]
    [InlineData("include: [list.yaml]", "conf/list.yaml:1:1: expected a mapping, found a list")]
    [InlineData("include: [broken.yaml]", "conf/broken.yaml:2:3: a tab cannot separate values; use spaces")]
    public void An_included_file_that_cannot_be_used_refuses_the_whole(string text, string error)
    {
        ConfigResult result = Read(text + "\n", ("conf/list.yaml", "- a\n"), ("conf/broken.yaml", "model_list: []\nx:\t1\n"));
        result.Snapshot.ShouldBeNull();
        result.Errors().ShouldHaveSingleItem().ShouldBe(error);
    }

    [Fact]
    public void Files_that_include_each_other_are_read_once()
    {
        ConfigResult result = Read("include: [more.yaml]\n", ("conf/more.yaml", "include: [config.yaml, more.yaml]\nmodel_list: []\n"));
        result.Snapshot.ShouldNotBeNull();
        result.Warnings().Length.ShouldBe(2);
    }

    [Fact]
    public void The_version_depends_on_every_file()
    {
        string Version(string more) => Read("include: [more.yaml]\n", ("conf/more.yaml", more)).Snapshot!.Version;
        Version("model_list: []\n").ShouldNotBe(Version("model_list: []\n\n"));
        Version("model_list: []\n").ShouldBe(Version("model_list: []\n"));
    }

    private static ConfigResult Read(string text, params (string Name, string Text)[] files) => ConfigReader.Read(
        text, "conf/config.yaml", static _ => null, new FakeCatalog(), name => Array.Find(files, file => file.Name == name.Replace('\\', '/')).Text);
}
