using System.Text.Json;

namespace Interline.Server.Tests.Cli;

/// <summary>The commands that end by themselves, with their exit codes.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-cli");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Version_names_the_program_and_the_runtime()
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["version"]);
        exit.ShouldBe(0);
        output.ShouldStartWith($"interline {Interline.Gateway.Version} (.NET 10.");
    }

    [Fact]
    public async Task Help_names_every_command_and_option()
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["--help"]);
        exit.ShouldBe(0);
        foreach (string word in (string[])["serve", "check", "doctor", "explain", "models", "schema", "version", "--config", "--port", "--host"])
        {
            output.ShouldContain(word);
        }
    }

    [Theory]
    [InlineData("serve", "SIGHUP")]
    [InlineData("check", "Exit status: 0 usable, 1 usable with errors or warnings, 2 unusable.")]
    [InlineData("doctor", "interline doctor --config config.yaml")]
    [InlineData("explain", "interline explain request.json --config config.yaml")]
    [InlineData("models", "interline models sonnet")]
    [InlineData("schema", "yaml-language-server")]
    public async Task The_help_of_a_command_shows_how_it_is_used(string command, string lesson)
    {
        (int exit, string output, _) = await CliProcess.RunAsync([command, "--help"]);
        exit.ShouldBe(0);
        output.ShouldContain(lesson);
        output.ShouldContain("Usage:");
    }

    [Fact]
    public async Task Models_of_a_configuration_are_its_groups_with_what_is_behind_them()
    {
        string file = Write("model_list:\n  - {model_name: a, litellm_params: {model: openai/gpt-4o-mini, api_key: k}}\n  - {model_name: b, litellm_params: {model: hosted_vllm/x}}\n");
        (int exit, string output, _) = await CliProcess.RunAsync(["models", "--config", file]);
        exit.ShouldBe(0);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldStartWith("a ");
        lines[0].ShouldEndWith("openai/gpt-4o-mini");
        lines[1].ShouldEndWith("hosted_vllm/x cannot be called");
        (_, string json, _) = await CliProcess.RunAsync(["models", "--json", "--config", file, "gpt-4o"]);
        JsonElement only = JsonDocument.Parse(json).RootElement.EnumerateArray().Single();
        (only.GetProperty("name").GetString(), only.GetProperty("input_per_million").GetDecimal()).ShouldBe(("a", 0.15m));
    }

    [Fact]
    public async Task Included_files_are_read_beside_the_first_and_lines_have_no_colour_outside_a_terminal()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "more.yaml"), "model_list:\n  - {model_name: b, litellm_params: {model: opnai/x, api_key: k}}\n");
        (int exit, string output, _) = await CliProcess.RunAsync(["check", Write("include: [more.yaml]\nmodel_list:\n  - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: k}}\n")]);
        exit.ShouldBe(1);
        output.ShouldStartWith($"error: {Path.Combine(_folder.FullName, "more.yaml")}:2:");
        output.ShouldContain("usable: 2 groups, 2 deployments (1 of them cannot be called)");
        output.ShouldNotContain("\u001b[");
    }

    [Fact]
    public async Task Models_lists_the_models_that_match_with_their_prices()
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["models", "openai/gpt-4o-mini"]);
        exit.ShouldBe(0);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.ShouldContain(x => x.StartsWith("openai/gpt-4o-mini ", StringComparison.Ordinal) && x.Contains("0.15", StringComparison.Ordinal) && x.Contains("128000", StringComparison.Ordinal));
        lines.ShouldAllBe(x => x.Contains("openai/gpt-4o-mini", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_good_file_is_usable_and_ends_with_0()
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["check", Write("model_list:\n  - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: k}}\n")]);
        exit.ShouldBe(0, output);
        output.ShouldContain("usable: 1 groups, 1 deployments, ");
    }

    [Fact]
    public async Task A_file_with_a_bad_deployment_is_usable_with_problems_and_ends_with_1()
    {
        string file = Write("model_list:\n  - {model_name: a, litellm_params: {model: openai/gpt-4o, api_key: k}}\n  - {model_name: b, litellm_params: {model: opnai/x, api_key: k}}\n");
        (int exit, string output, _) = await CliProcess.RunAsync(["check", file]);
        exit.ShouldBe(1);
        output.ShouldContain($"error: {file}:3:");
        output.ShouldContain("openai");
        (int again, string json, _) = await CliProcess.RunAsync(["check", file, "--json"]);
        again.ShouldBe(1);
        JsonElement document = JsonDocument.Parse(json).RootElement;
        document.GetProperty("names").EnumerateArray().Select(x => x.GetString()).ShouldBe(["a", "b"]);
        document.GetProperty("groups").GetInt32().ShouldBe(2);
        document.GetProperty("unusable").EnumerateArray().Single().GetProperty("name").GetString().ShouldBe("b");
        JsonElement problem = document.GetProperty("problems").EnumerateArray().Single();
        (problem.GetProperty("severity").GetString(), problem.GetProperty("line").GetInt32(), problem.GetProperty("path").GetString()).ShouldBe(("error", 3, "model_list[1].litellm_params.model"));
    }

    [Theory]
    [InlineData("model_list: [\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("router_settings: {num_retries: many}\n")]
    public async Task A_file_that_cannot_be_used_ends_with_2(string yaml)
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["check", Write(yaml)]);
        exit.ShouldBe(2);
        output.ShouldContain("unusable");
        output.ShouldContain("error: ");
        (int served, _, string errors) = await CliProcess.RunAsync(["serve", "--port", "0", "--config", Write(yaml)], ("INTERLINE_DATA", _folder.FullName));
        served.ShouldBe(2, errors);
        errors.ShouldContain("error: ");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_file_that_is_not_there_ends_with_2_and_its_name()
    {
        string missing = Path.Combine(_folder.FullName, "nowhere.yaml");
        (int exit, _, string errors) = await CliProcess.RunAsync(["check", missing]);
        (exit, errors).ShouldBe((2, $"interline: there is no file {missing}"));
        (int served, _, string said) = await CliProcess.RunAsync(["--config", missing, "--port", "0"]);
        served.ShouldBe(2);
        said.ShouldContain(missing);
    }

    [Theory]
    [InlineData("--port", "70000")]
    [InlineData("--host", "not an address")]
    public async Task An_option_that_cannot_be_ends_with_2_and_says_what_can(string option, string value)
    {
        (int exit, _, string errors) = await CliProcess.RunAsync([option, value], ("INTERLINE_DATA", _folder.FullName));
        exit.ShouldBe(2);
        errors.ShouldContain(value);
        errors.ShouldNotContain("   at ");
    }

    private string Write(string yaml)
    {
        string file = Path.Combine(_folder.FullName, "config.yaml");
        File.WriteAllText(file, yaml);
        return file;
    }
}
