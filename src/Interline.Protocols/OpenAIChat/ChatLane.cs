using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.OpenAIChat;

/// <summary>Byte lane of OpenAI Chat Completions, <c>POST /v1/chat/completions</c>. Source: OpenAI's API description, <c>createChatCompletion</c>.</summary>
public sealed class ChatLane : OpenAILane
{
    /// <summary>The one instance.</summary>
    public static ChatLane Instance { get; } = new();

    private ChatLane()
    {
    }

    /// <inheritdoc />
    public override string Name => "openai.chat";

    /// <inheritdoc />
    public override string UpstreamPath => "/chat/completions";

    /// <inheritdoc />
    public override bool HasUsageOption => true;

    /// <inheritdoc />
    public override ConversationFormat? Conversation => ChatFormat.Instance;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        JsonPeek.Read(body, "messages", objects: true, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => ChatSniffer.Answer(body, "choices"u8);

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new ChatSniffer();
}

/// <summary>Byte lane of OpenAI's old text completions, <c>POST /v1/completions</c>: streams and usage are those of chat.</summary>
public sealed class CompletionsLane : OpenAILane
{
    /// <summary>The one instance.</summary>
    public static CompletionsLane Instance { get; } = new();

    private CompletionsLane()
    {
    }

    /// <inheritdoc />
    public override string Name => "openai.completions";

    /// <inheritdoc />
    public override string UpstreamPath => "/completions";

    /// <inheritdoc />
    public override bool HasUsageOption => true;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        JsonPeek.Read(body, "prompt", objects: false, [], OutputLimit.Tokens, out facts);

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => ChatSniffer.Answer(body, "choices"u8);

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new ChatSniffer();
}
