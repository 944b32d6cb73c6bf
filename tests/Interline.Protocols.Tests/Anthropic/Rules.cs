using System.Text.Json;
using System.Text.RegularExpressions;
using Interline.Protocols.Conversation;
using Interline.Protocols.Tests.Schemas;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>What the API refuses, as far as a request's form goes. Each rule is one that it answers with a 400.</summary>
internal static partial class Rules
{
    public static void Hold(ReadOnlyMemory<byte> request)
    {
        SchemaCheck.Request(WireFormat.AnthropicMessages, request.Span).Select(p => p.ToString()).ShouldBeEmpty();
        using JsonDocument document = JsonDocument.Parse(request);
        JsonElement root = document.RootElement;
        root.GetProperty("model").GetString().ShouldNotBeNullOrEmpty();
        long limit = root.GetProperty("max_tokens").GetInt64();
        limit.ShouldBeGreaterThan(0);
        if (root.TryGetProperty("system", out JsonElement system))
        {
            foreach (JsonElement block in system.EnumerateArray())
            {
                block.GetProperty("type").GetString().ShouldBe("text");
                block.GetProperty("text").GetString()!.Trim().ShouldNotBeEmpty();
            }
        }

        Messages(root.GetProperty("messages"));
        Tools(root);
        Sampling(root);
        Thinking(root, limit);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            Known.ShouldContain(property.Name);
        }
    }

    private static readonly string[] Known =
    [
        "model", "messages", "max_tokens", "system", "stream", "temperature", "top_p", "top_k", "stop_sequences", "metadata", "tools", "tool_choice", "thinking",
        "service_tier", "output_config",
    ];

    private static void Messages(JsonElement messages)
    {
        messages.GetArrayLength().ShouldBeGreaterThan(0);
        string? before = null;
        HashSet<string> open = [];
        foreach (JsonElement m in messages.EnumerateArray())
        {
            m.EnumerateObject().Select(p => p.Name).ShouldBe(["role", "content"], ignoreOrder: true);
            string role = m.GetProperty("role").GetString()!;
            role.ShouldBe(before is "user" ? "assistant" : "user");
            before = role;
            List<JsonElement> blocks = [.. m.GetProperty("content").EnumerateArray()];
            blocks.ShouldNotBeEmpty();
            blocks.ForEach(b => Block(b, role));
            List<string> types = [.. blocks.Select(b => b.GetProperty("type").GetString()!)];
            List<string> results = [.. blocks.Where(b => b.GetProperty("type").GetString() is "tool_result").Select(b => b.GetProperty("tool_use_id").GetString()!)];
            results.ShouldAllBe(id => open.Contains(id), "a result without its call in the turn before");
            open.Except(results).ShouldBeEmpty("a call without its result in the turn after");
            types.Skip(results.Count).ShouldNotContain("tool_result");
            open = [.. blocks.Where(b => b.GetProperty("type").GetString() is "tool_use").Select(b => b.GetProperty("id").GetString()!)];
        }

        open.ShouldBeEmpty("a call without its result");
        if (before is "assistant" && messages[messages.GetArrayLength() - 1].GetProperty("content").EnumerateArray().Last().TryGetProperty("text", out JsonElement end))
        {
            end.GetString().ShouldBe(end.GetString()!.TrimEnd());
        }
    }

    private static void Block(JsonElement b, string role)
    {
        string type = b.GetProperty("type").GetString()!;
        (string[] required, string[] allowed) = type switch
        {
            "text" => ((string[])["text"], (string[])["cache_control", "citations"]),
            "image" when role is "user" => (["source"], ["cache_control"]),
            "document" when role is "user" => (["source"], ["title", "context", "citations", "cache_control"]),
            "tool_result" when role is "user" => (["tool_use_id"], ["content", "is_error", "cache_control"]),
            "tool_use" when role is "assistant" => (["id", "name", "input"], ["cache_control"]),
            "thinking" when role is "assistant" => (["thinking", "signature"], []),
            "redacted_thinking" when role is "assistant" => (["data"], []),
            _ => throw new InvalidOperationException($"{type} in a turn of the {role}"),
        };
        List<string> fields = [.. b.EnumerateObject().Select(p => p.Name)];
        required.ShouldBeSubsetOf(fields);
        fields.ShouldBeSubsetOf(["type", .. required, .. allowed]);
        switch (type)
        {
            case "text":
                b.GetProperty("text").GetString()!.Trim().ShouldNotBeEmpty();
                break;
            case "tool_use":
                Id().IsMatch(b.GetProperty("id").GetString()!).ShouldBeTrue();
                b.GetProperty("input").ValueKind.ShouldBe(JsonValueKind.Object);
                break;
            case "tool_result":
                Id().IsMatch(b.GetProperty("tool_use_id").GetString()!).ShouldBeTrue();
                break;
            case "image":
                JsonElement source = b.GetProperty("source");
                (source.GetProperty("type").GetString() is "url" ? source.GetProperty("url").GetString()!.StartsWith("http", StringComparison.Ordinal)
                    : source.GetProperty("media_type").GetString() is "image/jpeg" or "image/png" or "image/gif" or "image/webp").ShouldBeTrue();
                break;
            case "thinking":
                b.GetProperty("signature").GetString().ShouldNotBeNullOrEmpty();
                break;
            default:
                break;
        }
    }

    private static void Tools(JsonElement root)
    {
        List<string> names = [];
        if (root.TryGetProperty("tools", out JsonElement tools))
        {
            foreach (JsonElement tool in tools.EnumerateArray())
            {
                names.Add(tool.GetProperty("name").GetString()!);
                tool.GetProperty("input_schema").GetProperty("type").GetString().ShouldBe("object");
                tool.EnumerateObject().Select(p => p.Name).ShouldBeSubsetOf(["name", "description", "input_schema", "cache_control", "strict"]);
            }
        }

        names.ShouldBeUnique();
        if (root.TryGetProperty("tool_choice", out JsonElement choice))
        {
            names.ShouldNotBeEmpty();
            string type = choice.GetProperty("type").GetString()!;
            type.ShouldBeOneOf("auto", "any", "tool", "none");
            if (type is "tool")
            {
                names.ShouldContain(choice.GetProperty("name").GetString()!);
            }
        }
    }

    private static void Sampling(JsonElement root)
    {
        bool both = root.TryGetProperty("temperature", out JsonElement temperature) & root.TryGetProperty("top_p", out _);
        both.ShouldBeFalse();
        if (temperature.ValueKind == JsonValueKind.Number)
        {
            temperature.GetDouble().ShouldBeInRange(0, 1);
        }

        if (root.TryGetProperty("stop_sequences", out JsonElement stops))
        {
            stops.EnumerateArray().ShouldAllBe(s => s.GetString()!.Trim().Length > 0);
        }
    }

    private static void Thinking(JsonElement root, long limit)
    {
        if (!root.TryGetProperty("thinking", out JsonElement thinking) || thinking.GetProperty("type").GetString() is not "enabled")
        {
            return;
        }

        thinking.GetProperty("budget_tokens").GetInt64().ShouldBeInRange(1024, limit - 1);
        root.TryGetProperty("top_k", out _).ShouldBeFalse();
        if (root.TryGetProperty("temperature", out JsonElement temperature))
        {
            temperature.GetDouble().ShouldBe(1);
        }

        if (root.TryGetProperty("tool_choice", out JsonElement choice))
        {
            choice.GetProperty("type").GetString().ShouldBeOneOf("auto", "none");
        }

        JsonElement last = root.GetProperty("messages").EnumerateArray().LastOrDefault(m => m.GetProperty("role").GetString() is "assistant");
        if (last.ValueKind == JsonValueKind.Object && last.GetProperty("content").EnumerateArray().Any(b => b.GetProperty("type").GetString() is "tool_use"))
        {
            last.GetProperty("content")[0].GetProperty("type").GetString().ShouldBeOneOf("thinking", "redacted_thinking");
        }
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]+$", RegexOptions.None, 100)]
    private static partial Regex Id();
}
