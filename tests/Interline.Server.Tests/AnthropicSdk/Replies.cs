using System.Text.Json;
using Reply = Interline.Testing.FakeAnswer;

namespace Interline.Server.Tests.AnthropicSdk;

/// <summary>What a model says, in each provider's wire format, plain and streamed. Usage is always 12 tokens in and 5 out.</summary>
internal static class Replies
{
    public const string Text = "Hello there";
    public const string Thought = "Let me think.";
    public const string Signature = "c2lnbmVkLWJ5LWl0cy1tYWtlcg==";

    public static Reply Say(string wire, bool streamed, string? thought = null, bool cut = false)
    {
        List<JsonLike> parts = [];
        if (thought is not null)
        {
            parts.Add(new("thinking", thought, ""));
        }

        parts.Add(new("text", Text, ""));
        return Of(wire, streamed, parts, cut ? "length" : "stop");
    }

    public static Reply Say(string wire, string text) => Of(wire, streamed: false, [new("text", text, "")], "stop");

    public static Reply Call(string wire, bool streamed, params string[] cities) =>
        Of(wire, streamed, [.. cities.Select(city => new JsonLike("tool", city, ""))], "tools");

    /// <summary>A thought with its proof before a call.</summary>
    public static Reply ThinkAndCall(string wire, bool streamed) =>
        Of(wire, streamed, [new("thinking", Thought, Signature), new("tool", "Paris", "")], "tools");

    public static Reply Error(string wire, int status, string message) => Reply.Json(ErrorBody(wire, status, message), status);

    /// <summary>A stream that begins well and ends as <paramref name="end"/> says.</summary>
    public static Reply Half(string wire, string end)
    {
        Reply begun = Reply.StreamHead().Events(Begun(wire));
        return end switch
        {
            "hang" => begun.Hang(),
            "cut" => begun.Close(),
            _ => begun.Events(wire switch
            {
                "anthropic" => "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Busy now.\"}}\n\n",
                "openai" => "data: {\"error\":{\"message\":\"Busy now.\",\"type\":\"server_error\",\"code\":503}}\n\n",
                _ => "data: {\"error\":{\"code\":503,\"message\":\"Busy now.\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n",
            }).End(),
        };
    }

    private static string Begun(string wire) => wire switch
    {
        "anthropic" => AnthropicStart + AnthropicEvent("content_block_start", "\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}")
            + AnthropicEvent("content_block_delta", "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}"),
        "openai" => Chunk("{\"role\":\"assistant\",\"content\":\"Hello\"}", null),
        _ => Piece("{\"text\":\"Hello\"}", null),
    };

    private static string ErrorBody(string wire, int status, string message) => wire switch
    {
        "anthropic" => $$"""{"type":"error","error":{"type":"{{(status == 429 ? "rate_limit_error" : "api_error")}}","message":"{{message}}"},"request_id":"req_up"}""",
        "openai" => $$"""{"error":{"message":"{{message}}","type":"server_error","param":null,"code":null} }""",
        _ => $$"""{"error":{"code":{{status}},"message":"{{message}}","status":"{{(status == 429 ? "RESOURCE_EXHAUSTED" : "INTERNAL")}}"} }""",
    };

    private static Reply Of(string wire, bool streamed, List<JsonLike> parts, string finish) => wire switch
    {
        "anthropic" => Anthropic(streamed, parts, finish),
        "openai" => OpenAI(streamed, parts, finish),
        _ => Gemini(streamed, parts, finish),
    };

    private const string AnthropicStart =
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_up\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"output_tokens\":1}}}\n\n";

    private static Reply Anthropic(bool streamed, List<JsonLike> parts, string finish)
    {
        string reason = finish switch { "length" => "max_tokens", "tools" => "tool_use", _ => "end_turn" };
        if (!streamed)
        {
            string content = string.Join(',', parts.Select((x, i) => x.Kind switch
            {
                "thinking" => $$"""{"type":"thinking","thinking":{{Quote(x.Text)}},"signature":"{{x.Signature}}"}""",
                "tool" => $$"""{"type":"tool_use","id":"toolu_{{i}}","name":"get_weather","input":{"city":"{{x.Text}}"} }""",
                _ => $$"""{"type":"text","text":{{Quote(x.Text)}} }""",
            }));
            return Reply.Json($$"""{"id":"msg_up","type":"message","role":"assistant","model":"claude-sonnet-4-5","content":[{{content}}],"stop_reason":"{{reason}}","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":5} }""");
        }

        string events = AnthropicStart;
        for (int i = 0; i < parts.Count; i++)
        {
            JsonLike part = parts[i];
            events += AnthropicEvent("content_block_start", $"\"index\":{i},\"content_block\":" + part.Kind switch
            {
                "thinking" => "{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}",
                "tool" => $"{{\"type\":\"tool_use\",\"id\":\"toolu_{i}\",\"name\":\"get_weather\",\"input\":{{}}}}",
                _ => "{\"type\":\"text\",\"text\":\"\"}",
            });
            foreach (string piece in part.Pieces)
            {
                events += AnthropicEvent("content_block_delta", $"\"index\":{i},\"delta\":" + part.Kind switch
                {
                    "thinking" => $"{{\"type\":\"thinking_delta\",\"thinking\":{Quote(piece)}}}",
                    "tool" => $"{{\"type\":\"input_json_delta\",\"partial_json\":{Quote(piece)}}}",
                    _ => $"{{\"type\":\"text_delta\",\"text\":{Quote(piece)}}}",
                });
            }

            events += part.Signature.Length > 0 ? AnthropicEvent("content_block_delta", $"\"index\":{i},\"delta\":{{\"type\":\"signature_delta\",\"signature\":\"{part.Signature}\"}}") : "";
            events += AnthropicEvent("content_block_stop", $"\"index\":{i}");
        }

        return Reply.Stream(events + AnthropicEvent("message_delta", $"\"delta\":{{\"stop_reason\":\"{reason}\",\"stop_sequence\":null}},\"usage\":{{\"output_tokens\":5}}") + AnthropicEvent("message_stop", ""), 50, 7);
    }

    private static string AnthropicEvent(string name, string fields) => $"event: {name}\ndata: {{\"type\":\"{name}\"{(fields.Length > 0 ? "," : "")}{fields}}}\n\n";

    private static Reply OpenAI(bool streamed, List<JsonLike> parts, string finish)
    {
        string reason = finish switch { "length" => "length", "tools" => "tool_calls", _ => "stop" };
        JsonLike[] tools = [.. parts.Where(x => x.Kind == "tool")];
        string? text = parts.Find(x => x.Kind == "text")?.Text;
        string? thought = parts.Find(x => x.Kind == "thinking")?.Text;
        const string Usage = "{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17}";
        if (!streamed)
        {
            string calls = string.Join(',', tools.Select((x, i) => $$"""{"id":"call_{{i}}","type":"function","function":{"name":"get_weather","arguments":{{Quote(x.Arguments)}} } }"""));
            string message = $"\"role\":\"assistant\",\"content\":{(text is null ? "null" : Quote(text))}" + (calls.Length > 0 ? $",\"tool_calls\":[{calls}]" : "") + (thought is null ? "" : $",\"reasoning_content\":{Quote(thought)}");
            return Reply.Json($"{{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1767225600,\"model\":\"up\",\"choices\":[{{\"index\":0,\"message\":{{{message}}},\"finish_reason\":\"{reason}\"}}],\"usage\":{Usage}}}");
        }

        string events = Chunk("{\"role\":\"assistant\",\"content\":null}", null);
        foreach (string piece in parts.Where(x => x.Kind == "thinking").SelectMany(x => x.Pieces))
        {
            events += Chunk($"{{\"reasoning_content\":{Quote(piece)}}}", null);
        }

        foreach (string piece in parts.Where(x => x.Kind == "text").SelectMany(x => x.Pieces))
        {
            events += Chunk($"{{\"content\":{Quote(piece)}}}", null);
        }

        for (int i = 0; i < tools.Length; i++)
        {
            events += Chunk($"{{\"tool_calls\":[{{\"index\":{i},\"id\":\"call_{i}\",\"type\":\"function\",\"function\":{{\"name\":\"get_weather\",\"arguments\":\"\"}}}}]}}", null);
            foreach (string piece in tools[i].Pieces)
            {
                events += Chunk($"{{\"tool_calls\":[{{\"index\":{i},\"function\":{{\"arguments\":{Quote(piece)}}}}}]}}", null);
            }
        }

        events += Chunk("{}", reason) + $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"up\",\"choices\":[],\"usage\":{Usage}}}\n\ndata: [DONE]\n\n";
        return Reply.Stream(events, 50, 7);
    }

    private static string Chunk(string delta, string? finish) =>
        $"data: {{\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"up\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{(finish is null ? "null" : $"\"{finish}\"")}}}]}}\n\n";

    private static Reply Gemini(bool streamed, List<JsonLike> parts, string finish)
    {
        string reason = finish == "length" ? "MAX_TOKENS" : "STOP";
        bool signed = parts.Exists(x => x.Signature.Length > 0);
        string[] written =
        [
            .. parts.SelectMany(x => x.Kind switch
            {
                "thinking" => (streamed ? x.Pieces : [x.Text]).Select(piece => $"{{\"text\":{Quote(piece)},\"thought\":true}}"),
                "tool" => [$"{{\"functionCall\":{{\"name\":\"get_weather\",\"args\":{x.Arguments}}}{(signed ? $",\"thoughtSignature\":\"{Signature}\"" : "")}}}"],
                _ => (streamed ? x.Pieces : [x.Text]).Select(piece => $"{{\"text\":{Quote(piece)}}}"),
            }),
        ];
        return streamed
            ? Reply.Stream(string.Concat(written.Select((x, i) => Piece(x, i == written.Length - 1 ? reason : null))), 50, 7)
            : Reply.Json(Candidate(string.Join(',', written), reason));
    }

    private static string Piece(string part, string? finish) => "data: " + Candidate(part, finish) + "\r\n\r\n";

    private static string Candidate(string parts, string? finish) =>
        $"{{\"candidates\":[{{\"content\":{{\"parts\":[{parts}],\"role\":\"model\"}}{(finish is null ? "" : $",\"finishReason\":\"{finish}\"")},\"index\":0}}],\"usageMetadata\":{{\"promptTokenCount\":12,\"candidatesTokenCount\":5,\"totalTokenCount\":17}},\"modelVersion\":\"gem\",\"responseId\":\"r1\"}}";

    private static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>A part of an answer: <c>text</c>, <c>thinking</c>, or <c>tool</c> with a city.</summary>
    private sealed record JsonLike(string Kind, string Text, string Signature)
    {
        public string Arguments => $"{{\"city\":\"{Text}\"}}";

        /// <summary>The text, or a tool's arguments, in two pieces.</summary>
        public string[] Pieces => (Kind == "tool" ? Arguments : Text) is var whole ? [whole[..4], whole[4..]] : [];
    }
}
