using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Interline.Core.Routing;

namespace Interline.Demo;

/// <summary>Embeddings of the demo provider: numbers drawn from a hash of the text, unit length, the same for the same text. They mean nothing.</summary>
internal static class DemoEmbeddings
{
    private const int DefaultDimensions = 64;
    private const int MaxDimensions = 4096;

    public static DemoAnswer Answer(JsonElement request)
    {
        if (!request.TryGetProperty("input", out JsonElement input))
        {
            return DemoAnswer.Refuse("`input` is missing.");
        }

        int dimensions = request.TryGetProperty("dimensions", out JsonElement wanted) && wanted.TryGetInt32(out int given) ? Math.Clamp(given, 1, MaxDimensions) : DefaultDimensions;
        bool base64 = request.TryGetProperty("encoding_format", out JsonElement format) && format.ValueEquals("base64");
        bool many = input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > 0 && input[0].ValueKind is JsonValueKind.String or JsonValueKind.Array;
        string[] texts = many ? [.. input.EnumerateArray().Select(x => x.GetRawText())] : [input.GetRawText()];
        return DemoAnswer.Json(json =>
        {
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            for (int i = 0; i < texts.Length; i++)
            {
                json.WriteStartObject();
                json.WriteString("object", "embedding");
                json.WriteNumber("index", i);
                Vector(json, texts[i], dimensions, base64);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("model", DemoProvider.Model);
            long tokens = texts.Sum(DemoChat.Tokens);
            json.WriteStartObject("usage");
            json.WriteNumber("prompt_tokens", tokens);
            json.WriteNumber("total_tokens", tokens);
            json.WriteEndObject();
        });
    }

    private static void Vector(Utf8JsonWriter json, string text, int dimensions, bool base64)
    {
        ulong hash = 14695981039346656037;
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            hash = (hash ^ b) * 1099511628211;
        }

        var seeded = new Seeded(hash);
        float[] vector = new float[dimensions];
        double sum = 0;
        for (int i = 0; i < dimensions; i++)
        {
            vector[i] = (float)((seeded.NextUnit() * 2) - 1);
            sum += vector[i] * vector[i];
        }

        float scale = (float)(1 / Math.Sqrt(sum));
        for (int i = 0; i < dimensions; i++)
        {
            vector[i] *= scale;
        }

        if (base64)
        {
            json.WriteString("embedding", Convert.ToBase64String(MemoryMarshal.AsBytes(vector.AsSpan())));
            return;
        }

        json.WriteStartArray("embedding");
        foreach (float number in vector)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }
}
