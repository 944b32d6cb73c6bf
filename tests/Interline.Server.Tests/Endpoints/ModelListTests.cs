using System.Net.Http.Json;
using System.Text.Json;
using Interline.Server.Tests.Running;

namespace Interline.Server.Tests.Endpoints;

/// <summary>The model list as each API's clients read it.</summary>
public sealed class ModelListTests : IAsyncLifetime
{
    private const string Yaml = """
        model_list:
          - { model_name: a-claude, litellm_params: { model: anthropic/claude-sonnet-4-5, api_key: sk-upstream-fedcba9876543210 } }
          - { model_name: b-gemini, litellm_params: { model: gemini/gemini-2.5-flash, api_key: k } }
          - { model_name: c-own, litellm_params: { model: openai/llama, api_base: "http://127.0.0.1:9/v1", api_key: k } }
          - { model_name: d-embed, litellm_params: { model: openai/text-embedding-3-small, api_key: k } }
          - { model_name: e/slashed, litellm_params: { model: openai/gpt-4o, api_key: k } }
        """;

    private static readonly string[] All = ["a-claude", "b-gemini", "c-own", "d-embed", "e/slashed"];

    private RunningGateway? _gateway;

    public async ValueTask InitializeAsync() => _gateway = await RunningGateway.StartAsync(Yaml);

    public async ValueTask DisposeAsync() => await _gateway!.DisposeAsync();

    [Fact]
    public async Task Without_a_hint_the_list_is_OpenAIs()
    {
        JsonElement list = await GetAsync("/v1/models", "Authorization", "Bearer " + RunningGateway.Key);
        list.GetProperty("object").GetString().ShouldBe("list");
        list.GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()).ShouldBe(All);
        list.GetProperty("data").EnumerateArray().ShouldAllBe(x => x.GetProperty("object").GetString() == "model" && x.GetProperty("owned_by").GetString() != "");
    }

    [Fact]
    public async Task Anthropics_clients_get_its_shape()
    {
        JsonElement list = await AnthropicAsync("/v1/models?limit=1000");
        list.GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()).ShouldBe(All);
        list.GetProperty("has_more").GetBoolean().ShouldBeFalse();
        list.GetProperty("first_id").GetString().ShouldBe("a-claude");
        list.GetProperty("last_id").GetString().ShouldBe("e/slashed");
        JsonElement claude = list.GetProperty("data")[0];
        claude.GetProperty("type").GetString().ShouldBe("model");
        claude.GetProperty("display_name").GetString().ShouldBe("a-claude");
        claude.GetProperty("created_at").GetDateTimeOffset().ShouldBe(DateTimeOffset.UnixEpoch);
        claude.GetProperty("max_tokens").GetInt64().ShouldBe(64_000);
        list.GetProperty("data")[2].GetProperty("max_input_tokens").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Theory]
    [InlineData("limit=2", "a-claude b-gemini", true)]
    [InlineData("limit=2&after_id=b-gemini", "c-own d-embed", true)]
    [InlineData("limit=2&after_id=d-embed", "e/slashed", false)]
    [InlineData("limit=2&after_id=e%2Fslashed", "", false)]
    [InlineData("limit=2&before_id=d-embed", "b-gemini c-own", true)]
    [InlineData("limit=2&before_id=c-own", "a-claude b-gemini", false)]
    [InlineData("before_id=a-claude", "", false)]
    [InlineData("beta=true", "a-claude b-gemini c-own d-embed e/slashed", false)]
    public async Task Anthropics_pages_are_cut_where_they_are_asked_for(string query, string ids, bool more)
    {
        JsonElement list = await AnthropicAsync("/v1/models?" + query);
        string[] found = [.. list.GetProperty("data").EnumerateArray().Select(x => x.GetProperty("id").GetString()!)];
        found.ShouldBe(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        list.GetProperty("has_more").GetBoolean().ShouldBe(more);
        list.GetProperty("first_id").GetString().ShouldBe(found.FirstOrDefault());
        list.GetProperty("last_id").GetString().ShouldBe(found.LastOrDefault());
    }

    [Theory]
    [InlineData("limit=0")]
    [InlineData("limit=-1")]
    [InlineData("limit=1001")]
    [InlineData("limit=many")]
    [InlineData("limit=")]
    [InlineData("limit=1&limit=2")]
    [InlineData("limit=99999999999999999999")]
    [InlineData("after_id=nope")]
    [InlineData("before_id=nope")]
    [InlineData("after_id=a-claude&before_id=d-embed")]
    public async Task A_page_that_cannot_be_is_a_400_in_Anthropics_envelope(string query)
    {
        JsonElement error = await AnthropicAsync("/v1/models?" + query, 400);
        error.GetProperty("type").GetString().ShouldBe("error");
        error.GetProperty("error").GetProperty("type").GetString().ShouldBe("invalid_request_error");
        error.GetProperty("error").GetProperty("message").GetString().ShouldStartWith(query.Contains("before_id", StringComparison.Ordinal) ? "before_id: " : query.Split('=')[0] + ": ");
    }

    [Fact]
    public async Task Anthropics_clients_get_one_model_and_its_errors_in_their_shape()
    {
        (await AnthropicAsync("/v1/models/e/slashed")).GetProperty("id").GetString().ShouldBe("e/slashed");
        (await AnthropicAsync("/v1/models/nope", 404)).GetProperty("error").GetProperty("type").GetString().ShouldBe("not_found_error");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models");
        request.Headers.Add("anthropic-version", "2023-06-01");
        using HttpResponseMessage refused = await _gateway!.Http.SendAsync(request);
        (await refused.JsonAsync()).GetProperty("error").GetProperty("type").GetString().ShouldBe("authentication_error");
    }

    [Fact]
    public async Task Geminis_clients_get_its_shape()
    {
        JsonElement list = await GeminiAsync("/v1beta/models");
        JsonElement[] models = [.. list.GetProperty("models").EnumerateArray()];
        models.Select(x => x.GetProperty("name").GetString()).ShouldBe(All.Select(id => "models/" + id));
        list.TryGetProperty("nextPageToken", out _).ShouldBeFalse();
        models[1].GetProperty("baseModelId").GetString().ShouldBe("b-gemini");
        models[1].GetProperty("displayName").GetString().ShouldBe("b-gemini");
        models[1].GetProperty("version").GetString().ShouldNotBeNullOrEmpty();
        models[1].GetProperty("inputTokenLimit").GetInt32().ShouldBe(1_048_576);
        models[1].GetProperty("outputTokenLimit").GetInt32().ShouldBe(65_536);
        models[1].GetProperty("thinking").GetBoolean().ShouldBeTrue();
        models[1].GetProperty("supportedGenerationMethods").EnumerateArray().Select(x => x.GetString()).ShouldBe(["generateContent", "streamGenerateContent", "countTokens"]);
        models[2].TryGetProperty("inputTokenLimit", out _).ShouldBeFalse();
        models[3].GetProperty("supportedGenerationMethods").GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task Geminis_pages_follow_each_other_to_the_end()
    {
        List<string> found = [];
        for (string? token = ""; token is not null;)
        {
            JsonElement page = await GeminiAsync($"/v1beta/models?pageSize=2&pageToken={Uri.EscapeDataString(token)}");
            found.AddRange(page.GetProperty("models").EnumerateArray().Select(x => x.GetProperty("baseModelId").GetString()!));
            token = page.TryGetProperty("nextPageToken", out JsonElement next) ? next.GetString() : null;
            found.Count.ShouldBeLessThanOrEqualTo(All.Length);
        }

        found.ShouldBe(All);
        (await GeminiAsync("/v1beta/models?pageSize=5000")).GetProperty("models").GetArrayLength().ShouldBe(All.Length);
    }

    [Theory]
    [InlineData("/v1beta/models?pageSize=-1", 400, "INVALID_ARGUMENT")]
    [InlineData("/v1beta/models?pageSize=x", 400, "INVALID_ARGUMENT")]
    [InlineData("/v1beta/models?pageToken=nope", 400, "INVALID_ARGUMENT")]
    [InlineData("/v1beta/models/nope", 404, "NOT_FOUND")]
    [InlineData("/v1beta/nothing", 404, "NOT_FOUND")]
    public async Task What_goes_wrong_on_Geminis_paths_is_told_in_Googles_envelope(string path, int status, string name)
    {
        JsonElement error = (await GeminiAsync(path, status)).GetProperty("error");
        error.GetProperty("code").GetInt32().ShouldBe(status);
        error.GetProperty("status").GetString().ShouldBe(name);
        error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task Geminis_clients_get_one_model()
    {
        JsonElement model = await GeminiAsync("/v1beta/models/e/slashed");
        model.GetProperty("name").GetString().ShouldBe("models/e/slashed");
        using HttpResponseMessage refused = await _gateway!.Http.GetAsync("/v1beta/models");
        (await refused.JsonAsync()).GetProperty("error").GetProperty("status").GetString().ShouldBe("UNAUTHENTICATED");
    }

    private Task<JsonElement> AnthropicAsync(string path, int status = 200) => GetAsync(path, "x-api-key", RunningGateway.Key, status, ("anthropic-version", "2023-06-01"));

    private Task<JsonElement> GeminiAsync(string path, int status = 200) => GetAsync(path, "x-goog-api-key", RunningGateway.Key, status);

    private async Task<JsonElement> GetAsync(string path, string header, string key, int status = 200, params (string Name, string Value)[] more)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(header, key);
        foreach ((string name, string value) in more)
        {
            request.Headers.Add(name, value);
        }

        using HttpResponseMessage response = await _gateway!.Http.SendAsync(request);
        Answers.ShouldBeClean(await response.Content.ReadAsStringAsync());
        ((int)response.StatusCode).ShouldBe(status);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}
