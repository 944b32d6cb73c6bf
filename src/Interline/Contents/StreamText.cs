using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Interline.Core.Redaction;

namespace Interline.Contents;

/// <summary>
/// The texts of an event stream, each joined over the events: a secret comes in pieces of a few letters, none of which looks like one. Events that are no JSON,
/// and the last one if it was cut, are left out.
/// </summary>
internal static class StreamText
{
    private static readonly JsonWriterOptions Options = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Of(ReadOnlySpan<byte> bytes, bool cut, Redactor redactor)
    {
        var texts = new Dictionary<string, Joined>(StringComparer.Ordinal);
        int events = 0;
        while (bytes.Length > 0)
        {
            int end = bytes.IndexOfAny((byte)'\n', (byte)'\r');
            ReadOnlySpan<byte> line = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? default : bytes[(end + 1)..];
            if (line.StartsWith("data:"u8) && Parse(line[5..]) is { } document)
            {
                using (document)
                {
                    events++;
                    Gather(document.RootElement, "", texts);
                }
            }
        }

        return Write(texts, events, cut, redactor);
    }

    /// <summary>The same for a stream that is an array which grows, as Gemini's without <c>alt=sse</c>.</summary>
    public static string OfArray(ReadOnlySpan<byte> bytes, bool cut, Redactor redactor)
    {
        var texts = new Dictionary<string, Joined>(StringComparer.Ordinal);
        int events = 0;
        var reader = new Utf8JsonReader(bytes, isFinalBlock: !cut, default);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray && JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
        {
            using (document)
            {
                events++;
                Gather(document.RootElement, "", texts);
            }
        }

        return Write(texts, events, cut, redactor);
    }

    private static string Write(Dictionary<string, Joined> texts, int events, bool cut, Redactor redactor)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteNumber("events"u8, events);
            json.WriteStartObject("texts"u8);
            foreach ((string path, Joined joined) in texts)
            {
                string text = redactor.Redact(joined.ToString());
                json.WriteString(redactor.Redact(path), cut && joined.Grows ? ContentText.WithoutTail(text) : text);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static JsonDocument? Parse(ReadOnlySpan<byte> data)
    {
        try
        {
            return JsonDocument.Parse(data.ToArray());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Gather(JsonElement element, string path, Dictionary<string, Joined> texts)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    Gather(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", texts);
                }

                break;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Gather(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), texts);
                }

                break;
            case JsonValueKind.String:
                if (!texts.TryGetValue(path, out Joined? joined))
                {
                    texts.Add(path, joined = new Joined(path));
                }

                joined.Add(element.GetString()!);
                break;
        }
    }

    /// <summary>A text in pieces. What is the same in every event (an id, a model's name) is no piece of anything and stands once.</summary>
    private sealed class Joined(string path)
    {
        private static readonly string[] Growing = ["content", "text", "delta", "arguments", "partial_json", "thinking", "reasoning", "reasoning_content", "data"];

        private readonly bool _isText = Growing.Contains(path[(path.LastIndexOf('.') + 1)..], StringComparer.Ordinal);
        private readonly StringBuilder _text = new();
        private string? _first;
        private bool _differs;

        public bool Grows => _isText || _differs;

        public void Add(string piece)
        {
            _first ??= piece;
            _differs |= piece != _first;
            _text.Append(piece);
        }

        public override string ToString() => Grows ? _text.ToString() : _first!;
    }
}
