using System.Buffers;
using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>A block that is kept whole, while its deltas come in.</summary>
internal sealed class WholeBlock
{
    private readonly List<(string Name, RawJson Value)> _fields = [];
    private readonly Dictionary<string, StringBuilder> _texts = new(StringComparer.Ordinal);

    /// <summary>A block as it started.</summary>
    public WholeBlock(RawJson start)
    {
        JsonCursor json = new(start.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            string name = json.NameText;
            if (json.Type == JsonTokenType.String && name is not "type")
            {
                _texts[name] = new StringBuilder(json.Text());
            }

            _fields.Add((name, json.Raw()));
        }
    }

    /// <summary>An input that was given at the start, and whose place pieces have taken; null if there is none.</summary>
    public RawJson? Replaced =>
        _texts.TryGetValue("partial_json", out StringBuilder? pieces) && pieces.Length > 0
        && _fields.Find(f => f.Name is "input").Value is { IsNull: false } given && !given.Utf8.SequenceEqual("{}"u8) ? given : null;

    /// <summary>Adds to a text.</summary>
    public void Append(string field, string text)
    {
        if (!_texts.TryGetValue(field, out StringBuilder? builder))
        {
            _texts[field] = builder = new StringBuilder();
            if (field is not "partial_json" && !_fields.Exists(f => f.Name == field))
            {
                _fields.Add((field, RawJson.Null));
            }
        }

        builder.Append(text);
    }

    /// <summary>Sets a field.</summary>
    public void Set(string field, RawJson value)
    {
        int at = _fields.FindIndex(f => f.Name == field);
        if (at < 0)
        {
            _fields.Add((field, value));
        }
        else
        {
            _fields[at] = (field, value);
        }

        _texts.Remove(field);
    }

    /// <summary>The block so far. An input whose pieces are no JSON stays a text.</summary>
    public RawJson Build()
    {
        ArrayBufferWriter<byte> buffer = new(512);
        using (Utf8JsonWriter w = new(buffer, FormatWriting.Options))
        {
            w.WriteStartObject();
            foreach ((string name, RawJson value) in _fields)
            {
                w.WritePropertyName(name);
                if (name is "input" && _texts.TryGetValue("partial_json", out StringBuilder? pieces) && pieces.Length > 0)
                {
                    WriteInput(w, pieces.ToString());
                }
                else if (_texts.TryGetValue(name, out StringBuilder? text))
                {
                    w.WriteStringValue(text.ToString());
                }
                else
                {
                    value.WriteTo(w);
                }
            }

            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }

    private static void WriteInput(Utf8JsonWriter w, string pieces)
    {
        RawJson input = new(pieces);
        if (ToolInput.IsObject(input.Utf8))
        {
            input.WriteTo(w);
        }
        else
        {
            w.WriteStringValue(pieces);
        }
    }
}
