using System.Text;
using System.Text.Json;

namespace Interline.Protocols.ByteLane;

/// <summary>What one pass over a request body found. Offsets are bytes from the start of the body; a length of 0 means absent.</summary>
public struct RequestFacts
{
    /// <summary>Longest model name taken, in bytes.</summary>
    public const int MaxModelBytes = 512;

    /// <summary>Where the model stands: the string token with its quotes, or for multipart bodies the bare text.</summary>
    public int ModelStart, ModelLength;

    /// <summary>Whether the model is a JSON string (with quotes) rather than bare text.</summary>
    public bool ModelIsJson;

    /// <summary>Offset just behind the object's opening brace, where a property can be inserted.</summary>
    public int InsertAt;

    /// <summary>Whether the object has no property, so that an inserted one takes no comma.</summary>
    public bool IsEmptyObject;

    /// <summary>Whether a stream is asked for.</summary>
    public bool Stream;

    /// <summary>Where the value of <c>stream_options</c> stands.</summary>
    public int StreamOptionsStart, StreamOptionsLength;

    /// <summary>Where the value of <c>stream_options.include_usage</c> stands.</summary>
    public int IncludeUsageStart, IncludeUsageLength;

    /// <summary>Whether the client asked for usage in the stream.</summary>
    public bool IncludeUsage;

    /// <summary>Whether tools are given.</summary>
    public bool HasTools;

    /// <summary>Whether images are given.</summary>
    public bool HasImages;

    /// <summary>Whether the model is asked to reason before it answers, which may take it minutes without a word.</summary>
    public bool AsksReasoning;

    /// <summary>Whether a field is given that is for the gateway: one of <see cref="RouterFields"/>, or tags in <c>metadata</c>.</summary>
    public bool HasRouterFields;

    /// <summary>Most output tokens wanted; 0 if not said.</summary>
    public long MaxTokens;

    /// <summary>Answers wanted to one request; 0 if not said, which means one.</summary>
    public int Choices;

    /// <summary>Prompts in one request, each of which is answered; 0 if it is one.</summary>
    public int Prompts;

    /// <summary>Service tier asked for, null if none.</summary>
    public string? ServiceTier;

    /// <summary>Where the customer (end user) is named: a string token with its quotes.</summary>
    public int CustomerStart, CustomerLength;

    /// <summary>Decodes the customer's name.</summary>
    /// <param name="body">The body these facts are of.</param>
    /// <returns>Null if none is named.</returns>
    public readonly string? ReadCustomer(ReadOnlySpan<byte> body)
    {
        if (CustomerLength <= 2)
        {
            return null;
        }

        ReadOnlySpan<byte> token = body.Slice(CustomerStart, CustomerLength);
        if (!token.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(token[1..^1]);
        }

        var reader = new Utf8JsonReader(token);
        reader.Read();
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: as it is written, so that it still counts for somebody.
            return Encoding.UTF8.GetString(token[1..^1]);
        }
    }

    /// <summary>Decodes the model's name.</summary>
    /// <param name="body">The body these facts are of.</param>
    /// <param name="destination">At least <see cref="MaxModelBytes"/> characters.</param>
    /// <returns>Characters written; 0 if there is no model.</returns>
    public readonly int CopyModel(ReadOnlySpan<byte> body, Span<char> destination)
    {
        if (ModelLength == 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> token = body.Slice(ModelStart, ModelLength);
        if (!ModelIsJson)
        {
            return Encoding.UTF8.GetChars(token, destination);
        }

        if (token.Contains((byte)'\\'))
        {
            var reader = new Utf8JsonReader(token);
            reader.Read();
            try
            {
                return reader.CopyString(destination);
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, or bytes that are no UTF-8: no model has such a name.
                return Encoding.UTF8.GetChars(token[1..^1], destination);
            }
        }

        return Encoding.UTF8.GetChars(token[1..^1], destination);
    }
}
