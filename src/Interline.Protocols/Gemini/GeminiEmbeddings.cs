using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Operations;

namespace Interline.Protocols.Gemini;

/// <summary>Embeddings asked for in OpenAI's format and made by Gemini's <c>batchEmbedContents</c>.</summary>
public static class GeminiEmbeddings
{
    /// <summary>Writes the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">The provider's name of the model.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void WriteRequest(EmbeddingsRequest request, string model, IBufferWriter<byte> output, LossList losses)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(losses);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        w.WriteStartArray("requests"u8);
        foreach (string text in request.Texts)
        {
            w.WriteStartObject();
            w.WriteString("model"u8, "models/" + model);
            w.WriteStartObject("content"u8);
            w.WriteStartArray("parts"u8);
            w.WriteStartObject();
            w.WriteString("text"u8, text);
            w.WriteEndObject();
            w.WriteEndArray();
            w.WriteEndObject();
            if (request.Dimensions is { } dimensions)
            {
                w.WriteNumber("outputDimensionality"u8, dimensions);
            }

            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
        losses.AddForeign(request.Native, WireFormat.Gemini, "");
    }

    /// <summary>Writes the answer in OpenAI's format.</summary>
    /// <param name="body">The provider's answer.</param>
    /// <param name="request">What was asked.</param>
    /// <param name="output">Where the JSON goes; half of it if false is returned.</param>
    /// <returns>False if the body is no such answer.</returns>
    public static bool TryWriteAnswer(ReadOnlySpan<byte> body, EmbeddingsRequest request, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(request);
        Utf8JsonReader reader = new(body);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        long tokens = 0;
        bool any = false;
        try
        {
            w.WriteStartObject();
            w.WriteString("object"u8, "list"u8);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool list = reader.ValueTextEquals("embeddings"u8);
                bool usage = reader.ValueTextEquals("usageMetadata"u8);
                reader.Read();
                if (list && reader.TokenType == JsonTokenType.StartArray)
                {
                    any = true;
                    WriteVectors(ref reader, w, body, request.Base64);
                }
                else
                {
                    tokens = usage ? EmbeddingsLane.Used(ref reader)?.Input ?? 0 : tokens;
                    reader.Skip();
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }

        w.WriteString("model"u8, request.Model);
        w.WriteStartObject("usage"u8);
        w.WriteNumber("prompt_tokens"u8, tokens);
        w.WriteNumber("total_tokens"u8, tokens);
        w.WriteEndObject();
        w.WriteEndObject();
        return any;
    }

    private static void WriteVectors(ref Utf8JsonReader reader, Utf8JsonWriter w, ReadOnlySpan<byte> body, bool base64)
    {
        w.WriteStartArray("data"u8);
        for (int i = 0; reader.Read() && reader.TokenType == JsonTokenType.StartObject; i++)
        {
            w.WriteStartObject();
            w.WriteString("object"u8, "embedding"u8);
            w.WriteNumber("index"u8, i);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool values = reader.ValueTextEquals("values"u8);
                reader.Read();
                if (!values)
                {
                    reader.Skip();
                }
                else if (reader.TokenType != JsonTokenType.StartArray)
                {
                    throw new JsonException();
                }
                else if (base64)
                {
                    WriteFloats(ref reader, w);
                }
                else
                {
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    w.WritePropertyName("embedding"u8);
                    new RawJson(body[start..(int)reader.BytesConsumed]).WriteTo(w);
                }
            }

            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    /// <summary>Writes numbers as OpenAI packs them: little-endian 32-bit floats in base64.</summary>
    private static void WriteFloats(ref Utf8JsonReader reader, Utf8JsonWriter w)
    {
        ArrayBufferWriter<byte> floats = new(4 * 1536);
        while (reader.Read() && reader.TokenType == JsonTokenType.Number)
        {
            BinaryPrimitives.WriteSingleLittleEndian(floats.GetSpan(4), reader.GetSingle());
            floats.Advance(4);
        }

        w.WriteBase64String("embedding"u8, floats.WrittenSpan);
    }
}
