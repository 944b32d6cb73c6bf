using System.Collections.Immutable;
using System.Text.Json;

namespace Interline.Testing.Faults;

/// <summary>Anthropic's messages.</summary>
internal sealed class AnthropicDialect : Dialect
{
    public override string Wire => "anthropic";

    public override string BasePath => "";

    public override string KeyHeader => "x-api-key";

    public override bool DoneIsOptional => false;

    public override ImmutableArray<string> Opening { get; } =
    [
        Named("message_start", "\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"up\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}"),
        Named("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}"),
        Named("ping", null),
    ];

    public override ImmutableArray<string> Closing { get; } =
    [
        Named("content_block_stop", "\"index\":0"),
        Named("message_delta", "\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":10}"),
    ];

    public override string Done { get; } = Named("message_stop", null);

    public override string Torn => "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\n\n";

    public override string Nothing => "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\"}";

    public override string Ask(string prompt, bool stream, string model) =>
        "{\"model\":" + Quote(model) + (stream ? ",\"stream\":true" : "") + ",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":" + Quote(prompt) + "}]}";

    public override string AskPath(string model, bool stream) => "/v1/messages";

    public override string Answer(string text) =>
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"up\",\"content\":[{\"type\":\"text\",\"text\":" + Quote(text) + "}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":10}}";

    public override string Piece(string text) => Named("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":" + Quote(text) + "}");

    public override string Error(int status, string message, string? code = null) =>
        "{\"type\":\"error\",\"error\":{\"type\":\"" + (status is >= 400 and < 500 ? "invalid_request_error" : "api_error") + "\",\"message\":" + Quote(message) + "}}";

    public override string ErrorEvent(string message) => Named("error", "\"error\":{\"type\":\"overloaded_error\",\"message\":" + Quote(message) + "}");

    protected override void Plain(JsonElement json, Hearing heard)
    {
        foreach (JsonElement block in json.GetProperty("content").EnumerateArray())
        {
            heard.Say(block.GetProperty("text").GetString());
        }

        Stop(json.GetProperty("stop_reason"), heard);
    }

    protected override void Event(string name, JsonElement json, Hearing heard)
    {
        string type = json.GetProperty("type").GetString()!;
        if (type != name)
        {
            heard.Wrong($"an event named {name} of the type {type}");
        }

        int stage = heard.Stage;
        switch (type)
        {
            case "error":
                heard.Error = ReadError(json);
                return;
            case "ping":
                return;
            case "message_start":
                Expect(stage == 0, type, heard);
                heard.Stage = 1;
                return;
            case "content_block_start":
                Expect(stage == 1, type, heard);
                heard.Stage = 2;
                return;
            case "content_block_delta":
                Expect(stage == 2, type, heard);
                heard.Say(json.GetProperty("delta").GetProperty("text").GetString());
                return;
            case "content_block_stop":
                Expect(stage == 2, type, heard);
                heard.Stage = 1;
                return;
            case "message_delta":
                Expect(stage == 1, type, heard);
                Stop(json.GetProperty("delta").GetProperty("stop_reason"), heard);
                return;
            case "message_stop":
                Expect(stage == 1, type, heard);
                heard.IsDone = true;
                return;
            default:
                heard.Wrong("an event of the unknown type " + type);
                return;
        }
    }

    protected override string? ReadError(JsonElement json) =>
        json.GetProperty("type").GetString() == "error" && json.GetProperty("error").TryGetProperty("type", out _) ? json.GetProperty("error").GetProperty("message").GetString() : null;

    private static void Expect(bool holds, string type, Hearing heard)
    {
        if (!holds)
        {
            heard.Wrong(type + " out of its turn");
        }
    }

    private static void Stop(JsonElement reason, Hearing heard)
    {
        if (reason.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        heard.Finish();
        if (reason.GetString() != "end_turn")
        {
            heard.Wrong("finished with " + reason.GetString());
        }
    }

    private static string Named(string type, string? fields) => $"event: {type}\ndata: {{\"type\":\"{type}\"{(fields is null ? "" : "," + fields)}}}\n\n";
}
