using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Interline.Testing.Faults;

/// <summary>OpenAI's chat completions.</summary>
internal sealed class OpenAIDialect : Dialect
{
    private const string Usage = "\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":10,\"total_tokens\":110}";

    public override string Wire => "openai";

    public override string BasePath => "/v1";

    public override string KeyHeader => "Authorization";

    public override ImmutableArray<string> Opening { get; } = [Chunk("\"role\":\"assistant\",\"content\":\"\"", "null")];

    public override ImmutableArray<string> Closing { get; } = [Chunk("", "\"stop\""), "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\",\"choices\":[]," + Usage + "}\n\n"];

    public override string Done => "data: [DONE]\n\n";

    public override string Torn => "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":\n\n";

    public override string Nothing => "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"up\",\"choices\":[]}";

    public override string Ask(string prompt, bool stream, string model) =>
        "{\"model\":" + Quote(model) + (stream ? ",\"stream\":true" : "") + ",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":" + Quote(prompt) + "}]}";

    public override string AskPath(string model, bool stream) => "/v1/chat/completions";

    public override string Answer(string text) =>
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"up\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" + Quote(text) + "},\"finish_reason\":\"stop\"}]," + Usage + "}";

    public override string Piece(string text) => Chunk("\"content\":" + Quote(text), "null");

    public override string Error(int status, string message, string? code = null) =>
        "{\"error\":{\"message\":" + Quote(message) + ",\"type\":\"" + (status is >= 400 and < 500 ? "invalid_request_error" : "server_error") + "\",\"param\":null,\"code\":" + (code is null ? "null" : Quote(code)) + "}}";

    public override string ErrorEvent(string message) => "data: {\"error\":{\"message\":" + Quote(message) + ",\"type\":\"server_error\",\"code\":503}}\n\n";

    protected override void Plain(JsonElement json, Hearing heard) => Choices(json, "message", heard);

    protected override void Event(string name, JsonElement json, Hearing heard)
    {
        if (json.TryGetProperty("error", out _))
        {
            heard.Error = ReadError(json);
            if (heard.Error is null)
            {
                heard.Wrong("an error that is none of the format");
            }

            return;
        }

        Choices(json, "delta", heard);
    }

    protected override string? ReadError(JsonElement json)
    {
        JsonElement error = json.GetProperty("error");
        return error.GetProperty("type").ValueKind == JsonValueKind.Null || error.TryGetProperty("type", out _) ? error.GetProperty("message").GetString() : null;
    }

    private static void Choices(JsonElement json, string part, Hearing heard)
    {
        foreach (JsonElement choice in json.GetProperty("choices").EnumerateArray())
        {
            if (choice.GetProperty(part).TryGetProperty("content", out JsonElement content))
            {
                heard.Say(content.GetString());
            }

            if (choice.TryGetProperty("finish_reason", out JsonElement finish) && finish.ValueKind != JsonValueKind.Null)
            {
                heard.Finish();
                if (finish.GetString() != "stop")
                {
                    heard.Wrong("finished with " + finish.GetString());
                }
            }
        }
    }

    private static string Chunk(string delta, string finish) => string.Create(
        CultureInfo.InvariantCulture,
        $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"up\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}},\"finish_reason\":{finish}}}]}}\n\n");
}
