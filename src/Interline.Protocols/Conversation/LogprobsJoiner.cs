using System.Buffers;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>Joins the token probabilities of a stream's pieces: objects of arrays, whose arrays are put one after the other. Of what is no array the last is kept.</summary>
internal sealed class LogprobsJoiner
{
    private readonly Dictionary<string, List<RawJson>> _arrays = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RawJson> _others = new(StringComparer.Ordinal);

    /// <summary>Takes the next piece.</summary>
    public void Add(RawJson piece)
    {
        JsonCursor json = new(piece.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            string name = json.NameText;
            if (json.Type != JsonTokenType.StartArray)
            {
                _others[name] = json.Raw();
                continue;
            }

            if (!_arrays.TryGetValue(name, out List<RawJson>? array))
            {
                _arrays[name] = array = [];
            }

            json.EnterArray();
            while (json.NextElement())
            {
                array.Add(json.Raw());
            }
        }
    }

    /// <summary>All pieces as one; null if they said nothing.</summary>
    public RawJson? Build()
    {
        if (_arrays.Count == 0 && _others.Values.All(o => o.IsNull))
        {
            return null;
        }

        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter w = new(buffer, new JsonWriterOptions { SkipValidation = true }))
        {
            w.WriteStartObject();
            foreach ((string name, List<RawJson> array) in _arrays)
            {
                w.WriteStartArray(name);
                array.ForEach(element => element.WriteTo(w));
                w.WriteEndArray();
            }

            foreach ((string name, RawJson other) in _others)
            {
                if (!_arrays.ContainsKey(name))
                {
                    w.WritePropertyName(name);
                    other.WriteTo(w);
                }
            }

            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }
}
