using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Interline.Server.Tests.Fakes;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Cli;

/// <summary>The program serving: its key, its configuration, its start and its end.</summary>
public sealed class ServeTests : IAsyncLifetime
{
    private const string Key = "sk-of-the-environment-0123456789";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-serve");
    private FakeProvider? _provider;

    private (string, string) Data => ("INTERLINE_DATA", Path.Combine(_folder.FullName, "data"));

    private string KeyFile => Path.Combine(_folder.FullName, "data", "master_key");

    public async ValueTask InitializeAsync() => _provider = await FakeProvider.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _provider!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_fresh_machine_gets_a_key_that_is_kept_and_a_demo_that_answers_the_printed_call()
    {
        string first;
        await using (CliProcess process = CliProcess.Start(["--port", "0"], Data))
        {
            Uri address = await process.AddressAsync();
            address.Host.ShouldBe("127.0.0.1");
            first = await File.ReadAllTextAsync(KeyFile);
            if (!OperatingSystem.IsWindows())
            {
                File.GetUnixFileMode(KeyFile).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            await Waiting.UntilAsync(() => process.Errors.Contains("Ctrl-C", StringComparison.Ordinal), "the banner");
            process.Errors.ShouldContain(first.Trim());
            process.Errors.ShouldContain("curl");
            using HttpClient client = await process.ClientAsync(first.Trim());
            JsonDocument.Parse(await client.GetStringAsync("/v1/models")).RootElement.GetProperty("data")[0].GetProperty("id").GetString().ShouldBe("demo");
            string printed = process.Errors.Split("-d '")[1].Split('\'')[0];
            using HttpResponseMessage answer = await client.PostAsync("/v1/chat/completions", new StringContent(printed));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("demo model");
        }

        await using CliProcess again = CliProcess.Start(["--port", "0"], Data);
        await again.AddressAsync();
        (await File.ReadAllTextAsync(KeyFile)).ShouldBe(first);
        using HttpClient same = await again.ClientAsync(first.Trim());
        (await same.GetStringAsync("/v1/models")).ShouldContain("demo");
    }

    [Theory]
    [InlineData("LITELLM_MASTER_KEY")]
    [InlineData("INTERLINE_MASTER_KEY")]
    public async Task A_key_of_the_environment_is_used_and_neither_kept_nor_shown(string variable)
    {
        await using CliProcess process = CliProcess.Start(["--port", "0"], Data, (variable, Key));
        using HttpClient client = await process.ClientAsync(Key);
        (await client.GetStringAsync("/v1/models")).ShouldContain("demo");
        await Waiting.UntilAsync(() => process.Errors.Contains("Ctrl-C", StringComparison.Ordinal), "the banner");
        process.Errors.ShouldNotContain(Key);
        process.Errors.ShouldContain(variable);
        File.Exists(KeyFile).ShouldBeFalse();
    }

    [Fact]
    public async Task A_container_without_a_key_refuses_to_start()
    {
        (int exit, _, string errors) = await CliProcess.RunAsync(["--port", "0"], Data, ("DOTNET_RUNNING_IN_CONTAINER", "true"));
        exit.ShouldBe(2);
        errors.ShouldContain("INTERLINE_MASTER_KEY");
        File.Exists(KeyFile).ShouldBeFalse();
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_a_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        (int exit, _, string errors) = await CliProcess.RunAsync(["--port", $"{port}"], Data);
        exit.ShouldBe(2);
        errors.ShouldContain($"Cannot listen on 127.0.0.1:{port}");
        errors.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task A_killed_process_starts_again_and_serves_with_the_same_key()
    {
        string config = Config("endless");
        CliProcess first = CliProcess.Start(["--config", config, "--port", "0"], Data);
        await using (first)
        {
            int port = (await first.AddressAsync()).Port;
            using HttpClient client = await first.ClientAsync((await File.ReadAllTextAsync(KeyFile)).Trim());
            using HttpResponseMessage stream = await StreamAsync(client, "endless");
            using Stream body = await stream.Content.ReadAsStreamAsync();
            (await body.ReadAsync(new byte[1000])).ShouldBeGreaterThan(0);
            await first.KillAsync();
            await _provider!.AbortedAsync("endless");

            await using CliProcess second = CliProcess.Start(["--config", config, "--port", $"{port}"], Data);
            using HttpClient again = await second.ClientAsync((await File.ReadAllTextAsync(KeyFile)).Trim());
            (await second.AddressAsync()).Port.ShouldBe(port);
            using HttpResponseMessage answer = await again.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat("ok")));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }
    }

    [Fact]
    public async Task A_terminated_process_lets_a_stream_under_way_finish_and_ends_with_0()
    {
        await using CliProcess process = CliProcess.Start(["--config", Config("gated"), "--port", "0"], Data, ("LITELLM_MASTER_KEY", Key));
        using HttpClient client = await process.ClientAsync(Key);
        using HttpResponseMessage stream = await StreamAsync(client, "gated");
        using var body = new StreamReader(await stream.Content.ReadAsStreamAsync());
        (await body.ReadLineAsync())!.ShouldContain("first");
        await process.TerminateAsync();
        Uri address = await process.AddressAsync();
        await Waiting.UntilAsync(() => IsDraining(address), "its readiness says that it ends");
        using (HttpResponseMessage refused = await client.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat("gated"))))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }

        _provider!.Open("gated");
        (await body.ReadToEndAsync()).ShouldEndWith("data: [DONE]\n\n");
        (await process.EndAsync()).ShouldBe(0);
        Refuses(address).ShouldBeTrue();
    }

    [Fact]
    public async Task A_terminated_process_breaks_off_what_does_not_end_in_time_books_it_and_ends_with_0()
    {
        string config = Config("endless");
        await File.AppendAllTextAsync(config, "\ngeneral_settings: {drain_timeout: 3}\n");
        await using CliProcess process = CliProcess.Start(["--config", config, "--port", "0"], Data, ("LITELLM_MASTER_KEY", Key));
        using HttpClient client = await process.ClientAsync(Key);
        using HttpResponseMessage stream = await StreamAsync(client, "endless");
        using var body = new StreamReader(await stream.Content.ReadAsStreamAsync());
        (await body.ReadLineAsync())!.ShouldContain("first");

        await process.TerminateAsync();

        string rest = await body.ReadToEndAsync();
        rest.ShouldContain("\"code\":\"shutting_down\"");
        rest.ShouldNotContain("[DONE]");
        (await process.EndAsync()).ShouldBe(0, process.Errors);
        process.Errors.ShouldContain("1 calls were broken off");
        (int exit, string output, string errors) = await CliProcess.RunAsync(["ledger", "verify"], Data);
        exit.ShouldBe(0, errors);
        output.ShouldContain("whole: 1 ");
    }

    [Fact]
    public async Task Without_a_file_a_provider_whose_key_is_set_is_there_by_both_names()
    {
        await using CliProcess process = CliProcess.Start(["--port", "0"], Data, ("LITELLM_MASTER_KEY", Key), ("OPENAI_API_KEY", "sk-openai-secret"), ("OPENAI_API_BASE", _provider!.BaseUrl), ("OPENAI_BASE_URL", _provider.BaseUrl));
        using HttpClient client = await process.ClientAsync(Key);
        string models = await client.GetStringAsync("/v1/models");
        string[] ids = [.. JsonDocument.Parse(models).RootElement.GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()!)];
        ids.ShouldContain("gpt-4o");
        ids.ShouldContain("openai/gpt-4o");
        ids.ShouldNotContain("demo");
        await Waiting.UntilAsync(() => process.Errors.Contains("Ctrl-C", StringComparison.Ordinal), "the banner");
        process.Errors.ShouldNotContain("sk-openai-secret");
        foreach (string name in (string[])["gpt-4o", "openai/gpt-4o"])
        {
            using HttpResponseMessage answer = await client.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat(name)));
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        _provider.Received("gpt-4o").Select(x => x.Headers["Authorization"]).ShouldBe(["Bearer sk-openai-secret", "Bearer sk-openai-secret"]);
    }

    [Fact]
    public async Task A_changed_file_is_taken_without_dropping_a_stream_and_a_bad_one_leaves_what_is_in_use()
    {
        string file = Config("gated-reload");
        await using CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], Data, ("LITELLM_MASTER_KEY", Key));
        using HttpClient client = await process.ClientAsync(Key);
        using HttpResponseMessage stream = await StreamAsync(client, "gated-reload");
        using var body = new StreamReader(await stream.Content.ReadAsStreamAsync());
        (await body.ReadLineAsync())!.ShouldContain("first");

        string other = await File.ReadAllTextAsync(Config("ok-renamed"));
        await Waiting.UntilAsync(() => process.Errors.Contains("is in use: 2 groups", StringComparison.Ordinal), "the change");
        (await client.GetStringAsync("/v1/models")).ShouldNotContain("gated-reload");
        using (HttpResponseMessage answer = await client.PostAsync("/v1/chat/completions", new StringContent(RunningGateway.Chat("ok-renamed"))))
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await File.WriteAllTextAsync(file, other + "router_settings: {timeout: soon}\n");
        await process.SignalAsync("HUP");
        await Waiting.UntilAsync(() => process.Errors.Contains("stays in use", StringComparison.Ordinal), "the refusal");
        process.Errors.ShouldContain($"{file}:4:28: router_settings.timeout: expected seconds above 0, found 'soon'");
        (await client.GetStringAsync("/v1/models")).ShouldContain("ok-renamed");

        _provider!.Open("gated-reload");
        (await body.ReadToEndAsync()).ShouldEndWith("data: [DONE]\n\n");
    }

    [Fact]
    public async Task A_key_changed_in_the_file_is_the_one_asked_for_after_a_reload()
    {
        string file = Config("ok-key");
        string models = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, models + "general_settings: {master_key: sk-old-0123456789}\n");
        await using CliProcess process = CliProcess.Start(["--config", file, "--port", "0"], Data);
        using HttpClient old = await process.ClientAsync("sk-old-0123456789");
        (await old.GetStringAsync("/v1/models")).ShouldContain("ok-key");
        await File.WriteAllTextAsync(file, models + "general_settings: {master_key: sk-new-0123456789}\n");
        await process.SignalAsync("HUP");
        await Waiting.UntilAsync(() => process.Errors.Contains("is now the one of general_settings.master_key", StringComparison.Ordinal), "the new key");
        using HttpClient fresh = await process.ClientAsync("sk-new-0123456789");
        (await fresh.GetStringAsync("/v1/models")).ShouldContain("ok-key");
        using HttpResponseMessage refused = await old.GetAsync("/v1/models");
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        process.Errors.ShouldNotContain("sk-new");
    }

    private static async Task<HttpResponseMessage> StreamAsync(HttpClient client, string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(RunningGateway.Chat(model, stream: true), Encoding.UTF8, "application/json") };
        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static bool IsDraining(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using HttpResponseMessage ready = client.Send(new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/health/readiness")));
        return ready.StatusCode == HttpStatusCode.ServiceUnavailable;
    }

    private static bool Refuses(Uri address)
    {
        using var client = new TcpClient();
        try
        {
            client.Connect(address.Host, address.Port);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }

    private string Config(string behaviour)
    {
        string file = Path.Combine(_folder.FullName, "config.yaml");
        File.WriteAllText(file, string.Concat(new[] { "model_list:\n" }.Concat(new[] { behaviour, "ok" }.Select(x =>
            $"  - {{model_name: {x}, litellm_params: {{model: openai/{x}, api_base: \"{_provider!.BaseUrl}\", api_key: k}}}}\n"))));
        return file;
    }
}
