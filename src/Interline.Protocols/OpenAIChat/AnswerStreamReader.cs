using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Reads a stream of <c>chat.completion.chunk</c>s, one event's data at a time, into the events of the conversation model. One instance per stream.
/// </summary>
public sealed class AnswerStreamReader : IAnswerStreamReader
{
    private readonly Dictionary<int, StreamChoice> _choices = [];
    private readonly Dictionary<string, RawJson> _said = new(StringComparer.Ordinal);
    private NativeFields? _early;
    private bool _started;
    private string? _tier;
    private string? _fingerprint;
    private Usage? _usage;

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

        // Collected apart, so that a chunk that breaks in its middle leaves no half of itself.
        List<StreamEvent> said = [];
        List<StreamEvent>? read = JsonDoor.Open(data, (ref JsonCursor json) => ReadChunk(ref json, said), out ApiError? error);
        if (read is null)
        {
            Ended = true;
            return error! with { Kind = ErrorKind.Malformed, Status = 502 };
        }

        foreach (StreamEvent e in said)
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

        if (_choices.Count > 0 && _choices.Values.All(c => c.Finished))
        {
            End(events);
            return;
        }

        Ended = true;
        events.Add(new AnswerFailed(new ApiError(ErrorKind.Network, 502, "The provider's stream ended before the answer was whole.")));
    }

    private void End(IList<StreamEvent> events)
    {
        foreach (StreamChoice choice in _choices.Values)
        {
            choice.Close(events);
        }

        Ended = true;
        events.Add(AnswerEnded.Instance);
    }

    private List<StreamEvent> ReadChunk(ref JsonCursor json, List<StreamEvent> events)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        AnswerStarted head = new(null, null, null);
        List<StreamEvent> inner = [];
        bool choices = false;
        json.EnterObject("a chunk, an object with 'choices'");
        while (json.NextField())
        {
            if (json.IsNull)
            {
                continue;
            }

            switch (json.Name)
            {
                case "id" when json.Type == JsonTokenType.String:
                    head = _started ? head : head with { Id = json.Text() };
                    break;
                case "model" when json.Type == JsonTokenType.String:
                    head = _started ? head : head with { Model = json.Text() };
                    break;
                case "created" when json.Type == JsonTokenType.Number:
                    head = _started ? head : head with { Created = json.Number().Whole };
                    break;
                case "service_tier" when json.Type == JsonTokenType.String:
                    head = head with { ServiceTier = json.Text() };
                    break;
                case "system_fingerprint" when json.Type == JsonTokenType.String:
                    head = head with { SystemFingerprint = json.Text() };
                    break;
                case "choices":
                    json.EnterArray("an array of choices");
                    while (json.NextElement())
                    {
                        choices = true;
                        ReadChoice(ref json, inner);
                    }

                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    ReadUsage(ref json, inner);
                    break;
                case "error":
                    ApiError error = StreamError.Read(ref json);
                    inner.Add(new AnswerFailed(error));
                    break;
                case "object" or "obfuscation" or "p":
                    // Padding against guessing by length, and the chunk's own name.
                    json.Skip();
                    break;
                case "x_groq" when json.Type == JsonTokenType.StartObject && _usage is null:
                    ReadGroq(ref json, inner, native);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        Tell(head, native, choices, inner, events);
        return events;
    }

    /// <summary>Puts the chunk's events in order: start, head, fields, choices, usage, error.</summary>
    private void Tell(AnswerStarted head, NativeFields native, bool choices, List<StreamEvent> inner, List<StreamEvent> events)
    {
        if (!_started)
        {
            // Azure's first chunk has no choices, no id and no model: the answer starts with the next one.
            if (!choices && inner.Count == 0)
            {
                _early = native;
                return;
            }

            _started = true;
            (_tier, _fingerprint) = (head.ServiceTier, head.SystemFingerprint);
            events.Add(head);
            if (_early is not null)
            {
                TellFields(NativeScope.Answer, 0, _early, events);
            }
        }
        else if ((head.ServiceTier ?? _tier) != _tier || (head.SystemFingerprint ?? _fingerprint) != _fingerprint)
        {
            (_tier, _fingerprint) = (head.ServiceTier ?? _tier, head.SystemFingerprint ?? _fingerprint);
            events.Add(new HeadChanged(_tier, _fingerprint));
        }

        TellFields(NativeScope.Answer, 0, native, events);
        events.AddRange(inner.Where(e => e is ChoiceEvent or NativeReported));
        events.AddRange(inner.Where(e => e is UsageReported));
        if (inner.Find(e => e is AnswerFailed) is { } failed)
        {
            events.Add(failed);
            Ended = true;
        }
    }

    /// <summary>Reports fields, but only what is new: many providers repeat theirs in every chunk.</summary>
    private void TellFields(NativeScope scope, int choice, NativeFields fields, List<StreamEvent> events)
    {
        NativeFields? fresh = null;
        foreach (NativeField field in fields)
        {
            string key = $"{(int)scope}.{choice}.{field.Name}";
            if (!_said.TryGetValue(key, out RawJson before) || before != field.Value)
            {
                _said[key] = field.Value;
                (fresh ??= new NativeFields(WireFormat.OpenAIChat)).Add(field);
            }
        }

        if (fresh is not null)
        {
            events.Add(new NativeReported(scope, choice, fresh));
        }
    }

    private void ReadUsage(ref JsonCursor json, List<StreamEvent> events)
    {
        RawJson raw = json.Usage(ChatUsage.Read, out Usage usage);
        _usage = usage;
        events.RemoveAll(e => e is UsageReported);
        events.Add(new UsageReported(usage, new NativeUsage(WireFormat.OpenAIChat, raw)));
    }

    /// <summary>Groq's own field, whose <c>usage</c> older answers have only there.</summary>
    private void ReadGroq(ref JsonCursor json, List<StreamEvent> events, NativeFields native)
    {
        int start = json.Position;
        bool known = events.Exists(e => e is UsageReported);
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "usage" && json.Type == JsonTokenType.StartObject && !known)
            {
                ReadUsage(ref json, events);
            }
            else
            {
                json.Skip();
            }
        }

        native.Add(new NativeField("x_groq", json.Since(start)));
    }

    private void ReadChoice(ref JsonCursor json, List<StreamEvent> events)
    {
        NativeFields native = new(WireFormat.OpenAIChat);
        int index = (int)Math.Clamp(json.PeekWhole("index"u8) ?? 0, 0, int.MaxValue);
        if (!_choices.TryGetValue(index, out StreamChoice? choice))
        {
            _choices[index] = choice = new StreamChoice(index);
        }

        List<StreamEvent> deltas = [];
        NativeFields message = new(WireFormat.OpenAIChat);
        string? finish = null;
        bool hasDelta = json.Has("delta"u8);
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
                    // The format ends a choice with its finish_reason; what a broken server says after it is not part of it.
                    json.Skip();
                    break;
                case "delta":
                    choice.ReadDelta(ref json, deltas, message);
                    break;
                case "message" when !hasDelta && !choice.Any:
                    choice.ReadDelta(ref json, deltas, message);
                    break;
                case "message":
                    // Perplexity repeats the whole message so far beside each delta.
                    json.Skip();
                    break;
                case "finish_reason" when json.Type == JsonTokenType.String:
                    finish = json.Text() is { Length: > 0 } word ? word : null;
                    break;
                case "logprobs" when json.Type == JsonTokenType.StartObject && Logprobs.Any(ref json, out RawJson logprobs):
                    events.Add(new LogprobsDelta(index, logprobs));
                    break;
                case "logprobs":
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    // Moonshot.
                    ReadUsage(ref json, events);
                    break;
                default:
                    native.Keep(ref json);
                    break;
            }
        }

        TellFields(NativeScope.Choice, index, native, events);
        TellFields(NativeScope.Message, index, message, events);
        events.AddRange(deltas);
        if (finish is not null && !choice.Finished)
        {
            choice.Close(events);
            choice.Finished = true;
            events.Add(new ChoiceFinished(index, ChatFinish.Read(finish), finish));
        }
    }
}
