using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Interline.Testing.Faults;

/// <summary>Gemini's generateContent, streams as events. It has no end marker: the finish reason is the end.</summary>
internal sealed class GeminiDialect : Dialect
{
    public override string Wire => "gemini";

    public override string BasePath => "/v1beta";

    public override string KeyHeader => "x-goog-api-key";

    public override ImmutableArray<string> Opening => [];

    public override ImmutableArray<string> Closing { get; } = ["data: " + Candidate("", ",\"finishReason\":\"STOP\"", 10) + "\r\n\r\n"];

    public override string Done => "";

    public override string Torn => "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\"\r\n\r\n";

    public override string Nothing => "{\"modelVersion\":\"up\"}";

    public override string Ask(string prompt, bool stream, string model) => "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":" + Quote(prompt) + "}]}],\"generationConfig\":{\"maxOutputTokens\":64}}";

    public override string AskPath(string model, bool stream) => "/v1beta/models/" + model + (stream ? ":streamGenerateContent?alt=sse" : ":generateContent");

    public override string Answer(string text) => Candidate(text, ",\"finishReason\":\"STOP\"", 10);

    public override string Piece(string text) => "data: " + Candidate(text, "", 5) + "\r\n\r\n";

    public override string Error(int status, string message, string? code = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"error\":{{\"code\":{status},\"message\":{Quote(code is null ? message : $"{message} ({code})")},\"status\":\"{(status is >= 400 and < 500 ? "INVALID_ARGUMENT" : "INTERNAL")}\"}}}}");

    public override string ErrorEvent(string message) => "data: {\"error\": {\"code\": 503,\"message\": " + Quote(message) + ",\"status\": \"UNAVAILABLE\"}}\r\n\r\n";

    protected override void Plain(JsonElement json, Hearing heard) => Event("", json, heard);

    protected override void Event(string name, JsonElement json, Hearing heard)
    {
        if (json.TryGetProperty("error", out _))
        {
            heard.Error = ReadError(json);
            return;
        }

        if (!json.TryGetProperty("candidates", out JsonElement candidates))
        {
            json.GetProperty("usageMetadata");
            return;
        }

        foreach (JsonElement candidate in candidates.EnumerateArray())
        {
            if (candidate.TryGetProperty("content", out JsonElement content) && content.TryGetProperty("parts", out JsonElement parts))
            {
                foreach (JsonElement part in parts.EnumerateArray())
                {
                    heard.Say(part.GetProperty("text").GetString());
                }
            }

            if (candidate.TryGetProperty("finishReason", out JsonElement finish))
            {
                heard.Finish();
                if (finish.GetString() != "STOP")
                {
                    heard.Wrong("finished with " + finish.GetString());
                }
            }
        }
    }

    protected override string? ReadError(JsonElement json)
    {
        JsonElement error = json.GetProperty("error");
        return error.GetProperty("code").ValueKind == JsonValueKind.Number && error.TryGetProperty("status", out _) ? error.GetProperty("message").GetString() : null;
    }

    private static string Candidate(string text, string finish, int output) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":{Quote(text)}}}],\"role\":\"model\"}}{finish},\"index\":0}}],\"usageMetadata\":{{\"promptTokenCount\":100,\"candidatesTokenCount\":{output},\"totalTokenCount\":{100 + output}}},\"modelVersion\":\"up\",\"responseId\":\"r1\"}}");
}
