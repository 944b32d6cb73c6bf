using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>What all of Gemini's operations share on the byte lane. Source: Google's API description, <c>GenerateContentRequest</c> and <c>google.rpc.Status</c>.</summary>
public abstract class GeminiLane : Lane
{
    /// <inheritdoc />
    public override string Wire => "gemini";

    /// <inheritdoc />
    public override bool ModelInPath => true;

    /// <inheritdoc />
    public override bool TakesDefaults => false;

    /// <inheritdoc />
    public override UpstreamError ReadError(int status, ReadOnlySpan<byte> body) => GeminiErrors.Read(status, body);

    /// <inheritdoc />
    public override byte[] WriteError(ApiError error) => GeminiErrors.Write(error);

    /// <inheritdoc />
    public override byte[] WriteErrorEvent(ApiError error) => [.. "data: "u8, .. GeminiErrors.Write(error), .. "\r\n\r\n"u8];

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new GeminiSniffer();
}

/// <summary>Byte lane of <c>POST /v1beta/models/{model}:generateContent</c> and <c>:streamGenerateContent</c>. The address says whether the answer is streamed, and how.</summary>
public sealed class GenerateLane : GeminiLane
{
    private readonly bool _stream;

    private GenerateLane(string name, string path, bool stream, StreamFraming framing)
    {
        Name = name;
        UpstreamPath = path;
        _stream = stream;
        Framing = framing;
    }

    /// <summary>One whole answer.</summary>
    public static GenerateLane Plain { get; } = new("gemini.generate", "/models/{model}:generateContent", stream: false, StreamFraming.Events);

    /// <summary>An event stream.</summary>
    public static GenerateLane Stream { get; } = new("gemini.stream", "/models/{model}:streamGenerateContent?alt=sse", stream: true, StreamFraming.Events);

    /// <summary>One JSON array whose elements come one after the other: what is sent without <c>alt=sse</c>.</summary>
    public static GenerateLane StreamArray { get; } = new("gemini.stream_array", "/models/{model}:streamGenerateContent", stream: true, StreamFraming.JsonArray);

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override string UpstreamPath { get; }

    /// <inheritdoc />
    public override StreamFraming Framing { get; }

    /// <inheritdoc />
    public override ConversationFormat? Conversation => Framing == StreamFraming.JsonArray ? GeminiFormat.Array : GeminiFormat.Instance;

    /// <inheritdoc />
    public override ReadOnlySpan<byte> Heartbeat => Framing == StreamFraming.JsonArray ? "\n"u8 : base.Heartbeat;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts)
    {
        ApiError? wrong = GeminiPeek.Read(body, wrapped: false, out facts);
        facts.Stream = _stream;
        return wrong;
    }

    /// <inheritdoc />
    public override Lane For(ReadOnlySpan<char> query) =>
        !_stream ? this : query.Contains("alt=sse", StringComparison.OrdinalIgnoreCase) ? Stream : StreamArray;

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => GeminiSniffer.Answer(body);

    /// <inheritdoc />
    /// <remarks>In an array the error is the last element: the array is closed behind it.</remarks>
    public override byte[] WriteErrorEvent(ApiError error) =>
        Framing == StreamFraming.JsonArray ? [.. ","u8, .. GeminiErrors.Write(error), .. "]"u8] : base.WriteErrorEvent(error);

    /// <inheritdoc />
    public override byte[] WriteLoneErrorEvent(ApiError error) =>
        Framing == StreamFraming.JsonArray ? [.. "["u8, .. GeminiErrors.Write(error), .. "]"u8] : base.WriteLoneErrorEvent(error);
}

/// <summary>Byte lane of <c>POST /v1beta/models/{model}:countTokens</c>.</summary>
public sealed class CountTokensLane : GeminiLane
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = JsonPeek.MaxDepth };

    /// <summary>The one instance.</summary>
    public static CountTokensLane Instance { get; } = new();

    private CountTokensLane()
    {
    }

    /// <inheritdoc />
    public override string Name => "gemini.count_tokens";

    /// <inheritdoc />
    public override string UpstreamPath => "/models/{model}:countTokens";

    /// <inheritdoc />
    public override bool CountsTokens => true;

    /// <inheritdoc />
    public override ConversationFormat? Conversation => GeminiFormat.Instance;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) => GeminiPeek.Read(body, wrapped: true, out facts);

    /// <inheritdoc />
    /// <remarks>A count is free: it has no usage. Vertex leaves <c>totalTokens</c> out where it is 0.</remarks>
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, Options);
        try
        {
            bool valid = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            if (valid)
            {
                reader.Skip();
            }

            return new AnswerFacts { Valid = valid && !reader.Read() };
        }
        catch (JsonException)
        {
            return new AnswerFacts { Valid = false };
        }
    }
}
