using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Cli;

/// <summary><c>interline keys</c>, as a process that asks a gateway.</summary>
public sealed class KeysCommandTests : IAsyncLifetime
{
    private const string Key = "sk-admin-0123456789abcdef";

    private readonly List<(string Path, string Body)> _asked = [];
    private WebApplication? _app;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(x => x.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(AnswerAsync);
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    [Fact]
    public async Task Keys_are_listed_over_all_pages()
    {
        (int exit, string output, string errors) = await RunAsync(Key, "list", "--team", "a&b");
        exit.ShouldBe(0, errors);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Length.ShouldBe(2);
        lines[0].ShouldContain("active  id-1");
        lines[0].ShouldContain("spent 0.25 of 10");
        lines[1].ShouldContain("blocked id-2");
        _asked.Select(x => x.Path).ShouldBe(["/key/list?return_full_object=true&page=1&size=100&team_id=a%26b", "/key/list?return_full_object=true&page=2&size=100&team_id=a%26b"]);
    }

    [Fact]
    public async Task A_new_key_is_all_that_is_printed()
    {
        (int exit, string output, string errors) = await RunAsync(Key, "new", "--alias", "ci", "--budget", "10.5", "--budget-duration", "1mo", "--model", "a", "--model", "b");
        exit.ShouldBe(0, errors);
        output.ShouldBe("sk-made-0123456789\n");
        _asked.ShouldHaveSingleItem().Path.ShouldBe("/key/generate");
        JsonElement body = JsonDocument.Parse(_asked[0].Body).RootElement;
        body.GetRawText().ShouldBe("""{"key_alias":"ci","budget_duration":"1mo","max_budget":10.5,"models":["a","b"]}""");
    }

    [Fact]
    public async Task A_key_is_blocked_and_a_refusal_is_told()
    {
        (int exit, string output, _) = await RunAsync(Key, "block", "id-1");
        (exit, output).ShouldBe((0, "blocked\n"));
        _asked.ShouldHaveSingleItem().ShouldBe(("/key/block", """{"key":"id-1"}"""));
        (int refused, _, string errors) = await RunAsync(Key, "unblock", "id-9");
        refused.ShouldBe(1);
        errors.ShouldContain("There is no such key.");
    }

    [Fact]
    public async Task Without_a_key_or_with_a_wrong_one_nothing_is_done()
    {
        (int exit, _, string errors) = await RunAsync(null, "list");
        exit.ShouldBe(2);
        errors.ShouldContain("INTERLINE_MASTER_KEY");
        _asked.ShouldBeEmpty();
        (int wrong, _, string refused) = await RunAsync("sk-wrong", "list");
        wrong.ShouldBe(2);
        refused.ShouldContain("refused");
        refused.ShouldNotContain("sk-wrong");
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(string? key, params string[] arguments)
    {
        string data = Path.Combine(Path.GetTempPath(), $"interline-keys-{Guid.NewGuid():n}");
        (string, string)[] environment = key is null ? [("INTERLINE_DATA", data)] : [("INTERLINE_DATA", data), ("INTERLINE_MASTER_KEY", key)];
        return await CliProcess.RunAsync(["keys", .. arguments, "--url", _app!.Urls.First()], environment);
    }

    private async Task AnswerAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        string body = await reader.ReadToEndAsync();
        if (http.Request.Headers.Authorization != "Bearer " + Key)
        {
            http.Response.StatusCode = 401;
            return;
        }

        _asked.Add((http.Request.Path + http.Request.QueryString, body));
        string answer = http.Request.Path.Value switch
        {
            "/key/list" when http.Request.Query["page"] == "1" => """{"keys":[{"token":"id-1","key_alias":"ci","spend":0.25,"max_budget":10}],"total_pages":2}""",
            "/key/list" => """{"keys":[{"token":"id-2","blocked":true,"spend":0}],"total_pages":2}""",
            "/key/generate" => """{"key":"sk-made-0123456789","token":"id-3"}""",
            _ when body.Contains("id-9", StringComparison.Ordinal) => """{"error":{"message":"There is no such key."}}""",
            _ => "{}",
        };
        http.Response.StatusCode = answer.StartsWith("{\"error", StringComparison.Ordinal) ? 404 : 200;
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer));
    }
}
