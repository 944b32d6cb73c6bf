using System.Text;
using System.Text.Json;
using Interline.Accounts;
using Interline.Core.Configuration;
using Interline.Credentials;
using Interline.Server.Credentials;
using Interline.Server.Endpoints;
using Microsoft.AspNetCore.Http;
using Endpoint = Interline.Server.Endpoints.Endpoint;

namespace Interline.Server.Tests.Credentials;

public sealed class CredentialEndpointTests
{
    private static readonly Sealer Sealer = new(new Secret("the-first-master-secret"));

    private readonly InMemoryAccountStore _store = new();
    private readonly EndpointTable _table;

    public CredentialEndpointTests() => _table = new EndpointTable([.. new CredentialEndpoints(Services(Sealer)).Rows()]);

    [Fact]
    public async Task A_credential_is_added_listed_without_its_secrets_and_usable_where_it_belongs()
    {
        (await SendAsync("POST", "/credentials", """{"credential_name":"my/openai","credential_values":{"api_key":"sk-very-secret","api_base":"https://api.openai.com/v1","number":7},"credential_info":{"description":"ours"}}"""))
            .Body.GetProperty("success").GetBoolean().ShouldBeTrue();
        JsonElement listed = (await SendAsync("GET", "/credentials")).Body.GetProperty("credentials")[0];
        listed.GetRawText().ShouldBe((await SendAsync("GET", "/credentials/by_name/my/openai")).Body.GetRawText());
        listed.GetProperty("credential_name").GetString().ShouldBe("my/openai");
        listed.GetProperty("credential_values").GetRawText().ShouldBe("""{"api_base":"https://api.openai.com/v1","api_key":"****","number":"****"}""");
        listed.GetProperty("credential_info").GetRawText().ShouldBe("""{"description":"ours"}""");
        Row().Document!.ShouldNotContain("secret");
        CredentialUse use = Book().Use("my/openai", "openai", null);
        (use.Parameters["api_key"], use.Parameters["number"]).ShouldBe(("\"sk-very-secret\"", "7"));
    }

    [Fact]
    public async Task Values_are_changed_one_by_one_and_taken_away_by_null()
    {
        await SendAsync("POST", "/credentials", """{"credential_name":"a","credential_values":{"api_key":"one","token":"two"},"credential_info":{"custom_llm_provider":"openai"}}""");
        (await SendAsync("PATCH", "/credentials/a", """{"credential_values":{"api_key":"three","token":null}}""")).Status.ShouldBe(200);
        CredentialUse use = Book().Use("a", "openai", null);
        use.Parameters.Keys.ShouldBe(["api_key"]);
        use.Parameters["api_key"].ShouldBe("\"three\"");
    }

    [Fact]
    public async Task A_credential_that_is_pointed_elsewhere_loses_nothing_by_accident_and_keeps_nothing_by_accident()
    {
        await SendAsync("POST", "/credentials", """{"credential_name":"a","credential_values":{"api_key":"one","api_base":"https://one.example"}}""");
        Answer refused = await SendAsync("PATCH", "/credentials/a", """{"credential_values":{"api_base":"https://two.example"}}""");
        refused.Status.ShouldBe(400);
        refused.Text.ShouldContain("Give them again");
        Book().Use("a", null, "https://one.example").Refusal.ShouldBeNull();
        (await SendAsync("PATCH", "/credentials/a", """{"credential_values":{"api_base":"https://two.example","api_key":"two"}}""")).Status.ShouldBe(200);
        Book().Use("a", null, "https://two.example").Parameters["api_key"].ShouldBe("\"two\"");
        Book().Use("a", null, "https://one.example").Refusal.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_credential_is_deleted_and_can_be_added_again()
    {
        const string Add = """{"credential_name":"a","credential_values":{"api_key":"one"},"credential_info":{"custom_llm_provider":"openai"}}""";
        await SendAsync("POST", "/credentials", Add);
        (await SendAsync("POST", "/credentials", Add)).Status.ShouldBe(409);
        (await SendAsync("DELETE", "/credentials/a")).Status.ShouldBe(200);
        (await SendAsync("GET", "/credentials/by_name/a")).Status.ShouldBe(404);
        (await SendAsync("DELETE", "/credentials/a")).Status.ShouldBe(404);
        (await SendAsync("PATCH", "/credentials/a", "{}")).Status.ShouldBe(404);
        (await SendAsync("POST", "/credentials", Add)).Status.ShouldBe(200);
    }

    [Theory]
    [InlineData("[]", "JSON object")]
    [InlineData("{\"credential_name\":\"a\",\"credential_name\":\"hidden\"}", "once")]
    [InlineData("{\"credential_name\":\"\\ud800\",\"credential_values\":{\"x\":\"hidden\"}}", "Unicode")]
    [InlineData("hidden", "JSON object")]
    [InlineData("{}", "credential_name")]
    [InlineData("{\"credential_name\":\"a\\u0000\"}", "credential_name")]
    [InlineData("{\"credential_name\":\"a\",\"credential_values\":\"hidden\"}", "credential_values")]
    [InlineData("{\"credential_name\":\"a\",\"credential_values\":{\"api_key\":\"hidden\"}}", "api_base")]
    [InlineData("{\"credential_name\":\"a\",\"credential_values\":{\"api_key\":\"hidden\",\"api_base\":\"ftp://x\"}}", "api_base")]
    [InlineData("{\"credential_name\":\"a\",\"credential_values\":{\"api_key\":\"os.environ/HIDDEN\",\"api_base\":\"https://x\"}}", "environment")]
    [InlineData("{\"credential_name\":\"a\",\"credential_values\":{\"api_key\":\"hidden\"},\"credential_info\":[]}", "credential_info")]
    public async Task What_is_wrong_is_told_without_the_secret(string body, string because)
    {
        Answer answer = await SendAsync("POST", "/credentials", body);
        answer.Status.ShouldBe(400);
        answer.Text.ShouldContain(because);
        answer.Text.ShouldNotContain("hidden", Case.Insensitive);
        (await _store.ReadAsync(0, 10, CancellationToken.None)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_a_master_secret_nothing_is_kept()
    {
        var table = new EndpointTable([.. new CredentialEndpoints(Services(null)).Rows()]);
        (await SendAsync("POST", "/credentials", "{}", table)).Text.ShouldContain("master secret");
    }

    [Fact]
    public void Only_those_who_see_everything_see_them_and_only_admins_change_them()
    {
        _table.Rows.Where(x => x.Method == "GET").ShouldAllBe(x => x.Role == Role.Viewer);
        _table.Rows.Where(x => x.Method != "GET").ShouldAllBe(x => x.Role == Role.Admin);
    }

    private CredentialServices Services(ISealer? sealer) => new()
    {
        Find = name => Rows().FirstOrDefault(x => x.Id == name),
        All = Rows,
        WriteAsync = _store.WriteAsync,
        Sealer = sealer,
    };

    private IReadOnlyList<AccountRow> Rows() => _store.ReadAsync(0, 100, CancellationToken.None).AsTask().Result;

    private AccountRow Row() => Rows().ShouldHaveSingleItem();

    private CredentialBook Book() => new(Rows(), Sealer, ShippedCatalog.BuiltIn);

    private async Task<Answer> SendAsync(string method, string path, string body = "", EndpointTable? table = null)
    {
        Endpoint row = (table ?? _table).Find(method, path, out string? parameter, out _).ShouldNotBeNull();
        var http = new DefaultHttpContext();
        (http.Request.Method, http.Request.Path) = (method, path);
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        using var received = new MemoryStream();
        http.Response.Body = received;
        await row.Handle!(http, parameter);
        await http.Response.BodyWriter.FlushAsync();
        string text = Encoding.UTF8.GetString(received.ToArray());
        using var document = JsonDocument.Parse(text);
        return new Answer(http.Response.StatusCode, text, document.RootElement.Clone());
    }

    private sealed record Answer(int Status, string Text, JsonElement Body);
}
