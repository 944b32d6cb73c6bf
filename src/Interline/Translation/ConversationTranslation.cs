using System.Buffers;
using Interline.Calls;
using Interline.Core.Catalog;
using Interline.Core.Routing;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Recovery;
using Interline.Upstream;

namespace Interline.Translation;

/// <summary>A conversation across two wire formats, through the doors of both.</summary>
internal sealed class ConversationTranslation : AttemptTranslation
{
    private readonly Call _call;
    private readonly ConversationFormat _from;
    private readonly ConversationFormat _to;
    private readonly Signer _signer;
    private readonly LossList _losses = new();
    private readonly IReadOnlyList<string> _left;
    private readonly CallerToolNames? _names;

    private ConversationTranslation(Call call, Callable target, ConversationFormat to, ConversationRequest request, NativeFields? left)
    {
        _call = call;
        _left = DefaultSettings.Left(left, to.Format, _losses);
        _from = call.Lane.Conversation!;
        _to = to;
        _names = CallerToolNames.Of(request, to.Format);
        _signer = SignerOf(target.Deployment, to);
        var body = new ArrayBufferWriter<byte>(Math.Max(256, call.Body.Length));
        if (call.Lane.CountsTokens)
        {
            to.WriteCountRequest(request, Model(target.Deployment), body, _losses);
            Request(to.CountLane!, body.WrittenMemory);
        }
        else
        {
            to.WriteRequest(request, Model(target.Deployment), body, _losses);
            Request(to.Lane(call.Facts.Stream), body.WrittenMemory);
        }

        call.Losses = _losses;
    }

    /// <summary>Translates a call's request.</summary>
    /// <param name="call">The call.</param>
    /// <param name="target">The deployment.</param>
    /// <param name="translation">The translation; null if the tokens are to be counted and the deployment's format has no way to.</param>
    /// <returns>Null, or the 400 that says what is wrong with the caller's request.</returns>
    public static new ApiError? Make(Call call, Callable target, out AttemptTranslation? translation)
    {
        translation = null;
        ConversationFormat to = Formats.Of(target.Deployment.Provider.Wire)!;
        if (Read(call) is { } error)
        {
            return error;
        }

        if (call.Lane.CountsTokens && to.CountLane is null)
        {
            return null;
        }

        ConversationRequest request = call.Conversation! with { Model = target.Deployment.UpstreamModel, Stream = call.Facts.Stream ? true : null };
        request = call.Carried?.Prefill is { } prefill ? AssistantPrefill.Add(request, target.Deployment, prefill) : request;
        request = DefaultSettings.Apply(request, target.Deployment.DefaultParameters, out NativeFields? left);
        request = call.Signatures.Restore(call.Tenant, request, SignerOf(target.Deployment, to));
        translation = new ConversationTranslation(call, target, to, request, left);
        return null;
    }

    /// <summary>Reads the caller's request into <see cref="Call.Conversation"/>, once for all attempts.</summary>
    /// <param name="call">The call.</param>
    public static ApiError? Read(Call call)
    {
        if (call.Conversation is not null)
        {
            return null;
        }

        ConversationFormat from = call.Lane.Conversation!;
        bool read = call.Lane.CountsTokens
            ? from.TryReadCountRequest(call.Body.Span, out ConversationRequest? request, out ApiError? error)
            : from.TryReadRequest(call.Body.Span, out request, out error);
        call.Conversation = request;
        return read ? null : error;
    }

    /// <inheritdoc />
    public override bool Leaves(string parameter) => !_call.Lane.CountsTokens && _left.Contains(parameter);

    /// <inheritdoc />
    public override ApiError? Answer(ReadOnlySpan<byte> body, IBufferWriter<byte> output)
    {
        if (_call.Lane.CountsTokens)
        {
            if (!_to.TryReadCount(body, out long tokens))
            {
                return new(ErrorKind.Malformed, 502, "The provider answered with something that is not a count of tokens.");
            }

            _from.WriteCount(tokens, output);
            return null;
        }

        if (!_to.TryReadAnswer(body, out Answer? answer, out ApiError? error))
        {
            return error;
        }

        answer = ToolCallIds.Give(_names?.Give(answer) ?? answer, _call.Id);
        _call.Signatures.Keep(_call.Tenant, answer, _signer);
        _from.WriteAnswer(answer, Defaults(_call), output, _losses);
        return null;
    }

    /// <inheritdoc />
    public override StreamTranslation Stream(CarriedStream? carried) => new(
        _to.NewStreamReader(),
        carried?.Writer(_losses) ?? _from.NewStreamWriter(Defaults(_call), _losses),
        new ToolCallIds(_call.Id),
        _names,
        _call.Signatures.Keeper(_call.Tenant, _signer),
        carried);

    /// <summary>What an answer to a call needs and its provider's may lack.</summary>
    /// <param name="call">The call.</param>
    public static AnswerDefaults Defaults(Call call) => new(
        call.Id,
        call.StartedAt.ToUnixTimeSeconds(),
        call.Group.Group.Name,
        call.Facts.IncludeUsage || call.Snapshot.Snapshot.General.AlwaysIncludeStreamUsage);

    private static Signer SignerOf(Deployment deployment, ConversationFormat to) =>
        new(to.Format, deployment.Provider.Id, deployment.BaseUrlFor(deployment.Provider.Wire)?.Host ?? "");

    private static TargetModel Model(Deployment deployment) => new(deployment.UpstreamModel, deployment.Provider.Id)
    {
        MaxOutput = deployment.Model?.MaxOutput,
        Reasons = deployment.Model is { Capabilities: not ModelCapabilities.None } known ? known.Capabilities.HasFlag(ModelCapabilities.Reasoning) : null,
    };
}
