using System.Collections.Frozen;
using System.Collections.Immutable;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>What both lanes of this format share: the request's form, the headers that pass, the error envelope.</summary>
public abstract class AnthropicLane : Lane
{
    /// <inheritdoc />
    public override string Wire => "anthropic";

    /// <inheritdoc />
    public override KeyValuePair<string, string>? VersionHeader { get; } = new("anthropic-version", "2023-06-01");

    /// <inheritdoc />
    public override ImmutableArray<string> RequestHeaders { get; } = ["anthropic-version", "anthropic-beta"];

    /// <inheritdoc />
    public override ConversationFormat? Conversation => MessagesFormat.Instance;

    /// <inheritdoc />
    public override ApiError? Peek(ReadOnlySpan<byte> body, string? contentType, out RequestFacts facts) =>
        JsonPeek.Read(body, "messages", objects: true, "\"image\""u8, OutputLimit.Tokens, out facts);

    /// <inheritdoc />
    public override StreamSniffer NewStreamSniffer() => new MessagesSniffer();

    /// <inheritdoc />
    public override UpstreamError ReadError(int status, ReadOnlySpan<byte> body) => AnthropicErrors.Read(status, body);

    /// <inheritdoc />
    public override byte[] WriteError(ApiError error) => AnthropicErrors.Write(error);

    /// <inheritdoc />
    public override byte[] WriteErrorEvent(ApiError error) => AnthropicErrors.WriteEvent(error);

    /// <summary>Whether a query asks for what is not yet general.</summary>
    /// <param name="query">The query with its question mark.</param>
    private protected static bool IsBeta(ReadOnlySpan<char> query) => query.Contains("beta=true", StringComparison.Ordinal);

    /// <inheritdoc />
    public override ReadOnlySpan<byte> Heartbeat => "event: ping\ndata: {\"type\": \"ping\"}\n\n"u8;
}

/// <summary>Byte lane of Anthropic Messages, <c>POST /v1/messages</c>. Source: Anthropic's API description, <c>CreateMessageParams</c>.</summary>
public sealed class MessagesLane : AnthropicLane
{
    private readonly bool _beta;

    private MessagesLane(bool beta) => _beta = beta;

    /// <summary>The usual instance.</summary>
    public static MessagesLane Instance { get; } = new(beta: false);

    /// <summary>The same for callers that say <c>?beta=true</c>, as SDKs do for whatever is not yet general: it goes on to the provider.</summary>
    public static MessagesLane Beta { get; } = new(beta: true);

    /// <inheritdoc />
    public override string Name => "anthropic.messages";

    /// <inheritdoc />
    public override string UpstreamPath => _beta ? "/v1/messages?beta=true" : "/v1/messages";

    /// <inheritdoc />
    public override Lane For(ReadOnlySpan<char> query) => IsBeta(query) ? Beta : this;

    /// <inheritdoc />
    /// <remarks><c>thinking</c> is Anthropic's own word, which configurations for other formats use too.</remarks>
    public override FrozenSet<string>? SharedParameters { get; } = FrozenSet.Create(StringComparer.Ordinal, "max_tokens", "temperature", "top_p", "top_k", "thinking");

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => MessagesSniffer.Answer(body, "content"u8);
}

/// <summary>Byte lane of token counts, <c>POST /v1/messages/count_tokens</c>, which answers <c>{"input_tokens":N}</c> and costs nothing.</summary>
public sealed class CountTokensLane : AnthropicLane
{
    private readonly bool _beta;

    private CountTokensLane(bool beta) => _beta = beta;

    /// <summary>The usual instance.</summary>
    public static CountTokensLane Instance { get; } = new(beta: false);

    /// <summary>The same for callers that say <c>?beta=true</c>.</summary>
    public static CountTokensLane Beta { get; } = new(beta: true);

    /// <inheritdoc />
    public override string Name => "anthropic.count_tokens";

    /// <inheritdoc />
    public override string UpstreamPath => _beta ? "/v1/messages/count_tokens?beta=true" : "/v1/messages/count_tokens";

    /// <inheritdoc />
    public override bool CountsTokens => true;

    /// <inheritdoc />
    public override bool TakesDefaults => false;

    /// <inheritdoc />
    public override Lane For(ReadOnlySpan<char> query) => IsBeta(query) ? Beta : this;

    /// <inheritdoc />
    public override AnswerFacts SniffAnswer(ReadOnlySpan<byte> body) => MessagesSniffer.Answer(body, "input_tokens"u8);
}
