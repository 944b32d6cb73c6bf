using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>The doors of Anthropic Messages.</summary>
public sealed class MessagesFormat : ConversationFormat
{
    /// <summary>The one instance.</summary>
    public static MessagesFormat Instance { get; } = new();

    private MessagesFormat()
    {
    }

    /// <inheritdoc />
    public override WireFormat Format => WireFormat.AnthropicMessages;

    /// <inheritdoc />
    public override Lane CountLane => CountTokensLane.Instance;

    /// <inheritdoc />
    public override Lane Lane(bool stream) => MessagesLane.Instance;

    /// <inheritdoc />
    public override bool TryReadRequest(ReadOnlySpan<byte> body, [NotNullWhen(true)] out ConversationRequest? request, [NotNullWhen(false)] out ApiError? error) =>
        RequestReader.TryRead(body, out request, out error);

    /// <inheritdoc />
    public override void WriteRequest(ConversationRequest request, TargetModel target, IBufferWriter<byte> output, LossList losses) =>
        RequestWriter.Write(request, target, output, losses);

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
        AnswerWriter.Write(answer, defaults, output, losses);

    /// <inheritdoc />
    public override IAnswerStreamReader NewStreamReader() => new AnswerStreamReader();

    /// <inheritdoc />
    public override IAnswerStreamWriter NewStreamWriter(AnswerDefaults defaults, LossList losses) => new AnswerStreamWriter(defaults, losses);
}
