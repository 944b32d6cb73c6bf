using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>The doors of Gemini generateContent, of the Gemini API and of Vertex AI.</summary>
public sealed class GeminiFormat : ConversationFormat
{
    private readonly StreamFraming _framing;

    /// <summary>Streams are event streams (<c>alt=sse</c>).</summary>
    public static GeminiFormat Instance { get; } = new(StreamFraming.Events);

    /// <summary>Streams are written as one JSON array. Requests, answers and the reading of a stream's elements are the same.</summary>
    public static GeminiFormat Array { get; } = new(StreamFraming.JsonArray);

    private GeminiFormat(StreamFraming framing) => _framing = framing;

    /// <inheritdoc />
    public override WireFormat Format => WireFormat.Gemini;

    /// <inheritdoc />
    public override Lane? CountLane => CountTokensLane.Instance;

    /// <inheritdoc />
    public override Lane Lane(bool stream) => stream ? GenerateLane.Stream : GenerateLane.Plain;

    /// <inheritdoc />
    public override bool TryReadRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error) =>
        RequestReader.TryRead(body, out request, out error);

    /// <inheritdoc />
    public override void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses) =>
        RequestWriter.Write(request, target, output, losses);

    /// <inheritdoc />
    public override bool TryReadCountRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error) =>
        CountTokens.TryReadRequest(body, out request, out error);

    /// <inheritdoc />
    public override void WriteCountRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses) =>
        CountTokens.WriteRequest(request, target, output, losses);

    /// <inheritdoc />
    public override bool TryReadCount(ReadOnlySpan<byte> body, out long tokens) => CountTokens.TryReadAnswer(body, out tokens);

    /// <inheritdoc />
    public override void WriteCount(long tokens, IBufferWriter<byte> output) => CountTokens.WriteAnswer(tokens, output);

    /// <inheritdoc />
    public override bool TryReadAnswer(ReadOnlySpan<byte> body, [NotNullWhen(true)] out Answer? answer, [NotNullWhen(false)] out ApiError? error) =>
        AnswerReader.TryRead(body, out answer, out error);

    /// <inheritdoc />
    public override void WriteAnswer(Answer answer, AnswerDefaults defaults, IBufferWriter<byte> output, LossList losses) =>
        AnswerWriter.Write(answer, output, defaults, losses);

    /// <inheritdoc />
    public override IAnswerStreamReader NewStreamReader() => new AnswerStreamReader();

    /// <inheritdoc />
    public override IAnswerStreamWriter NewStreamWriter(AnswerDefaults defaults, LossList losses) => new AnswerStreamWriter(_framing, defaults, losses);
}
