using Interline.Protocols.ByteLane;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;
using Interline.Protocols.OpenAIChat;

namespace Interline.Protocols.OpenAIResponses;

/// <summary>Byte lane of OpenAI's Responses API, <c>POST /v1/responses</c>. Source: OpenAI's API description, <c>createResponse</c>.</summary>
public sealed class ResponsesLane : OpenAILane
{
    private ResponsesLane(string name, string path)
    {
        Name = name;
        UpstreamPath = path;
    }

    /// <summary><c>POST /v1/responses</c>.</summary>
    public static ResponsesLane Create { get; } = new("openai.responses", "/responses");

    /// <summary><c>POST /v1/responses/input_tokens</c>.</summary>
    public static ResponsesLane InputTokens { get; } = new("openai.responses.inputTokens", "/responses/input_tokens");

    /// <inheritdoc />
    public override string Name { get; }

    /// <inheritdoc />
    public override string UpstreamPath { get; }

    /// <inheritdoc />
    public override bool IsFree => this == InputTokens;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        JsonPeek.Read(body, required: null, objects: false, [], OutputLimit.Responses, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => ChatSniffer.Answer(body, "object"u8);

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new EventSniffer();

    /// <inheritdoc />
    public override byte[] WriteErrorEvent(ApiError error) =>
        [.. "event: error\ndata: {\"type\":\"error\","u8, .. ErrorBody.Write(error).AsSpan(1), .. "\n\n"u8];
}
