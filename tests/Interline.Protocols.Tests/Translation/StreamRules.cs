using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>What clients of a format count on in a stream that went well.</summary>
internal static class StreamRules
{
    public static void Hold(string written, WireFormat format)
    {
        List<string> data = [.. Translated.Frames(written, format).Pieces];
        switch (format)
        {
            case WireFormat.OpenAIChat:
                data[^1].ShouldBe("[DONE]");
                Chat([.. data.SkipLast(1).Select(Parsed)]);
                break;
            case WireFormat.AnthropicMessages:
                Messages([.. data.Select(Parsed)]);
                break;
            default:
                Gemini([.. data.Select(Parsed)]);
                break;
        }
    }

    private static JsonElement Parsed(string data)
    {
        using JsonDocument document = JsonDocument.Parse(data);
        return document.RootElement.Clone();
    }

    private static void Chat(List<JsonElement> chunks)
    {
        HashSet<int> begun = [], finished = [];
        HashSet<(int, int)> calls = [];
        foreach (JsonElement chunk in chunks)
        {
            Filled(chunk, "id");
            Filled(chunk, "model");
            chunk.GetProperty("object").GetString().ShouldBe("chat.completion.chunk");
            chunk.GetProperty("created").GetInt64().ShouldBeGreaterThan(0);
            chunk.GetProperty("id").GetString().ShouldBe(chunks[0].GetProperty("id").GetString());
            foreach (JsonElement choice in chunk.GetProperty("choices").EnumerateArray())
            {
                int index = choice.GetProperty("index").GetInt32();
                JsonElement delta = choice.GetProperty("delta");
                delta.TryGetProperty("role", out _).ShouldBe(begun.Add(index));
                bool says = delta.EnumerateObject().Any(p => p.Name is not "role" && p.Value.ValueKind != JsonValueKind.Null);
                (says && finished.Contains(index)).ShouldBeFalse("words after the finish");
                foreach (JsonElement call in delta.TryGetProperty("tool_calls", out JsonElement all) ? all.EnumerateArray() : default)
                {
                    if (calls.Add((index, call.GetProperty("index").GetInt32())))
                    {
                        Filled(call, "id");
                        Filled(call, "type");
                    }
                }

                if (choice.GetProperty("finish_reason").GetString() is { } word)
                {
                    word.ShouldBeOneOf("stop", "length", "tool_calls", "content_filter");
                    finished.Add(index).ShouldBeTrue("a choice finishes once");
                }
            }
        }

        begun.ShouldNotBeEmpty();
        finished.ShouldBe(begun, ignoreOrder: true);
        chunks.FindIndex(c => c.GetProperty("usage").ValueKind == JsonValueKind.Object).ShouldBeOneOf(-1, chunks.Count - 1);
    }

    private static void Messages(List<JsonElement> events)
    {
        List<string> types = [.. events.Select(e => e.GetProperty("type").GetString()!).Where(t => t is not "ping")];
        (types[0], types[^2], types[^1]).ShouldBe(("message_start", "message_delta", "message_stop"));
        JsonElement message = events[0].GetProperty("message");
        Filled(message, "id");
        Filled(message, "model");
        (message.GetProperty("type").GetString(), message.GetProperty("role").GetString(), message.GetProperty("content").GetArrayLength()).ShouldBe(("message", "assistant", 0));
        message.GetProperty("usage").GetProperty("input_tokens").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
        int open = -1, next = 0;
        string block = "";
        foreach (JsonElement e in events.Skip(1).SkipLast(2))
        {
            string type = e.GetProperty("type").GetString()!;
            if (!type.StartsWith("content_block_", StringComparison.Ordinal))
            {
                continue;
            }

            int index = e.GetProperty("index").GetInt32();
            if (type is "content_block_start")
            {
                (open, index).ShouldBe((-1, next));
                (open, block) = (next++, e.GetProperty("content_block").GetProperty("type").GetString()!);
                continue;
            }

            index.ShouldBe(open);
            open = type is "content_block_stop" ? -1 : open;
            string delta = type is "content_block_delta" ? e.GetProperty("delta").GetProperty("type").GetString()! : "";
            (delta switch
            {
                "text_delta" or "citations_delta" => block is "text",
                "thinking_delta" or "signature_delta" => block is "thinking",
                "input_json_delta" => block is "tool_use" or "server_tool_use",
                _ => delta.Length == 0,
            }).ShouldBeTrue($"{delta} in {block}");
        }

        open.ShouldBe(-1);
        JsonElement end = events.Single(e => e.GetProperty("type").GetString() is "message_delta");
        end.GetProperty("delta").GetProperty("stop_reason").GetString().ShouldBeOneOf("end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "refusal");
        end.GetProperty("usage").GetProperty("output_tokens").GetInt64().ShouldBeGreaterThanOrEqualTo(0);
    }

    private static void Gemini(List<JsonElement> pieces)
    {
        Dictionary<int, string?> candidates = [];
        foreach (JsonElement piece in pieces)
        {
            Filled(piece, "responseId");
            Filled(piece, "modelVersion");
            foreach (JsonElement candidate in piece.GetProperty("candidates").EnumerateArray())
            {
                int index = candidate.TryGetProperty("index", out JsonElement i) ? i.GetInt32() : 0;
                candidates.GetValueOrDefault(index).ShouldBeNull("parts after the finish");
                candidates[index] = candidate.TryGetProperty("finishReason", out JsonElement word) ? word.GetString() : null;
                candidate.GetProperty("content").GetProperty("role").GetString().ShouldBe("model");
                candidate.GetProperty("content").GetProperty("parts").GetArrayLength().ShouldBeGreaterThan(0);
            }
        }

        candidates.ShouldNotBeEmpty();
        candidates.Values.ShouldAllBe(word => word == "STOP" || word == "MAX_TOKENS" || word == "SAFETY" || word == "OTHER" || word == "RECITATION");
        pieces.FindIndex(p => p.TryGetProperty("usageMetadata", out _)).ShouldBeOneOf(-1, pieces.Count - 1);
    }

    private static void Filled(JsonElement o, string name) => o.GetProperty(name).GetString().ShouldNotBeNullOrEmpty(name);
}
