using System.Text;
using System.Text.Json;
using Interline.Server.Tests.Running;
using Interline.Testing;

namespace Interline.Server.Tests.Pipeline;

/// <summary>Clients of every format that wait for a stream, over real connections.</summary>
public sealed class KeptAliveTests
{
    private const string Events = "data: {\"id\":\"c1\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"hello\"},\"finish_reason\":null}]}\n\n"
        + "data: {\"id\":\"c1\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

    private const string Response = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n"
        + "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n"
        + "event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1,\"output_tokens\":1,\"total_tokens\":2}}}\n\n";

    public static TheoryData<string, string, string> Callers => new()
    {
        { "/v1/chat/completions", RunningGateway.Chat("m", stream: true), ": keep-alive\n\n" },
        { "/v1/messages", """{"model":"m","stream":true,"max_tokens":9,"messages":[{"role":"user","content":"hi"}]}""", ": keep-alive\n\n" },
        { "/v1beta/models/m:streamGenerateContent?alt=sse", """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""", ": keep-alive\n\n" },
        { "/v1beta/models/m:streamGenerateContent", """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""", "\n" },
        { "/v1/responses", """{"model":"m","stream":true,"input":"hi"}""", ": keep-alive\n\n" },
    };

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_client_that_waits_has_its_head_and_signs_of_life_and_then_the_answer(string path, string body, string heartbeat)
    {
        await using var provider = new FakeProvider();
        await using RunningGateway gateway = await StartAsync(provider);
        var gate = new TaskCompletionSource();
        provider.Then(FakeAnswer.StreamHead().Gate(gate.Task).Events(path.EndsWith("/responses", StringComparison.Ordinal) ? Response : Events).End());

        using HttpResponseMessage answer = await gateway.Http.SendAsync(gateway.Post(path, body), HttpCompletionOption.ResponseHeadersRead);
        ((int)answer.StatusCode).ShouldBe(200);
        answer.Header("x-litellm-model-group").ShouldBe("m");
        answer.Headers.Contains("x-litellm-model-id").ShouldBeFalse("nobody has answered yet");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe(heartbeat == "\n" ? "application/json" : "text/event-stream");
        using var client = new StreamReader(await answer.Content.ReadAsStreamAsync());
        char[] first = new char[heartbeat.Length];
        await client.ReadBlockAsync(first);
        new string(first).ShouldBe(heartbeat);
        gate.SetResult();

        string rest = await client.ReadToEndAsync();
        rest.ShouldContain("hello");
        rest.ShouldNotContain("\"error\"");
        if (heartbeat == "\n")
        {
            JsonDocument.Parse(rest).RootElement.GetArrayLength().ShouldBeGreaterThan(0);
        }

        JsonElement line = await LineAsync(gateway);
        line.GetProperty("status").GetInt32().ShouldBe(200);
        line.TryGetProperty("error", out _).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Callers))]
    public async Task A_call_that_then_fails_ends_with_an_error_of_the_format_and_is_logged_as_failed(string path, string body, string heartbeat)
    {
        await using var provider = new FakeProvider();
        await using RunningGateway gateway = await StartAsync(provider);
        var gate = new TaskCompletionSource();
        provider.Then(new FakeAnswer().Gate(gate.Task).Write("HTTP/1.1 500 Fake\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"));

        using HttpResponseMessage answer = await gateway.Http.SendAsync(gateway.Post(path, body), HttpCompletionOption.ResponseHeadersRead);
        ((int)answer.StatusCode).ShouldBe(200);
        using var client = new StreamReader(await answer.Content.ReadAsStreamAsync());
        char[] first = new char[heartbeat.Length];
        await client.ReadBlockAsync(first);
        gate.SetResult();

        string rest = (await client.ReadToEndAsync()).Replace(": keep-alive\n\n", "", StringComparison.Ordinal);
        Answers.ShouldBeClean(rest);
        string data = heartbeat == "\n" ? rest : rest.Split("data: ")[1];
        JsonElement error = JsonDocument.Parse(data).RootElement;
        error = error.ValueKind == JsonValueKind.Array ? error.EnumerateArray().Single() : error;
        (error.TryGetProperty("error", out JsonElement inner) ? inner : error).GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        rest.ShouldNotContain("[DONE]");
        rest.ShouldNotContain("message_stop");

        JsonElement line = await LineAsync(gateway);
        line.GetProperty("status").GetInt32().ShouldBe(200);
        line.GetProperty("error").GetString().ShouldBe("server");
    }

    private static Task<RunningGateway> StartAsync(FakeProvider provider) => RunningGateway.StartAsync($$"""
        model_list: [{model_name: m, litellm_params: {model: openai/m, api_base: "{{provider.BaseUrl}}", api_key: sk-x} }]
        router_settings: {heartbeat_interval: 0.1, num_retries: 0, disable_cooldowns: true}
        """);

    private static async Task<JsonElement> LineAsync(RunningGateway gateway)
    {
        await Waiting.UntilAsync(() => gateway.LogLines().Length > 0, "the call is logged");
        return JsonDocument.Parse(Encoding.UTF8.GetBytes(gateway.LogLines()[0])).RootElement;
    }
}
