using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Cli;

/// <summary>What the doctor finds at providers that are well and ill.</summary>
public sealed class DoctorTests : IAsyncLifetime
{
    private const string GoodKey = "sk-good-key-0123456789";
    private const string BadKey = "sk-bad-key-0123456789";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-doctor");
    private TimeSpan _ahead;
    private WebApplication? _app;

    private string Address => _app!.Urls.First().TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Providers_that_take_their_keys_are_well_in_each_format()
    {
        (int exit, JsonElement[] findings, _) = await RunAsync(
            Model("a", "openai/x", $"{Address}/v1", GoodKey) + Model("b", "anthropic/x", Address, GoodKey) + Model("c", "gemini/x", $"{Address}/v1beta", GoodKey));
        findings.Count(x => Text(x, "message") == "reached, takes the key").ShouldBe(3);
        findings.ShouldContain(x => Text(x, "subject") == "clock" && Text(x, "is") == "well");
        exit.ShouldBe(0);
    }

    [Fact]
    public async Task A_refused_key_and_an_unreachable_base_are_ill_named_with_their_groups_and_no_key_is_shown()
    {
        (int exit, JsonElement[] findings, string output) = await RunAsync(
            Model("one", "openai/x", $"{Address}/v1", BadKey) + Model("two", "openai/x", $"{Address}/v1", BadKey) + Model("gone", "openai/x", $"http://127.0.0.1:{FreePort()}/v1", GoodKey));
        exit.ShouldBe(1);
        JsonElement[] ill = [.. findings.Where(x => Text(x, "is") == "ill")];
        ill.Length.ShouldBe(2);
        Text(ill[0], "message").ShouldBe("answers 401: it does not take this key");
        Text(ill[0], "remedy").ShouldContain("Groups: one, two.");
        Text(ill[1], "message").ShouldStartWith("cannot be reached: no connection");
        output.ShouldNotContain(BadKey);
        output.ShouldNotContain(GoodKey);
    }

    [Fact]
    public async Task A_base_without_a_list_of_models_is_unsure_and_a_deployment_without_base_is_ill()
    {
        (int exit, JsonElement[] findings, _) = await RunAsync(Model("a", "openai/x", $"{Address}/elsewhere", GoodKey) + "  - {model_name: b, litellm_params: {model: hosted_vllm/x}}\n");
        exit.ShouldBe(1);
        findings.ShouldContain(x => Text(x, "is") == "unsure" && Text(x, "message").Contains("no list of models (404)", StringComparison.Ordinal));
        findings.ShouldContain(x => Text(x, "is") == "ill" && Text(x, "message").Contains("give api_base, or set HOSTED_VLLM_API_BASE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_told_by_how_much()
    {
        _ahead = TimeSpan.FromHours(1);
        (int exit, JsonElement[] findings, _) = await RunAsync(Model("a", "openai/x", $"{Address}/v1", GoodKey));
        exit.ShouldBe(1);
        Text(findings.Single(x => Text(x, "subject") == "clock"), "message").ShouldMatch("^this machine's is 3(59|60)[0-9] s behind the providers'$");
    }

    [Fact]
    public async Task A_port_in_use_is_ill()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        (int exit, string output, _) = await CliProcess.RunAsync(["doctor", "--port", $"{port}"]);
        exit.ShouldBe(1);
        output.ShouldContain($"ill    port {port}: in use on 127.0.0.1");
        output.ShouldNotContain("\u001b[");
    }

    [Fact]
    public async Task A_configuration_that_cannot_be_used_ends_with_2()
    {
        string file = Path.Combine(_folder.FullName, "config.yaml");
        await File.WriteAllTextAsync(file, "model_list: [\n");
        (int exit, string output, _) = await CliProcess.RunAsync(["doctor", "--port", "0", "--config", file]);
        exit.ShouldBe(2);
        output.ShouldContain($"./run check {file}");
    }

    private static string Text(JsonElement finding, string key) => finding.GetProperty(key).GetString() ?? "";

    private static string Model(string name, string model, string api, string key) => $"  - {{model_name: {name}, litellm_params: {{model: {model}, api_base: \"{api}\", api_key: {key}}}}}\n";

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private async Task<(int Exit, JsonElement[] Findings, string Output)> RunAsync(string models)
    {
        string file = Path.Combine(_folder.FullName, "config.yaml");
        await File.WriteAllTextAsync(file, "model_list:\n" + models);
        (int exit, string output, string errors) = await CliProcess.RunAsync(["doctor", "--json", "--port", "0", "--config", file]);
        errors.ShouldBeEmpty();
        return (exit, [.. JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray()], output);
    }

    private Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.Date = (TimeProvider.System.GetUtcNow() + _ahead).ToString("R");
        string key = http.Request.Path.Value switch
        {
            "/v1/models" when http.Request.Headers.ContainsKey("anthropic-version") => http.Request.Headers["x-api-key"].ToString(),
            "/v1/models" => http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal),
            "/v1beta/models" => http.Request.Headers["x-goog-api-key"].ToString(),
            _ => "",
        };
        http.Response.StatusCode = key.Length == 0 ? 404 : key == GoodKey ? 200 : 401;
        return http.Response.WriteAsync("{\"error\":\"" + key + "\"}");
    }
}
