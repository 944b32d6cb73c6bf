using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>Byte lane of <c>batchEmbedContents</c>, which answers <c>{"embeddings":[{"values":[…]}]}</c>. Source: the Gemini API's description, <c>BatchEmbedContentsRequest</c>.</summary>
public sealed class EmbeddingsLane : GeminiLane
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    private EmbeddingsLane()
    {
    }

    /// <summary>The one instance.</summary>
    public static EmbeddingsLane Instance { get; } = new();

    /// <inheritdoc />
    public override string Name => "gemini.embeddings";

    /// <inheritdoc />
    public override string UpstreamPath => "/models/{model}:batchEmbedContents";

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) => JsonPeek.Read(body, "requests", objects: true, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            bool valid = false;
            Usage? usage = null;
            if (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    valid |= reader.ValueTextEquals("embeddings"u8);
                    bool counts = reader.ValueTextEquals("usageMetadata"u8);
                    reader.Read();
                    usage = counts ? Used(ref reader) : usage;
                    reader.Skip();
                }
            }

            return new AnswerFacts { Valid = valid && reader.TokenType == JsonTokenType.EndObject && !reader.Read(), Usage = usage };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return new AnswerFacts { Valid = false };
        }
    }

    /// <summary>Reads the tokens of the texts, which newer models tell.</summary>
    internal static Usage? Used(ref Utf8JsonReader reader)
    {
        long? tokens = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool prompt = reader.ValueTextEquals("promptTokenCount"u8);
            reader.Read();
            if (prompt && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long count) && count >= 0)
            {
                tokens = count;
            }

            reader.Skip();
        }

        return tokens is { } known ? new Usage { Input = known } : null;
    }
}
