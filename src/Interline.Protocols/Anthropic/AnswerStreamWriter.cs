using System.Buffers;
using System.Text.Json;
using Interline.Protocols.Conversation;

namespace Interline.Protocols.Anthropic;

/// <summary>
/// Writes the events of an answer as Anthropic streams a message: <c>message_start</c>, then block by block, <c>message_delta</c> with finish and usage, <c>message_stop</c>.
/// Blocks never overlap: tool calls that arrive side by side are written one after the other. One instance per stream.
/// </summary>
public sealed class AnswerStreamWriter : IAnswerStreamWriter
{
    private readonly AnswerDefaults _defaults;
    private readonly Writing _writing;
    private readonly EventFrames _frames;
    private readonly StreamWriterParts _parts;
    private AnswerStarted? _head;
    private UsageReported? _usage;
    private ChoiceFinished? _finished;
    private NativeFields? _ofAnswer;
    private NativeFields? _ofChoice;
    private string? _tier;
    private bool _begun;
    private bool _ours;

    /// <summary>A writer of a new stream.</summary>
    /// <param name="defaults">What the answer may lack.</param>
    /// <param name="losses">What could not be said.</param>
    public AnswerStreamWriter(AnswerDefaults defaults, LossList losses)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        _defaults = defaults;
        _writing = new Writing(losses, isAnswer: true, $"toolu_{defaults.Id}_");
        _frames = new EventFrames(_writing);
        _parts = new StreamWriterParts(_frames, _writing);
    }

    /// <inheritdoc />
    public void Write(StreamEvent e, IBufferWriter<byte> output)
    {
        switch (e)
        {
            case AnswerStarted started:
                _head = started;
                _tier = started.ServiceTier;
                break;
            case HeadChanged head:
                Take(head);
                break;
            case UsageReported used:
                _usage = used;
                _ours |= used.Native is { Format: WireFormat.AnthropicMessages };
                _writing.Losses.AddForeign(used.Native, WireFormat.AnthropicMessages);
                AnswerWriter.ReportUsage(used.Usage, _writing);
                break;
            case NativeReported reported:
                Report(reported, output);
                break;
            case ChoiceEvent { Choice: > 0 } other:
                _writing.Drop($"choices[{other.Choice}]", "Anthropic's answers are one");
                break;
            case LogprobsDelta:
                _writing.Drop("choices[0].logprobs", "Anthropic has no probabilities");
                break;
            case ChoiceFinished finished:
                _finished = finished;
                break;
            case ChoiceEvent choice:
                Begin(output);
                _parts.Write(choice, output);
                break;
            case AnswerFailed failed:
                output.Write(AnthropicErrors.WriteEvent(failed.Error));
                break;
            case AnswerEnded:
                End(output);
                break;
            default:
                break;
        }
    }

    /// <summary>Frees the JSON writer.</summary>
    public void Dispose() => _frames.Dispose();

    private void Take(HeadChanged head)
    {
        if (_begun && head.ServiceTier is not null && head.ServiceTier != _tier)
        {
            _writing.Drop("service_tier", "Anthropic says it at the beginning, and the provider at the end");
        }

        _tier = head.ServiceTier ?? _tier;
        AnswerWriter.ReportHead(null, head.SystemFingerprint, null, _writing);
    }

    private void Report(NativeReported reported, IBufferWriter<byte> output)
    {
        if (reported.Fields.Format != WireFormat.AnthropicMessages)
        {
            _writing.Foreign(reported.Fields, reported.Scope switch
            {
                NativeScope.Answer => "",
                NativeScope.Choice => $"choices[{reported.Choice}]",
                NativeScope.Part => $"choices[{reported.Choice}].message.content[{reported.Part}]",
                _ => $"choices[{reported.Choice}].message",
            });
            return;
        }

        _ours = true;
        switch (reported.Scope)
        {
            case NativeScope.Answer:
                _ofAnswer = Join(_ofAnswer, reported.Fields);
                break;
            case NativeScope.Choice:
                _ofChoice = Join(_ofChoice, reported.Fields);
                break;
            default:
                foreach (NativeField field in reported.Fields)
                {
                    if (!_frames.Wait(field))
                    {
                        // An event never seen, whole.
                        Begin(output);
                        _frames.WriteWhole(field, output);
                    }
                }

                break;
        }
    }

    private static NativeFields Join(NativeFields? before, NativeFields added) =>
        before is null ? added : new NativeFields(before.Format, before.Where(b => added.Find(b.Name) is null).Concat(added));

    private void Begin(IBufferWriter<byte> output)
    {
        if (_begun)
        {
            return;
        }

        _begun = true;
        if (!_ours)
        {
            AnswerWriter.ReportHead(_head?.Created, _head?.SystemFingerprint, _tier, _writing);
        }

        Utf8JsonWriter w = _frames.Start("message_start"u8, output);
        w.WriteStartObject("message"u8);
        w.WriteString("id"u8, _ours ? _head?.Id ?? "msg_" + _defaults.Id : AnswerWriter.Said(_head?.Id) ?? "msg_" + _defaults.Id);
        if (_ofAnswer?.Find("type") is null)
        {
            w.WriteString("type"u8, "message"u8);
        }

        if (_ofAnswer?.Find("role") is null)
        {
            w.WriteString("role"u8, "assistant"u8);
        }

        w.WriteString("model"u8, _ours ? _head?.Model ?? _defaults.Model : AnswerWriter.Said(_head?.Model) ?? _defaults.Model);
        w.WriteStartArray("content"u8);
        w.WriteEndArray();
        w.WriteNull("stop_reason"u8);
        w.WriteNull("stop_sequence"u8);
        _ofAnswer?.WriteTo(w);
        _ofAnswer = null;
        w.WritePropertyName("usage"u8);
        AnswerWriter.WriteUsage(w, _usage?.Usage, _usage?.Native, _tier);
        w.WriteEndObject();
        _frames.Finish("message_start", output);
    }

    private void End(IBufferWriter<byte> output)
    {
        Begin(output);
        _parts.EndAll(output);
        if (!_ours)
        {
            MessagesFinish.Report(_finished?.Finish ?? FinishReason.Unknown, _finished?.NativeFinish, _writing);
        }

        Utf8JsonWriter w = _frames.Start("message_delta"u8, output);
        w.WriteStartObject("delta"u8);
        w.WriteString("stop_reason"u8, _ours && _finished?.NativeFinish is { } own
            ? own
            : MessagesFinish.Write(_finished?.Finish ?? FinishReason.Unknown, _finished?.NativeFinish, _parts.HasCalls, _finished?.StopSequence is not null));
        w.WriteString("stop_sequence"u8, _finished?.StopSequence);
        _ofAnswer?.Without("stop_reason").Without("stop_sequence").WriteTo(w);
        w.WriteEndObject();
        w.WritePropertyName("usage"u8);
        AnswerWriter.WriteUsage(w, _usage?.Usage, _usage?.Native, tier: null);
        _ofChoice?.WriteTo(w);
        _frames.Finish("message_delta", output);
        _frames.Start("message_stop"u8, output);
        _frames.Finish("message_stop", output);
        _frames.ReportWaiting();
    }
}
