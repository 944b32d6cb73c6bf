using System.Net;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Cli;

/// <summary>The program with what it keeps: budgets of the configuration, metrics of the books, a changed secret.</summary>
public sealed class InstallationTests : IAsyncLifetime
{
    private const string Key = "sk-of-the-environment-0123456789";
    private const string Salt = "salt-of-the-first-year";
    private const string NewSalt = "salt-of-the-second-year";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-installation");
    private FakeProvider? _provider;

    private (string, string)[] Environment => [("INTERLINE_DATA", Path.Combine(_folder.FullName, "data")), ("LITELLM_MASTER_KEY", Key)];

    public async ValueTask InitializeAsync() => _provider = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _provider!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Customers_have_the_budget_of_the_configuration_from_the_start_and_from_a_change_on()
    {
        string file = Config("");
        await using (CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], Environment))
        {
            using HttpClient client = await process.ClientAsync(Key);
            await PostAsync(client, "/budget/new", """{"budget_id":"nothing","max_budget":0}""", HttpStatusCode.OK);
            await PostAsync(client, "/v1/chat/completions", Call, HttpStatusCode.OK);
            Config("litellm_settings: {max_end_user_budget_id: nothing}");
            await process.SignalAsync("HUP");
            await Waiting.UntilAsync(() => process.Errors.Contains("is in use", StringComparison.Ordinal), "the change");
            await PostAsync(client, "/v1/chat/completions", Call, HttpStatusCode.UnprocessableEntity);
            process.Errors.ShouldNotContain("does not exist");
            Config("litellm_settings: {max_end_user_budget_id: other}");
            await process.SignalAsync("HUP");
            await Waiting.UntilAsync(() => process.Errors.Contains("names the budget 'other', which does not exist", StringComparison.Ordinal), "the warning");

            string metrics = await client.GetStringAsync("/metrics");
            metrics.ShouldContain("\ninterline_ledger_database_reachable 1\n");
            metrics.ShouldContain("\ninterline_ledger_journal_full 0\n");
            metrics.ShouldContain("\ninterline_ledger_nodes_alive 1\n");
            metrics.ShouldContain("\ninterline_ledger_write_failures_total 0\n");
            metrics.ShouldContain("\ninterline_limits_refused_lost_total 0\n");
        }

        Config("litellm_settings: {max_end_user_budget_id: nothing}");
        await using CliProcess again = CliProcess.Start(["--config", file, "--port", "0"], Environment);
        using HttpClient same = await again.ClientAsync(Key);
        await PostAsync(same, "/v1/chat/completions", Call, HttpStatusCode.UnprocessableEntity);
    }

    [Fact]
    public async Task Keys_and_credentials_outlive_a_change_of_the_secret()
    {
        string file = Config("");
        string key;
        await using (CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], [.. Environment, ("INTERLINE_SALT_KEY", Salt)]))
        {
            using HttpClient client = await process.ClientAsync(Key);
            key = (await PostAsync(client, "/key/generate", """{"max_budget":5}""", HttpStatusCode.OK)).GetProperty("key").GetString()!;
            await PostAsync(client, "/credentials", """{"credential_name":"a","credential_values":{"api_key":"sk-x"},"credential_info":{"custom_llm_provider":"openai"}}""", HttpStatusCode.OK);
            await process.TerminateAsync();
            (await process.EndAsync()).ShouldBe(0);
        }

        (string, string)[] both = [.. Environment, ("INTERLINE_SALT_KEY", NewSalt), ("INTERLINE_SALT_KEY_PREVIOUS", Salt)];
        await using (CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], both))
        {
            using HttpClient client = await process.ClientAsync(key);
            await PostAsync(client, "/v1/chat/completions", Call, HttpStatusCode.OK);
            (int exit, string output, string errors) = await CliProcess.RunAsync(["credentials", "reseal", "--config", file], both);
            exit.ShouldBe(0, errors);
            output.ShouldStartWith("1 secrets sealed anew by ");
            await process.TerminateAsync();
            (await process.EndAsync()).ShouldBe(0);
        }

        (await CliProcess.RunAsync(["ledger", "verify"], both)).Output.ShouldContain("whole: ");
        await using CliProcess last = CliProcess.Start(["--config", file, "--port", "0"], [.. Environment, ("INTERLINE_SALT_KEY", NewSalt)]);
        using HttpClient admin = await last.ClientAsync(Key);
        (await admin.GetStringAsync("/credentials")).ShouldContain("\"credential_name\":\"a\"");
    }

    [Theory]
    [InlineData(true, "`general_settings.database_url` names it")]
    [InlineData(false, "DATABASE_URL names it")]
    public async Task A_database_that_cannot_be_reached_at_the_start_is_named_without_its_password_with_what_to_do(bool configured, string from)
    {
        // Nobody listens at port 9.
        const string Url = "postgresql://someone:a-secret-word@127.0.0.1:9/books?connect_timeout=2";
        string file = Config(configured ? $"general_settings: {{database_url: \"{Url}\"}}" : "");
        (int exit, string output, string errors) = await CliProcess.RunAsync(["--config", file, "--port", "0"], [.. Environment, .. configured ? [] : ((string, string)[])[("DATABASE_URL", Url)]]);
        exit.ShouldBe(2);
        errors.ShouldContain("interline: The database cannot be reached: ");
        errors.ShouldContain("(postgresql://someone:***@127.0.0.1:9/books)");
        errors.ShouldContain(from);
        errors.ShouldContain("keep_books: false");
        errors.ShouldNotContain("   at ");
        (output + errors).ShouldNotContain("a-secret-word");
    }

    [Theory]
    [InlineData("content_log: {max_bytes: 2048}")]
    [InlineData("store_prompts_in_spend_logs: true")]
    public async Task Contents_are_in_the_database_and_there_after_a_restart(string section)
    {
        string file = Config($"general_settings: {{{section}}}");
        string id;
        await using (CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], Environment))
        {
            using HttpClient client = await process.ClientAsync(Key);
            using HttpResponseMessage answer = await client.PostAsync("/v1/chat/completions", new StringContent(Call));
            id = answer.Header("x-litellm-call-id");
            (await client.GetStringAsync("/metrics")).ShouldContain("\ninterline_content_shed_total 0\n");
            await process.TerminateAsync();
            (await process.EndAsync()).ShouldBe(0);
        }

        await using CliProcess again = CliProcess.Start(["--config", file, "--port", "0"], Environment);
        using HttpClient same = await again.ClientAsync(Key);
        JsonElement content = JsonDocument.Parse(await same.GetStringAsync($"/v1/calls/{id}/content")).RootElement;
        content.GetProperty("request").GetString()!.ShouldContain("a private question");
        content.GetProperty("answer").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Without_the_setting_no_content_is_in_the_database()
    {
        string file = Config("");
        await using (CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], Environment))
        {
            using HttpClient client = await process.ClientAsync(Key);
            await PostAsync(client, "/v1/chat/completions", Call, HttpStatusCode.OK);
            await process.TerminateAsync();
            (await process.EndAsync()).ShouldBe(0);
        }

        string data = Path.Combine(_folder.FullName, "data");
        foreach (string kept in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
        {
            (await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken)).ShouldNotContain("a private question", Case.Sensitive, kept);
        }
    }

    private static string Call => RunningGateway.Chat("ok", more: ",\"user\":\"a-customer\"");

    private static async Task<JsonElement> PostAsync(HttpClient client, string path, string json, HttpStatusCode expected)
    {
        using HttpResponseMessage answer = await client.PostAsync(path, new StringContent(json));
        answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync());
        return await answer.JsonAsync();
    }

    private string Config(string more)
    {
        string file = Path.Combine(_folder.FullName, "config.yaml");
        File.WriteAllText(file, $$"""
            model_list:
              - {model_name: ok, litellm_params: {model: openai/ok, api_base: "{{_provider!.BaseUrl}}", api_key: sk-upstream-1, input_cost_per_token: 0.000001, output_cost_per_token: 0.000002} }
            {{more}}

            """);
        return file;
    }
}
