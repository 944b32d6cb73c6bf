using System.Text.Json;

namespace Interline.Server.Tests.Cli;

/// <summary>Whom a request would go to is told without sending it.</summary>
public sealed class ExplainTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("interline-explain");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_way_through_deployments_and_fallback_groups_is_told()
    {
        (int exit, string output, _) = await CliProcess.RunAsync(["explain", Request("""{"model":"main","messages":[]}"""), "--config", Config()]);
        exit.ShouldBe(0);
        output.ShouldContain("main: simple-shuffle");
        output.ShouldContain("asks openai/gpt-4o-mini (first)");
        output.ShouldContain("then openai/gpt-4o (second)");
        output.ShouldContain("spare: simple-shuffle");
    }

    [Fact]
    public async Task Who_is_left_out_is_told_with_the_reason_and_as_json_too()
    {
        string request = Request("""{"model":"main","messages":[],"interline":{"max_price":{"input":0.01}},"disable_fallbacks":true}""");
        (int exit, string output, _) = await CliProcess.RunAsync(["explain", request, "--config", Config()]);
        exit.ShouldBe(1);
        output.ShouldContain("left out: above the price limit");
        output.ShouldContain("nobody can take the call");
        (_, string json, _) = await CliProcess.RunAsync(["explain", request, "--config", Config(), "--json"]);
        JsonElement group = JsonDocument.Parse(json).RootElement.GetProperty("groups")[0];
        group.GetProperty("deployments").EnumerateArray().ShouldAllBe(x => !x.GetProperty("eligible").GetBoolean());
        json.ShouldNotContain("sk-hidden");
    }

    [Theory]
    [InlineData("""{"model":"mian","messages":[]}""", "main")]
    [InlineData("""{"model":"main","messages":[],"num_retries":-1}""", "num_retries")]
    [InlineData("{\"model\":", "JSON")]
    public async Task A_request_that_cannot_be_used_is_refused_with_the_reason(string json, string reason)
    {
        (int exit, string output, string error) = await CliProcess.RunAsync(["explain", Request(json), "--config", Config()]);
        exit.ShouldBe(2);
        output.ShouldBeEmpty();
        error.ShouldContain(reason);
    }

    private string Config() => Write("config.yaml", """
        model_list:
          - {model_name: main, litellm_params: {model: openai/gpt-4o-mini, api_key: sk-hidden, order: 1}, model_info: {id: first}}
          - {model_name: main, litellm_params: {model: openai/gpt-4o, api_key: sk-hidden, order: 2}, model_info: {id: second}}
          - {model_name: spare, litellm_params: {model: anthropic/claude-3-5-haiku-latest, api_key: sk-hidden}, model_info: {id: third}}
        router_settings: {num_retries: 1, fallbacks: [{main: [spare]}]}
        """);

    private string Request(string json) => Write("request.json", json);

    private string Write(string name, string text)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
