using System.Text.Json;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>What the chunks of a stream say about its first choice, read apart from the product's code, by a document tree.</summary>
public sealed record ChunkSum(string Text, string Reasoning, string? Finish, long? Total, List<(string Name, string Arguments)> Calls)
{
    public static ChunkSum Of(IEnumerable<string> events)
    {
        ChunkSum sum = new("", "", null, null, []);
        Dictionary<string, int> calls = [];
        foreach (string data in events.Where(d => d is not "[DONE]"))
        {
            using JsonDocument chunk = JsonDocument.Parse(data);
            JsonElement usage = Get(chunk.RootElement, "usage");
            usage = usage.ValueKind == JsonValueKind.Object ? usage : Get(Get(chunk.RootElement, "x_groq"), "usage");
            if (usage.ValueKind == JsonValueKind.Object)
            {
                sum = sum with { Total = usage.GetProperty("total_tokens").GetInt64() };
            }

            JsonElement choices = Get(chunk.RootElement, "choices");
            JsonElement first = choices.ValueKind == JsonValueKind.Array ? choices.EnumerateArray().FirstOrDefault(c => c.GetProperty("index").GetInt32() == 0) : default;
            if (first.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            JsonElement delta = Get(first, "delta");
            sum = Content(sum, Get(delta, "content")) with { Finish = Str(Get(first, "finish_reason")) is { Length: > 0 } finish ? finish : sum.Finish };
            string? plain = Str(Get(delta, "reasoning_content")) ?? Str(Get(delta, "reasoning"));
            JsonElement details = Get(delta, "reasoning_details");
            plain ??= details.ValueKind == JsonValueKind.Array ? string.Concat(details.EnumerateArray().Select(d => Str(Get(d, "text")) ?? Str(Get(d, "summary")))) : "";
            sum = sum with { Reasoning = sum.Reasoning + plain };
            JsonElement list = Get(delta, "tool_calls");
            foreach (JsonElement call in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().ToList() : [])
            {
                string key = Get(call, "index").GetRawText();
                if (!calls.TryGetValue(key, out int at))
                {
                    calls[key] = at = sum.Calls.Count;
                    sum.Calls.Add(("", ""));
                }

                JsonElement function = Get(call, "function");
                sum.Calls[at] = (sum.Calls[at].Name + Str(Get(function, "name")), sum.Calls[at].Arguments + Str(Get(function, "arguments")));
            }
        }

        return sum;
    }

    private static ChunkSum Content(ChunkSum sum, JsonElement content)
    {
        if (content.ValueKind != JsonValueKind.Array)
        {
            return sum with { Text = sum.Text + Str(content) };
        }

        foreach (JsonElement part in content.EnumerateArray())
        {
            JsonElement thinking = Get(part, "thinking");
            sum = sum with
            {
                Text = sum.Text + Str(Get(part, "text")),
                Reasoning = sum.Reasoning + (thinking.ValueKind == JsonValueKind.Array ? string.Concat(thinking.EnumerateArray().Select(t => Str(Get(t, "text")))) : ""),
            };
        }

        return sum;
    }

    private static JsonElement Get(JsonElement e, string name) => e.ValueKind == JsonValueKind.Object && e.TryGetProperty(name, out JsonElement value) ? value : default;

    private static string? Str(JsonElement e) => e.ValueKind == JsonValueKind.String ? e.GetString() : null;
}
