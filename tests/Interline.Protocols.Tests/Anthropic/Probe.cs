using System.Text;
using System.Text.Json;

namespace Interline.Protocols.Tests.Anthropic;

/// <summary>A field that no format has, put into each object of a document in turn.</summary>
internal static class Probe
{
    public const string Name = "x_unknown_probe";

    /// <summary>The document with the field in each of its objects, and the path of that object (<c>messages[0].content[1]</c>).</summary>
    public static IEnumerable<(byte[] Json, string Path)> Everywhere(byte[] json)
    {
        foreach ((int at, string path, bool empty) in Objects(json))
        {
            yield return ([.. json[..at], .. Encoding.UTF8.GetBytes($"\"{Name}\":1{(empty ? "" : ",")}"), .. json[at..]], path);
        }
    }

    private static List<(int At, string Path, bool Empty)> Objects(byte[] json)
    {
        List<(int, string, bool)> objects = [];
        Stack<(string Path, int Index)> path = new();
        string here = "";
        Utf8JsonReader reader = new(json);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    string name = reader.GetString()!;
                    here = path.Peek().Path.Length == 0 ? name : $"{path.Peek().Path}.{name}";
                    continue;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    Element();
                    if (reader.TokenType == JsonTokenType.StartObject)
                    {
                        int at = (int)reader.BytesConsumed;
                        objects.Add((at, here, json.AsSpan(at).TrimStart(" \n"u8)[0] == (byte)'}'));
                    }

                    path.Push((here, reader.TokenType == JsonTokenType.StartArray ? 0 : -1));
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    path.Pop();
                    break;
                default:
                    Element();
                    break;
            }
        }

        return objects;

        void Element()
        {
            if (path.TryPeek(out (string Path, int Index) top) && top.Index >= 0)
            {
                path.Pop();
                path.Push((top.Path, top.Index + 1));
                here = $"{top.Path}[{top.Index}]";
            }
        }
    }
}
