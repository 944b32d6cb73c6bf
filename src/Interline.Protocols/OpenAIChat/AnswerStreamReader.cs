using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Reads a stream of <c>chat.completion.chunk</c>s, one event's data at a time, into the events of the conversation model. One instance per stream.
/// </summary>
public sealed class AnswerStreamReader : IAnswerStreamReader
{
    private readonly JsonDoor.Read<AnswerStreamReader> _readChunk;
    private readonly List<StreamChoice> _choices = [];
    private readonly SaidFields _fields = new();

    // What one chunk says, collected apart: a chunk that breaks in its middle leaves no half of itself.
    private readonly List<StreamEvent> _chunk = [];
    private readonly List<StreamEvent> _inner = [];
    private readonly List<StreamEvent> _early = [];
    private UsageReported? _usageNow;
    private AnswerFailed? _failed;
    private AnswerStarted? _head;
    private string? _tier;
    private string? _fingerprint;
    private UsageReported? _usage;

    /// <summary>Stands before the first event.</summary>
    public AnswerStreamReader() => _readChunk = ReadChunk;

    /// <summary>True after <see cref="AnswerEnded"/>, <see cref="AnswerFailed"/> or a malformed event: nothing more is read.</summary>
    public bool Ended { get; private set; }

    /// <inheritdoc />
    /// <remarks><c>[DONE]</c> ends the answer.</remarks>
    public ApiError? Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IList<StreamEvent> events)
    {
        if (Ended)
        {
            return null;
        }

        if (data.Trim(" \r\n\t"u8).SequenceEqual("[DONE]"u8))
        {
            End(events);
            return null;
        }

        _chunk.Clear();
        _inner.Clear();
        (_usageNow, _failed) = (null, null);
        if (JsonDoor.OpenAnswer(data, _readChunk, out ApiError? error) is null)
        {
            Ended = true;
            return error! with { Kind = ErrorKind.Malformed, Status = 502 };
        }

        foreach (StreamEvent e in _chunk)
        {
            events.Add(e);
        }

        return null;
    }

    /// <summary>The connection ended. Without <c>[DONE]</c> (some servers send none) the answer is whole if every choice is finished; otherwise it was cut.</summary>
    /// <param name="events">Gets the last event; nothing if the stream had ended.</param>
    public void Close(IList<StreamEvent> events)
    {
        if (Ended)
        {
            return;
        }

        if (_choices.Count > 0 && _choices.TrueForAll(c => c.Finished))
        {
            End(events);
            return;
        }

        Ended = true;
        events.Add(new AnswerFailed(new ApiError(ErrorKind.Network, 502, "The provider's stream ended before the answer was whole.")));
    }

    private void End(IList<StreamEvent> events)
    {
        foreach (StreamChoice choice in _choices)
        {
            choice.Close(events);
        }

        Ended = true;
        events.Add(AnswerEnded.Instance);
    }

    private AnswerStreamReader ReadChunk(ref JsonCursor json)
    {
        AnswerStarted? head = _head is null ? new AnswerStarted(null, null, null) : null;
        (string? tier, string? fingerprint, bool choices) = (_tier, _fingerprint, false);
        json.EnterObject("a chunk, an object with 'choices'");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "id" or "model" when json.Type == JsonTokenType.String:
                case "created" when json.Type == JsonTokenType.Number:
                    head = head is null ? null : ReadHead(ref json, head);
                    break;
                case "service_tier" when json.Type == JsonTokenType.String:
                    tier = json.Is(tier) ? tier : json.Text();
                    break;
                case "system_fingerprint" when json.Type == JsonTokenType.String:
                    fingerprint = json.Is(fingerprint) ? fingerprint : json.Text();
                    break;
                case "choices":
                    choices |= ReadChoices(ref json);
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    ReadUsage(ref json);
                    break;
                case "error":
                    _failed = new AnswerFailed(StreamError.Read(ref json));
                    break;
                case "object" or "obfuscation" or "p" when json.Type == JsonTokenType.String:
                    // Padding against guessing by length, and the chunk's own name.
                    break;
                case "x_groq" when json.Type == JsonTokenType.StartObject && _usage is null:
                    ReadGroq(ref json);
                    break;
                default:
                    _fields.Take(ref json);
                    break;
            }
        }

        Tell(head, tier, fingerprint, choices);
        return this;
    }

    private static AnswerStarted ReadHead(ref JsonCursor json, AnswerStarted head) => json.Name switch
    {
        "id" => head with { Id = json.Text() },
        "model" => head with { Model = json.Text() },
        _ => head with { Created = json.Number().Whole },
    };

    /// <summary>Puts the chunk's events in order: start, head, fields, choices, usage, error.</summary>
    private void Tell(AnswerStarted? head, string? tier, string? fingerprint, bool choices)
    {
        if (head is not null)
        {
            // Azure's first chunk has no choices, no id and no model: the answer starts with the next one.
            if (!choices && _usageNow is null && _failed is null)
            {
                _fields.Tell(NativeScope.Answer, 0, 0, _early);
                return;
            }

            (_tier, _fingerprint) = (tier, fingerprint);
            _head = head with { ServiceTier = tier, SystemFingerprint = fingerprint };
            _chunk.Add(_head);
            _chunk.AddRange(_early);
        }
        else if (!ReferenceEquals(tier, _tier) || !ReferenceEquals(fingerprint, _fingerprint))
        {
            (_tier, _fingerprint) = (tier, fingerprint);
            _chunk.Add(new HeadChanged(tier, fingerprint));
        }

        _fields.Tell(NativeScope.Answer, 0, 0, _chunk);
        _chunk.AddRange(_inner);
        if (_usageNow is not null)
        {
            _chunk.Add(_usageNow);
        }

        if (_failed is not null)
        {
            _chunk.Add(_failed);
            Ended = true;
        }
    }

    /// <summary>Reads the usage object at the cursor. Some repeat it in every chunk: the same one is not looked through again.</summary>
    private void ReadUsage(ref JsonCursor json)
    {
        JsonCursor again = json;
        ReadOnlySpan<byte> raw = again.RawUtf8();
        if (_usage?.Native is { } before && before.Json.Utf8.SequenceEqual(raw))
        {
            json.Skip();
        }
        else
        {
            RawJson kept = json.Usage(ChatUsage.Read, out Usage usage);
            _usage = new UsageReported(usage, UsageUnread.Native(kept));
        }

        _usageNow = _usage;
    }

    /// <summary>Groq's own field, whose <c>usage</c> older answers have only there.</summary>
    private void ReadGroq(ref JsonCursor json)
    {
        JsonCursor inside = json;
        _fields.Take(ref json);
        inside.EnterObject();
        while (inside.NextField())
        {
            if (inside.Name is "usage" && inside.Type == JsonTokenType.StartObject && _usageNow is null)
            {
                ReadUsage(ref inside);
            }
            else
            {
                inside.Skip();
            }
        }
    }

    private bool ReadChoices(ref JsonCursor json)
    {
        bool any = false;
        json.EnterArray("an array of choices");
        while (json.NextElement())
        {
            any = true;
            ReadChoice(ref json);
        }

        return any;
    }

    private void ReadChoice(ref JsonCursor json)
    {
        StreamChoice choice = Choice((int)Math.Clamp(json.PeekWhole("index"u8) ?? 0, 0, int.MaxValue));
        string? finish = null;
        bool hasDelta = json.Has("delta"u8);
        choice.Delta.Begin();
        json.EnterObject("a choice, an object with 'delta'");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "index":
                    json.Skip();
                    break;
                case "delta" when choice.Finished:
                    choice.Delta.ReadAfterEnd(ref json);
                    break;
                case "delta":
                    choice.Delta.Read(ref json);
                    break;
                case "message" when !hasDelta && !choice.Any:
                    choice.Delta.Read(ref json);
                    break;
                case "message":
                    // Perplexity repeats the whole message so far beside each delta.
                    json.Skip();
                    break;
                case "finish_reason" when json.Type == JsonTokenType.String:
                    finish = json.Text() is { Length: > 0 } word ? word : null;
                    break;
                case "logprobs" when json.Type == JsonTokenType.StartObject && Logprobs.Any(ref json, out RawJson logprobs):
                    _inner.Add(new LogprobsDelta(choice.Index, logprobs));
                    break;
                case "logprobs" when json.Type == JsonTokenType.EndObject:
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    // Moonshot.
                    ReadUsage(ref json);
                    break;
                default:
                    choice.Fields.Take(ref json);
                    break;
            }
        }

        choice.Tell(_inner);
        if (finish is not null && !choice.Finished)
        {
            choice.Close(_inner);
            choice.Finished = true;
            _inner.Add(new ChoiceFinished(choice.Index, ChatFinish.Read(finish), finish));
        }
    }

    private StreamChoice Choice(int index)
    {
        foreach (StreamChoice known in _choices)
        {
            if (known.Index == index)
            {
                return known;
            }
        }

        StreamChoice choice = new(index);
        _choices.Add(choice);
        return choice;
    }
}
