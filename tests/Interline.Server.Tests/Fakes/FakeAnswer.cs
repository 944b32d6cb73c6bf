using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Interline.Server.Tests.Fakes;

/// <summary>One answer of the fake provider, by the behaviour that the model's name asks for.</summary>
internal sealed class FakeAnswer(HttpContext http, JsonElement request, string model, TaskCompletionSource gate)
{
    private const string Head = """ "id":"chatcmpl-1","created":1767225600,"model":"fake" """;

    /// <summary>A message that was cut in the middle of an emoji, as it was on its way through somebody's log.</summary>
    public const string HalfAnError = """{"error":{"message":"too long: hello \ud83d","type":"invalid_request_error","param":null,"code":null}}""";

    private bool Streams => request.TryGetProperty("stream", out JsonElement stream) && stream.ValueKind == JsonValueKind.True;

    private bool WantsUsage => request.TryGetProperty("stream_options", out JsonElement options) && options.TryGetProperty("include_usage", out JsonElement usage) && usage.GetBoolean();

    private static string UsageJson => $$"""{"prompt_tokens":{{FakeProvider.PromptTokens}},"completion_tokens":{{FakeProvider.CompletionTokens}},"total_tokens":{{FakeProvider.PromptTokens + FakeProvider.CompletionTokens}}}""";

    public Task WriteAsync() => model.Split('-')[0] switch
    {
        "tools" => SayAsync(Call("call_1", "get_weather", """{"city":"Paris"}""", 0)),
        "parallel" => SayAsync(Call("call_1", "get_weather", """{"city":"Paris"}""", 0), Call("call_2", "get_weather", """{"city":"Rome"}""", 1)),
        "structured" => TextAsync(Schema() == "json_schema" ? """{"city":"Paris","population":2100000}""" : "no schema came"),
        "vision" => TextAsync(Image()),
        "embed" => JsonAsync(200, Embeddings()),
        "e400" => ErrorAsync(400, "the fake does not like it", "invalid_request_error", "bad_thing"),
        "e401" => ErrorAsync(401, $"Incorrect API key provided: {Key()}", "invalid_request_error", "invalid_api_key"),
        "e429" => RateLimitedAsync(),
        "e500" => ErrorAsync(500, "the fake fell over", "server_error", null),
        "html" => WriteAsync(502, "text/html", "<html><body>Bad Gateway</body></html>"),
        "hang" => HangAsync(),
        "silent" => SilentAsync(),
        "cut" => CutAsync(),
        "broken" => BrokenAsync(),
        "malformed" => WriteAsync(200, Streams ? "text/event-stream" : "application/json", Streams ? "data: {\"choices\": oops\n\n" : "{\"choices\": oops"),
        "endless" => EndlessAsync(),
        "gated" => GatedAsync(),
        "latin" => LatinAsync(),
        "half" => JsonAsync(400, HalfAnError),
        "halfname" => WriteAsync(200, Streams ? "text/event-stream" : "application/json", (Streams ? "data: " : "") + """{"\ud83d":1,"choices":[]}""" + (Streams ? "\n\n" : "")),
        _ => TextAsync($"Hello from {model}"),
    };

    private static string Call(string id, string name, string arguments, int index) =>
        $$"""{"index":{{index}},"id":"{{id}}","type":"function","function":{"name":"{{name}}","arguments":{{JsonSerializer.Serialize(arguments)}} } }""";

    private static string Quote(int place, string word) => JsonSerializer.Serialize(place == 0 ? word : " " + word);

    private string? Key() => http.Request.Headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal);

    private string? Schema() => request.TryGetProperty("response_format", out JsonElement format) ? format.GetProperty("type").GetString() : null;

    private string Image()
    {
        foreach (JsonElement part in request.GetProperty("messages")[0].GetProperty("content").EnumerateArray())
        {
            if (part.GetProperty("type").GetString() == "image_url")
            {
                string url = part.GetProperty("image_url").GetProperty("url").GetString()!;
                return $"{url[..url.IndexOf(';', StringComparison.Ordinal)]} of {url.Length} characters";
            }
        }

        return "no image came";
    }

    private string Embeddings()
    {
        bool base64 = request.TryGetProperty("encoding_format", out JsonElement format) && format.GetString() == "base64";
        string vector = base64
            ? $"\"{Convert.ToBase64String(FakeProvider.Vector.SelectMany(BitConverter.GetBytes).ToArray())}\""
            : JsonSerializer.Serialize(FakeProvider.Vector);
        int count = request.GetProperty("input").ValueKind == JsonValueKind.Array ? request.GetProperty("input").GetArrayLength() : 1;
        string data = string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"object":"embedding","index":{{i}},"embedding":{{vector}} }"""));
        return $$"""{"object":"list","data":[{{data}}],"model":"fake","usage":{"prompt_tokens":11,"total_tokens":11} }""";
    }

    private Task TextAsync(string text)
    {
        Describe();
        return Streams
            ? StreamAsync([.. text.Split(' ').Select((word, i) => Delta($$"""{"content":{{Quote(i, word)}} }""")), Finish("stop")])
            : JsonAsync(200, Plain($$"""{"role":"assistant","content":{{JsonSerializer.Serialize(text)}},"refusal":null}""", "stop"));
    }

    private Task SayAsync(params string[] calls) => Streams
        ? StreamAsync([.. calls.Select(call => Delta($$"""{"tool_calls":[{{call}}] }""")), Finish("tool_calls")])
        : JsonAsync(200, Plain($$"""{"role":"assistant","content":null,"refusal":null,"tool_calls":[{{string.Join(',', calls)}}]}""", "tool_calls"));

    private static string Plain(string message, string finish) =>
        $$"""{ {{Head}},"object":"chat.completion","choices":[{"index":0,"message":{{message}},"logprobs":null,"finish_reason":"{{finish}}"}],"usage":{{UsageJson}},"x_unknown":1.10}""";

    private static string Delta(string delta) => $$"""{ {{Head}},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{{delta}},"finish_reason":null}]}""";

    private static string Finish(string finish) => $$"""{ {{Head}},"object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"{{finish}}"}]}""";

    /// <summary>The headers real providers send, of which a caller may see some.</summary>
    private void Describe()
    {
        http.Response.Headers["x-ratelimit-remaining-requests"] = "42";
        http.Response.Headers["x-request-id"] = "req_of_the_provider";
        http.Response.Headers["openai-organization"] = "org-of-the-gateway";
        http.Response.Headers["set-cookie"] = "__cf_bm=of-the-provider; path=/";
        http.Response.Headers["x-provider-internal"] = "internal";
    }

    private async Task StreamAsync(string[] events)
    {
        if (!http.Response.HasStarted)
        {
            http.Response.ContentType = "text/event-stream";
        }

        foreach (string data in events)
        {
            await EventAsync(data);
        }

        if (WantsUsage)
        {
            await EventAsync($$"""{ {{Head}},"object":"chat.completion.chunk","choices":[],"usage":{{UsageJson}} }""");
        }

        await EventAsync("[DONE]");
    }

    private async Task EventAsync(string data)
    {
        await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"data: {data}\n\n"), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
    }

    private Task JsonAsync(int status, string body) => WriteAsync(status, "application/json", body);

    private async Task WriteAsync(int status, string type, string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        http.Response.StatusCode = status;
        http.Response.ContentType = type;
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private Task ErrorAsync(int status, string message, string type, string? code) =>
        JsonAsync(status, JsonSerializer.Serialize(new { error = new { message, type, param = (string?)null, code } }));

    private Task RateLimitedAsync()
    {
        http.Response.Headers.RetryAfter = "17";
        return ErrorAsync(429, "slow down, please", "rate_limit_error", "rate_limit_exceeded");
    }

    /// <summary>Never answers.</summary>
    private Task HangAsync() => new TaskCompletionSource().Task.WaitAsync(http.RequestAborted);

    /// <summary>Answers with the head of a stream or document and never goes on: headers are no first event.</summary>
    private async Task SilentAsync()
    {
        http.Response.ContentType = Streams ? "text/event-stream" : "application/json";
        await http.Response.Body.WriteAsync(Streams ? ": thinking\n\n"u8.ToArray() : " "u8.ToArray(), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await HangAsync();
    }

    /// <summary>Cuts the connection before the first event, or in the middle of a plain answer.</summary>
    private async Task CutAsync()
    {
        http.Response.ContentType = Streams ? "text/event-stream" : "application/json";
        http.Response.ContentLength = Streams ? null : 1000;
        await http.Response.Body.WriteAsync(Streams ? "data: {\"id\":"u8.ToArray() : "{\"id\":"u8.ToArray(), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        http.Abort();
    }

    /// <summary>Breaks off in the middle of a stream, once its first event has arrived.</summary>
    private async Task BrokenAsync()
    {
        http.Response.ContentType = "text/event-stream";
        await EventAsync(Delta("""{"content":"half"}"""));
        await gate.Task.WaitAsync(http.RequestAborted);
        http.Abort();
    }

    private async Task EndlessAsync()
    {
        http.Response.ContentType = "text/event-stream";
        await EventAsync(Delta("""{"content":"first"}"""));
        await EventAsync(Delta("""{"content":"second"}"""));
        await HangAsync();
    }

    private async Task GatedAsync()
    {
        http.Response.ContentType = "text/event-stream";
        await EventAsync(Delta("""{"content":"first"}"""));
        await gate.Task.WaitAsync(http.RequestAborted);
        await StreamAsync([Delta("""{"content":" last"}"""), Finish("stop")]);
    }

    private Task LatinAsync()
    {
        http.Response.Headers["x-ratelimit-remaining-requests"] = "\u00fcnlimited";
        return JsonAsync(200, Plain("""{"role":"assistant","content":"fine"}""", "stop"));
    }
}
