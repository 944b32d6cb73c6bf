using System.Text;
using System.Text.Json;
using Interline.Server.Tests.AnthropicSdk;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Translation;

/// <summary>Over HTTP: every path of Anthropic's and Gemini's APIs, what a translated answer's headers say, and errors in each dialect.</summary>
public sealed class TranslatedCallTests
{
    private const string Messages = """{"model":"the-model","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""";
    private const string Contents = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""";

    public static TheoryData<string, string> Paths => new()
    {
        { "/v1/messages", Messages },
        { "/v1/messages/count_tokens", Messages.Replace("\"max_tokens\":9,", "", StringComparison.Ordinal) },
        { "/v1beta/models/the-model:generateContent", Contents },
        { "/v1beta/models/the-model:streamGenerateContent", Contents },
        { "/v1beta/models/the-model:streamGenerateContent?alt=sse", Contents },
        { "/v1beta/models/the-model:countTokens", Contents },
        { "/v1/models/the-model:generateContent", Contents },
        { "/v1/models/the-model:streamGenerateContent", Contents },
        { "/v1/models/the-model:streamGenerateContent?alt=sse", Contents },
        { "/v1/models/the-model:countTokens", Contents },
    };

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Every_path_is_served_by_a_provider_of_another_format(string path, string body)
    {
        await using Backend backend = await Backend.StartAsync("openai");
        backend.Provider.Then(Replies.Say("openai", path.Contains(":stream", StringComparison.Ordinal)));

        using HttpResponseMessage response = await backend.Gateway.PostAsync(path, body);
        string text = await response.Content.ReadAsStringAsync();

        ((int)response.StatusCode).ShouldBe(200, text);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(path.EndsWith("alt=sse", StringComparison.Ordinal) ? "text/event-stream" : "application/json");
        response.Headers.Contains("request-id").ShouldBe(path.StartsWith("/v1/messages", StringComparison.Ordinal));
        if (!path.EndsWith("alt=sse", StringComparison.Ordinal))
        {
            JsonElement json = JsonDocument.Parse(text).RootElement;
            json.ValueKind.ShouldBe(path.Contains(":stream", StringComparison.Ordinal) ? JsonValueKind.Array : JsonValueKind.Object);
        }

        bool counts = path.Contains("ount", StringComparison.Ordinal);
        backend.Provider.Requests.Count.ShouldBe(counts ? 0 : 1);
        if (counts)
        {
            response.Header("x-interline-estimated").ShouldBe("true");
        }
        else
        {
            text.ShouldContain(path.Contains(":stream", StringComparison.Ordinal) ? "Hell" : Replies.Text);
        }
    }

    [Fact]
    public async Task Losses_are_counted_in_a_header_and_listed_with_the_call()
    {
        await using Backend backend = await Backend.StartAsync("openai");
        backend.Provider.Then(Replies.Say("openai", streamed: false));

        using HttpResponseMessage response = await backend.Gateway.PostAsync("/v1/messages", Messages[..^1] + ""","top_k":40,"container":"c-1"}""");
        string id = response.Header("x-litellm-call-id");
        using HttpResponseMessage found = await backend.Gateway.GetAsync("/v1/calls/" + id);
        JsonElement call = await found.JsonAsync();

        response.Header("x-interline-translation-losses").ShouldBe("3");
        call.GetProperty("translation_losses").GetInt32().ShouldBe(3);
        JsonElement[] losses = [.. call.GetProperty("losses").EnumerateArray()];
        losses.Select(x => x.GetProperty("field").GetString()).ShouldBe(["top_k", "container", "created"], ignoreOrder: true);
        losses.ShouldAllBe(x => x.GetProperty("action").GetString() == "dropped" && x.GetProperty("why").GetString()!.Length > 0);
        response.Header("x-litellm-response-cost").ShouldBe("0.000022");
    }

    [Fact]
    public async Task A_same_format_answer_says_nothing_of_losses()
    {
        await using Backend backend = await Backend.StartAsync("anthropic");
        backend.Provider.Then(Replies.Say("anthropic", streamed: false));

        using HttpResponseMessage response = await backend.Gateway.PostAsync("/v1/messages", Messages);

        response.Headers.Contains("x-interline-translation-losses").ShouldBeFalse();
        response.Headers.Contains("x-interline-estimated").ShouldBeFalse();
    }

    [Theory]
    [InlineData("/v1/chat/completions", "openai")]
    [InlineData("/v1/messages", "anthropic")]
    [InlineData("/v1/messages/count_tokens", "anthropic")]
    [InlineData("/v1beta/models/no-such-model:generateContent", "gemini")]
    [InlineData("/v1beta/models/no-such-model:streamGenerateContent", "gemini")]
    [InlineData("/v1beta/models/no-such-model:countTokens", "gemini")]
    [InlineData("/v1/models/no-such-model:generateContent", "gemini")]
    public async Task Refusals_are_told_in_the_callers_dialect(string path, string dialect)
    {
        await using Backend backend = await Backend.StartAsync("openai");
        string ask = dialect == "gemini" ? Contents : Messages.Replace("the-model", "no-such-model", StringComparison.Ordinal);
        using var keyless = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(ask, Encoding.UTF8, "application/json") };

        await HeldAsync(await backend.Gateway.Http.SendAsync(keyless), dialect, 401, "UNAUTHENTICATED", "authentication_error");
        await HeldAsync(await backend.Gateway.PostAsync(path, ask), dialect, 404, "NOT_FOUND", "not_found_error");
        await HeldAsync(await backend.Gateway.PostAsync(path, "{\"messages\":["), dialect, 400, "INVALID_ARGUMENT", "invalid_request_error");
        backend.Provider.Requests.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/v1/nothing", "openai")]
    [InlineData("/v1/messages/nothing", "anthropic")]
    [InlineData("/v1beta/nothing", "gemini")]
    public async Task A_path_that_is_not_served_is_told_in_the_callers_dialect(string path, string dialect)
    {
        await using Backend backend = await Backend.StartAsync("openai");

        await HeldAsync(await backend.Gateway.PostAsync(path, "{}"), dialect, 404, "NOT_FOUND", "not_found_error");
    }

    [Theory]
    [InlineData("openai", "/v1/messages", """{"model":"the-model","max_tokens":9,"messages":[{"role":"user","content":7}]}""", "anthropic", "content")]
    [InlineData("openai", "/v1beta/models/the-model:generateContent", """{"contents":[{"role":"user","parts":[{"text":7}]}]}""", "gemini", "contents[0].parts[0].text")]
    [InlineData("gemini", "/v1/chat/completions", """{"model":"the-model","messages":[{"role":"user","content":7}]}""", "openai", "messages[0].content")]
    [InlineData("gemini", "/v1/embeddings", """{"model":"the-model","input":[[1,2]]}""", "openai", "input")]
    public async Task What_cannot_be_translated_is_a_400_in_the_callers_dialect_that_names_the_place(string wire, string path, string body, string dialect, string place)
    {
        await using Backend backend = await Backend.StartAsync(wire);

        (await HeldAsync(await backend.Gateway.PostAsync(path, body), dialect, 400, "INVALID_ARGUMENT", "invalid_request_error")).ShouldContain(place);
        backend.Provider.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_gemini_caller_may_send_the_key_as_its_sdks_do()
    {
        await using Backend backend = await Backend.StartAsync("anthropic");
        backend.Provider.Then(Replies.Say("anthropic", streamed: false), 2);
        using var header = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/the-model:generateContent") { Content = new StringContent(Contents, Encoding.UTF8, "application/json") };
        header.Headers.Add("x-goog-api-key", RunningGateway.Key);
        using var query = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/the-model:generateContent?key=" + RunningGateway.Key) { Content = new StringContent(Contents, Encoding.UTF8, "application/json") };

        (await backend.Gateway.Http.SendAsync(header)).EnsureSuccessStatusCode();
        (await backend.Gateway.Http.SendAsync(query)).EnsureSuccessStatusCode();

        foreach (FakeRequest request in backend.Provider.Requests)
        {
            request.Path.ShouldBe("/v1/messages");
            request.Headers["x-api-key"].ShouldBe(Backend.UpstreamKey);
            request.Headers.Values.ShouldAllBe(x => !x.Contains(RunningGateway.Key));
        }
    }

    /// <summary>Holds an error to its dialect's envelope; gives the whole body.</summary>
    private static async Task<string> HeldAsync(HttpResponseMessage response, string dialect, int status, string google, string anthropic)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            ((int)response.StatusCode).ShouldBe(status, text);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
            Answers.ShouldBeClean(text);
            JsonElement root = JsonDocument.Parse(text).RootElement;
            JsonElement error = root.GetProperty("error");
            error.GetProperty("message").GetString().ShouldNotBeNullOrWhiteSpace();
            switch (dialect)
            {
                case "anthropic":
                    root.GetProperty("type").GetString().ShouldBe("error");
                    error.GetProperty("type").GetString().ShouldBe(anthropic);
                    response.Header("request-id").ShouldBe(response.Header("x-request-id"));
                    break;
                case "gemini":
                    (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString()).ShouldBe((status, google));
                    response.Headers.Contains("request-id").ShouldBeFalse();
                    break;
                default:
                    error.EnumerateObject().Select(x => x.Name).Order().ShouldBe(["code", "message", "param", "type"]);
                    response.Headers.Contains("request-id").ShouldBeFalse();
                    break;
            }

            return text;
        }
    }
}
