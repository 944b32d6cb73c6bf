using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Writes the events of an answer as an event stream of <c>chat.completion.chunk</c>s, <c>data: {…}</c> and a blank line each, <c>data: [DONE]</c> at the end.
/// One instance per stream.
/// </summary>
/// <param name="defaults">What the answer may lack.</param>
/// <param name="losses">What could not be said.</param>
public sealed class AnswerStreamWriter(AnswerDefaults defaults, LossList losses) : IAnswerStreamWriter
{
    private readonly Dictionary<int, StreamWriterChoice> _choices = [];
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(1), Writing.Options);
    private AnswerStarted _head = new(null, null, null);
    private NativeFields? _fields;
    private UsageReported? _usage;
    private int _calls;

    /// <inheritdoc />
    public void Write(StreamEvent e, IBufferWriter<byte> output)
    {
        switch (e)
        {
            case AnswerStarted started:
                _head = started;
                break;
            case HeadChanged head:
                _head = _head with { ServiceTier = head.ServiceTier, SystemFingerprint = head.SystemFingerprint };
                break;
            case NativeReported { Scope: NativeScope.Answer } reported:
                _fields = Join(_fields, reported.Fields);
                break;
            case UsageReported used:
                _usage = used;
                break;
            case ChoiceEvent choice:
                WriteChoice(choice.Choice, choice, output);
                break;
            case NativeReported reported:
                StreamWriterChoice state = Choice(reported.Choice);
                state.Fields = reported.Scope == NativeScope.Choice ? Join(state.Fields, reported.Fields) : state.Fields;
                state.MessageFields = reported.Scope == NativeScope.Message ? Join(state.MessageFields, reported.Fields) : state.MessageFields;
                break;
            case AnswerFailed failed:
                WriteError(failed.Error, output);
                break;
            case AnswerEnded:
                End(output);
                break;
            default:
                break;
        }
    }

    /// <summary>Frees the JSON writer.</summary>
    public void Dispose() => _json.Dispose();

    /// <summary>The id for a call that has none, from its place in the stream.</summary>
    internal string MakeCallId() => $"call_{_head.Id ?? defaults.Id}_{_calls++}";

    private StreamWriterChoice Choice(int index)
    {
        if (!_choices.TryGetValue(index, out StreamWriterChoice? choice))
        {
            _choices[index] = choice = new StreamWriterChoice();
        }

        return choice;
    }

    private void WriteChoice(int index, ChoiceEvent e, IBufferWriter<byte> output)
    {
        StreamWriterChoice choice = Choice(index);
        if (!choice.Take(e, this))
        {
            return;
        }

        Begin(output);
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, index);
        choice.Write(_json, e);
        _json.WriteEndObject();
        _json.WriteEndArray();
        if (defaults.IncludeUsage)
        {
            _json.WriteNull("usage"u8);
        }

        Finish(output);
    }

    private void End(IBufferWriter<byte> output)
    {
        foreach ((int index, StreamWriterChoice choice) in _choices)
        {
            // What was reported last has no delta after it.
            if (choice.Pending)
            {
                WriteChoice(index, new TextDelta(index, -1, ""), output);
            }
        }

        if (_usage is not null && defaults.IncludeUsage)
        {
            Begin(output);
            _json.WriteStartArray("choices"u8);
            _json.WriteEndArray();
            AnswerWriter.WriteUsage(_json, _usage.Usage, _usage.Native);
            Finish(output);
        }
        else if (_fields is not null)
        {
            Begin(output);
            _json.WriteStartArray("choices"u8);
            _json.WriteEndArray();
            Finish(output);
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    private void WriteError(ApiError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteStartObject("error"u8);
        _json.WriteString("message"u8, error.Message);
        _json.WriteString("type"u8, error.Type ?? "server_error");
        _json.WriteString("param"u8, error.Param);
        _json.WriteString("code"u8, error.Code);
        _json.WriteEndObject();
        Finish(output);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("id"u8, _head.Id ?? "chatcmpl-" + defaults.Id);
        _json.WriteString("object"u8, "chat.completion.chunk"u8);
        _json.WriteNumber("created"u8, _head.Created ?? defaults.Created);
        _json.WriteString("model"u8, _head.Model ?? defaults.Model);
        if (_head.ServiceTier is not null)
        {
            _json.WriteString("service_tier"u8, _head.ServiceTier);
        }

        if (_head.SystemFingerprint is not null)
        {
            _json.WriteString("system_fingerprint"u8, _head.SystemFingerprint);
        }

        _fields?.WriteTo(_json);
        _fields = null;
    }

    private void Finish(IBufferWriter<byte> output)
    {
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n\n"u8);
    }

    private NativeFields? Join(NativeFields? before, NativeFields added) =>
        added.Format != WireFormat.OpenAIChat ? Lost(before, added)
        : before is null ? added
        : new NativeFields(before.Format, before.Where(b => added.Find(b.Name) is null).Concat(added));

    private NativeFields? Lost(NativeFields? before, NativeFields added)
    {
        losses.AddForeign(added, WireFormat.OpenAIChat, "");
        return before;
    }
}
