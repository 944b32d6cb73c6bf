using System.Runtime.InteropServices;
using Interline.Protocols.Conversation;

namespace Interline.Translation;

/// <summary>
/// What a provider signed and the caller's format cannot carry, kept by the id of the tool call it came with: the client sends that id back with the tool's result,
/// and the provider refuses the conversation, or answers worse, without its own reasoning beside it. Nobody finds what was kept for another tenant.
/// Bounded by number and size, the oldest gives way. Thread-safe.
/// </summary>
public sealed class SignatureStore
{
    /// <summary>Most tool calls remembered.</summary>
    public const int DefaultCapacity = 20_000;

    /// <summary>Most characters remembered over all.</summary>
    public const long DefaultSize = 32L << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Tenant, string CallId), Kept> _kept = [];
    private readonly Queue<(string Tenant, string CallId)> _order = new();
    private readonly int _capacity;
    private readonly long _most;
    private long _size;

    /// <summary>Starts empty.</summary>
    /// <param name="capacity">Most tool calls remembered.</param>
    /// <param name="most">Most characters remembered over all.</param>
    public SignatureStore(int capacity = DefaultCapacity, long most = DefaultSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
        _most = most;
    }

    /// <summary>Tool calls remembered now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _kept.Count;
            }
        }
    }

    /// <summary>Keeps what is signed in an answer with tool calls.</summary>
    /// <param name="tenant">Whose the conversation is.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="signer">Who signed, and alone understands it.</param>
    public void Keep(string tenant, Answer answer, Signer signer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        foreach (Choice choice in answer.Choices)
        {
            Keep(tenant, choice.Message.Parts, signer);
        }
    }

    /// <summary>Puts back what was kept for the tool calls of a request, where the client did not send it itself.</summary>
    /// <param name="tenant">Whose the conversation is.</param>
    /// <param name="request">The request.</param>
    /// <param name="signer">Whom it goes to; what another signed stays away from it.</param>
    public ConversationRequest Restore(string tenant, ConversationRequest request, Signer signer)
    {
        ArgumentNullException.ThrowIfNull(request);
        Message[]? messages = null;
        for (int i = 0; i < request.Messages.Count; i++)
        {
            if (Restore(tenant, request.Messages[i], signer) is { } restored)
            {
                messages ??= [.. request.Messages];
                messages[i] = restored;
            }
        }

        return messages is null ? request : request with { Messages = messages };
    }

    internal SignatureKeeper Keeper(string tenant, Signer signer) => new(this, tenant, signer);

    internal void Keep(string tenant, IReadOnlyList<Part> parts, Signer signer)
    {
        ReasoningPart[] reasoning = [.. parts.OfType<ReasoningPart>().Where(IsSigned)];
        foreach (ToolCallPart call in parts.OfType<ToolCallPart>())
        {
            if (call.Id.Length > 0 && (call.Signature is not null || reasoning.Length > 0))
            {
                Add((tenant, call.Id), new Kept(signer, reasoning, call.Signature));
            }
        }
    }

    internal static bool IsSigned(ReasoningPart part) => part.Signature is { Length: > 0 } || part.Encrypted is not null;

    private void Add((string, string) key, Kept kept)
    {
        if (kept.Size > _most)
        {
            return;
        }

        lock (_lock)
        {
            ref Kept? place = ref CollectionsMarshal.GetValueRefOrAddDefault(_kept, key, out bool existed);
            _size += kept.Size - (place?.Size ?? 0);
            place = kept;
            if (!existed)
            {
                _order.Enqueue(key);
            }

            while (_kept.Count > _capacity || _size > _most)
            {
                (string, string) oldest = _order.Dequeue();
                if (_kept.Remove(oldest, out Kept? gone))
                {
                    _size -= gone.Size;
                }
            }
        }
    }

    private Message? Restore(string tenant, Message message, Signer signer)
    {
        if (message.Role != Role.Assistant)
        {
            return null;
        }

        List<Part>? parts = null;
        bool hasSigned = message.Parts.Any(p => p is ReasoningPart reasoning && IsSigned(reasoning));
        bool done = false;
        for (int i = 0; i < message.Parts.Count; i++)
        {
            if (message.Parts[i] is not ToolCallPart call || Find(tenant, call.Id, signer) is not { } kept)
            {
                continue;
            }

            parts ??= [.. message.Parts];
            if (call.Signature is null && kept.CallSignature is not null)
            {
                parts[parts.IndexOf(call)] = call with { Signature = kept.CallSignature };
            }

            if (!done && kept.Reasoning.Length > 0 && (!hasSigned || kept.SignedAny(message)))
            {
                // The client's own copy is the same reasoning without its proof, or with it in the client's format, where nobody can tell whose it is.
                parts.RemoveAll(p => p is ReasoningPart);
                parts.InsertRange(0, kept.Reasoning);
                done = true;
            }
        }

        return parts is null ? null : message with { Parts = parts };
    }

    private Kept? Find(string tenant, string callId, Signer signer)
    {
        lock (_lock)
        {
            return _kept.TryGetValue((tenant, callId), out Kept? kept) && kept.Signer == signer ? kept : null;
        }
    }

    private sealed record Kept(Signer Signer, ReasoningPart[] Reasoning, string? CallSignature)
    {
        /// <summary>Whether a message holds some of this reasoning with its proof.</summary>
        public bool SignedAny(Message message) =>
            message.Parts.Any(p => p is ReasoningPart { Signature: { Length: > 0 } signature } && Reasoning.Any(r => r.Signature == signature));

        /// <summary>Characters held. Reasoning shared by parallel calls is counted with each: more is thrown away than need be, never less.</summary>
        public long Size { get; } = (CallSignature?.Length ?? 0) + Reasoning.Sum(r => (long)r.Text.Length + (r.Signature?.Length ?? 0) + (r.Encrypted?.Length ?? 0)) + 100;
    }
}

/// <summary>Who signs reasoning: the same format is spoken by many, and each understands its own proofs only.</summary>
/// <param name="Format">Wire format of the provider.</param>
/// <param name="Provider">Its id in the catalogue.</param>
/// <param name="Host">Host of the base URL it is called at.</param>
public sealed record Signer(WireFormat Format, string Provider, string Host);

/// <summary>Gathers what is signed in one streamed answer; text and arguments are not gathered.</summary>
internal sealed class SignatureKeeper(SignatureStore store, string tenant, Signer signer)
{
    private AnswerBuilder? _gathered;
    private HashSet<(int, int)>? _parts;

    /// <summary>Looks at the next event.</summary>
    /// <param name="e">The event.</param>
    public void Add(StreamEvent e)
    {
        switch (e)
        {
            case PartStarted { Seed: ReasoningPart or ToolCallPart } started:
                (_parts ??= []).Add((started.Choice, started.Part));
                (_gathered ??= new AnswerBuilder()).Add(e);
                break;
            case TextDelta delta when _parts?.Contains((delta.Choice, delta.Part)) == true:
            case SignatureDelta or EncryptedDelta when _gathered is not null:
                _gathered!.Add(e);
                break;
            case ChoiceFinished when _gathered is not null:
                // At the finish and not at the stream's end: the client may send the tool's result before that has come.
                store.Keep(tenant, _gathered.Build(), signer);
                break;
        }
    }
}
