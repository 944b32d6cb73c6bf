using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Counts of tokens: a request is <c>{"generateContentRequest":{"model":"models/…",…}}</c>, or the request's fields themselves, or only <c>contents</c>;
/// the answer is <c>{"totalTokens":…}</c>. Source: Google's API description, <c>CountTokensRequest</c>, <c>CountTokensResponse</c>; Vertex takes the fields themselves.
/// </summary>
public static class CountTokens
{
    /// <summary>Writes a request for a count.</summary>
    /// <param name="request">What is to be counted.</param>
    /// <param name="target">The model that counts.</param>
    /// <param name="output">Where the JSON goes.</param>
    /// <param name="losses">What could not be said.</param>
    public static void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(target);
        using Utf8JsonWriter w = new(output, FormatWriting.Options);
        w.WriteStartObject();
        w.WriteStartObject("generateContentRequest"u8);
        w.WriteString("model"u8, target.Model.StartsWith("models/", StringComparison.Ordinal) ? target.Model : "models/" + target.Model);
        RequestWriter.WriteFields(w, request with { Native = request.Native?.Without("model") }, target, losses);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    /// <summary>Reads a request for a count, in any of its forms.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="request">What is to be counted.</param>
    /// <param name="error">A 400 that says what is wrong and where.</param>
    public static bool TryReadRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error)
    {
        request = JsonDoor.Open(body, Read, out error);
        return request is not null;
    }

    /// <summary>Reads a count.</summary>
    /// <param name="body">UTF-8 JSON.</param>
    /// <param name="tokens">All tokens of the input; 0 where the answer leaves them out, as Vertex does for none.</param>
    /// <returns>False if the body is no count.</returns>
    public static bool TryReadAnswer(ReadOnlySpan<byte> body, out long tokens)
    {
        Count? count = JsonDoor.Open(body, ReadCount, out _);
        tokens = count?.Tokens ?? 0;
        return count is not null;
    }

    /// <summary>Writes a count.</summary>
    /// <param name="tokens">All tokens of the input, at least 0.</param>
    /// <param name="output">Where the JSON goes.</param>
    public static void WriteAnswer(long tokens, IBufferWriter<byte> output)
    {
        using Utf8JsonWriter w = new(output);
        w.WriteStartObject();
        w.WriteNumber("totalTokens"u8, tokens);
        w.WriteEndObject();
    }

    private static ConversationRequest Read(ref JsonCursor json)
    {
        if (!json.Has("generateContentRequest"u8) && !json.Has("generate_content_request"u8))
        {
            return RequestReader.Read(ref json);
        }

        ConversationRequest? request = null;
        NativeFields beside = new(WireFormat.Gemini);
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject();
        while (json.NextField())
        {
            if (GeminiNames.Camel(json.Name, buffer) is "generateContentRequest")
            {
                request = RequestReader.Read(ref json);
            }
            else
            {
                beside.Keep(ref json);
            }
        }

        return request! with { Native = new NativeFields(WireFormat.Gemini, request.Native!.Concat(beside)) };
    }

    private static Count ReadCount(ref JsonCursor json)
    {
        long tokens = 0;
        Span<char> buffer = stackalloc char[GeminiNames.Longest];
        json.EnterObject("a count, an object with 'totalTokens'");
        while (json.NextField())
        {
            if (GeminiNames.Camel(json.Name, buffer) is "totalTokens" && json.Type == JsonTokenType.Number)
            {
                tokens = Math.Max(0, json.Number().Whole);
            }
            else
            {
                json.Skip();
            }
        }

        return new Count(tokens);
    }

    private sealed record Count(long Tokens);
}
