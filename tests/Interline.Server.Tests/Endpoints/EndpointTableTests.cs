using System.Net;
using System.Text.Json;
using Interline.Accounts;
using Interline.Books;
using Interline.Ledger;
using Interline.Server.Accounts;
using Interline.Server.Auth;
using Interline.Server.Endpoints;
using Interline.Server.Errors;
using Interline.Server.Health;
using Interline.Server.Spend;
using Interline.Server.Telemetry;
using Interline.Server.Tests.Running;
using Microsoft.Extensions.Logging.Abstractions;
using Endpoint = Interline.Server.Endpoints.Endpoint;

namespace Interline.Server.Tests.Endpoints;

/// <summary>The endpoint table, row by row: no endpoint can forget its key, its document or its lane.</summary>
public sealed class EndpointTableTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private RunningGateway Gateway => fixture.Gateway;

    private EndpointTable Table => RunningTable.Of(Gateway);

    [Fact]
    public void Only_these_endpoints_need_no_key() =>
        Table.Rows.Where(x => x.Role == Role.Anonymous).Select(x => $"{x.Method} {x.Path}").Order(StringComparer.Ordinal).ShouldBe(
            ["GET /health/liveliness", "GET /health/liveness", "GET /health/readiness", "GET /openapi/v1.json"]);

    [Fact]
    public void Every_row_either_calls_a_model_or_answers_itself_and_says_what_it_does()
    {
        foreach (Endpoint row in Table.Rows)
        {
            (row.Lane is null).ShouldBe(row.Handle is not null, row.Path);
            (row.Lane is null || row.Method == "POST").ShouldBeTrue(row.Path);
            row.Summary.ShouldEndWith(".");
            row.Tag.ShouldNotBeNullOrEmpty();
        }

        Table.Rows.Select(x => $"{x.Method} {x.Path}").ShouldBeUnique();
    }

    [Fact]
    public async Task Every_row_that_needs_a_key_refuses_a_request_without_one()
    {
        foreach (Endpoint row in Table.Rows)
        {
            using var request = new HttpRequestMessage(new HttpMethod(row.Method), Concrete(row.Path));
            if (row.Method == "POST")
            {
                request.Content = new StringContent(RunningGateway.Chat("ok"));
            }

            using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
            if (row.Role == Role.Anonymous)
            {
                response.StatusCode.ShouldBe(HttpStatusCode.OK, row.Path);
                Answers.ShouldBeClean(await response.Content.ReadAsStringAsync());
            }
            else
            {
                ((int)response.StatusCode).ShouldBe(401, row.Path);
                JsonElement error = (await response.JsonAsync()).GetProperty("error");
                error.GetProperty("message").GetString()!.ShouldContain("No API key was sent");
                error.TryGetProperty("status", out _).ShouldBe(Dialects.Of(row.Path) == Dialect.Gemini, row.Path);
            }
        }
    }

    [Fact]
    public async Task The_OpenAPI_document_has_every_row_and_nothing_else()
    {
        JsonElement document = JsonDocument.Parse(await Gateway.Http.GetStringAsync("/openapi/v1.json")).RootElement;
        document.GetProperty("openapi").GetString().ShouldStartWith("3.");
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(x => (Name: $"{x.Name.ToUpperInvariant()} {path.Name}", x.Value))).ToList();
        operations.Select(x => x.Name).Order(StringComparer.Ordinal).ShouldBe(Table.Rows.Select(x => $"{x.Method} {x.Path}").Order(StringComparer.Ordinal));
        operations.Select(x => x.Value.GetProperty("operationId").GetString()).ShouldBeUnique();
        var schemes = document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(x => x.Name).ToList();
        foreach ((string name, JsonElement operation) in operations)
        {
            Endpoint row = Table.Rows.Single(x => $"{x.Method} {x.Path}" == name);
            (operation.GetProperty("security").GetArrayLength() == 0).ShouldBe(row.Role == Role.Anonymous, name);
            operation.GetProperty("security").EnumerateArray().SelectMany(x => x.EnumerateObject()).ShouldAllBe(x => schemes.Contains(x.Name));
            operation.TryGetProperty("requestBody", out _).ShouldBe(row.Method == "POST", name);
            operation.TryGetProperty("parameters", out _).ShouldBe(row.Path.Contains('{', StringComparison.Ordinal), name);
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", "openai.chat")]
    [InlineData("/chat/completions", "openai.chat")]
    [InlineData("/openai/deployments/ok/chat/completions", "openai.chat")]
    [InlineData("/engines/ok/chat/completions", "openai.chat")]
    [InlineData("/v1/completions", "openai.completions")]
    [InlineData("/completions", "openai.completions")]
    [InlineData("/openai/deployments/ok/completions", "openai.completions")]
    [InlineData("/engines/ok/completions", "openai.completions")]
    [InlineData("/v1/embeddings", "openai.embeddings")]
    [InlineData("/embeddings", "openai.embeddings")]
    [InlineData("/openai/deployments/ok/embeddings", "openai.embeddings")]
    [InlineData("/v1/responses", "openai.responses")]
    [InlineData("/responses", "openai.responses")]
    [InlineData("/v1/images/generations", "openai.images")]
    [InlineData("/v1/moderations", "openai.moderations")]
    [InlineData("/v1/audio/speech", "openai.speech")]
    [InlineData("/v1/audio/transcriptions", "openai.transcriptions")]
    [InlineData("/v1/audio/translations", "openai.translations")]
    public void A_path_and_its_variants_reach_the_same_lane(string path, string lane) =>
        Table.Find("POST", path, out _, out _)!.Lane!.Name.ShouldBe(lane);

    [Theory]
    [InlineData("GET", "/v1/models/a/b/c", "a/b/c")]
    [InlineData("GET", "/v1/models/a%2Fb", "a/b")]
    [InlineData("GET", "/v1/models/a%2fb", "a/b")]
    [InlineData("GET", "/v1beta/models/a/b", "a/b")]
    [InlineData("POST", "/openai/deployments/meta/llama/chat/completions", "meta/llama")]
    [InlineData("POST", "/engines/chat/completions/chat/completions", "chat/completions")]
    public void A_parameter_may_hold_slashes(string method, string path, string parameter)
    {
        Table.Find(method, path, out string? found, out _).ShouldNotBeNull();
        found.ShouldBe(parameter);
    }

    [Theory]
    [InlineData("/v1/models/")]
    [InlineData("/openai/deployments//embeddings")]
    [InlineData("/V1/chat/completions")]
    [InlineData("/v1/chat/completions/")]
    [InlineData("/v1/nothing")]
    [InlineData("/")]
    public async Task An_unknown_path_gets_a_404_that_says_where_the_paths_are(string path)
    {
        using HttpResponseMessage response = await Gateway.GetAsync(path);
        (await response.ErrorAsync(404)).ShouldContain("/openapi/v1.json");
    }

    [Theory]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("DELETE", "/v1/models", "GET")]
    [InlineData("PUT", "/v1/models/ok", "GET")]
    [InlineData("GET", "/openai/deployments/ok/chat/completions", "POST")]
    public async Task A_wrong_method_gets_a_405_that_says_which_is_right(string method, string path, string allow)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Add("api-key", RunningGateway.Key);
        using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
        (await response.ErrorAsync(405)).ShouldContain(allow);
        response.Content.Headers.Allow.ShouldBe([allow]);
    }

    [Fact]
    public async Task An_unknown_path_and_a_wrong_method_tell_nothing_to_a_caller_without_a_key()
    {
        foreach (string path in (string[])["/v1/nothing", "/v1/chat/completions", "/admin"])
        {
            using HttpResponseMessage response = await Gateway.Http.GetAsync(path);
            await response.ErrorAsync(401);
            response.Content.Headers.Allow.ShouldBeEmpty();
        }
    }

    [Theory]
    [InlineData("/openai/deployments/ok-path/chat/completions?api-version=2024-10-21", "e500")]
    [InlineData("/engines/ok-path/chat/completions", "e500")]
    [InlineData("/openai/deployments/ok-path/chat/completions", null)]
    public async Task The_model_of_the_path_wins_over_the_bodys(string path, string? inBody)
    {
        string body = inBody is null ? """{"messages":[]}""" : RunningGateway.Chat(inBody);
        using HttpResponseMessage response = await Gateway.PostAsync(path, body);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        fixture.Provider.Received("ok-path").ShouldAllBe(x => x.Path == "/v1/chat/completions" && x.Query == "");
    }

    [Theory]
    [InlineData("/v1/models/meta%2Fok%2Fwith-slash", "meta/ok/with-slash")]
    [InlineData("/v1/models/meta/ok/with-slash", "meta/ok/with-slash")]
    [InlineData("/v1/models/h%C3%A4ns", "häns")]
    [InlineData("/v1/models/any/thing", "any/thing")]
    public async Task A_model_is_found_by_its_name_however_the_path_spells_it(string path, string id) =>
        JsonDocument.Parse(await Gateway.GetTextAsync(path)).RootElement.GetProperty("id").GetString().ShouldBe(id);

    [Fact]
    public async Task An_unknown_model_in_a_path_gets_a_404_in_the_envelope()
    {
        using HttpResponseMessage asked = await Gateway.GetAsync("/v1/models/structurd");
        (await asked.ErrorAsync(404)).ShouldContain("Did you mean structured");
        using HttpResponseMessage called = await Gateway.PostAsync("/engines/structurd/chat/completions", RunningGateway.Chat("ok"));
        (await called.ErrorAsync(404)).ShouldContain("Did you mean structured");
    }

    [Fact]
    public async Task Paths_of_Anthropics_API_answer_in_its_envelope()
    {
        foreach (string? key in (string?[])[null, RunningGateway.Key])
        {
            using HttpRequestMessage request = new(HttpMethod.Post, "/v1/messages") { Content = new StringContent("{}") };
            if (key is not null)
            {
                request.Headers.Add("x-api-key", key);
            }

            using HttpResponseMessage response = await Gateway.Http.SendAsync(request);
            JsonElement json = await response.JsonAsync();
            json.GetProperty("type").GetString().ShouldBe("error");
            json.GetProperty("error").GetProperty("type").GetString().ShouldBe(key is null ? "authentication_error" : "invalid_request_error");
        }
    }

    private static string Concrete(string path) => path.Replace("{model}", "ok", StringComparison.Ordinal).Replace("{id}", "0", StringComparison.Ordinal).Replace("{key}", "0", StringComparison.Ordinal);
}
