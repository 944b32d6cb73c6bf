using System.Buffers;
using System.Text.Json;

namespace Interline.Protocols.Conversation;

/// <summary>Joins the token probabilities of a stream's pieces: objects of arrays, whose arrays are put one after the other.</summary>
internal sealed class LogprobsJoiner
{
    private readonly Dictionary<string, List<RawJson>> _arrays = new(StringComparer.Ordinal);

    /// <summary>Takes the next piece; what is no array is passed over.</summary>
    public void Add(RawJson piece)
    {
        JsonCursor json = new(piece.Utf8);
        json.Start();
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Type != JsonTokenType.StartArray)
            {
                json.Skip();
                continue;
            }

            string name = json.NameText;
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

    /// <summary>All pieces as one; null if there were none.</summary>
    public RawJson? Build()
    {
        if (_arrays.Count == 0)
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

            w.WriteEndObject();
        }

        return new RawJson(buffer.WrittenSpan);
    }
}
