using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Tests.OpenAIChat;

/// <summary>Unknown fields, put into every object of a document, each with a number of its own; and the search for them in the model.</summary>
internal static class Probes
{
    public const string Name = "x_unknown_probe";

    /// <summary>The document with a probe in each object, but for the skipped places.</summary>
    /// <param name="json">The document.</param>
    /// <param name="next">The number of the next probe.</param>
    /// <param name="skip">Paths without indexes (<c>.choices[].message</c>) whose values get none.</param>
    public static byte[] Into(ReadOnlySpan<byte> json, ref int next, params string[] skip)
    {
        JsonNode root = JsonNode.Parse(json)!;
        Put(root, "", ref next, skip);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    /// <summary>The paths, without indexes, at which a document holds probes.</summary>
    public static SortedSet<string> Places(string json)
    {
        SortedSet<string> places = new(StringComparer.Ordinal);
        Walk(JsonNode.Parse(json), "", places);
        return places;
    }

    /// <summary>
    /// The numbers of all probes that a writer of another format can see as lost, or carries on as raw JSON: native fields that are not understood, unread
    /// paths of those that are, and values the model keeps as JSON.
    /// </summary>
    public static HashSet<int> Delivered(object model)
    {
        HashSet<int> found = [];
        Visit(model, found);
        return found;
    }

    private static void Put(JsonNode? node, string path, ref int next, string[] skip)
    {
        if (skip.Contains(path, StringComparer.Ordinal))
        {
            return;
        }

        switch (node)
        {
            case JsonObject o:
                foreach (KeyValuePair<string, JsonNode?> field in o.ToList())
                {
                    Put(field.Value, $"{path}.{field.Key}", ref next, skip);
                }

                o[Name] = next++;
                break;
            case JsonArray a:
                foreach (JsonNode? element in a)
                {
                    Put(element, path + "[]", ref next, skip);
                }

                break;
            default:
                break;
        }
    }

    private static void Walk(JsonNode? node, string path, SortedSet<string> places)
    {
        switch (node)
        {
            case JsonObject o:
                foreach (KeyValuePair<string, JsonNode?> field in o)
                {
                    if (field.Key is Name)
                    {
                        places.Add(path);
                    }

                    Walk(field.Value, $"{path}.{field.Key}", places);
                }

                break;
            case JsonArray a:
                foreach (JsonNode? element in a)
                {
                    Walk(element, path + "[]", places);
                }

                break;
            default:
                break;
        }
    }

    private static void Visit(object? value, HashSet<int> found)
    {
        switch (value)
        {
            case null or string or ReadOnlyMemory<byte>:
                break;
            case RawJson raw:
                Numbers(raw.ToString(), found);
                break;
            case NativeField { Understood: true } field:
                field.Unread.ToList().ForEach(path => At(field.Value, path, found));
                break;
            case NativeField { Name: Name } probe:
                found.Add(int.Parse(probe.Value.ToString(), CultureInfo.InvariantCulture));
                break;
            case NativeField field:
                Numbers(field.Value.ToString(), found);
                break;
            case NativeUsage usage:
                usage.Unread.ToList().ForEach(path => At(usage.Json, path, found));
                break;
            case Citation citation:
                citation.Unread.ToList().ForEach(path => At(citation.Json, path, found));
                break;
            case IEnumerable list:
                foreach (object? element in list)
                {
                    Visit(element, found);
                }

                break;
            default:
                if (value.GetType().Namespace == typeof(RawJson).Namespace && !value.GetType().IsEnum)
                {
                    foreach (PropertyInfo property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                    {
                        Visit(property.GetValue(value), found);
                    }
                }

                break;
        }
    }

    /// <summary>Takes the probes at a path such as <c>a.b</c> or <c>[0].b</c>.</summary>
    private static void At(RawJson json, string path, HashSet<int> found)
    {
        JsonNode? node = JsonNode.Parse(json.Utf8);
        foreach (string step in path.Replace("]", "", StringComparison.Ordinal).Split(['.', '['], StringSplitOptions.RemoveEmptyEntries))
        {
            node = node is JsonArray array ? array[int.Parse(step, CultureInfo.InvariantCulture)] : node![step];
        }

        Numbers((node is JsonValue && path.EndsWith(Name, StringComparison.Ordinal) ? $$"""{"{{Name}}":{{node.ToJsonString()}}}""" : node!.ToJsonString()), found);
    }

    private static void Numbers(string json, HashSet<int> found)
    {
        Utf8JsonReader reader = new(Encoding.UTF8.GetBytes(json));
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(Name))
            {
                reader.Read();
                found.Add(reader.GetInt32());
            }
        }
    }
}
