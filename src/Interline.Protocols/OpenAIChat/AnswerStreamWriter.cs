using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;
using Interline.Protocols.OpenAI;

namespace Interline.Protocols.OpenAIChat;

/// <summary>
/// Writes the events of an answer as an event stream of <c>chat.completion.chunk</c>s, <c>data: {…}</c> and a blank line each, <c>data: [DONE]</c> at the end.
/// One instance per stream.
/// </summary>
/// <param name="defaults">What the answer may lack.</param>
/// <param name="losses">What could not be said.</param>
public sealed class AnswerStreamWriter(AnswerDefaults defaults, LossList losses) : IAnswerStreamWriter
{
    private readonly SortedDictionary<int, StreamWriterChoice> _choices = [];
    private readonly Writing _writing = new(ChatDialect.OpenAI, losses, isAnswer: true, $"call_{defaults.Id}_");
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(1), Writing.Options);

    // What every chunk repeats, escaped once.
    private JsonEncodedText _id = Encoded("chatcmpl-" + defaults.Id);
    private JsonEncodedText _model = Encoded(defaults.Model);

    // Some providers send an empty id or model: only their own format has it back.
    private bool _emptyId, _emptyModel, _ours;
    private long _created = defaults.Created;
    private string? _tier;
    private string? _fingerprint;
    private NativeFields? _fields;
    private UsageReported? _usage;

    /// <inheritdoc />
    public void Write(StreamEvent e, IBufferWriter<byte> output)
    {
        switch (e)
        {
            case AnswerStarted started:
                Start(started);
                break;
            case HeadChanged head:
                (_tier, _fingerprint) = (head.ServiceTier, head.SystemFingerprint);
                break;
            case NativeReported { Scope: NativeScope.Answer } reported when Writing.Ours(reported.Fields):
                _ours = true;
                _fields = StreamWriterChoice.Join(_fields, reported.Fields);
                break;
            case NativeReported { Scope: NativeScope.Answer } reported:
                losses.AddForeign(reported.Fields, WireFormat.OpenAIChat, "");
                break;
            case NativeReported reported:
                Choice(reported.Choice).Take(reported);
                break;
            case UsageReported used:
                _usage = used;
                losses.AddForeign(used.Native, WireFormat.OpenAIChat);
                break;
            case ChoiceEvent choice:
                if (Choice(choice.Choice).Take(choice))
                {
                    WriteChoice(choice.Choice, choice, output);
                }

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

    private static JsonEncodedText Encoded(string text) => JsonEncodedText.Encode(text, Writing.Options.Encoder);

    private void Start(AnswerStarted started)
    {
        (_emptyId, _emptyModel) = (started.Id is "", started.Model is "");
        _id = string.IsNullOrEmpty(started.Id) ? _id : Encoded(started.Id);
        _model = string.IsNullOrEmpty(started.Model) ? _model : Encoded(started.Model);
        _created = started.Created ?? _created;
        (_tier, _fingerprint) = (started.ServiceTier, started.SystemFingerprint);
    }

    private StreamWriterChoice Choice(int index)
    {
        if (!_choices.TryGetValue(index, out StreamWriterChoice? choice))
        {
            _choices[index] = choice = new StreamWriterChoice(index, _writing);
        }

        return choice;
    }

    private void WriteChoice(int index, ChoiceEvent? e, IBufferWriter<byte> output)
    {
        Begin(output);
        _json.WriteStartArray("choices"u8);
        _json.WriteStartObject();
        _json.WriteNumber("index"u8, index);
        Choice(index).Write(_json, e);
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
            while (choice.Pending)
            {
                WriteChoice(index, null, output);
            }

            // Another format's answer that never said why it ended has ended well: clients wait for a word.
            if (!_ours && !choice.Finished)
            {
                WriteChoice(index, new ChoiceFinished(index, FinishReason.Unknown, null), output);
            }
        }

        bool usage = _usage is not null && defaults.IncludeUsage;
        if (usage || _fields is not null)
        {
            Begin(output);
            _json.WriteStartArray("choices"u8);
            _json.WriteEndArray();
            if (usage)
            {
                AnswerWriter.WriteUsage(_json, _usage!.Usage, _usage.Native, losses);
            }

            Finish(output);
        }

        output.Write("data: [DONE]\n\n"u8);
    }

    private static void WriteError(ApiError error, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        output.Write(ErrorBody.Write(error));
        output.Write("\n\n"u8);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteString("id"u8, _emptyId && _ours ? default : _id);
        _json.WriteString("object"u8, "chat.completion.chunk"u8);
        _json.WriteNumber("created"u8, _created);
        _json.WriteString("model"u8, _emptyModel && _ours ? default : _model);
        if (_tier is not null)
        {
            _json.WriteString("service_tier"u8, _tier);
        }

        if (_fingerprint is not null)
        {
            _json.WriteString("system_fingerprint"u8, _fingerprint);
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
}
