using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Operations;

/// <summary>A request for embeddings in OpenAI's format. Source: OpenAI's API description, <c>CreateEmbeddingRequest</c>.</summary>
/// <param name="Model">The model asked for.</param>
/// <param name="Texts">The texts, at least one. Texts given as tokens cannot be read by another provider than the one whose tokens they are.</param>
public sealed record EmbeddingsRequest(string Model, IReadOnlyList<string> Texts)
{
    /// <summary>Numbers a vector shall have; null for the model's own.</summary>
    public long? Dimensions { get; init; }

    /// <summary>Whether vectors are wanted as base64 of little-endian 32-bit floats.</summary>
    public bool Base64 { get; init; }

    /// <summary>Fields that are none of the above.</summary>
    public NativeFields Native { get; init; } = new(WireFormat.OpenAIChat);

    /// <summary>Reads a request.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="request">The request.</param>
    /// <param name="error">A 400 that says what is wrong and where.</param>
    public static bool TryRead(ReadOnlySpan<byte> body, [NotNullWhen(true)] out EmbeddingsRequest? request, [NotNullWhen(false)] out ApiError? error)
    {
        request = JsonDoor.Open(body, Read, out error);
        return request is not null;
    }

    private static EmbeddingsRequest Read(ref JsonCursor json)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        EmbeddingsRequest request = new("", []) { Native = native };
        json.EnterObject();
        while (json.NextField())
        {
            if (native.KeepNull(ref json))
            {
                continue;
            }

            switch (json.Name)
            {
                case "model":
                    request = request with { Model = json.Text() };
                    break;
                case "input":
                    request = request with { Texts = ReadTexts(ref json) };
                    break;
                case "dimensions":
                    request = request with { Dimensions = json.Number().Whole };
                    break;
                case "encoding_format":
                    request = request with { Base64 = json.Text() is "base64" };
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        return request.Texts.Count > 0 ? request : throw new ShapeException("input", "'input' is required: a text, or an array of texts.");
    }

    private static List<string> ReadTexts(ref JsonCursor json)
    {
        if (json.Type == JsonTokenType.String)
        {
            return [json.Text()];
        }

        List<string> texts = [];
        json.EnterArray("a text or an array of texts");
        while (json.NextElement())
        {
            texts.Add(json.Text("a text; tokens can only be read by OpenAI's own models"));
        }

        return texts;
    }
}
