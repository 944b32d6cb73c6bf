using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.Anthropic;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Gemini;
using Interline.Protocols.OpenAIChat;
using Interline.Testing;

namespace Interline.Tests.Translation;

/// <summary>
/// One wire format as callers and providers speak it: a question, its answer plain and streamed, an error, and how an answer is read, by hand and not by the rooms.
/// All answers say the same: <see cref="Text"/>, finished, 100 tokens in and 10 out.
/// </summary>
internal sealed record Tongue(string Wire, Lane Plain, Lane Streamed, string BasePath, string KeyHeader)
{
    public const string Text = "héllo 😀";
    public const string Overloaded = "Overloaded just now.";

    public static readonly Tongue OpenAI = new("openai", ChatLane.Instance, ChatLane.Instance, "/v1", "Authorization")
    {
        Ask = Tests.Wire.Plain,
        AskStreamed = Tests.Wire.StreamedWithUsage,
        Answer = Tests.Wire.Answer,
        Events = [Tests.Wire.First, Tests.Wire.Second, Tests.Wire.Finish, Tests.Wire.Usage, Tests.Wire.Done],
        ErrorBody = $$"""{"error":{"message":"{{Overloaded}}","type":"server_error","param":null,"code":null} }""",
        ErrorEvent = $$"""data: {"error":{"message":"{{Overloaded}}","code":529} }""" + "\n\n",
        Malformed = "data: {\"choices\":[{\"ind\n\n",
    };

    public static readonly Tongue Anthropic = new("anthropic", MessagesLane.Instance, MessagesLane.Instance, "", "x-api-key")
    {
        Ask = """{"model":"gpt", "max_tokens":64,"messages":[{"role":"user","content":"hi é 😀"}],"unknown_field":{"b":1, "a":[1.50,2]} }""",
        AskStreamed = """{"model":"gpt","stream":true,"max_tokens":64,"messages":[{"role":"user","content":"hi"}]}""",
        Answer = """{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"héllo 😀"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":100,"output_tokens":10},"x_native":{"k": 1.0} }""",
        Events =
        [
            "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}}\n\n"
            + "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n"
            + "event: ping\ndata: {\"type\": \"ping\"}\n\n"
            + "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hé\"}  }\n\n",
            "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"llo 😀\"}}\n\n",
            "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
            "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":10}}\n\n",
            "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        ],
        ErrorBody = $$"""{"type":"error","error":{"type":"api_error","message":"{{Overloaded}}"},"request_id":"req_1"}""",
        ErrorEvent = $$"""event: error{{'\n'}}data: {"type":"error","error":{"type":"overloaded_error","message":"{{Overloaded}}"} }""" + "\n\n",
        Malformed = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"ind\n\n",
    };

    public static readonly Tongue Gemini = new("gemini", GenerateLane.Plain, GenerateLane.Stream, "/v1beta", "x-goog-api-key")
    {
        Ask = """{"contents":[{"role":"user","parts":[{"text":"hi é 😀"}]}], "unknownField":{"b":1, "a":[1.50,2]} }""",
        AskStreamed = """{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""",
        Answer = """{"candidates":[{"content":{"parts":[{"text":"héllo 😀"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":100,"candidatesTokenCount":10,"totalTokenCount":110},"modelVersion":"gem","responseId":"r1", "xNative":{"k": 1.0} }""",
        Events =
        [
            "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"hé\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 100,\"totalTokenCount\": 100},\"modelVersion\": \"gem\",\"responseId\": \"r1\"}\r\n\r\n",
            "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"llo 😀\"}],\"role\": \"model\"},\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 100,\"candidatesTokenCount\": 6,\"totalTokenCount\": 106},\"modelVersion\": \"gem\",\"responseId\": \"r1\"}\r\n\r\n",
            "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 100,\"candidatesTokenCount\": 10,\"totalTokenCount\": 110},\"modelVersion\": \"gem\",\"responseId\": \"r1\"}\r\n\r\n",
        ],
        ErrorBody = $$"""{"error":{"code":500,"message":"{{Overloaded}}","status":"INTERNAL"} }""",
        ErrorEvent = $$"""data: {"error": {"code": 503,"message": "{{Overloaded}}","status": "UNAVAILABLE"} }""" + "\r\n\r\n",
        Malformed = "data: {\"candidates\": [{\"cont\r\n\r\n",
    };

    /// <summary>All of them by name.</summary>
    public static readonly IReadOnlyDictionary<string, Tongue> All = new[] { OpenAI, Anthropic, Gemini }.ToDictionary(x => x.Wire, StringComparer.Ordinal);

    public required string Ask { get; init; }

    public required string AskStreamed { get; init; }

    public required string Answer { get; init; }

    /// <summary>A whole stream; the first piece holds half of the text, the second the other.</summary>
    public required ImmutableArray<string> Events { get; init; }

    public string Stream => string.Concat(Events);

    /// <summary>An error answer with status 500.</summary>
    public required string ErrorBody { get; init; }

    public required string ErrorEvent { get; init; }

    /// <summary>An event that is cut and yet framed as a whole one.</summary>
    public required string Malformed { get; init; }

    /// <summary>Every caller with every provider of another format.</summary>
    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string caller in All.Keys)
            {
                foreach (string provider in All.Keys.Where(x => x != caller))
                {
                    pairs.Add(caller, provider);
                }
            }

            return pairs;
        }
    }

    /// <summary>Makes a deployment one of a provider of this format.</summary>
    public Func<Deployment, Deployment> Serve(FakeProvider provider, Func<Deployment, Deployment>? change = null) => deployment =>
    {
        deployment = deployment with
        {
            BaseUrl = new Uri($"http://127.0.0.1:{provider.Port}{BasePath}"),
            Provider = deployment.Provider with { Wire = Wire, KeyHeader = KeyHeader },
        };
        return change?.Invoke(deployment) ?? deployment;
    };

    /// <summary>What a plain answer of this format says.</summary>
    public Told ReadPlain(string body)
    {
        using JsonDocument json = JsonDocument.Parse(body);
        var told = new Telling();
        told.Take(this, "", json.RootElement);
        return told.End(ended: true);
    }

    /// <summary>What a stream of this format says.</summary>
    public Told ReadStream(string stream)
    {
        var told = new Telling();
        bool done = false;
        foreach (string block in stream.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            string[] lines = block.Split('\n');
            string name = lines.FirstOrDefault(x => x.StartsWith("event: ", StringComparison.Ordinal))?[7..] ?? "";
            string? data = lines.FirstOrDefault(x => x.StartsWith("data: ", StringComparison.Ordinal))?[6..];
            done |= data == "[DONE]" || name == "message_stop";
            if (data is not null && data != "[DONE]")
            {
                using JsonDocument json = JsonDocument.Parse(data);
                told.Take(this, name, json.RootElement);
            }
        }

        return told.End(Wire == "gemini" ? told.Finish is not null : done);
    }

    /// <summary>What an array of Gemini's says, which must be a whole one.</summary>
    public static Told ReadArray(string array)
    {
        using JsonDocument json = JsonDocument.Parse(array);
        var told = new Telling();
        foreach (JsonElement element in json.RootElement.EnumerateArray())
        {
            told.Take(Gemini, "", element);
        }

        return told.End(told.Finish is not null);
    }

    public override string ToString() => Wire;

    private sealed class Telling
    {
        private readonly StringBuilder _text = new();
        private string? _error;
        private long _output;

        public string? Finish { get; private set; }

        public void Take(Tongue tongue, string name, JsonElement json)
        {
            if (json.TryGetProperty("error", out JsonElement error))
            {
                if (tongue.Wire == "anthropic" && name.Length > 0)
                {
                    (name, json.GetProperty("type").GetString()).ShouldBe(("error", "error"));
                }

                error.ValueKind.ShouldBe(JsonValueKind.Object);
                _error = error.GetProperty("message").GetString();
                return;
            }

            switch (tongue.Wire)
            {
                case "openai":
                    Chat(json);
                    break;
                case "anthropic":
                    Message(name, json);
                    break;
                default:
                    Piece(json);
                    break;
            }
        }

        public Told End(bool ended) => new(_text.ToString(), Finish, _output, _error, ended && _error is null);

        private void Chat(JsonElement json)
        {
            foreach (JsonElement choice in json.GetProperty("choices").EnumerateArray())
            {
                JsonElement message = choice.TryGetProperty("delta", out JsonElement delta) ? delta : choice.GetProperty("message");
                _text.Append(message.TryGetProperty("content", out JsonElement content) ? content.GetString() : null);
                Finish = choice.TryGetProperty("finish_reason", out JsonElement finish) ? finish.GetString() ?? Finish : Finish;
            }

            _output = json.TryGetProperty("usage", out JsonElement usage) && usage.ValueKind == JsonValueKind.Object ? usage.GetProperty("completion_tokens").GetInt64() : _output;
        }

        private void Message(string name, JsonElement json)
        {
            if (name.Length > 0)
            {
                json.GetProperty("type").GetString().ShouldBe(name);
            }

            if (json.TryGetProperty("delta", out JsonElement delta))
            {
                _text.Append(delta.TryGetProperty("text", out JsonElement text) ? text.GetString() : null);
                Finish = delta.TryGetProperty("stop_reason", out JsonElement reason) ? reason.GetString() : Finish;
            }
            else if (json.TryGetProperty("content", out JsonElement content))
            {
                foreach (JsonElement block in content.EnumerateArray())
                {
                    _text.Append(block.TryGetProperty("text", out JsonElement text) ? text.GetString() : null);
                }

                Finish = json.GetProperty("stop_reason").GetString();
            }

            _output = json.TryGetProperty("usage", out JsonElement usage) ? usage.GetProperty("output_tokens").GetInt64() : _output;
        }

        private void Piece(JsonElement json)
        {
            foreach (JsonElement candidate in json.TryGetProperty("candidates", out JsonElement candidates) ? candidates.EnumerateArray() : default)
            {
                foreach (JsonElement part in candidate.TryGetProperty("content", out JsonElement content) && content.TryGetProperty("parts", out JsonElement parts) ? parts.EnumerateArray() : default)
                {
                    _text.Append(part.TryGetProperty("text", out JsonElement text) ? text.GetString() : null);
                }

                Finish = candidate.TryGetProperty("finishReason", out JsonElement finish) ? finish.GetString() : Finish;
            }

            _output = json.TryGetProperty("usageMetadata", out JsonElement usage) && usage.TryGetProperty("candidatesTokenCount", out JsonElement tokens) ? tokens.GetInt64() : _output;
        }
    }
}

/// <summary>What an answer said.</summary>
/// <param name="Text">All text.</param>
/// <param name="Finish">The finish reason in the format's word.</param>
/// <param name="Output">Output tokens.</param>
/// <param name="Error">An error's message.</param>
/// <param name="Ended">Whether it ended as a whole answer does.</param>
internal sealed record Told(string Text, string? Finish, long Output, string? Error, bool Ended)
{
    /// <summary>A whole answer with the text of <see cref="Tongue"/>.</summary>
    public void ShouldBeWhole()
    {
        Error.ShouldBeNull();
        Text.ShouldBe(Tongue.Text);
        Finish.ShouldBeOneOf("stop", "end_turn", "STOP");
        Output.ShouldBe(10);
        Ended.ShouldBeTrue();
    }

    /// <summary>An answer that broke off after its first half, with an error and no clean end.</summary>
    public string ShouldBeBroken()
    {
        Text.ShouldBe("hé");
        Finish.ShouldBeNull();
        Ended.ShouldBeFalse();
        return Error.ShouldNotBeNull();
    }
}
