using System.Buffers;
using System.Text.Json;
using Interline.Protocols.ByteLane;
using Interline.Protocols.Conversation;
using Interline.Protocols.Errors;

namespace Interline.Protocols.Gemini;

/// <summary>
/// Writes the events of an answer as pieces of the Gemini API, as an event stream (<c>data: {…}</c>) or as the elements of one array.
/// Calls are held back until they are whole, since clients know no pieces of them; finish reason and usage stand in the last piece. One instance per stream.
/// </summary>
/// <param name="framing">How the pieces follow each other.</param>
/// <param name="defaults">What the answer may lack.</param>
/// <param name="losses">What could not be said.</param>
public sealed class AnswerStreamWriter(StreamFraming framing, AnswerDefaults defaults, LossList losses) : IAnswerStreamWriter
{
    private readonly SortedDictionary<int, StreamWriterCandidate> _candidates = [];
    private readonly Utf8JsonWriter _json = new(new ArrayBufferWriter<byte>(1), FormatWriting.Options);
    private readonly Writing _writing = new(losses, isAnswer: true);
    private AnswerStarted _head = new(null, null, null);
    private NativeFields? _fields;
    private UsageReported? _usage;
    private bool _begun, _blocked, _ours;

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
            case UsageReported used:
                _usage = used;
                losses.AddForeign(used.Native, WireFormat.Gemini);
                _ours |= used.Native is { Format: WireFormat.Gemini };
                break;
            case NativeReported reported:
                Take(reported);
                break;
            case ChoiceEvent choice:
                WriteChoice(choice, output);
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

    private void Take(NativeReported reported)
    {
        if (reported.Fields.Format != WireFormat.Gemini)
        {
            losses.AddForeign(reported.Fields, WireFormat.Gemini, reported.Scope switch
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
                _fields = Join(_fields, reported.Fields);
                _blocked |= reported.Fields.Any(f => f.Understood && GeminiNames.Camel(f.Name) is "promptFeedback");
                break;
            case NativeScope.Choice:
                Candidate(reported.Choice).Fields = Join(Candidate(reported.Choice).Fields, reported.Fields);
                break;
            case NativeScope.Part:
                Candidate(reported.Choice).Put(reported.Part, reported.Fields);
                break;
            default:
                Candidate(reported.Choice).MessageFields = Join(Candidate(reported.Choice).MessageFields, reported.Fields);
                break;
        }
    }

    private static NativeFields Join(NativeFields? before, NativeFields added) =>
        before is null ? added : new NativeFields(before.Format, before.Where(b => added.Find(b.Name) is null).Concat(added));

    private StreamWriterCandidate Candidate(int index)
    {
        if (!_candidates.TryGetValue(index, out StreamWriterCandidate? candidate))
        {
            _candidates[index] = candidate = new StreamWriterCandidate(index, _writing);
        }

        return candidate;
    }

    private void WriteChoice(ChoiceEvent e, IBufferWriter<byte> output)
    {
        StreamWriterCandidate candidate = Candidate(e.Choice);
        if (!candidate.Take(e))
        {
            return;
        }

        Begin(output);
        _json.WriteStartArray("candidates"u8);
        candidate.Write(_json, last: false, _ours);
        _json.WriteEndArray();
        Finish(output, last: false);
    }

    private void End(IBufferWriter<byte> output)
    {
        if (!_ours && _usage is null && _head.ServiceTier is not null)
        {
            losses.Add("service_tier", LossAction.Dropped, "the answer has no usage to say it with");
        }

        bool candidates = !_blocked || _candidates.Values.Any(c => c.HasParts);
        if (_candidates.Count > 0 || _fields is not null || _usage is not null)
        {
            Begin(output);
            if (candidates && _candidates.Count > 0)
            {
                _json.WriteStartArray("candidates"u8);
                foreach (StreamWriterCandidate candidate in _candidates.Values)
                {
                    candidate.Write(_json, last: true, _ours);
                }

                _json.WriteEndArray();
            }

            Finish(output, last: true);
        }

        if (framing == StreamFraming.JsonArray)
        {
            output.Write(_begun ? "\n]"u8 : "[]"u8);
        }
    }

    private void WriteError(ApiError error, IBufferWriter<byte> output)
    {
        Frame(output);
        _json.Reset(output);
        GeminiErrors.WriteTo(_json, error);
        _json.Flush();
        output.Write(framing == StreamFraming.JsonArray ? "]"u8 : "\r\n\r\n"u8);
    }

    private void Begin(IBufferWriter<byte> output)
    {
        Frame(output);
        _json.Reset(output);
        _json.WriteStartObject();
    }

    /// <summary>Writes what stands before a piece.</summary>
    private void Frame(IBufferWriter<byte> output)
    {
        output.Write(framing != StreamFraming.JsonArray ? "data: "u8 : _begun ? "\n,\r\n"u8 : "["u8);
        _begun = true;
    }

    private void Finish(IBufferWriter<byte> output, bool last)
    {
        // Pieces of this format tell their usage as they go; that of another may still lack half of it.
        if (_usage is not null && (last || _usage.Native is { Format: WireFormat.Gemini }))
        {
            AnswerWriter.WriteUsage(_json, _usage.Usage, _usage.Native, _ours ? null : _head.ServiceTier, losses);
            _usage = null;
        }

        AnswerWriter.WriteHead(_json, _ours ? _head.Model : AnswerWriter.Said(_head.Model) ?? AnswerWriter.Said(defaults.Model), _ours ? _head.Id : AnswerWriter.Said(_head.Id) ?? defaults.Id);
        if (last && !_ours)
        {
            AnswerWriter.WriteTime(_json, _head.Created ?? defaults.Created);
            if (_head.SystemFingerprint is not null)
            {
                losses.Add("system_fingerprint", LossAction.Dropped, "Gemini has no such field");
            }
        }

        _fields?.WriteTo(_json);
        _fields = null;
        _json.WriteEndObject();
        _json.Flush();
        if (framing == StreamFraming.Events)
        {
            output.Write("\r\n\r\n"u8);
        }
    }
}
