using System.Text;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Reads the events of a streamed message, one event's data at a time, into the events of the conversation model. One instance per stream.
/// What an event says beyond the model is reported as <see cref="NativeReported"/>: fields of the message and of <c>message_delta.delta</c> as the answer's;
/// fields of <c>message_delta</c> itself as the choice's; fields of other events as the message's, named <c>content_block_delta.delta.field</c>;
/// events never seen as the message's, whole, under their name. Source: Anthropic's API description, <c>MessageStreamEvent</c>.
/// </summary>
public sealed class AnswerStreamReader : IAnswerStreamReader
{
    private readonly JsonDoor.Read<AnswerStreamReader> _read;
    private readonly StreamBlocks _blocks = new();
    private readonly UsageSoFar _usage = new();
    private IList<StreamEvent> _events = [];
    private string? _name;
    private bool _started;
    private bool _finished;

    /// <summary>A reader of a new stream.</summary>
    public AnswerStreamReader() => _read = ReadEvent;

    /// <inheritdoc />
    public bool Ended { get; private set; }

    /// <inheritdoc />
    public ApiError? Read(ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, IList<StreamEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (Ended)
        {
            return null;
        }

        int before = events.Count;
        _events = events;
        _name = name.IsEmpty ? null : Encoding.UTF8.GetString(name);
        if (JsonDoor.OpenAnswer(data, _read, out ApiError? error) is null)
        {
            // An event that breaks in its middle leaves no half of itself.
            while (events.Count > before)
            {
                events.RemoveAt(events.Count - 1);
            }

            Ended = true;
            return error! with { Kind = ErrorKind.Malformed, Status = 502 };
        }

        if (events.Count > before && events[^1] is AnswerFailed)
        {
            events[^1] = new AnswerFailed(AnthropicErrors.Read(0, data).Error);
        }

        return null;
    }

    /// <summary>The connection ended. Without <c>message_stop</c> the answer was cut.</summary>
    /// <param name="events">Gets the last event; nothing if the stream had ended.</param>
    public void Close(IList<StreamEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (!Ended)
        {
            Ended = true;
            events.Add(new AnswerFailed(new ApiError(ErrorKind.Network, 502, "The provider's stream ended before the answer was whole.")));
        }
    }

    private AnswerStreamReader ReadEvent(ref JsonCursor json)
    {
        if (json.Type != JsonTokenType.StartObject)
        {
            throw json.Fail("an event, an object with a 'type'");
        }

        string type = json.Peek("type"u8) ?? _name ?? throw json.FailWith("must have a 'type', such as \"content_block_delta\".");
        switch (type)
        {
            case "message_start":
                ReadStart(ref json);
                break;
            case "content_block_start":
                Start();
                _blocks.ReadStart(ref json, _events);
                break;
            case "content_block_delta":
                _blocks.ReadDelta(ref json, _events);
                break;
            case "content_block_stop":
                _blocks.ReadStop(ref json, _events);
                break;
            case "message_delta":
                Start();
                ReadMessageDelta(ref json);
                break;
            case "message_stop":
                ReadStop(ref json);
                break;
            case "error":
                json.Skip();
                Ended = true;
                _events.Add(new AnswerFailed(new ApiError(ErrorKind.Server, 502, "")));
                break;
            case "ping" when !HasMore(json):
                json.Skip();
                break;
            default:
                Start();
                Report(_events, NativeScope.Message, type, json.Raw());
                break;
        }

        return this;
    }

    /// <summary>Reports one field.</summary>
    internal static void Report(IList<StreamEvent> events, NativeScope scope, string name, RawJson value) =>
        events.Add(new NativeReported(scope, 0, new NativeFields(WireFormat.AnthropicMessages, new NativeField(name, value))));

    /// <summary>Reports fields if there are any.</summary>
    private void Report(NativeScope scope, NativeFields fields)
    {
        if (fields.Count > 0)
        {
            _events.Add(new NativeReported(scope, 0, fields));
        }
    }

    /// <summary>Whether an event says anything but its type. The cursor, a copy, stays.</summary>
    private static bool HasMore(JsonCursor json)
    {
        bool more = false;
        json.EnterObject();
        while (json.NextField())
        {
            more |= json.Name is not "type";
            json.Skip();
        }

        return more;
    }

    /// <summary>Some servers leave message_start out.</summary>
    private void Start()
    {
        if (!_started)
        {
            _started = true;
            _events.Add(new AnswerStarted(null, null, null));
        }
    }

    private void ReadStart(ref JsonCursor json)
    {
        if (_started)
        {
            throw json.FailWith("starts a message in the middle of one.");
        }

        NativeFields native = new(WireFormat.AnthropicMessages);
        NativeFields outer = new(WireFormat.AnthropicMessages);
        Answer head = new([]);
        List<Part> whole = [];
        bool used = false;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "message":
                    head = ReadMessage(ref json, native, whole, ref used);
                    break;
                default:
                    outer.Add(new NativeField("message_start." + json.NameText, json.Raw()));
                    break;
            }
        }

        _started = true;
        _events.Add(new AnswerStarted(head.Id, head.Model, null) { ServiceTier = _usage.ServiceTier });
        Report(NativeScope.Answer, native);
        Report(NativeScope.Message, outer);
        TellUsage(used);
        whole.ForEach(part => _blocks.Add(part, _events));
    }

    private Answer ReadMessage(ref JsonCursor json, NativeFields native, List<Part> whole, ref bool used)
    {
        Answer head = new([]);
        json.EnterObject("a message");
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "content" when json.Type == JsonTokenType.StartArray:
                    // The API's is empty: the blocks come as events.
                    whole.AddRange(BlockReader.ReadAll(ref json));
                    break;
                case "stop_reason" or "stop_sequence" when json.IsNull:
                    // message_delta says them.
                    json.Skip();
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    _usage.Read(ref json);
                    used = true;
                    break;
                default:
                    head = native.KeepNull(ref json) ? head : AnswerReader.ReadHead(ref json, head, native);
                    break;
            }
        }

        return head;
    }

    private void ReadMessageDelta(ref JsonCursor json)
    {
        NativeFields ofAnswer = new(WireFormat.AnthropicMessages);
        NativeFields ofChoice = new(WireFormat.AnthropicMessages);
        string? finish = null, stopped = null;
        bool used = false;
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "type":
                    break;
                case "delta" when json.Type == JsonTokenType.StartObject:
                    ReadFinish(ref json, ofAnswer, ref finish, ref stopped);
                    break;
                case "usage" when json.Type == JsonTokenType.StartObject:
                    _usage.Read(ref json);
                    used = true;
                    break;
                default:
                    ofChoice.Keep(ref json);
                    break;
            }
        }

        Report(NativeScope.Answer, ofAnswer);
        Report(NativeScope.Choice, ofChoice);
        if (finish is not null && !_finished)
        {
            Finish(new ChoiceFinished(0, MessagesFinish.Read(finish), finish) { StopSequence = stopped });
        }

        TellUsage(used);
    }

    private static void ReadFinish(ref JsonCursor json, NativeFields native, ref string? finish, ref string? stopped)
    {
        json.EnterObject();
        while (json.NextField())
        {
            switch (json.Name)
            {
                case "stop_reason" when json.Type is JsonTokenType.String:
                    finish = json.Text();
                    break;
                case "stop_sequence" when json.Type is JsonTokenType.String:
                    stopped = json.Text();
                    break;
                default:
                    if (!native.KeepNull(ref json))
                    {
                        native.Keep(ref json);
                    }

                    break;
            }
        }
    }

    private void ReadStop(ref JsonCursor json)
    {
        Start();
        json.EnterObject();
        while (json.NextField())
        {
            if (json.Name is "type")
            {
                continue;
            }

            Report(_events, NativeScope.Message, "message_stop." + json.NameText, json.Raw());
        }

        if (!_finished)
        {
            Finish(new ChoiceFinished(0, FinishReason.Unknown, null));
        }

        Ended = true;
        _events.Add(AnswerEnded.Instance);
    }

    private void Finish(ChoiceFinished finished)
    {
        _blocks.EndAll(_events);
        _finished = true;
        _blocks.Closed = true;
        _events.Add(finished);
    }

    private void TellUsage(bool used)
    {
        if (used)
        {
            _events.Add(new UsageReported(_usage.Usage, _usage.ToNative()));
        }
    }
}
