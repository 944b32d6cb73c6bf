using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.Translation;

/// <summary>Something that no format knows, put into a document at each place in turn.</summary>
/// <param name="Document">With the probe in it.</param>
/// <param name="Piece">In which piece.</param>
/// <param name="Path">The object or list it was put into.</param>
internal sealed record Probe(Document Document, int Piece, string Path)
{
    public const string Name = "x_unknown_probe";

    /// <summary>Of pieces of a stream that look alike only this many, and the last, get probes.</summary>
    private const int Alike = 2;

    /// <summary>True if the probe is in the output, named by a loss, or inside of what a loss says was left out or said otherwise.</summary>
    public bool IsTold(Translated t) => t.Written.Contains(Name, StringComparison.Ordinal)
        || t.Losses.Losses.Any(l => l.Field.Contains(Name, StringComparison.Ordinal) || (l.Action is LossAction.Dropped or LossAction.Emulated && Place.Names(Document, Piece, Path).Any(p => Place.Holds(l.Field, p))));

    /// <summary>
    /// True if a later piece of the stream says the same object again: what is cumulative (usage) or repeated (fields of the answer) counts as it was said last,
    /// and folded nothing is left of the earlier one.
    /// </summary>
    public bool IsReplaced => Document.Pieces.Skip(Piece + 1).Any(p => p is not "[DONE]" && Path.Length > 0 && Find(JsonNode.Parse(p), Path) is JsonObject) || IsReplacedInput;

    /// <summary>An input given at a block's start and again in pieces cannot be said twice.</summary>
    private bool IsReplacedInput => Path is "content_block.input" && Document.Pieces[Piece + 1].Contains("input_json_delta", StringComparison.Ordinal);

    /// <summary>An unknown field in each object, those in JSON texts (arguments) included.</summary>
    public static IEnumerable<Probe> Fields(Document d)
    {
        foreach (int i in Probed(d))
        {
            foreach ((byte[] json, string path) in Anthropic.Probe.Everywhere(Encoding.UTF8.GetBytes(d.Pieces[i])))
            {
                if (!Skip(d, path))
                {
                    yield return new Probe(d.With(i, Encoding.UTF8.GetString(json)), i, path);
                }
            }

            foreach ((JsonNode root, string path) in Texts(d.Pieces[i]))
            {
                yield return new Probe(d.With(i, root.ToJsonString()), i, path);
            }
        }
    }

    /// <summary>An unknown part in each list of parts, and an unknown tool in each list of tools.</summary>
    public static IEnumerable<Probe> Blocks(Document d)
    {
        foreach (int i in Probed(d))
        {
            int lists = Lists(JsonNode.Parse(d.Pieces[i])!).Count;
            for (int n = 0; n < lists; n++)
            {
                JsonNode root = JsonNode.Parse(d.Pieces[i])!;
                (JsonArray list, string path) = Lists(root)[n];
                list.Add(Block(d.Format, path));
                yield return new Probe(d.With(i, root.ToJsonString()), i, $"{path}[{list.Count - 1}]{(d.Format == WireFormat.Gemini ? ".xUnknownPart" : "")}");
            }
        }
    }

    private static JsonNode? Find(JsonNode? root, string path)
    {
        JsonNode? found = null;
        Walk(root, (node, at) => found = at == path ? node : found);
        return found;
    }

    /// <summary>The place of each piece that is to be probed.</summary>
    private static IEnumerable<int> Probed(Document d)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < d.Pieces.Count; i++)
        {
            if (d.Pieces[i] is "[DONE]" || d.Pieces[i].Contains("\"error\":{", StringComparison.Ordinal))
            {
                continue;
            }

            string shape = Shape(d.Pieces[i]);
            seen[shape] = seen.GetValueOrDefault(shape) + 1;
            if (seen[shape] <= Alike)
            {
                yield return i;
            }
        }
    }

    private static string Shape(string piece)
    {
        StringBuilder shape = new();
        Utf8JsonReader json = new(Encoding.UTF8.GetBytes(piece));
        while (json.Read())
        {
            shape.Append((char)('a' + (int)json.TokenType));
            if (json.TokenType == JsonTokenType.PropertyName)
            {
                bool type = json.ValueTextEquals("type");
                shape.Append(json.GetString());
                if (type)
                {
                    json.Read();
                    shape.Append(Encoding.UTF8.GetString(json.ValueSpan));
                }
            }
        }

        return shape.ToString();
    }

    /// <summary>Perplexity's message beside the delta says the same once more, and is not read.</summary>
    private static bool Skip(Document d, string path) => d is { Format: WireFormat.OpenAIChat, Kind: DocumentKind.Stream } && path.StartsWith("choices[0].message", StringComparison.Ordinal);

    private static JsonObject Block(WireFormat format, string path) => format switch
    {
        WireFormat.Gemini => new JsonObject { ["xUnknownPart"] = new JsonObject { [Name] = 1 } },
        _ when path is "tools" => new JsonObject { ["type"] = "x_unknown_tool", ["name"] = "x_unknown_tool", [Name] = 1 },
        _ => new JsonObject { ["type"] = "x_unknown_block", [Name] = 1 },
    };

    private static List<(JsonArray List, string Path)> Lists(JsonNode root)
    {
        List<(JsonArray, string)> lists = [];
        Walk(root, (node, path) =>
        {
            string name = path[(path.LastIndexOf('.') + 1)..];
            if (node is JsonArray array && name is "content" or "system" or "parts" or "tools" or "tool_calls" && !path.Contains("input", StringComparison.Ordinal)
                && !path.Contains("logprobs", StringComparison.Ordinal) && !path.Contains("allowed_tools", StringComparison.Ordinal))
            {
                lists.Add(((JsonArray)node, path));
            }
        });
        return lists;
    }

    private static IEnumerable<(JsonNode Root, string Path)> Texts(string piece)
    {
        int count = Find(JsonNode.Parse(piece)!).Count;
        for (int n = 0; n < count; n++)
        {
            JsonNode root = JsonNode.Parse(piece)!;
            (JsonNode value, string path) = Find(root)[n];
            value.ReplaceWith(Encoding.UTF8.GetString(Anthropic.Probe.Everywhere(Encoding.UTF8.GetBytes(value.GetValue<string>())).First().Json));
            yield return (root, path);
        }

        static List<(JsonNode Value, string Path)> Find(JsonNode root)
        {
            List<(JsonNode, string)> texts = [];
            Walk(root, (node, path) =>
            {
                if (path.EndsWith(".arguments", StringComparison.Ordinal) && node is JsonValue value && value.TryGetValue(out string? text) && IsObject(text))
                {
                    texts.Add((node, path));
                }
            });
            return texts;
        }
    }

    private static bool IsObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Shows each value with its path.</summary>
    public static void Walk(JsonNode? node, Action<JsonNode?, string> see, string path = "")
    {
        see(node, path);
        if (node is JsonObject fields)
        {
            foreach ((string name, JsonNode? value) in fields.ToList())
            {
                Walk(value, see, path.Length == 0 ? name : $"{path}.{name}");
            }
        }
        else if (node is JsonArray items)
        {
            for (int i = 0; i < items.Count; i++)
            {
                Walk(items[i], see, $"{path}[{i}]");
            }
        }
    }
}
